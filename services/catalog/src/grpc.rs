//! The calls that catalog answers: who asks, what it means, who does it.

pub(crate) mod convert;

use access_token::{Account, Caller};
use futures::future::BoxFuture;
use protocol::catalog::v1::catalog_service_server::{CatalogService, CatalogServiceServer};
use protocol::catalog::v1::{
    Category, ChangeCategoryRequest, ChangeImageRequest, ChangeProductRequest, ChangeStockRequest, ChangeStockResponse,
    CountAllProductsRequest, CountProductsRequest, CountProductsResponse, CreateCategoryRequest, DeleteCategoryRequest,
    DeleteImageRequest, DeleteProductRequest, GetProductRequest, LinkImageRequest, ListBrandsRequest,
    ListBrandsResponse, ListCategoriesRequest, ListCategoriesResponse, ListOffersRequest, ListOffersResponse,
    ListOwnProductsRequest, ListProductsByIdRequest, ListProductsByIdResponse, ListProductsRequest,
    ListProductsResponse, Product, ProductCounts, ProductWritten, PublishProductRequest, ShowStockRequest,
    ShowStockResponse, SuggestRequest, SuggestResponse, ViewProductRequest, ViewProductResponse,
};
use protocol::convert::{file_urls, parse};
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse};
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::error::Error;
use crate::grpc::convert::browsing;
use crate::operations::change_category::change_category;
use crate::operations::change_image::change_image;
use crate::operations::change_product::change_product;
use crate::operations::change_stock::change_stock;
use crate::operations::count_all_products::count_all_products;
use crate::operations::count_products::count_products;
use crate::operations::create_category::create_category;
use crate::operations::delete_category::delete_category;
use crate::operations::delete_image::delete_image;
use crate::operations::delete_product::delete_product;
use crate::operations::find_files_in_use::find_files_in_use;
use crate::operations::get_product::{get_product, sees_all};
use crate::operations::link_image::link_image;
use crate::operations::list_brands::list_brands;
use crate::operations::list_categories::list_categories;
use crate::operations::list_offers::list_offers;
use crate::operations::list_products::list_products;
use crate::operations::list_products_by_id::list_products_by_id;
use crate::operations::publish_product::publish_product;
use crate::operations::show_stock::show_stock;
use crate::operations::suggest::suggest;
use crate::operations::view_product::view_product;
use crate::reply::View;

/// Larger requests are refused; the largest product is far below it.
const LARGEST_REQUEST: usize = 1024 * 1024;

pub(crate) struct Service {
    app: App,
}

pub(crate) fn server(app: App) -> CatalogServiceServer<Service> {
    CatalogServiceServer::new(Service { app }).max_decoding_message_size(LARGEST_REQUEST)
}

impl Service {
    /// Anybody with a token of ours: guests and services too.
    fn caller<T>(&self, request: &Request<T>) -> Result<Caller, Status> {
        Ok(self.app.access.caller(request)?)
    }

    /// An approved seller or an admin.
    fn writer<T>(&self, request: &Request<T>) -> Result<Account, Status> {
        Ok(self.app.access.caller(request)?.require_seller_or_admin()?.clone())
    }

    /// An admin.
    fn admin<T>(&self, request: &Request<T>) -> Result<Account, Status> {
        Ok(self.app.access.caller(request)?.require_admin()?.clone())
    }

    /// Runs a write to its end, also when its caller goes away.
    fn finish<T: Send + 'static>(
        &self,
        write: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> impl Future<Output = Result<T, Status>> + Send {
        // Boxed: writes are large, and lie in the futures of all who pass them on.
        let write: BoxFuture<'static, Result<T, Error>> = Box::pin(write);
        let lifecycle = self.app.lifecycle.clone();
        async move { Ok(lifecycle.finish(write).await.map_err(Error::from)??) }
    }
}

#[tonic::async_trait]
impl CatalogService for Service {
    async fn list_products(
        &self,
        request: Request<ListProductsRequest>,
    ) -> Result<Response<ListProductsResponse>, Status> {
        self.caller(&request)?;
        let listing = convert::listing(request.into_inner())?;
        let (products, total) = list_products(&self.app, &listing).await?;
        Ok(Response::new(convert::page(&products, total, View::Public)))
    }

