//! Carts, stock and orders against a model: chance says what people do, alone and two at once, and every answer and all
//! that is left must be what a few lines of arithmetic say.
//!
//! The same steps every time; `MODEL_SEED` and `MODEL_CASES` try others and more, `make fuzz` does. What fails is made
//! shorter while it fails.

mod player;
mod rules;
mod steps;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use self::player::Player;
use self::rules::{Rules, next};
use self::steps::{STATUSES, Turn, turns};
use crate::chance::told;
use crate::harness::Market;

const SEED: u64 = 20_261_127;
const CASES: u64 = 12;

#[test]
fn the_market_does_what_the_model_says() {
    let (seed, cases) = (told("MODEL_SEED", SEED), told("MODEL_CASES", CASES));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let market = runtime.block_on(Market::start());
    let player = runtime.block_on(Player::new(&market));

    let played =
        runner(seed, cases).run(&turns(), |turns| runtime.block_on(player.play(&turns)).map_err(TestCaseError::fail));
    assert!(played.is_ok(), "MODEL_SEED={seed}: {}", played.unwrap_err());
    let _entered = runtime.enter();
    drop(player);
    drop(market);
}

/// The same steps as above, done by the model alone: they are worth the time only if nothing that may become of an order is
/// left out.
#[test]
fn every_step_of_an_order_is_taken_several_times() {
    let taken: RefCell<BTreeMap<_, usize>> = RefCell::default();
    let count = |rules: &mut Rules, step: &_| {
        let Some(step) = rules.settle(step) else { return };
        let before = rules.clone();
        rules.apply(&step);
        for (before, after) in before.orders.iter().zip(&rules.orders) {
            *taken.borrow_mut().entry((before.status, after.status)).or_default() += 1;
        }
    };
    let played = runner(SEED, CASES).run(&turns(), |turns| {
        let mut rules = Rules::new();
        for turn in &turns {
            match turn {
                Turn::One(step) => count(&mut rules, step),
                Turn::Both(one, other) => [one, other].into_iter().for_each(|step| count(&mut rules, step)),
            }
        }
        Ok(())
    });
    played.unwrap();
    let taken = taken.into_inner();
    for (from, to) in STATUSES.into_iter().flat_map(|from| next(from).iter().map(move |to| (from, *to))) {
        let times = taken.get(&(from, to)).copied().unwrap_or_default();
        assert!(times >= 2, "of an order that is {from}, {to} comes {times} times: {taken:#?}");
    }
}

fn runner(seed: u64, cases: u64) -> TestRunner {
    let cases = cases.try_into().unwrap();
    let shorter = Config { max_shrink_iters: 300, max_shrink_time: 60_000, ..Config::default() };
    let config = Config { cases, failure_persistence: None, ..shorter };
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
