//! What the databases say in the end: every unit accounted for, every event sent and heard once.

use std::time::Duration;

use test_support::eventually;

use crate::harness::databases::{SERVICES, number};
use crate::harness::{Cluster, RECOVERED, Shop};

/// Products whose ledger does not add up to what is free.
const MISMATCHED: &str = "SELECT count(*) FROM stock LEFT JOIN \
    (SELECT product_id, sum(delta) AS free, max(version) AS version FROM stock_ledger GROUP BY product_id) AS ledger \
    USING (product_id) \
    WHERE (ledger.free, ledger.version) IS DISTINCT FROM (stock.free::bigint, stock.version)";

impl Cluster {
    /// Waits until every event of every service was published.
    pub(crate) async fn everything_is_said(&self) {
        for service in SERVICES {
            let database = self.databases.of(service).unwrap();
            let unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL";
            eventually(RECOVERED, async || number(database, unsent).await == 0).await;
        }
    }

    /// Waits until every event reached all who hear it, and holds that none was heard that was not said.
    pub(crate) async fn everything_is_heard(&self) {
        self.everything_is_said().await;
        let orders = "SELECT count(*) FROM outbox WHERE name = 'ordering.order_placed.v1'";
        let stock = "SELECT count(*) FROM outbox WHERE name = 'ordering.stock_changed.v1'";
        let users = "SELECT count(*) FROM outbox WHERE name LIKE 'identity.user_%'";
        let databases = &self.databases;
        let users = number(&databases.identity, users).await;
        self.hears("cart", number(&databases.ordering, orders).await).await;
        self.hears("catalog", users + number(&databases.ordering, stock).await).await;
        self.hears("ordering", users).await;
        // What catalog heard it says on.
        self.everything_is_said().await;
        let shown =
            "SELECT count(*) FROM outbox WHERE name LIKE 'catalog.product_%' OR name = 'catalog.stock_shown.v1'";
        self.hears("reels", users + number(&databases.catalog, shown).await).await;
    }

    async fn hears(&self, service: &str, events: i64) {
        let database = self.databases.of(service).unwrap();
        let heard = async || number(database, "SELECT count(*) FROM inbox").await;
        eventually(RECOVERED, async || heard().await >= events).await;
        assert_eq!(heard().await, events, "{service} heard what nobody said");
    }

    /// So many checkouts were accepted, each with an order of both sellers, and no unit was lost or sold twice.
    pub(crate) async fn sold(&self, shop: &Shop, checkouts: i64, units_each: i64) {
        let ordering = &self.databases.ordering;
        let counted = "SELECT count(DISTINCT checkout_id) FROM orders";
        assert_eq!(number(ordering, counted).await, checkouts, "checkouts");
        assert_eq!(number(ordering, "SELECT count(*) FROM orders").await, 2 * checkouts, "orders");
        assert_eq!(number(ordering, "SELECT count(*) FROM order_history").await, 2 * checkouts, "first steps");
        self.is_left(shop, shop.stock - checkouts * units_each).await;
    }

    /// So many units of both products are left, by the ledger, by the orders, and soon on show.
    pub(crate) async fn is_left(&self, shop: &Shop, units: i64) {
        let ordering = &self.databases.ordering;
        assert_eq!(number(ordering, MISMATCHED).await, 0, "the ledger does not add up");
        for product in &shop.products {
            let free = format!("SELECT free FROM stock WHERE product_id = '{product}'");
            assert_eq!(number(ordering, &free).await, units, "left of {product}");
            let sold = format!(
                "SELECT sum(quantity) FROM order_items JOIN orders ON orders.id = order_id \
                 WHERE product_id = '{product}' AND status NOT IN ('cancelled', 'returned')"
            );
            assert_eq!(number(ordering, &sold).await, shop.stock - units, "sold of {product}");
            self.shows(product, units, RECOVERED).await;
        }
    }

    /// Waits until catalog's copy says so.
    pub(crate) async fn shows(&self, product: &str, units: i64, deadline: Duration) {
        let shown = format!("SELECT free FROM shown_stock WHERE product_id = '{product}'");
        eventually(deadline, async || number(&self.databases.catalog, &shown).await == units).await;
    }
}
