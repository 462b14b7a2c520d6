//! The cache against a model: a market of a few products that changes while answers are under way.

use std::collections::HashMap;

use actix_web::http::header::HeaderValue;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const PRODUCTS: u8 = 4;
const CATEGORIES: [&str; 2] = ["perfume", "home"];

fn id(number: u8) -> Uuid {
    Uuid::from_u128(u128::from(number) + 1)
}

/// The truth: of each product its category, its content and whether it is in stock.
#[derive(Debug, Clone)]
struct Market {
    category: HashMap<u8, usize>,
    content: HashMap<u8, u32>,
    in_stock: HashMap<u8, bool>,
}

impl Market {
    fn new() -> Self {
        let all = 0..PRODUCTS;
        Self {
            category: all.clone().map(|product| (product, usize::from(product) % 2)).collect(),
            content: all.clone().map(|product| (product, 0)).collect(),
            in_stock: all.map(|product| (product, true)).collect(),
        }
    }

    fn line(&self, product: u8) -> String {
        format!("{product}:{}:{}", self.content[&product], self.in_stock[&product])
    }

    fn answer(&self, question: Question) -> Rendered {
        let (text, concern) = match question {
            Question::Detail(product) => {
                (self.line(product), Concern::Detail { product: Some(id(product)), seller: Some(seller(product)) })
            }
            Question::List { category, by_seller, in_stock } => {
                let shown: Vec<u8> = (0..PRODUCTS)
                    .filter(|product| category.is_none_or(|category| self.category[product] == category))
                    .filter(|product| by_seller.is_none_or(|one| seller(*product) == seller(one)))
                    .filter(|product| !in_stock || self.in_stock[product])
                    .collect();
                let lines: Vec<String> = shown.iter().map(|product| self.line(*product)).collect();
                let Concern::List { filter, .. } = question.narrow() else { unreachable!("a list") };
                (lines.join(" "), Concern::List { filter, shown: shown.into_iter().map(id).collect() })
            }
        };
        Rendered { body: text.into(), etag: HeaderValue::from_static("W/\"1\""), concern }
    }
}

fn seller(product: u8) -> Uuid {
    Uuid::from_u128(1_000 + u128::from(product / 2))
}

#[derive(Debug, Clone, Copy)]
enum Question {
    Detail(u8),
    List { category: Option<usize>, by_seller: Option<u8>, in_stock: bool },
}

impl Question {
    fn key(self) -> String {
        format!("{self:?}")
    }

