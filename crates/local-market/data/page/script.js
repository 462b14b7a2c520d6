// One phone. Everything goes through the public interface, as an app does it: REST is the truth, the socket tells that
// something happened. After every (re)connect rooms are joined again, and then read again.
'use strict';

const USERS = {
  'Visiteur': null, 'Amine (client)': 'demo-customer', 'Client 02': 'demo-buyer-02', 'Client 03': 'demo-buyer-03',
  'Importateur': 'demo-importateur', 'Grossiste': 'demo-grossiste', 'Fournisseur': 'demo-fournisseur',
};
const STEPS = ['pending', 'confirmed', 'processing', 'shipped', 'delivered'];
const WORDS = {
  pending: 'En attente', confirmed: 'Confirmée', processing: 'En préparation', shipped: 'Expédiée',
  delivered: 'Livrée', cancelled: 'Annulée', returned: 'Retournée',
};
// Drawn here: not every machine has a font with pictures. 24 by 24.
const ICONS = {
  like: 'M12 21 3.6 12.6a5.4 5.4 0 0 1 7.6-7.6l.8.8.8-.8a5.4 5.4 0 0 1 7.6 7.6Z',
  talk: 'M12 3c5.5 0 10 3.6 10 8s-4.5 8-10 8a12 12 0 0 1-2.6-.3L4 21.5l1.2-4.2A7.3 7.3 0 0 1 2 11c0-4.4 4.5-8 10-8Z',
  views: 'M12 5c5 0 8.8 3.7 10.5 7-1.7 3.3-5.5 7-10.5 7S3.2 15.3 1.5 12C3.2 8.7 7 5 12 5Zm0 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
};
const NEXT = { pending: 'confirmed', confirmed: 'processing', processing: 'shipped', shipped: 'delivered' };

const $ = (selector, root = document) => root.querySelector(selector);
const state = { api: '', user: null, me: null, token: null, tokenAt: 0, socket: null, reels: new Map(), seen: new Set() };

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element) element[name] = value; else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const money = amount => `${amount.toLocaleString('fr-DZ')} DA`;

function toast(text) {
  const box = $('#toast');
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 3500);
}

// Session tokens live for a minute: a fresh one is asked for before the old one ends.
async function token() {
  if (!state.user) return null;
  if (!state.token || Date.now() - state.tokenAt > 40_000) {
    const answer = await fetch('/tokens', { method: 'POST', body: JSON.stringify({ user: state.user }) });
    state.token = (await answer.json()).token;
    state.tokenAt = Date.now();
  }
  return state.token;
}

