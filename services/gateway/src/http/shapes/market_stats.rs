//! The market in numbers (`api.md` 11; terms of part 2, 6.1). Kept in Redis as they are shown.

use chrono::{DateTime, Utc};
use commerce_types::Money;
use protocol::convert::{Malformed, money};
use protocol::{catalog, identity, ordering, reels};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::time::iso;

/// A group is null while nobody can tell.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarketStats {
    pub users: Option<UserCounts>,
    pub products: Option<ProductCounts>,
    pub orders: Option<OrderCounts>,
    pub revenue: Option<Revenue>,
    pub reels: Option<ReelCounts>,
    pub b2b: Option<OfferCounts>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    pub generated_at: DateTime<Utc>,
}

/// Accounts that are not deleted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserCounts {
    total: i64,
    customers: i64,
    sellers: i64,
    freelancers: i64,
    admins: i64,
    /// Sellers on whom no admin has decided yet.
    pending_sellers: i64,
    /// Switched off or banned.
    inactive: i64,
}

/// Products that are not deleted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MarketProductCounts)]
pub struct ProductCounts {
    total: i64,
    /// Active and in stock.
    active: i64,
    /// Active and not in stock.
    out_of_stock: i64,
}

/// Orders in each status.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrderCounts {
    total: i64,
    pending: i64,
    confirmed: i64,
    processing: i64,
    shipped: i64,
    delivered: i64,
    cancelled: i64,
    returned: i64,
}

/// Goods of paid orders that did not come back, without shipping.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Revenue {
    #[schema(value_type = f64)]
    total: Money,
    /// Of today, which is not over, and the 29 days before.
    #[schema(value_type = f64)]
    monthly: Money,
    #[schema(value_type = f64)]
    avg_order_value: Money,
}

/// Reels that can be seen.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReelCounts {
    total: i64,
    total_views: i64,
}

/// Offers between sellers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferCounts {
    offers: i64,
    active_offers: i64,
}

impl From<reels::v1::ReelCounts> for ReelCounts {
    fn from(counts: reels::v1::ReelCounts) -> Self {
        Self { total: counts.ready, total_views: counts.views }
    }
}

impl From<identity::v1::AccountCounts> for UserCounts {
    fn from(counts: identity::v1::AccountCounts) -> Self {
        Self {
            total: counts.customers + counts.sellers + counts.freelancers + counts.admins,
            customers: counts.customers,
            sellers: counts.sellers,
            freelancers: counts.freelancers,
            admins: counts.admins,
            pending_sellers: counts.pending_sellers,
            inactive: counts.inactive,
        }
    }
}

impl From<catalog::v1::ProductCounts> for ProductCounts {
    fn from(counts: catalog::v1::ProductCounts) -> Self {
        Self { total: counts.total, active: counts.active, out_of_stock: counts.out_of_stock }
    }
}

impl From<&ordering::v1::OrderSums> for OrderCounts {
    fn from(sums: &ordering::v1::OrderSums) -> Self {
        let mut counts = Self {
            total: 0,
            pending: sums.pending,
            confirmed: sums.confirmed,
            processing: sums.processing,
            shipped: sums.shipped,
            delivered: sums.delivered,
            cancelled: sums.cancelled,
            returned: sums.returned,
        };
        let unfinished = counts.pending + counts.confirmed + counts.processing + counts.shipped;
        counts.total = unfinished + counts.delivered + counts.cancelled + counts.returned;
        counts
    }
}

impl TryFrom<&ordering::v1::OrderSums> for Revenue {
    type Error = Malformed;

    fn try_from(sums: &ordering::v1::OrderSums) -> Result<Self, Malformed> {
        Ok(Self {
            total: money("revenue", sums.revenue.as_ref())?,
            monthly: money("recent_revenue", sums.recent_revenue.as_ref())?,
            avg_order_value: money("average_sale", sums.average_sale.as_ref())?,
        })
    }
}
