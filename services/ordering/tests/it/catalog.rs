//! Catalog in small: offers what a test put on sale, and remembers what it was told to show.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use protocol::catalog::v1::catalog_service_server::{CatalogService, CatalogServiceServer};
use protocol::catalog::v1::{
    Category, ChangeCategoryRequest, ChangeImageRequest, ChangeProductRequest, ChangeStockRequest, ChangeStockResponse,
    CountAllProductsRequest, CountProductsRequest, CountProductsResponse, CreateCategoryRequest, DeleteCategoryRequest,
    DeleteImageRequest, DeleteProductRequest, GetProductRequest, LinkImageRequest, ListBrandsRequest,
    ListBrandsResponse, ListCategoriesRequest, ListCategoriesResponse, ListOffersRequest, ListOffersResponse,
    ListOwnProductsRequest, ListProductsByIdRequest, ListProductsByIdResponse, ListProductsRequest,
    ListProductsResponse, Offer, Product, ProductCounts, ProductWritten, PublishProductRequest, ShowStockRequest,
    ShowStockResponse, ShownStock, SuggestRequest, SuggestResponse, ViewProductRequest, ViewProductResponse,
};
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// What the stand-in knows; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Catalog(Arc<State>);

#[derive(Default)]
struct State {
    offers: Mutex<BTreeMap<String, Offer>>,
    shown: Mutex<Vec<ShownStock>>,
    tokens: Mutex<Vec<String>>,
    asked: AtomicUsize,
    away: AtomicBool,
}

impl Catalog {
    /// Serves on a free port until `stop`.
    #[expect(clippy::disallowed_methods, reason = "not a task of the service under test")]
    pub(crate) async fn serve(&self, stop: CancellationToken) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = tonic::transport::Server::builder().add_service(CatalogServiceServer::new(self.clone()));
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        tokio::task::spawn(server.serve_with_incoming_shutdown(incoming, stop.cancelled_owned()));
        addr
    }

    pub(crate) fn offer(&self, offer: Offer) {
        self.0.offers.lock().unwrap().insert(offer.product_id.clone(), offer);
    }

    pub(crate) fn take_off_sale(&self, product_id: &str) {
        self.0.offers.lock().unwrap().remove(product_id);
    }

    /// Answers every question with 503 from now on, or not any more.
    pub(crate) fn be_away(&self, away: bool) {
        self.0.away.store(away, Ordering::Relaxed);
    }

    /// How often it was asked for offers.
    pub(crate) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::Relaxed)
    }

    pub(crate) fn shown(&self) -> Vec<ShownStock> {
        self.0.shown.lock().unwrap().clone()
    }

    /// The tokens of those who asked for offers.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.0.tokens.lock().unwrap().clone()
    }

    fn answer<T>(&self, answer: T) -> Answer<T> {
        if self.0.away.load(Ordering::Relaxed) {
            return Err(Status::unavailable("away"));
        }
        Ok(Response::new(answer))
    }
}

#[tonic::async_trait]
impl CatalogService for Catalog {
    async fn list_offers(&self, request: Request<ListOffersRequest>) -> Answer<ListOffersResponse> {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        let token = request.metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
        self.0.tokens.lock().unwrap().push(token);
        let offers = self.0.offers.lock().unwrap();
        let asked = request.into_inner().product_ids;
        self.answer(ListOffersResponse { offers: asked.iter().filter_map(|id| offers.get(id).cloned()).collect() })
    }

    async fn show_stock(&self, request: Request<ShowStockRequest>) -> Answer<ShowStockResponse> {
        self.0.shown.lock().unwrap().extend(request.into_inner().stock);
        self.answer(ShowStockResponse {})
    }

    async fn list_products(&self, _: Request<ListProductsRequest>) -> Answer<ListProductsResponse> {
        unasked()
    }

    async fn get_product(&self, _: Request<GetProductRequest>) -> Answer<Product> {
        unasked()
    }

    async fn list_own_products(&self, _: Request<ListOwnProductsRequest>) -> Answer<ListProductsResponse> {
        unasked()
    }

    async fn publish_product(&self, _: Request<PublishProductRequest>) -> Answer<ProductWritten> {
        unasked()
    }

    async fn change_product(&self, _: Request<ChangeProductRequest>) -> Answer<ProductWritten> {
        unasked()
    }

    async fn delete_product(&self, _: Request<DeleteProductRequest>) -> Answer<ProductWritten> {
        unasked()
    }

    async fn change_image(&self, _: Request<ChangeImageRequest>) -> Answer<ProductWritten> {
        unasked()
    }

    async fn delete_image(&self, _: Request<DeleteImageRequest>) -> Answer<ProductWritten> {
        unasked()
    }

    async fn change_stock(&self, _: Request<ChangeStockRequest>) -> Answer<ChangeStockResponse> {
        unasked()
    }

    async fn view_product(&self, _: Request<ViewProductRequest>) -> Answer<ViewProductResponse> {
        unasked()
    }

    async fn list_categories(&self, _: Request<ListCategoriesRequest>) -> Answer<ListCategoriesResponse> {
        unasked()
    }

    async fn create_category(&self, _: Request<CreateCategoryRequest>) -> Answer<Category> {
        unasked()
    }

    async fn change_category(&self, _: Request<ChangeCategoryRequest>) -> Answer<Category> {
        unasked()
    }

    async fn delete_category(&self, _: Request<DeleteCategoryRequest>) -> Answer<Category> {
        unasked()
    }

    async fn list_brands(&self, _: Request<ListBrandsRequest>) -> Answer<ListBrandsResponse> {
        unasked()
    }

    async fn suggest(&self, _: Request<SuggestRequest>) -> Answer<SuggestResponse> {
        unasked()
    }

    async fn count_products(&self, _: Request<CountProductsRequest>) -> Answer<CountProductsResponse> {
        unasked()
    }

    async fn count_all_products(&self, _: Request<CountAllProductsRequest>) -> Answer<ProductCounts> {
        unasked()
    }

    async fn find_files_in_use(&self, _: Request<FindFilesInUseRequest>) -> Answer<FindFilesInUseResponse> {
        unasked()
    }

    async fn link_image(&self, _: Request<LinkImageRequest>) -> Answer<ProductWritten> {
        unasked()
    }

    async fn list_products_by_id(&self, _: Request<ListProductsByIdRequest>) -> Answer<ListProductsByIdResponse> {
        unasked()
    }
}

fn unasked<T>() -> Answer<T> {
    Err(Status::unimplemented("ordering never asks this"))
}
