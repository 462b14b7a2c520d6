//! The calls themselves: a few at a time, each for everybody who waited.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use access_token::{AccessTokens, Caller};
use commerce_types::ProductId;
use futures::future::try_join_all;
use protocol::catalog::v1::ListProductsByIdRequest;
use protocol::catalog::v1::catalog_service_client::CatalogServiceClient;
use service_runtime::context::{self, RequestContext};
use service_runtime::grpc::{Channel, request};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tracing::Instrument;

use super::{Product, Products, Question};

/// More calls at a time would only leave fewer questions for each.
const UNDER_WAY: usize = 2;
/// Questions that one call answers at most.
const TOGETHER: usize = 100;
/// Products that catalog tells in one answer.
const IDS_AT_MOST: usize = 100;
/// Who asks gives up earlier.
const PATIENCE: Duration = Duration::from_secs(3);
/// A hundred products with long texts.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct Calls {
    client: CatalogServiceClient<Channel>,
    access: AccessTokens,
}

impl Calls {
    pub(super) fn new(channel: Channel, access: AccessTokens) -> Self {
        Self { client: CatalogServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER), access }
    }

    /// Answers questions until nobody can ask any more, or background work is to stop.
    pub(super) async fn run(self, mut asked: mpsc::Receiver<Question>, stop: CancellationToken) {
        let mut calls = JoinSet::new();
        let mut questions = Vec::new();
        loop {
            while calls.len() >= UNDER_WAY {
                calls.join_next().await;
            }
            let taken = tokio::select! {
                () = stop.cancelled() => break,
                taken = asked.recv_many(&mut questions, TOGETHER) => taken,
            };
            if taken == 0 {
                break;
            }
            // Who has given up is not asked for.
            questions.retain(|question: &Question| !question.answer.is_closed());
            let Some(first) = questions.first() else { continue };
            let (span, context) = (first.span.clone(), first.context.clone());
            let together = std::mem::take(&mut questions);
            let calling = self.clone().answer(together);
            // Without the first one's deadline: the others may have more time.
            let context = context.map(|context| RequestContext { deadline: None, ..context });
            match context {
                Some(context) => calls.spawn(context::scope(context, calling).instrument(span)),
                None => calls.spawn(calling.instrument(span)),
            };
            // Those that have ended make room without being waited for.
            while calls.try_join_next().is_some() {}
        }
        while calls.join_next().await.is_some() {}
    }

    async fn answer(self, questions: Vec<Question>) {
        let ids: BTreeSet<ProductId> = questions.iter().flat_map(|question| question.ids.iter().copied()).collect();
        let ids: Vec<String> = ids.into_iter().map(String::from).collect();
        let pages = try_join_all(ids.chunks(IDS_AT_MOST).map(|ids| self.ask(ids.to_vec()))).await;
        let answer = pages.map(|pages| pages.into_iter().flatten().collect::<Products>());
        for Question { ids, answer: to, .. } in questions {
            let own = answer
                .as_ref()
                .map_err(Status::clone)
                .map(|products| ids.iter().filter_map(|id| Some((*id, Arc::clone(products.get(id)?)))).collect());
            // Nobody may wait any more.
            drop(to.send(own));
        }
    }

    async fn ask(&self, ids: Vec<String>) -> Result<Vec<(ProductId, Arc<Product>)>, Status> {
        let token = self.access.sign(&Caller::service("cart"));
        let asking =
            self.client.clone().list_products_by_id(request(ListProductsByIdRequest { ids }, &token, PATIENCE)).await?;
        let products = asking.into_inner().products.into_iter().map(|message| {
            let product = Product::try_from(message).map_err(|malformed| Status::internal(malformed.to_string()))?;
            Ok((product.offer.product_id, Arc::new(product)))
        });
        products.collect()
    }
}
