//! Create a category. A slug that a deleted one had is free.

use access_token::Account;
use commerce_types::CategoryId;

use crate::app::App;
use crate::domain::category::{Category, NewCategory};
use crate::error::Error;
use crate::operations::writing::request_id;
use crate::{events, store};

/// # Errors
/// [`Error::Invalid`], [`Error::CategoryExists`].
pub(crate) async fn create_category(app: &App, admin: &Account, new: NewCategory) -> Result<Category, Error> {
    let id: CategoryId = app.ids.next();
    let category = database::transaction(&app.pool, async |conn| {
        let last = store::categories::last_place(conn).await?;
        let mut category = new.clone().into_category(id, last);
        let problems = category.check();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        if !store::categories::insert(conn, &category).await? {
            // Run again because nobody heard the commit: it is ours.
            let ours = store::categories::lock(conn, id).await?;
            return ours.ok_or(Error::CategoryExists);
        }
        let changes = events::category_differences(None, Some(&category));
        let admin_action =
            events::admin_action(admin.user_id, "category.created", ("category", id.into()), &changes, &request_id());
        ::events::write(conn, &[events::category_changed(&category), admin_action]).await?;
        Ok(category)
    });
    let category = category.await?;
    app.waker.wake();
    Ok(category)
}
