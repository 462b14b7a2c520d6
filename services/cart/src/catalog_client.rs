//! Questions to catalog: products as they are now.
//!
//! Requests that ask while calls are under way are asked for together, in the next call: under load a hundred additions
//! cost catalog one query. Nothing is kept: every answer is read after its question was asked. As one call speaks for
//! many accounts it is made in cart's own name.

mod batch;
mod product;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use access_token::AccessTokens;
use commerce_types::ProductId;
use service_runtime::Lifecycle;
use service_runtime::context::{self, RequestContext};
use tokio::sync::{mpsc, oneshot};
use tonic::Status;

pub(crate) use self::product::Product;

/// By id; who is not on sale is not there.
pub(crate) type Products = HashMap<ProductId, Arc<Product>>;

/// Questions that may wait; more are refused.
const WAITING: usize = 1_024;

/// Asks catalog. Clones share what is under way.
#[derive(Debug, Clone)]
pub(crate) struct CatalogClient {
    questions: mpsc::Sender<Question>,
}

#[derive(Debug)]
struct Question {
    ids: Vec<ProductId>,
    answer: oneshot::Sender<Result<Products, Status>>,
    /// A call that answers several is traced under the first.
    context: Option<RequestContext>,
    span: tracing::Span,
}

impl CatalogClient {
    /// Connects when first asked.
    ///
    /// # Errors
    /// The address is malformed.
    pub(crate) fn new(uri: &str, access: AccessTokens, lifecycle: &Lifecycle) -> Result<Self, tonic::transport::Error> {
        let (questions, asked) = mpsc::channel(WAITING);
        let calls = batch::Calls::new(service_runtime::grpc::channel(uri)?, access);
        let working = lifecycle.working();
        lifecycle.work("cart product reads", async move {
            calls.run(asked, working).await;
            Ok::<_, std::convert::Infallible>(())
        });
        Ok(Self { questions })
    }

    /// The products among `ids` that are on sale, within `patience`.
    ///
    /// # Errors
    /// catalog is away.
    pub(crate) async fn products(
        &self,
        ids: impl IntoIterator<Item = ProductId>,
        patience: Duration,
    ) -> Result<Products, Status> {
        let ids: Vec<ProductId> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(Products::new());
        }
        let (answer, answered) = oneshot::channel();
        let question = Question { ids, answer, context: context::current(), span: tracing::Span::current() };
        self.questions.try_send(question).map_err(|_full| Status::unavailable("too many wait for catalog"))?;
        match tokio::time::timeout(context::time_left(patience), answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_dropped)) => Err(Status::unavailable("the call was given up")),
            Err(_elapsed) => Err(Status::deadline_exceeded("catalog took too long")),
        }
    }

    /// One product, if it is on sale.
    ///
    /// # Errors
    /// catalog is away.
    pub(crate) async fn product(&self, id: ProductId, patience: Duration) -> Result<Option<Arc<Product>>, Status> {
        Ok(self.products([id], patience).await?.remove(&id))
    }
}