    async fn get_product(&self, request: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        let caller = self.caller(&request)?;
        let by = convert::by(request.into_inner())?;
        let shown = get_product(&self.app, &caller, &by).await?;
        let view = if sees_all(&caller, &shown) { View::Owner } else { View::Public };
        Ok(Response::new(crate::reply::product(&shown, view)))
    }

    async fn list_own_products(
        &self,
        request: Request<ListOwnProductsRequest>,
    ) -> Result<Response<ListProductsResponse>, Status> {
        let account = self.writer(&request)?;
        let listing = convert::own_listing(request.into_inner(), account.user_id)?;
        let (products, total) = list_products(&self.app, &listing).await?;
        Ok(Response::new(convert::page(&products, total, View::Owner)))
    }

    async fn publish_product(
        &self,
        request: Request<PublishProductRequest>,
    ) -> Result<Response<ProductWritten>, Status> {
        let account = self.caller(&request)?.require_seller()?.clone();
        let token = self.app.access.token(&request)?;
        let product = convert::publish_product(&account, request.into_inner())?;
        let app = self.app.clone();
        let written = self.finish(async move { publish_product(&app, &account, &token, product).await }).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn change_product(&self, request: Request<ChangeProductRequest>) -> Result<Response<ProductWritten>, Status> {
        let account = self.writer(&request)?;
        let token = self.app.access.token(&request)?;
        let change = convert::change_product(request.into_inner())?;
        let app = self.app.clone();
        let written = self.finish(async move { change_product(&app, &account, &token, &change).await }).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn delete_product(&self, request: Request<DeleteProductRequest>) -> Result<Response<ProductWritten>, Status> {
        let account = self.writer(&request)?;
        let (id, expected_version) = convert::delete_product(&request.into_inner())?;
        let app = self.app.clone();
        let written = self.finish(async move { delete_product(&app, &account, id, expected_version).await }).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn change_image(&self, request: Request<ChangeImageRequest>) -> Result<Response<ProductWritten>, Status> {
        let account = self.writer(&request)?;
        let change = convert::change_image(&request.into_inner())?;
        let app = self.app.clone();
        let written = self.finish(async move { change_image(&app, &account, &change).await }).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn delete_image(&self, request: Request<DeleteImageRequest>) -> Result<Response<ProductWritten>, Status> {
        let account = self.writer(&request)?;
        let (target, image_id) = convert::delete_image(&request.into_inner())?;
        let app = self.app.clone();
        let written = self.finish(async move { delete_image(&app, &account, target, image_id).await }).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn link_image(&self, request: Request<LinkImageRequest>) -> Result<Response<ProductWritten>, Status> {
        let account = self.caller(&request)?.require_seller()?.clone();
        let token = self.app.access.token(&request)?;
        let upload_id = parse("upload_id", &request.into_inner().upload_id)?;
        let app = self.app.clone();
        let written = self.finish(async move { link_image(&app, &account, &token, upload_id).await }).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn change_stock(
        &self,
        request: Request<ChangeStockRequest>,
    ) -> Result<Response<ChangeStockResponse>, Status> {
        let account = self.writer(&request)?;
        let token = self.app.access.token(&request)?;
        let change = convert::change_stock(request.into_inner())?;
        let app = self.app.clone();
        let changed = self.finish(async move { change_stock(&app, &account, &token, change).await }).await?;
        Ok(Response::new(convert::stock_changed(changed)))
    }

    async fn view_product(
        &self,
        request: Request<ViewProductRequest>,
    ) -> Result<Response<ViewProductResponse>, Status> {
        self.caller(&request)?;
        let (id, viewer) = convert::view(request.into_inner())?;
        let (viewers_count, counted) = view_product(&self.app, id, &viewer).await?;
        Ok(Response::new(ViewProductResponse { viewers_count, counted }))
    }

    async fn list_categories(
        &self,
        request: Request<ListCategoriesRequest>,
    ) -> Result<Response<ListCategoriesResponse>, Status> {
        self.caller(&request)?;
        Ok(Response::new(browsing::categories(list_categories(&self.app).await?)))
    }

    async fn create_category(&self, request: Request<CreateCategoryRequest>) -> Result<Response<Category>, Status> {
        let admin = self.admin(&request)?;
        let (app, new) = (self.app.clone(), browsing::new_category(request.into_inner()));
        let category = self.finish(async move { create_category(&app, &admin, new).await }).await?;
        Ok(Response::new(browsing::category(category, 0)))
    }

    async fn change_category(&self, request: Request<ChangeCategoryRequest>) -> Result<Response<Category>, Status> {
        let admin = self.admin(&request)?;
        let (id, changes) = browsing::change_category(request.into_inner())?;
        let app = self.app.clone();
        let changed = self.finish(async move { change_category(&app, &admin, id, changes).await }).await?;
        Ok(Response::new(browsing::category(changed.0, changed.1)))
    }

    async fn delete_category(&self, request: Request<DeleteCategoryRequest>) -> Result<Response<Category>, Status> {
        let admin = self.admin(&request)?;
        let id = browsing::category_id(&request.into_inner().id)?;
        let app = self.app.clone();
        let category = self.finish(async move { delete_category(&app, &admin, id).await }).await?;
        Ok(Response::new(browsing::category(category, 0)))
    }

    async fn list_brands(&self, request: Request<ListBrandsRequest>) -> Result<Response<ListBrandsResponse>, Status> {
        self.caller(&request)?;
        let listing = browsing::brand_listing(request.into_inner())?;
        let page = list_brands(&self.app, &listing).await?;
        Ok(Response::new(browsing::brands(&page)))
    }

    async fn suggest(&self, request: Request<SuggestRequest>) -> Result<Response<SuggestResponse>, Status> {
        self.caller(&request)?;
        let (query, limit) = browsing::suggest(request.into_inner())?;
        Ok(Response::new(browsing::suggestions(suggest(&self.app, &query, limit).await?)))
    }

    async fn count_products(
        &self,
        request: Request<CountProductsRequest>,
    ) -> Result<Response<CountProductsResponse>, Status> {
        self.caller(&request)?;
        let sellers = convert::ids("seller_ids", &request.into_inner().seller_ids)?;
        Ok(Response::new(convert::counts(count_products(&self.app, &sellers).await?)))
    }

    async fn list_offers(&self, request: Request<ListOffersRequest>) -> Result<Response<ListOffersResponse>, Status> {
        self.caller(&request)?;
        let ids = convert::ids("product_ids", &request.into_inner().product_ids)?;
        Ok(Response::new(convert::offers(list_offers(&self.app, &ids).await?)))
    }

    async fn list_products_by_id(
        &self,
        request: Request<ListProductsByIdRequest>,
    ) -> Result<Response<ListProductsByIdResponse>, Status> {
        self.caller(&request)?;
        let ids = convert::ids("ids", &request.into_inner().ids)?;
        let products = list_products_by_id(&self.app, &ids).await?;
        let products = products.iter().map(|shown| crate::reply::product(shown, View::Public)).collect();
        Ok(Response::new(ListProductsByIdResponse { products }))
    }

    async fn show_stock(&self, request: Request<ShowStockRequest>) -> Result<Response<ShowStockResponse>, Status> {
        self.caller(&request)?.require_service(&["ordering"])?;
        let changes = convert::stock_left(request.into_inner())?;
        show_stock(&self.app, &changes).await?;
        Ok(Response::new(ShowStockResponse {}))
    }

    async fn count_all_products(
        &self,
        request: Request<CountAllProductsRequest>,
    ) -> Result<Response<ProductCounts>, Status> {
        self.caller(&request)?.require_admin()?;
        Ok(Response::new(convert::product_counts(count_all_products(&self.app).await?)))
    }

    async fn find_files_in_use(
        &self,
        request: Request<FindFilesInUseRequest>,
    ) -> Result<Response<FindFilesInUseResponse>, Status> {
        self.caller(&request)?.require_service(&["media"])?;
        let urls = file_urls(request.into_inner())?;
        Ok(Response::new(FindFilesInUseResponse { urls: find_files_in_use(&self.app, &urls).await? }))
    }
}
