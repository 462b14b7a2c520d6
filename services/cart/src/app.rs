//! Everything that lives as long as the service.

use access_token::AccessTokens;
use database::Pool;
use service_runtime::Ids;

use crate::catalog_client::CatalogClient;

/// What operations work with. Clones share it.
#[derive(Clone)]
pub(crate) struct App {
    /// cart's own database.
    pub(crate) pool: Pool,
    /// Makes ids.
    pub(crate) ids: Ids,
    /// Verifies callers.
    pub(crate) access: AccessTokens,
    /// Owns products.
    pub(crate) catalog: CatalogClient,
}
