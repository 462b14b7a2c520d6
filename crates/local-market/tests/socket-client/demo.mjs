// Two windows of the demo page in a browser: what is done in one is seen in the other, live. Ends with 0 when all of it
// was seen. Arguments: the folder where the packages are installed, the page's address, where pictures go, and where a
// `photo.jpg` and a `clip.mp4` are.
import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const [installed, address, pictures, files] = process.argv.slice(2);
const { default: puppeteer } = await import(createRequire(join(installed, 'package.json')).resolve('puppeteer-core'));

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--autoplay-policy=no-user-gesture-required'],
});

async function open(user) {
  const page = await (await browser.createBrowserContext()).newPage();
  page.on('pageerror', error => { console.error(`${user}: ${error}`); process.exitCode = 1; });
  await page.setViewport({ width: 390, height: 780 });
  await page.goto(address);
  await page.waitForSelector('#live[data-state=on]');
  if (user) {
    // Each sign-in draws the reels anew.
    await page.evaluate(() => { document.querySelector('.reel').dataset.old = 'yes'; });
    await page.select('#user', user);
    await page.waitForFunction(() => document.querySelector('.reel:not([data-old])'));
    await page.waitForSelector('#live[data-state=on]');
  }
  return page;
}

const text = (page, selector) => page.$eval(selector, element => element.textContent);
const shows = (page, selector, wanted) => page.waitForFunction(
  (selector, wanted) => document.querySelector(selector)?.textContent.includes(wanted), {}, selector, wanted);
// A click as a person's: what is covered or hidden cannot be clicked.
const click = async (page, selector) => (await page.waitForSelector(selector, { visible: true })).click();

async function picture(page, name) {
  const png = await page.screenshot({ path: join(pictures, `${name}.png`) });
  // A page that shows nothing compresses to almost nothing.
  if (png.length < 12_000) throw new Error(`${name} is an empty picture of ${png.length} bytes`);
}

try {
  const buyer = await open('Amine (client)'), shop = await open('Grossiste');
  await picture(buyer, 'reels');
  if (!await buyer.waitForFunction(() => document.querySelector('.reel video').videoWidth > 0)) throw new Error('no video');

  const hearts = Number(await text(shop, '.reel .like span'));
  await click(buyer, '.reel .like');
  await shows(shop, '.reel .like span', `${hearts + 1}`);
  await buyer.waitForSelector('.reel .like.liked');
  await picture(shop, 'liked');

  await click(shop, '.reel .talk');
  await click(buyer, '.reel .talk');
  await (await buyer.waitForSelector('#say input', { visible: true })).type('Bonjour du deuxième écran');
  await click(buyer, '#say button');
  await shows(shop, '#comments', 'Bonjour du deuxième écran');
  await click(shop, '#close');
  await click(buyer, '#close');

  await click(buyer, '.reel .buy');
  await buyer.waitForSelector('#orders .order');
  await shop.waitForFunction(() => document.querySelector('#bell').textContent === '1');
  await click(shop, '[data-tab=shop]');
  const number = await text(buyer, '#orders .order h3 span');
  await shows(shop, '#shop .order', number);
  await picture(shop, 'shop');
  for (const word of ['Confirmée', 'En préparation', 'Expédiée', 'Livrée']) {
    await click(shop, '#shop .order .next');
    await shows(buyer, '#orders .order .status', word);
    await shows(shop, '#shop .order .status', word);
  }
  await picture(buyer, 'delivered');

  // A seller's photograph is seen at once, and its video becomes a reel.
  const choose = async name => (await shop.$('#send input')).uploadFile(join(files, name));
  await choose('photo.jpg');
  await shop.waitForFunction(() => document.querySelector('#sent img')?.naturalWidth > 0);
  await choose('clip.mp4');
  await shop.waitForFunction(() => document.querySelectorAll('#reels .reel').length === 2);
  await picture(shop, 'sent');
  await click(buyer, '[data-tab=reels]');
  await buyer.reload();
  await buyer.waitForFunction(() => document.querySelectorAll('#reels .reel').length === 2);
  await buyer.waitForFunction(() => document.querySelector('.reel video').videoWidth > 0);
  await buyer.waitForFunction(() => document.querySelector('.reel .buy img')?.naturalWidth > 0);
  await browser.close();
} catch (error) {
  console.error(error);
  await writeFile(join(pictures, 'failed.txt'), `${error.stack}`);
  process.exit(1);
}
