//! Carts, stock and orders against a model: chance says what people do, alone and two at once, and every answer and all
//! that is left must be what a few lines of arithmetic say.
//!
//! The same steps every time; `MODEL_SEED` and `MODEL_CASES` try others and more, `make fuzz` does. What fails is made
//! shorter while it fails.

mod player;
mod rules;
mod steps;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use self::player::Player;
use self::steps::turns;
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

    let cases = cases.try_into().unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let played = runner.run(&turns(), |turns| runtime.block_on(player.play(&turns)).map_err(TestCaseError::fail));
    assert!(played.is_ok(), "MODEL_SEED={seed}: {}", played.unwrap_err());
    let _entered = runtime.enter();
    drop(player);
    drop(market);
}