async function call(method, path, body, headers = {}) {
  const bearer = await token();
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (body) headers['Content-Type'] = 'application/json';
  const answer = await fetch(`${state.api}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const read = await answer.json();
  if (!answer.ok) throw new Error(read.message ?? read.code ?? `HTTP ${answer.status}`);
  return read;
}

const told = error => toast(error.message);

// --- reels -----------------------------------------------------------------------------------------------------------

async function showReels() {
  const feed = await call('GET', '/reels?limit=12');
  state.reels.clear();
  $('#reels').replaceChildren(...feed.data.map(card));
}

function icon(kind) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS(svg.namespaceURI, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  path.setAttribute('d', ICONS[kind]);
  svg.append(path);
  return svg;
}

function card(reel) {
  const count = (kind, number) => make('button', { className: kind }, make('b', {}, icon(kind)), make('span', {}, `${number}`));
  const like = count('like', reel.likes_count), talk = count('talk', reel.comments_count);
  const views = count('views', reel.views_count);
  const video = make('video', { src: reel.video_url, poster: reel.thumbnail_url, muted: true, loop: true, playsInline: true, preload: 'none' });
  const small = reel.product.primary_image;
  const buy = make('button', { className: 'buy' }, ...(small ? [make('img', { src: small, alt: '', loading: 'lazy' })] : []), make('span', {}, reel.product.name), make('em', {}, money(reel.product.price)));
  const article = make('article', { className: 'reel', id: `reel-${reel.id}` }, video,
    make('div', { className: 'side' }, like, talk, views),
    make('div', { className: 'below' }, make('div', { className: 'seller', dir: 'auto' }, reel.seller.full_name),
      make('p', { className: 'caption', dir: 'auto' }, reel.caption ?? ''), buy));
  state.reels.set(reel.id, reel);
  draw(reel, article);
  like.onclick = () => toggle(reel.id).catch(told);
  talk.onclick = () => openComments(reel.id).catch(told);
  buy.onclick = () => order(reel.product).catch(told);
  watcher.observe(article);
  return article;
}

function draw(reel, article = $(`#reel-${reel.id}`)) {
  if (!article) return;
  const set = (kind, number) => {
    const button = $(`.${kind}`, article), text = $('span', button);
    if (text.textContent !== `${number}`) {
      text.textContent = `${number}`;
      button.classList.remove('bump');
      requestAnimationFrame(() => button.classList.add('bump'));
    }
  };
  set('like', reel.likes_count);
  set('talk', reel.comments_count);
  set('views', reel.views_count);
  $('.like', article).classList.toggle('liked', reel.is_liked);
}

// What is on the screen plays, is counted as seen, and is heard of.
const watcher = new IntersectionObserver(entries => {
  for (const { target, isIntersecting } of entries) {
    const video = $('video', target), id = target.id.slice(5);
    if (isIntersecting) {
      video.play().catch(() => {});
      join(id);
      call('POST', `/reels/${id}/view`).then(seen => move(id, { views_count: seen.viewCount })).catch(() => {});
    } else {
      video.pause();
      state.socket?.emit('reel:leave', id);
    }
  }
}, { threshold: 0.6 });

function move(id, change) {
  const reel = state.reels.get(id);
  if (reel) draw(Object.assign(reel, change));
}

async function toggle(id) {
  if (!state.user) return toast('Choisissez un utilisateur pour aimer');
  const reel = state.reels.get(id);
  const set = await call(reel.is_liked ? 'DELETE' : 'POST', `/reels/${id}/like`);
  move(id, { likes_count: set.likesCount, is_liked: set.isLiked });
}

async function openComments(id) {
  state.talking = id;
  const list = await call('GET', `/reels/${id}/comments?limit=50`);
  $('#comments').replaceChildren(...list.data.map(line));
  $('#sheet').hidden = false;
}

const line = comment => make('p', { dir: 'auto' }, make('b', {}, comment.user.full_name), comment.content);

$('#close').onclick = () => { $('#sheet').hidden = true; state.talking = null; };
$('#say').onsubmit = event => {
  event.preventDefault();
  const input = $('#say input');
  if (!state.user) return toast('Choisissez un utilisateur pour commenter');
  call('POST', `/reels/${state.talking}/comments`, { content: input.value }).then(() => { input.value = ''; }, told);
};

// --- orders ----------------------------------------------------------------------------------------------------------

async function order(product) {
  if (!state.user) return toast('Choisissez un utilisateur pour acheter');
  const { min_order_quantity: quantity } = await call('GET', `/products/${product.id}`);
  const placed = await call('POST', '/orders', {
    customer_name: state.me.full_name, customer_phone: '0555123456', customer_wilaya: 'Alger',
    shipping_address: '12 rue Didouche Mourad, Alger Centre', payment_method: 'cod',
    items: [{ product_id: product.id, quantity }],
  }, { 'Idempotency-Key': crypto.randomUUID() });
  toast(`Commande ${placed.orders[0].order_number} envoyée`);
  await showOrders();
  tab('orders');
}

function orderCard(order, isShop) {
  const reached = STEPS.indexOf(order.status);
  const article = make('article', { className: 'order', id: `${isShop ? 'shop' : 'order'}-${order.id}` },
    make('h3', {}, make('span', {}, order.order_number), make('span', {}, money(order.total))),
    make('div', { className: 'way' }, ...STEPS.map((_, step) => make('i', { className: step <= reached ? 'done' : '' }))),
    make('span', { className: 'status' }, WORDS[order.status]));
  if (isShop && NEXT[order.status]) {
    const next = make('button', { className: 'next' }, `→ ${WORDS[NEXT[order.status]]}`);
    next.onclick = () => call('PATCH', `/seller/orders/${order.id}/status`, { status: NEXT[order.status] })
      .then(moved => place({ ...order, status: moved.status ?? NEXT[order.status] }, true), told);
    article.append(make('div', {}, next));
  }
  return article;
}

// Shows an order where it stands, or first in its list.
function place(order, isShop) {
  const known = $(`#${isShop ? 'shop' : 'order'}-${order.id}`), fresh = orderCard(order, isShop);
  if (known) return known.replaceWith(fresh);
  const list = $(isShop ? '#sales' : '#orders');
  $('.empty', list)?.remove();
  fresh.classList.add('new');
  list.prepend(fresh);
}

function fill(selector, orders, isShop, nothing) {
  const cards = orders.map(order => orderCard(order, isShop));
  $(selector).replaceChildren(...(cards.length ? cards : [make('p', { className: 'empty' }, nothing)]));
}

async function showOrders() {
  if (!state.user) return fill('#orders', [], false, 'Choisissez un utilisateur');
  const list = await call('GET', '/orders?limit=20');
  fill('#orders', list.data, false, 'Rien pour l’instant');
}

async function showShop() {
  if (state.me?.role !== 'seller') return;
  const [list, own] = await Promise.all([call('GET', '/seller/orders?limit=20'), call('GET', '/seller/products?limit=50')]);
  fill('#sales', list.data, true, 'Pas encore de commandes');
  $('#send select').replaceChildren(...own.data.map(product => make('option', { value: product.id }, product.name)));
}

// --- files -----------------------------------------------------------------------------------------------------------

// `fetch` tells nothing of what is on its way; a request of the old kind does.
async function sendFile(path, file, progress) {
  const bearer = await token();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(), form = new FormData();
    form.append('file', file);
    request.open('POST', `${state.api}/api/v1${path}`);
    request.setRequestHeader('Authorization', `Bearer ${bearer}`);
    request.responseType = 'json';
    request.upload.onprogress = event => progress(event.loaded / event.total);
    request.onload = () => request.status < 300 ? resolve(request.response) : reject(new Error(request.response?.message));
    request.onerror = () => reject(new Error('Envoi interrompu'));
    request.send(form);
  });
}

