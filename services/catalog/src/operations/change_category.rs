//! Change a category. An inactive one is not offered and not accepted any more; products keep it.

use access_token::Account;
use commerce_types::CategoryId;

use crate::app::App;
use crate::domain::category::{Category, CategoryChanges};
use crate::error::Error;
use crate::operations::writing::request_id;
use crate::{events, store};

/// The category as it is then, and how many of its products are on sale.
///
/// # Errors
/// [`Error::CategoryNotFound`], [`Error::Invalid`].
pub(crate) async fn change_category(
    app: &App,
    admin: &Account,
    id: CategoryId,
    changes: CategoryChanges,
) -> Result<(Category, i64), Error> {
    let changed = database::transaction(&app.pool, async |conn| {
        let before = store::categories::lock(conn, id).await?.ok_or(Error::CategoryNotFound)?;
        let mut after = before.clone();
        changes.clone().apply(&mut after);
        let problems = after.check();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let products = store::counts::of_category(conn, &after.slug).await?;
        if after == before {
            return Ok((after, products));
        }
        store::categories::update(conn, &after).await?;
        let changes = events::category_differences(Some(&before), Some(&after));
        let admin_action =
            events::admin_action(admin.user_id, "category.changed", ("category", id.into()), &changes, &request_id());
        ::events::write(conn, &[events::category_changed(&after), admin_action]).await?;
        Ok((after, products))
    });
    let changed = changed.await?;
    app.waker.wake();
    Ok(changed)
}
