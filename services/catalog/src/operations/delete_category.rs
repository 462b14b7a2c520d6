//! Delete a category that no product uses. Products that are deleted themselves do not count.

use std::sync::atomic::{AtomicBool, Ordering};

use access_token::Account;
use commerce_types::CategoryId;

use crate::app::App;
use crate::domain::category::Category;
use crate::error::Error;
use crate::operations::writing::request_id;
use crate::{events, store};

/// The category as it was.
///
/// # Errors
/// [`Error::CategoryNotFound`], a second time too; [`Error::CategoryInUse`].
pub(crate) async fn delete_category(app: &App, admin: &Account, id: CategoryId) -> Result<Category, Error> {
    let found = store::categories::find(&mut *app.pool.get().await?, id).await?.ok_or(Error::CategoryNotFound)?;
    let now = app.clock.now();
    let tried = AtomicBool::new(false);
    let was = database::transaction(&app.pool, async |conn| {
        let again = tried.swap(true, Ordering::Relaxed);
        let Some(was) = store::categories::lock(conn, id).await? else {
            // Run again because nobody heard the commit: it is gone by our own doing.
            return if again { Ok(found.clone()) } else { Err(Error::CategoryNotFound) };
        };
        // Locked against those that are being published: who comes later finds it gone.
        let products = store::categories::count_in_use(conn, &was.slug).await?;
        if products > 0 {
            return Err(Error::CategoryInUse { products });
        }
        store::categories::delete(conn, id, now).await?;
        let gone = Category { is_active: false, ..was.clone() };
        let changes = events::category_differences(Some(&was), None);
        let admin_action =
            events::admin_action(admin.user_id, "category.deleted", ("category", id.into()), &changes, &request_id());
        ::events::write(conn, &[events::category_changed(&gone), admin_action]).await?;
        Ok(was)
    });
    let was = was.await?;
    app.waker.wake();
    Ok(was)
}
