//! Webhooks are known again for ninety days, then their rows go.

use std::time::Duration;

use crate::app::App;
use crate::error::Error;
use crate::store;

const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// Others have their turn between two steps.
const STEP: i64 = 1_000;

/// Answers how many went.
///
/// # Errors
/// [`Error::Database`]; what went before is gone.
pub(crate) async fn sweep_webhooks(app: &App) -> Result<usize, Error> {
    let mut swept = 0;
    loop {
        let step = store::webhooks::delete_older(&mut *app.pool.get().await?, KEPT, STEP).await?;
        swept += step;
        if step < STEP as usize {
            return Ok(swept);
        }
    }
}
