//! List orders of one side, newest first: a page and how many there are.

use crate::app::App;
use crate::domain::order::ShownOrder;
use crate::domain::order_list::Filter;
use crate::error::Error;
use crate::operations::show_order::with_company;
use crate::store;

/// A page of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) limit: i64,
    pub(crate) offset: i64,
}

pub(crate) async fn list_orders(app: &App, filter: &Filter, page: Page) -> Result<(Vec<ShownOrder>, i64), Error> {
    let mut conn = app.pool.get().await?;
    if filter.search.is_some()
        && let Some((orders, total)) = store::orders::list_counted(&mut conn, filter, page.limit, page.offset).await?
    {
        return Ok((with_company(&mut conn, orders).await?, total));
    }
    let total = if filter.is_counted() {
        store::counts::sum(&mut conn, filter).await?
    } else {
        store::orders::count(&mut conn, filter).await?
    };
    if page.offset >= total {
        return Ok((Vec::new(), total));
    }
    let orders = store::orders::list(&mut conn, filter, page.limit, page.offset).await?;
    Ok((with_company(&mut conn, orders).await?, total))
}
