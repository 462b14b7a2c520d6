//! Identity and catalog as far as the gateway asks them, each behind the real server of services.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use access_token::Account;
use chrono::{TimeZone, Utc};
use commerce_types::{Money, UserId};
use protocol::catalog::v1 as catalog;
use protocol::catalog::v1::catalog_service_server::{CatalogService, CatalogServiceServer};
use protocol::convert::timestamp;
use protocol::identity::v1 as identity;
use protocol::identity::v1::identity_service_server::{IdentityService, IdentityServiceServer};
use protocol::types::v1 as types;
use service_error::{Reason, ServiceError};
use service_runtime::grpc::GrpcServer;
use service_runtime::{Clock, Process};
use test_support::Tokens;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// Both services, what a test put into them, and how often they were asked.
#[derive(Clone)]
pub(crate) struct Services(Arc<Inner>);

struct Inner {
    accounts: Mutex<HashMap<String, Account>>,
    products: Mutex<HashMap<String, catalog::Product>>,
    asked: AtomicUsize,
    is_silent: AtomicBool,
    tokens: Tokens,
}

impl Services {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            accounts: Mutex::default(),
            products: Mutex::default(),
            asked: AtomicUsize::new(0),
            is_silent: AtomicBool::new(false),
            tokens: Tokens::new(&Clock::system()),
        }))
    }

    /// Serves catalog until the process drains.
    pub(crate) fn serve_catalog(&self, process: &Process) -> SocketAddr {
        self.serve_catalog_at("127.0.0.1:0".parse().unwrap(), process)
    }

    pub(crate) fn serve_catalog_at(&self, addr: SocketAddr, process: &Process) -> SocketAddr {
        let server = GrpcServer::bind(addr).unwrap();
        let addr = server.addr().unwrap();
        let routes = Routes::new(CatalogServiceServer::new(self.clone()));
        server.start(process, "catalog", "catalog.v1.CatalogService", routes, protocol::DESCRIPTORS);
        addr
    }

    pub(crate) fn serve_identity(&self, process: &Process) -> SocketAddr {
        let server = GrpcServer::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let addr = server.addr().unwrap();
        let routes = Routes::new(IdentityServiceServer::new(self.clone()));
        server.start(process, "identity", "identity.v1.IdentityService", routes, protocol::DESCRIPTORS);
        addr
    }

    /// Makes an account known under a name at Clerk.
    pub(crate) fn know(&self, subject: &str, account: &Account) {
        self.0.accounts.lock().unwrap().insert(subject.to_owned(), account.clone());
    }

    /// Puts a product of a seller on sale.
    pub(crate) fn sell(&self, seller: UserId) -> Uuid {
        let id = Uuid::from_u128(u128::from(seller.to_string().len() as u64) << 64 | self.next_number());
        let now = Some(timestamp(Utc.timestamp_opt(1_790_000_000, 0).unwrap()));
        let product = catalog::Product {
            id: id.to_string(),
            slug: format!("huile-{id}"),
            name: "Huile d'olive".to_owned(),
            price: Some(Money::from_centimes(125_050).unwrap().into()),
            stock: 3,
            in_stock: true,
            category: "food".to_owned(),
            min_order_quantity: 1,
            seller: Some(types::PublicUser { id: seller.to_string(), full_name: "S".to_owned(), ..Default::default() }),
            seller_category: types::SellerCategory::Grossiste.into(),
            status: catalog::ProductStatus::Active.into(),
            specifications: Some(r#"{"origine": "Kabylie"}"#.to_owned()),
            weight_grams: Some(1_250),
            version: 1,
            created_at: now,
            updated_at: now,
            ..Default::default()
        };
        self.0.products.lock().unwrap().insert(id.to_string(), product);
        id
    }

    /// What happens to a product without the gateway.
    pub(crate) fn change(&self, id: Uuid, change: impl FnOnce(&mut catalog::Product)) {
        change(self.0.products.lock().unwrap().get_mut(&id.to_string()).unwrap());
    }

    /// How often catalog was asked.
    pub(crate) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Catalog takes questions and never answers them.
    pub(crate) fn fall_silent(&self, is_silent: bool) {
        self.0.is_silent.store(is_silent, Ordering::SeqCst);
    }

    fn next_number(&self) -> u128 {
        self.0.products.lock().unwrap().len() as u128 + 1
    }

    async fn asked_once(&self) {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        if self.0.is_silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

fn not_asked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("no test asks for this"))
}

