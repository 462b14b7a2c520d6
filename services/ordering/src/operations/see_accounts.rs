//! Keep copies of the accounts that take part in an order, as token and offers show them.
//!
//! Identity's events are the truth and win; this fills the gap until they come.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use commerce_types::{PublicUser, UserId};
use database::transaction;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// No more copies than this are remembered.
const REMEMBERED: usize = 10_000;

/// Which copies this process has written, so that buying again writes nothing.
#[derive(Clone, Default)]
pub(crate) struct SeenAccounts(Arc<Mutex<HashMap<UserId, u64>>>);

/// Writes the copies that are new to this process.
pub(crate) async fn see_accounts(app: &App, users: Vec<PublicUser>) -> Result<(), Error> {
    let unseen = app.seen.unseen(users);
    if unseen.is_empty() {
        return Ok(());
    }
    // Two writers of several copies may wait for each other: the one that is told so tries again.
    transaction(&app.checkouts, async |conn| Ok::<_, Error>(store::accounts::see(conn, &unseen).await?)).await?;
    app.seen.remember(&unseen);
    Ok(())
}

impl SeenAccounts {
    fn unseen(&self, mut users: Vec<PublicUser>) -> Vec<PublicUser> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        users.retain(|user| seen.get(&user.id) != Some(&fingerprint(user)));
        users
    }

    fn remember(&self, users: &[PublicUser]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() + users.len() > REMEMBERED {
            seen.clear();
        }
        seen.extend(users.iter().map(|user| (user.id, fingerprint(user))));
    }
}

fn fingerprint(user: &PublicUser) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&user.full_name, &user.avatar_url, user.seller_category, user.is_verified).hash(&mut hasher);
    hasher.finish()
}
