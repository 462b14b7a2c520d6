//! catalog as far as cart asks it: products that a test puts on sale, and how often they were asked for.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use commerce_types::{Money, ProductId, UserId};
use protocol::catalog::v1::catalog_service_server::{CatalogService, CatalogServiceServer};
use protocol::catalog::v1::{
    Category, ChangeCategoryRequest, ChangeImageRequest, ChangeProductRequest, ChangeStockRequest, ChangeStockResponse,
    CountAllProductsRequest, CountProductsRequest, CountProductsResponse, CreateCategoryRequest, DeleteCategoryRequest,
    DeleteImageRequest, DeleteProductRequest, GetProductRequest, LinkImageRequest, ListBrandsRequest,
    ListBrandsResponse, ListCategoriesRequest, ListCategoriesResponse, ListOffersRequest, ListOffersResponse,
    ListOwnProductsRequest, ListProductsByIdRequest, ListProductsByIdResponse, ListProductsRequest,
    ListProductsResponse, Product, ProductCounts, ProductImage, ProductWritten, PublishProductRequest,
    ShowStockRequest, ShowStockResponse, SuggestRequest, SuggestResponse, ViewProductRequest, ViewProductResponse,
};
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse, PublicUser};
use service_runtime::Ids;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// A catalog that a test commands. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Catalog(Arc<Shelf>);

#[derive(Default)]
struct Shelf {
    products: Mutex<HashMap<String, Product>>,
    away: AtomicBool,
    silent: AtomicBool,
    asked: AtomicUsize,
}

impl Catalog {
    /// Starts it and answers where.
    pub(crate) async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = tonic::transport::Server::builder().add_service(CatalogServiceServer::new(self.clone()));
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        // Ends with the test's runtime.
        tasks.detach_all();
        addr
    }

    /// Puts a product on sale, in stock.
    pub(crate) fn sell(&self, price_centimes: i64, stock: i32, min_order_quantity: i32) -> OnSale {
        let (id, seller_id): (ProductId, UserId) = (Ids.next(), Ids.next());
        let image =
            |url: &str, is_primary| ProductImage { image_url: url.to_owned(), is_primary, ..Default::default() };
        let product = Product {
            id: id.to_string(),
            name: "Tapis berbère".to_owned(),
            price: Some(Money::from_centimes(price_centimes).unwrap().into()),
            stock,
            in_stock: stock > 0,
            min_order_quantity,
            seller: Some(PublicUser { id: seller_id.to_string(), ..Default::default() }),
            images: vec![image("https://media.example.dz/2.jpg", false), image("https://media.example.dz/1.jpg", true)],
            ..Default::default()
        };
        self.0.products.lock().unwrap().insert(id.to_string(), product);
        OnSale { id, seller_id }
    }

    pub(crate) fn change(&self, id: ProductId, change: impl FnOnce(&mut Product)) {
        change(self.0.products.lock().unwrap().get_mut(&id.to_string()).unwrap());
    }

    pub(crate) fn take_off_sale(&self, id: ProductId) {
        self.0.products.lock().unwrap().remove(&id.to_string());
    }

    pub(crate) fn go_away(&self) {
        self.0.away.store(true, Ordering::SeqCst);
    }

    /// Takes questions and never answers them.
    pub(crate) fn fall_silent(&self) {
        self.0.silent.store(true, Ordering::SeqCst);
    }

    pub(crate) fn come_back(&self) {
        self.0.away.store(false, Ordering::SeqCst);
    }

    /// How many calls it has answered.
    pub(crate) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }
}

/// A product that is on sale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnSale {
    pub(crate) id: ProductId,
    pub(crate) seller_id: UserId,
}

fn not_asked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("cart does not ask for this"))
}