fn refused<T>(reason: Reason) -> Result<T, Status> {
    Err(ServiceError::new(reason).into_status())
}

/// Methods that no test needs.
macro_rules! not_asked {
    ($($method:ident($request:ty) -> $response:ty;)+) => {
        $(
            fn $method<'a, 'b>(
                &'a self,
                _: Request<$request>,
            ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response<$response>, Status>> + Send + 'b>>
            where
                'a: 'b,
                Self: 'b,
            {
                Box::pin(std::future::ready(not_asked()))
            }
        )+
    };
}

#[tonic::async_trait]
impl CatalogService for Services {
    async fn list_products(
        &self,
        _: Request<catalog::ListProductsRequest>,
    ) -> Result<Response<catalog::ListProductsResponse>, Status> {
        self.asked_once().await;
        let products: Vec<_> = self.0.products.lock().unwrap().values().cloned().collect();
        let total = products.len() as u64;
        Ok(Response::new(catalog::ListProductsResponse { products, total }))
    }

    async fn get_product(
        &self,
        request: Request<catalog::GetProductRequest>,
    ) -> Result<Response<catalog::Product>, Status> {
        self.asked_once().await;
        let caller = self.0.tokens.access_tokens().caller(&request)?;
        let Some(catalog::get_product_request::By::Id(id)) = request.into_inner().by else {
            return refused(Reason::ProductNotFound);
        };
        let Some(mut product) = self.0.products.lock().unwrap().get(&id).cloned() else {
            return refused(Reason::ProductNotFound);
        };
        let owner = product.seller.as_ref().unwrap().id.clone();
        let has_rights =
            caller.account().is_some_and(|account| account.is_admin() || account.user_id.to_string() == owner);
        product.stock_version = has_rights.then_some(7);
        Ok(Response::new(product))
    }

    async fn change_product(
        &self,
        request: Request<catalog::ChangeProductRequest>,
    ) -> Result<Response<catalog::ProductWritten>, Status> {
        let request = request.into_inner();
        let mut products = self.0.products.lock().unwrap();
        let product = products.get_mut(&request.id).unwrap();
        if request.expected_version.is_some_and(|version| version != product.version) {
            return refused(Reason::VersionConflict);
        }
        product.name = request.changes.unwrap().name.unwrap();
        product.version += 1;
        let category_before = product.category.clone();
        let product = Some(catalog::Product { stock_version: Some(7), ..product.clone() });
        Ok(Response::new(catalog::ProductWritten { product, replayed: false, category_before }))
    }

    async fn count_all_products(
        &self,
        request: Request<catalog::CountAllProductsRequest>,
    ) -> Result<Response<catalog::ProductCounts>, Status> {
        self.asked_once().await;
        self.0.tokens.access_tokens().caller(&request)?.require_admin()?;
        let total = self.0.products.lock().unwrap().len() as i64;
        Ok(Response::new(catalog::ProductCounts { total, active: total, out_of_stock: 0 }))
    }

    not_asked! {
        list_own_products(catalog::ListOwnProductsRequest) -> catalog::ListProductsResponse;
        publish_product(catalog::PublishProductRequest) -> catalog::ProductWritten;
        delete_product(catalog::DeleteProductRequest) -> catalog::ProductWritten;
        change_image(catalog::ChangeImageRequest) -> catalog::ProductWritten;
        delete_image(catalog::DeleteImageRequest) -> catalog::ProductWritten;
        change_stock(catalog::ChangeStockRequest) -> catalog::ChangeStockResponse;
        view_product(catalog::ViewProductRequest) -> catalog::ViewProductResponse;
        list_categories(catalog::ListCategoriesRequest) -> catalog::ListCategoriesResponse;
        create_category(catalog::CreateCategoryRequest) -> catalog::Category;
        change_category(catalog::ChangeCategoryRequest) -> catalog::Category;
        delete_category(catalog::DeleteCategoryRequest) -> catalog::Category;
        list_brands(catalog::ListBrandsRequest) -> catalog::ListBrandsResponse;
        suggest(catalog::SuggestRequest) -> catalog::SuggestResponse;
        count_products(catalog::CountProductsRequest) -> catalog::CountProductsResponse;
        list_offers(catalog::ListOffersRequest) -> catalog::ListOffersResponse;
        list_products_by_id(catalog::ListProductsByIdRequest) -> catalog::ListProductsByIdResponse;
        show_stock(catalog::ShowStockRequest) -> catalog::ShowStockResponse;
        link_image(catalog::LinkImageRequest) -> catalog::ProductWritten;
        find_files_in_use(types::FindFilesInUseRequest) -> types::FindFilesInUseResponse;
    }
}

#[tonic::async_trait]
impl IdentityService for Services {
    async fn resolve_caller(
        &self,
        request: Request<identity::ResolveCallerRequest>,
    ) -> Result<Response<identity::ResolveCallerResponse>, Status> {
        let accounts = self.0.accounts.lock().unwrap();
        let account = accounts.get(&request.into_inner().clerk_id).ok_or(Status::internal("a stranger"))?;
        let category = account.seller_category.map(|category| types::SellerCategory::from(category).into());
        Ok(Response::new(identity::ResolveCallerResponse {
            user_id: account.user_id.to_string(),
            role: types::Role::from(account.role).into(),
            seller_category: category,
            approval: account.approval.map(|approval| types::Approval::from(approval).into()),
            is_active: true,
            full_name: account.full_name.clone(),
            ..Default::default()
        }))
    }

    async fn get_seller(
        &self,
        request: Request<identity::GetSellerRequest>,
    ) -> Result<Response<identity::Seller>, Status> {
        let user = types::PublicUser { id: request.into_inner().id, full_name: "S".to_owned(), ..Default::default() };
        let created_at = Some(timestamp(Utc.timestamp_opt(1_790_000_000, 0).unwrap()));
        Ok(Response::new(identity::Seller { user: Some(user), created_at, ..Default::default() }))
    }

    async fn count_accounts(
        &self,
        request: Request<identity::CountAccountsRequest>,
    ) -> Result<Response<identity::AccountCounts>, Status> {
        self.0.tokens.access_tokens().caller(&request)?.require_admin()?;
        let admins = self.0.accounts.lock().unwrap().len() as i64;
        Ok(Response::new(identity::AccountCounts { admins, ..Default::default() }))
    }

    not_asked! {
        get_profile(identity::GetProfileRequest) -> identity::Profile;
        update_profile(identity::UpdateProfileRequest) -> identity::Profile;
        choose_role(identity::ChooseRoleRequest) -> identity::Profile;
        list_sellers(identity::ListSellersRequest) -> identity::ListSellersResponse;
        list_public_users(identity::ListPublicUsersRequest) -> identity::ListPublicUsersResponse;
        change_account(identity::ChangeAccountRequest) -> identity::Profile;
        register_push_token(identity::RegisterPushTokenRequest) -> identity::PushTokenRegistered;
        remove_push_tokens(identity::RemovePushTokensRequest) -> identity::RemovePushTokensResponse;
        delete_account(identity::DeleteAccountRequest) -> identity::DeleteAccountResponse;
        receive_webhook(identity::ReceiveWebhookRequest) -> identity::ReceiveWebhookResponse;
        list_accounts(identity::ListAccountsRequest) -> identity::ListAccountsResponse;
        get_account(identity::GetAccountRequest) -> identity::Profile;
        list_audit(identity::ListAuditRequest) -> identity::ListAuditResponse;
        find_files_in_use(types::FindFilesInUseRequest) -> types::FindFilesInUseResponse;
    }
}
