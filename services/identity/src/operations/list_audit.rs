//! What was done to accounts, and by admins: newest first, with who did it as others see them.

use std::collections::HashMap;

use commerce_types::{PublicUser, UserId};

use crate::app::App;
use crate::domain::Refused;
use crate::domain::audit::{AuditFilter, KeptEntry};
use crate::domain::seller_list::Page;
use crate::error::Error;
use crate::store;

/// A page of entries with their actors, and how many there are on all pages.
///
/// # Errors
/// [`Error::Refused`]: the first day is after the last.
pub(crate) async fn list_audit(
    app: &App,
    filter: &AuditFilter,
    page: Page,
) -> Result<(Vec<(KeptEntry, Option<PublicUser>)>, i64), Error> {
    if filter.from.zip(filter.to).is_some_and(|(from, to)| from > to) {
        return Err(Refused::invalid("date_from", "must not be after date_to").into());
    }
    let mut conn = app.pool.get().await?;
    let total = if filter.is_counted() {
        store::audit_counts::sum(&mut conn, filter).await?
    } else {
        store::audit::count(&mut conn, filter).await?
    };
    if total <= page.offset {
        return Ok((Vec::new(), total));
    }
    let entries = store::audit::list(&mut conn, filter, page).await?;
    let actors: Vec<UserId> = entries.iter().filter_map(|entry| entry.actor_id).collect();
    let actors = store::users::list_ever(&mut conn, &actors).await?;
    let actors: HashMap<UserId, PublicUser> = actors.iter().map(|user| (user.id, user.public())).collect();
    let shown = entries.into_iter().map(|entry| {
        let actor = entry.actor_id.and_then(|id| actors.get(&id)).cloned();
        (entry, actor)
    });
    Ok((shown.collect(), total))
}
