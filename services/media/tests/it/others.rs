//! The services that media asks, as far as it asks them: whose a product is, and who shows which files.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use commerce_types::{ProductId, UserId};
use protocol::catalog::v1 as catalog;
use protocol::catalog::v1::catalog_service_server::{CatalogService, CatalogServiceServer};
use protocol::catalog::v1::get_product_request::By;
use protocol::identity::v1 as identity;
use protocol::identity::v1::identity_service_server::{IdentityService, IdentityServiceServer};
use protocol::ordering::v1 as ordering;
use protocol::ordering::v1::ordering_service_server::{OrderingService, OrderingServiceServer};
use protocol::reels::v1 as reels;
use protocol::reels::v1::reels_service_server::{ReelsService, ReelsServiceServer};
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse, PublicUser};
use service_error::{Reason, ServiceError};
use service_runtime::Process;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Others(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Its seller and how many images it has.
    products: HashMap<String, (UserId, usize)>,
    /// By the service that shows them.
    shown: HashSet<(&'static str, String)>,
    away: HashSet<&'static str>,
    asked: Vec<(&'static str, String, usize)>,
}

impl Others {
    /// All of them at one address.
    pub(crate) async fn serve(&self, process: &Process) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = tonic::transport::Server::builder()
            .add_service(CatalogServiceServer::new(self.clone()))
            .add_service(ReelsServiceServer::new(self.clone()))
            .add_service(IdentityServiceServer::new(self.clone()))
            .add_service(OrderingServiceServer::new(self.clone()));
        process.lifecycle.work("stand-ins", server.serve_with_incoming(TcpListenerStream::new(listener)));
        addr
    }

    pub(crate) fn add_product(&self, id: ProductId, seller: UserId, images: usize) {
        self.0.lock().unwrap().products.insert(id.to_string(), (seller, images));
    }

    pub(crate) fn remove_product(&self, id: ProductId) {
        self.0.lock().unwrap().products.remove(&id.to_string());
    }

    pub(crate) fn show(&self, service: &'static str, url: &str) {
        self.0.lock().unwrap().shown.insert((service, url.to_owned()));
    }

    pub(crate) fn show_nothing(&self) {
        self.0.lock().unwrap().shown.clear();
    }

    pub(crate) fn go_away(&self, service: &'static str) {
        self.0.lock().unwrap().away.insert(service);
    }

    pub(crate) fn come_back(&self) {
        self.0.lock().unwrap().away.clear();
    }

    /// Who was asked what is shown, with which token, of how many addresses.
    pub(crate) fn asked(&self) -> Vec<(&'static str, String, usize)> {
        self.0.lock().unwrap().asked.clone()
    }

    fn shown_by(
        &self,
        service: &'static str,
        request: Request<FindFilesInUseRequest>,
    ) -> Answer<FindFilesInUseResponse> {
        let token = request.metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
        let mut state = self.0.lock().unwrap();
        let urls = request.into_inner().urls;
        state.asked.push((service, token, urls.len()));
        if state.away.contains(service) {
            return Err(Status::unavailable("away"));
        }
        let shown = urls.into_iter().filter(|url| state.shown.contains(&(service, url.clone())));
        Ok(Response::new(FindFilesInUseResponse { urls: shown.collect() }))
    }

    fn product(&self, request: catalog::GetProductRequest) -> Answer<catalog::Product> {
        let Some(By::Id(id)) = request.by else { return Err(Status::unimplemented("media asks by id")) };
        let state = self.0.lock().unwrap();
        if state.away.contains("catalog") {
            return Err(Status::unavailable("away"));
        }
        let found = state.products.get(&id);
        let (seller, images) = *found.ok_or_else(|| ServiceError::new(Reason::ProductNotFound).into_status())?;
        Ok(Response::new(catalog::Product {
            id,
            seller: Some(PublicUser { id: seller.to_string(), ..PublicUser::default() }),
            images: vec![catalog::ProductImage::default(); images],
            ..catalog::Product::default()
        }))
    }
}

/// A service of which media asks one or two things.
macro_rules! stand_in {
    ($service:ident, $name:literal; { $($asked:tt)* } $(fn $method:ident($request:ty) -> $answer:ty;)+) => {
        #[tonic::async_trait]
        impl $service for Others {
            async fn find_files_in_use(&self, request: Request<FindFilesInUseRequest>) -> Answer<FindFilesInUseResponse> {
                self.shown_by($name, request)
            }

            $($asked)*

            $(async fn $method(&self, _: Request<$request>) -> Answer<$answer> {
                Err(Status::unimplemented("media never asks this"))
            })+
        }
    };
}

stand_in! {
    CatalogService, "catalog";
    {
        async fn get_product(&self, request: Request<catalog::GetProductRequest>) -> Answer<catalog::Product> {
            self.product(request.into_inner())
        }
    }
    fn list_products(catalog::ListProductsRequest) -> catalog::ListProductsResponse;
    fn list_own_products(catalog::ListOwnProductsRequest) -> catalog::ListProductsResponse;
    fn publish_product(catalog::PublishProductRequest) -> catalog::ProductWritten;
    fn change_product(catalog::ChangeProductRequest) -> catalog::ProductWritten;
    fn delete_product(catalog::DeleteProductRequest) -> catalog::ProductWritten;
    fn change_image(catalog::ChangeImageRequest) -> catalog::ProductWritten;
    fn delete_image(catalog::DeleteImageRequest) -> catalog::ProductWritten;
    fn change_stock(catalog::ChangeStockRequest) -> catalog::ChangeStockResponse;
    fn view_product(catalog::ViewProductRequest) -> catalog::ViewProductResponse;
    fn list_categories(catalog::ListCategoriesRequest) -> catalog::ListCategoriesResponse;
    fn create_category(catalog::CreateCategoryRequest) -> catalog::Category;
    fn change_category(catalog::ChangeCategoryRequest) -> catalog::Category;
    fn delete_category(catalog::DeleteCategoryRequest) -> catalog::Category;
    fn list_brands(catalog::ListBrandsRequest) -> catalog::ListBrandsResponse;
    fn suggest(catalog::SuggestRequest) -> catalog::SuggestResponse;
    fn count_products(catalog::CountProductsRequest) -> catalog::CountProductsResponse;
    fn list_offers(catalog::ListOffersRequest) -> catalog::ListOffersResponse;
    fn list_products_by_id(catalog::ListProductsByIdRequest) -> catalog::ListProductsByIdResponse;
    fn show_stock(catalog::ShowStockRequest) -> catalog::ShowStockResponse;
    fn count_all_products(catalog::CountAllProductsRequest) -> catalog::ProductCounts;
    fn link_image(catalog::LinkImageRequest) -> catalog::ProductWritten;
}

stand_in! {
    ReelsService, "reels";
    {}
    fn list_reels(reels::ListReelsRequest) -> reels::ListReelsResponse;
    fn list_own_reels(reels::ListOwnReelsRequest) -> reels::ListReelsResponse;
    fn list_liked_reels(reels::ListLikedReelsRequest) -> reels::ListReelsResponse;
    fn get_reel(reels::GetReelRequest) -> reels::Reel;
    fn publish_reel(reels::PublishReelRequest) -> reels::ReelPublishedResponse;
    fn change_reel(reels::ChangeReelRequest) -> reels::Reel;
    fn delete_reel(reels::DeleteReelRequest) -> reels::DeleteReelResponse;
    fn view_reel(reels::ViewReelRequest) -> reels::ViewReelResponse;
    fn set_like(reels::SetLikeRequest) -> reels::SetLikeResponse;
    fn list_likes(reels::ListLikesRequest) -> reels::ListLikesResponse;
    fn list_comments(reels::ListCommentsRequest) -> reels::ListCommentsResponse;
    fn add_comment(reels::AddCommentRequest) -> reels::CommentWritten;
    fn change_comment(reels::ChangeCommentRequest) -> reels::CommentWritten;
    fn delete_comment(reels::DeleteCommentRequest) -> reels::DeleteCommentResponse;
    fn count_reels(reels::CountReelsRequest) -> reels::ReelCounts;
}

stand_in! {
    IdentityService, "identity";
    {}
    fn resolve_caller(identity::ResolveCallerRequest) -> identity::ResolveCallerResponse;
    fn get_profile(identity::GetProfileRequest) -> identity::Profile;
    fn update_profile(identity::UpdateProfileRequest) -> identity::Profile;
    fn choose_role(identity::ChooseRoleRequest) -> identity::Profile;
    fn list_sellers(identity::ListSellersRequest) -> identity::ListSellersResponse;
    fn get_seller(identity::GetSellerRequest) -> identity::Seller;
    fn list_public_users(identity::ListPublicUsersRequest) -> identity::ListPublicUsersResponse;
    fn change_account(identity::ChangeAccountRequest) -> identity::Profile;
    fn register_push_token(identity::RegisterPushTokenRequest) -> identity::PushTokenRegistered;
    fn remove_push_tokens(identity::RemovePushTokensRequest) -> identity::RemovePushTokensResponse;
    fn receive_webhook(identity::ReceiveWebhookRequest) -> identity::ReceiveWebhookResponse;
    fn delete_account(identity::DeleteAccountRequest) -> identity::DeleteAccountResponse;
    fn list_accounts(identity::ListAccountsRequest) -> identity::ListAccountsResponse;
    fn get_account(identity::GetAccountRequest) -> identity::Profile;
    fn count_accounts(identity::CountAccountsRequest) -> identity::AccountCounts;
    fn list_audit(identity::ListAuditRequest) -> identity::ListAuditResponse;
}

stand_in! {
    OrderingService, "ordering";
    {}
    fn place_order(ordering::PlaceOrderRequest) -> ordering::PlaceOrderResponse;
    fn list_orders(ordering::ListOrdersRequest) -> ordering::ListOrdersResponse;
    fn get_order(ordering::GetOrderRequest) -> ordering::Order;
    fn get_history(ordering::GetHistoryRequest) -> ordering::GetHistoryResponse;
    fn cancel_order(ordering::CancelOrderRequest) -> ordering::OrderMoved;
    fn list_seller_orders(ordering::ListSellerOrdersRequest) -> ordering::ListOrdersResponse;
    fn get_seller_order(ordering::GetSellerOrderRequest) -> ordering::Order;
    fn move_order(ordering::MoveOrderRequest) -> ordering::OrderMoved;
    fn track_order(ordering::TrackOrderRequest) -> ordering::Order;
    fn list_wilayas(ordering::ListWilayasRequest) -> ordering::ListWilayasResponse;
    fn list_sales_figures(ordering::ListSalesFiguresRequest) -> ordering::ListSalesFiguresResponse;
    fn change_stock(ordering::ChangeStockRequest) -> ordering::ChangeStockResponse;
    fn count_open_orders(ordering::CountOpenOrdersRequest) -> ordering::CountOpenOrdersResponse;
    fn list_all_orders(ordering::ListAllOrdersRequest) -> ordering::ListOrdersResponse;
    fn sum_up_orders(ordering::SumUpOrdersRequest) -> ordering::OrderSums;
    fn list_stock(ordering::ListStockRequest) -> ordering::ListStockResponse;
}
