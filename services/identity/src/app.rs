//! What the process keeps for as long as it runs.

use std::sync::Arc;

use commerce_types::Approval;
use database::Pool;
use events::Waker;
use service_runtime::{Clock, Ids};
use tokio::sync::Notify;

use crate::domain::svix::WebhookSecrets;
use crate::ordering_client::OrderingClient;

/// Shared by every call and consumer.
#[derive(Clone, Debug)]
pub(crate) struct App {
    /// Identity's own database.
    pub(crate) pool: Pool,
    pub(crate) ids: Ids,
    pub(crate) clock: Clock,
    pub(crate) ordering: OrderingClient,
    /// Told after every commit that wrote an event.
    pub(crate) waker: Waker,
    /// What new sellers get: approved, or pending until an admin decides.
    pub(crate) new_sellers: Approval,
    pub(crate) webhooks: Webhooks,
}

/// What is known of Clerk's webhooks beforehand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Webhooks {
    pub(crate) secrets: WebhookSecrets,
    /// Events of others are not ours; any when absent.
    pub(crate) instance_id: Option<String>,
    /// Rung for each that was kept.
    pub(crate) arrived: Arc<Notify>,
}
