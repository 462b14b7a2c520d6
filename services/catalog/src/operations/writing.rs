//! What every write of a product does: who may, which version, and what is said of it afterwards.

use std::sync::atomic::{AtomicBool, Ordering};

use access_token::Account;
use chrono::{DateTime, Utc};
use commerce_types::UserId;
use diesel_async::AsyncPgConnection;
use service_runtime::context;
use uuid::Uuid;

use crate::app::App;
use crate::domain::product::{Product, ShownProduct};
use crate::error::Error;
use crate::events;
use crate::store;

/// Its seller may; admins too, unless only the owner in person may.
///
/// # Errors
/// [`Error::ProductNotFound`], as if it did not exist.
pub(crate) fn check_owner(account: &Account, product: &Product, who: Who) -> Result<(), Error> {
    let owner = product.seller_id == account.user_id;
    if owner || (account.is_admin() && who == Who::OwnerOrAdmin) { Ok(()) } else { Err(Error::ProductNotFound) }
}

/// Who may write a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Owner,
    OwnerOrAdmin,
}

/// # Errors
/// [`Error::VersionConflict`] unless it is the version that the write is based on.
pub(crate) fn check_version(product: &Product, expected: Option<i64>) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != product.version => Err(Error::VersionConflict { current: product.version }),
        _ => Ok(()),
    }
}

/// What a write draws before its transaction: run again, it is known by it.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) now: DateTime<Utc>,
    /// Of what is said when an admin did it.
    pub(crate) action_id: Uuid,
    has_run: AtomicBool,
}

impl Drawn {
    pub(crate) fn new(app: &App) -> Self {
        Self { now: app.clock.now(), action_id: app.ids.next(), has_run: AtomicBool::new(false) }
    }

    /// Whether an earlier run of the transaction may have written this version of the product, although nobody heard its
    /// commit. Another write may have drawn the same time: what was wished has to be there too. To be asked once a run.
    pub(crate) fn may_have_written(&self, product: &Product) -> bool {
        self.has_run.swap(true, Ordering::Relaxed) && product.updated_at == self.now
    }
}

/// Says what a change of content or images left, and that an admin did it if it is not the admin's own. The product is
/// locked by the caller.
pub(crate) async fn announce_change(
    conn: &mut AsyncPgConnection,
    actor: UserId,
    drawn: &Drawn,
    before: &ShownProduct,
    after: &ShownProduct,
) -> Result<(), Error> {
    let mut said: Vec<_> = events::product_moved(before, after).into_iter().collect();
    if actor != after.product.seller_id {
        let target = ("product", after.product.id.into());
        let changes = events::differences(before, after);
        let action = events::admin_action(actor, "product.changed", target, &changes, &request_id());
        said.push(action.with_id(drawn.action_id));
    }
    Ok(::events::write(conn, &said).await?)
}

/// Of the request that is being answered.
pub(crate) fn request_id() -> String {
    context::current().map(|context| context.request_id.to_string()).unwrap_or_default()
}

/// The product with all that is shown of it, as the transaction left it.
pub(crate) async fn reload(conn: &mut AsyncPgConnection, product: &Product) -> Result<ShownProduct, Error> {
    store::shown::find(conn, product.id).await?.ok_or(Error::Missing("the product just written"))
}