async function publish(file) {
  const product = $('#send select'), bar = $('#send progress');
  bar.hidden = false;
  const moved = share => { bar.value = share; };
  try {
    if (file.type.startsWith('video/')) {
      const sent = await sendFile(`/storage/reels/${product.value}/video`, file, moved);
      await call('POST', '/reels', {
        product_id: product.value, upload_id: sent.upload_id, caption: product.selectedOptions[0].textContent,
      });
      toast('Vidéo reçue, le reel arrive');
    } else {
      const sent = await sendFile(`/storage/products/${product.value}/images`, file, moved);
      $('#sent').prepend(make('img', { src: sent.url, alt: '' }));
      toast('Photo en ligne');
    }
  } finally {
    bar.hidden = true;
  }
}

$('#send input').onchange = event => {
  const [file] = event.target.files;
  event.target.value = '';
  if (file) publish(file).catch(told);
};

// --- live ------------------------------------------------------------------------------------------------------------

function join(id) {
  state.socket?.emit('reel:join', id, answer => { if (answer.code) toast(answer.error); });
}

const visible = () => [...document.querySelectorAll('.reel')].filter(reel => {
  const box = reel.getBoundingClientRect();
  return box.bottom > 120 && box.top < innerHeight - 120;
}).map(reel => reel.id.slice(5));

function connect() {
  state.socket?.disconnect();
  if (!window.io) return toast('Client Socket.IO absent : make socket-client');
  const socket = io(`${state.api}/realtime`, {
    transports: ['websocket'], forceNew: true, auth: answer => token().then(bearer => answer(bearer ? { token: bearer } : {})),
  });
  state.socket = socket;
  const live = on => { $('#live').dataset.state = on ? 'on' : 'off'; };
  socket.on('connect', async () => {
    live(true);
    const rooms = visible();
    rooms.forEach(join);
    if (state.me?.role === 'seller') socket.emit('seller:subscribe');
    await Promise.all([showOrders(), showShop(), ...rooms.map(async id => move(id, await call('GET', `/reels/${id}`)))]).catch(told);
  });
  socket.on('disconnect', () => live(false));
  socket.on('connect_error', error => {
    live(false);
    // A refusal is not tried again by itself; with a fresh token it is.
    if (!socket.active) setTimeout(() => { state.token = null; socket.connect(); }, 2000);
  });
  const once = handler => event => {
    if (state.seen.has(event.eventId)) return;
    state.seen.add(event.eventId);
    handler(event);
  };
  const mine = event => event.userId === state.me?.id;
  socket.on('reel:liked', once(event => move(event.reelId, { likes_count: event.likesCount, ...(mine(event) && { is_liked: true }) })));
  socket.on('reel:unliked', once(event => move(event.reelId, { likes_count: event.likesCount, ...(mine(event) && { is_liked: false }) })));
  socket.on('reel:view', once(event => move(event.reelId, { views_count: event.viewCount })));
  socket.on('reel:commented', once(event => {
    move(event.reelId, { comments_count: event.commentsCount });
    if (state.talking === event.reelId) $('#comments').prepend(line(event.comment));
  }));
  socket.on('reel:comment-deleted', once(event => move(event.reelId, { comments_count: event.commentsCount })));
  socket.on('reel:ready', once(() => {
    toast('Votre reel est en ligne');
    showReels().catch(told);
  }));
  socket.on('order:new', once(event => {
    place(event.order, true);
    const bell = $('#bell');
    bell.textContent = `${Number(bell.textContent) + 1}`;
    bell.hidden = false;
    toast(`Nouvelle commande ${event.order.order_number}`);
  }));
  socket.on('order:status-updated', once(event => {
    const isShop = event.order.seller_id === state.me?.id;
    place(event.order, isShop);
    if (!isShop) toast(`${event.order.order_number} : ${WORDS[event.status]}`);
  }));
}

// --- start -----------------------------------------------------------------------------------------------------------

function tab(name) {
  for (const button of document.querySelectorAll('nav button')) button.classList.toggle('on', button.dataset.tab === name);
  for (const section of document.querySelectorAll('main section')) section.hidden = section.id !== name;
  if (name === 'shop') Object.assign($('#bell'), { textContent: '0', hidden: true });
}

async function become(user) {
  Object.assign(state, { user, token: null, me: null });
  if (user) state.me = await call('GET', '/auth/me');
  $('nav [data-tab=shop]').hidden = state.me?.role !== 'seller';
  tab('reels');
  await showReels();
  await Promise.all([showOrders(), showShop()]);
  connect();
}

async function start() {
  state.api = (await (await fetch('/demo.json')).json()).base;
  const select = $('#user');
  select.append(...Object.keys(USERS).map(name => make('option', { value: name }, name)));
  select.onchange = () => become(USERS[select.value]).catch(told);
  document.querySelectorAll('nav button').forEach(button => { button.onclick = () => tab(button.dataset.tab); });
  await become(null);
}

start().catch(told);