    fn narrow(self) -> Concern {
        match self {
            Self::Detail(_) => Concern::Detail { product: None, seller: None },
            Self::List { category, by_seller, in_stock } => Concern::List {
                filter: ListFilter {
                    category: category.map(|category| CATEGORIES[category].to_owned()),
                    seller: by_seller.map(seller),
                    in_stock,
                },
                shown: Vec::new(),
            },
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Asks the market now; the answer arrives later, or never.
    Begin(Question),
    /// The answer of the n-th question under way arrives.
    Arrive(usize),
    /// The n-th answer that arrived is kept under another spelling too, kept or not.
    Spell(usize),
    Read(Question),
    Edit(u8),
    Move(u8),
    Flip(u8),
}

fn question() -> impl Strategy<Value = Question> {
    let list = (prop::option::of(0..2_usize), prop::option::of(0..PRODUCTS), any::<bool>())
        .prop_map(|(category, by_seller, in_stock)| Question::List { category, by_seller, in_stock });
    prop_oneof![(0..PRODUCTS).prop_map(Question::Detail), list]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => question().prop_map(Step::Begin),
        3 => (0..8_usize).prop_map(Step::Arrive),
        2 => (0..8_usize).prop_map(Step::Spell),
        3 => question().prop_map(Step::Read),
        1 => (0..PRODUCTS).prop_map(Step::Edit),
        1 => (0..PRODUCTS).prop_map(Step::Move),
        1 => (0..PRODUCTS).prop_map(Step::Flip),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever overlaps: what the cache shows is what the market shows now.
    #[test]
    fn a_stale_fill_never_brings_back_an_older_state(steps in prop::collection::vec(step(), 1..60)) {
        let cache = EdgeCache::<()>::new(CacheSize::default());
        let mut market = Market::new();
        let mut under_way: Vec<(Question, u64, Rendered)> = Vec::new();
        let mut arrived: Vec<(Question, Arc<Entry>)> = Vec::new();
        for step in steps {
            match step {
                Step::Begin(question) => under_way.push((question, cache.drops.mark(), market.answer(question))),
                Step::Arrive(which) if which < under_way.len() => {
                    let (question, mark, rendered) = under_way.remove(which);
                    let entry = Arc::new(Entry::new(rendered));
                    cache.keep(&question.key(), &entry, mark);
                    arrived.push((question, entry));
                }
                Step::Spell(which) if which < arrived.len() => {
                    let (question, entry) = arrived.remove(which);
                    cache.also_under(&format!("{}?", question.key()), &entry);
                }
                Step::Arrive(_) | Step::Spell(_) => {}
                Step::Read(question) => {
                    if let Some(entry) = cache.find(&question.key()) {
                        prop_assert_eq!(entry.body(), &market.answer(question).body, "{:?}", question);
                        cache.also_under(&format!("{}?", question.key()), &entry);
                    }
                    if let Some(entry) = cache.find(&format!("{}?", question.key())) {
                        prop_assert_eq!(entry.body(), &market.answer(question).body, "{:?}", question);
                    }
                }
                Step::Edit(product) => {
                    *market.content.get_mut(&product).unwrap() += 1;
                    let categories = vec![CATEGORIES[market.category[&product]].to_owned()];
                    cache.drop_what_shows(&Fact::Product { id: id(product), seller: seller(product), categories });
                }
                Step::Move(product) => {
                    let category = market.category.get_mut(&product).unwrap();
                    *category = 1 - *category;
                    let categories = CATEGORIES.map(str::to_owned).to_vec();
                    cache.drop_what_shows(&Fact::Product { id: id(product), seller: seller(product), categories });
                }
                Step::Flip(product) => {
                    let in_stock = market.in_stock.get_mut(&product).unwrap();
                    *in_stock = !*in_stock;
                    cache.drop_what_shows(&Fact::Flip(id(product)));
                }
            }
        }
    }
}

fn detail(body: &'static str) -> Rendered {
    Rendered {
        body: body.into(),
        etag: HeaderValue::from_static("W/\"1\""),
        concern: Concern::Detail { product: Some(id(0)), seller: None },
    }
}

/// A detail of which only the slug is known.
const UNKNOWN: Concern = Concern::Detail { product: None, seller: None };

#[tokio::test]
async fn those_who_ask_together_ask_once() {
    let cache = EdgeCache::<()>::new(CacheSize::default());
    let asked = AtomicUsize::new(0);
    let ask = async || {
        asked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Ok(detail("a"))
    };
    let all = (0..20).map(|_| cache.find_or_ask("a", &UNKNOWN, ask));
    assert!(futures::future::join_all(all).await.into_iter().all(|entry| entry.is_ok()));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn who_asks_after_a_drop_does_not_join_who_asked_before() {
    let cache = EdgeCache::<()>::new(CacheSize::default());
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let before = cache.find_or_ask("a", &UNKNOWN, async || {
        wait.await.unwrap();
        Ok(detail("old"))
    });
    let after = async {
        cache.drop_what_shows(&Fact::Count(id(0)));
        let entry = cache.find_or_ask("a", &UNKNOWN, async || Ok(detail("new"))).await.unwrap();
        go.send(()).unwrap();
        entry
    };
    let (before, after) = tokio::join!(before, after);
    assert_eq!((before.unwrap().body().as_ref(), after.body().as_ref()), (&b"old"[..], &b"new"[..]));
    assert_eq!(cache.find("a").unwrap().body().as_ref(), b"new");
}

#[tokio::test]
async fn when_who_asked_goes_away_the_next_one_asks() {
    let cache = EdgeCache::<()>::new(CacheSize::default());
    let never = cache.find_or_ask("a", &UNKNOWN, async || std::future::pending().await);
    let mut never = Box::pin(never);
    assert!(futures::poll!(&mut never).is_pending());
    let next = cache.find_or_ask("a", &UNKNOWN, async || Ok(detail("a")));
    let mut next = Box::pin(next);
    assert!(futures::poll!(&mut next).is_pending());
    drop(never);
    assert_eq!(next.await.unwrap().body().as_ref(), b"a");
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    let cache = EdgeCache::<()>::new(CacheSize { bytes: 100_000, life: Duration::from_secs(60) });
    let body = "x".repeat(1_000);
    for number in 0..1_000_u128 {
        let rendered = Rendered {
            body: body.clone().into(),
            etag: HeaderValue::from_static("W/\"1\""),
            concern: Concern::Detail { product: Some(Uuid::from_u128(number)), seller: None },
        };
        cache.find_or_ask(&number.to_string(), &UNKNOWN, async || Ok(rendered)).await.unwrap();
        assert!(cache.bytes() <= 100_000);
    }
    assert!(cache.find("999").is_some());
    cache.drop_what_shows(&Fact::Everything);
    assert_eq!(cache.bytes(), 0);
    assert!(cache.find("999").is_none());
}

#[tokio::test]
async fn what_is_too_old_is_not_shown() {
    let cache = EdgeCache::<()>::new(CacheSize { bytes: 100_000, life: Duration::ZERO });
    cache.find_or_ask("a", &UNKNOWN, async || Ok(detail("a"))).await.unwrap();
    assert!(cache.find("a").is_none());
    cache.sweep();
    assert_eq!(cache.bytes(), 0);
}
