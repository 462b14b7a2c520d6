//! The table of all operations, and the router made of it.

use std::sync::LazyLock;

use super::route::Route;
use super::router::Router;
use super::{
    accounts, admin_audit, admin_orders, admin_stats, admin_users, brands, cart, categories, category_writes, orders,
    product_writes, products, push_tokens, reel_reactions, reels, seller_orders, seller_products, sellers, storage,
    storage_forms, suggestions, system, tracking, webhooks,
};

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

pub(super) struct Table {
    pub(super) routes: Vec<Route>,
    pub(super) router: Router,
}

/// Every operation there is.
pub fn routes() -> &'static [Route] {
    &TABLE.routes
}

pub(super) fn table() -> &'static Table {
    &TABLE
}

impl Table {
    fn new() -> Self {
        let routes: Vec<Route> = [
            system::routes(),
            accounts::routes(),
            push_tokens::routes(),
            webhooks::routes(),
            sellers::routes(),
            products::routes(),
            product_writes::routes(),
            seller_products::routes(),
            suggestions::routes(),
            categories::routes(),
            category_writes::routes(),
            brands::routes(),
            cart::routes(),
            orders::routes(),
            seller_orders::routes(),
            tracking::routes(),
            reels::routes(),
            reel_reactions::routes(),
            storage::routes(),
            storage_forms::routes(),
            admin_users::routes(),
            admin_stats::routes(),
            admin_orders::routes(),
            admin_audit::routes(),
        ]
        .into_iter()
        .flatten()
        .collect();
        let mut router = Router::default();
        for (index, route) in routes.iter().enumerate() {
            router.add(route.method.clone(), route.pattern, route.takes_rest, index);
        }
        Self { routes, router }
    }
}
