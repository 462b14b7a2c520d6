//! Ids and randomness.

use rand::RngCore;
use rand::TryRngCore;
use rand::rngs::OsRng;
use uuid::Uuid;

/// Makes ids: UUIDs of version 7, so that indexes grow at one end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ids;

impl Ids {
    /// The next id; later ones of one process are greater.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where ids are made")]
    pub fn next<T: From<Uuid>>(&self) -> T {
        T::from(Uuid::now_v7())
    }

    /// Bytes that nobody can guess.
    #[must_use]
    pub fn secret<const LENGTH: usize>(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        if OsRng.try_fill_bytes(&mut bytes).is_err() {
            rand::rng().fill_bytes(&mut bytes);
        }
        bytes
    }
}