#[tonic::async_trait]
impl CatalogService for Catalog {
    async fn list_products_by_id(
        &self,
        request: Request<ListProductsByIdRequest>,
    ) -> Result<Response<ListProductsByIdResponse>, Status> {
        assert!(request.metadata().contains_key("authorization"));
        if self.0.away.load(Ordering::SeqCst) {
            return Err(Status::unavailable("away"));
        }
        if self.0.silent.load(Ordering::SeqCst) {
            return std::future::pending().await;
        }
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        let ids = request.into_inner().ids;
        assert!(ids.len() <= 100);
        let shelf = self.0.products.lock().unwrap();
        let products = ids.iter().filter_map(|id| shelf.get(id).cloned()).collect();
        Ok(Response::new(ListProductsByIdResponse { products }))
    }

    async fn list_products(&self, _: Request<ListProductsRequest>) -> Result<Response<ListProductsResponse>, Status> {
        not_asked()
    }
    async fn get_product(&self, _: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        not_asked()
    }
    async fn list_own_products(
        &self,
        _: Request<ListOwnProductsRequest>,
    ) -> Result<Response<ListProductsResponse>, Status> {
        not_asked()
    }
    async fn publish_product(&self, _: Request<PublishProductRequest>) -> Result<Response<ProductWritten>, Status> {
        not_asked()
    }
    async fn change_product(&self, _: Request<ChangeProductRequest>) -> Result<Response<ProductWritten>, Status> {
        not_asked()
    }
    async fn delete_product(&self, _: Request<DeleteProductRequest>) -> Result<Response<ProductWritten>, Status> {
        not_asked()
    }
    async fn change_image(&self, _: Request<ChangeImageRequest>) -> Result<Response<ProductWritten>, Status> {
        not_asked()
    }
    async fn delete_image(&self, _: Request<DeleteImageRequest>) -> Result<Response<ProductWritten>, Status> {
        not_asked()
    }
    async fn change_stock(&self, _: Request<ChangeStockRequest>) -> Result<Response<ChangeStockResponse>, Status> {
        not_asked()
    }
    async fn view_product(&self, _: Request<ViewProductRequest>) -> Result<Response<ViewProductResponse>, Status> {
        not_asked()
    }
    async fn list_categories(
        &self,
        _: Request<ListCategoriesRequest>,
    ) -> Result<Response<ListCategoriesResponse>, Status> {
        not_asked()
    }
    async fn create_category(&self, _: Request<CreateCategoryRequest>) -> Result<Response<Category>, Status> {
        not_asked()
    }
    async fn change_category(&self, _: Request<ChangeCategoryRequest>) -> Result<Response<Category>, Status> {
        not_asked()
    }
    async fn delete_category(&self, _: Request<DeleteCategoryRequest>) -> Result<Response<Category>, Status> {
        not_asked()
    }
    async fn list_brands(&self, _: Request<ListBrandsRequest>) -> Result<Response<ListBrandsResponse>, Status> {
        not_asked()
    }
    async fn suggest(&self, _: Request<SuggestRequest>) -> Result<Response<SuggestResponse>, Status> {
        not_asked()
    }
    async fn count_products(
        &self,
        _: Request<CountProductsRequest>,
    ) -> Result<Response<CountProductsResponse>, Status> {
        not_asked()
    }
    async fn count_all_products(&self, _: Request<CountAllProductsRequest>) -> Result<Response<ProductCounts>, Status> {
        not_asked()
    }
    async fn list_offers(&self, _: Request<ListOffersRequest>) -> Result<Response<ListOffersResponse>, Status> {
        not_asked()
    }
    async fn find_files_in_use(
        &self,
        _: Request<FindFilesInUseRequest>,
    ) -> Result<Response<FindFilesInUseResponse>, Status> {
        not_asked()
    }
    async fn link_image(&self, _: Request<LinkImageRequest>) -> Result<Response<ProductWritten>, Status> {
        not_asked()
    }
    async fn show_stock(&self, _: Request<ShowStockRequest>) -> Result<Response<ShowStockResponse>, Status> {
        not_asked()
    }
}
