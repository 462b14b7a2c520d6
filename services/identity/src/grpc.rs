//! The generated trait, method by method: who asks, what it means, the operation, the answer.

pub(crate) mod convert;

use access_token::AccessTokens;
use protocol::convert::{choice, file_urls, optional_choice, parse};
use protocol::identity::v1::identity_service_server::{IdentityService, IdentityServiceServer};
use protocol::identity::v1::{
    AccountCounts, ChangeAccountRequest, ChooseRoleRequest, CountAccountsRequest, DeleteAccountRequest,
    DeleteAccountResponse, GetAccountRequest, GetProfileRequest, GetSellerRequest, ListAccountsRequest,
    ListAccountsResponse, ListAuditRequest, ListAuditResponse, ListPublicUsersRequest, ListPublicUsersResponse,
    ListSellersRequest, ListSellersResponse, Profile, PushTokenRegistered, ReceiveWebhookRequest,
    ReceiveWebhookResponse, RegisterPushTokenRequest, RemovePushTokensRequest, RemovePushTokensResponse,
    ResolveCallerRequest, ResolveCallerResponse, Seller, UpdateProfileRequest,
};
use protocol::types::v1 as types;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::domain::standing::Choice;
use crate::error::Error;
use crate::operations::change_account::change_account;
use crate::operations::choose_role::choose_role;
use crate::operations::count_accounts::count_accounts;
use crate::operations::delete_account::delete_account;
use crate::operations::find_files_in_use::find_files_in_use;
use crate::operations::list_accounts::list_accounts;
use crate::operations::list_audit::list_audit;
use crate::operations::list_public_users::list_public_users;
use crate::operations::list_sellers::list_sellers;
use crate::operations::receive_webhook::receive_webhook;
use crate::operations::register_push_token::register_push_token;
use crate::operations::remove_push_tokens::remove_push_tokens;
use crate::operations::resolve_caller::resolve_caller;
use crate::operations::show_account::show_account;
use crate::operations::show_profile::show_profile;
use crate::operations::show_seller::show_seller;
use crate::operations::update_profile::update_profile;

type Answer<T> = Result<Response<T>, Status>;

/// The service, ready to be routed to.
pub(crate) fn server(app: App, access: AccessTokens) -> IdentityServiceServer<Grpc> {
    IdentityServiceServer::new(Grpc { app, access })
}

#[derive(Debug)]
pub(crate) struct Grpc {
    app: App,
    access: AccessTokens,
}

#[tonic::async_trait]
impl IdentityService for Grpc {
    async fn resolve_caller(&self, request: Request<ResolveCallerRequest>) -> Answer<ResolveCallerResponse> {
        self.access.caller(&request)?.require_service(&["gateway"])?;
        let request = convert::resolve_caller(request.into_inner())?;
        let user = resolve_caller(&self.app, request).await?;
        Ok(Response::new(convert::caller(user)))
    }

    async fn get_profile(&self, request: Request<GetProfileRequest>) -> Answer<Profile> {
        let user_id = self.access.caller(&request)?.require_account()?.user_id;
        let user = show_profile(&self.app, user_id).await?;
        Ok(Response::new(convert::profile(user)))
    }

    async fn update_profile(&self, request: Request<UpdateProfileRequest>) -> Answer<Profile> {
        let user_id = self.access.caller(&request)?.require_account()?.user_id;
        let changes = convert::profile_changes(request.into_inner());
        let user = update_profile(&self.app, user_id, changes).await?;
        Ok(Response::new(convert::profile(user)))
    }

    async fn choose_role(&self, request: Request<ChooseRoleRequest>) -> Answer<Profile> {
        let user_id = self.access.caller(&request)?.require_account()?.user_id;
        let request = request.into_inner();
        let role = choice::<types::Role, _>("role", request.role)?;
        let category = optional_choice::<types::SellerCategory, _>("seller_category", request.seller_category)?;
        let choice = Choice::new(role, category).map_err(Error::from)?;
        let user = choose_role(&self.app, user_id, choice).await?;
        Ok(Response::new(convert::profile(user)))
    }

    async fn list_sellers(&self, request: Request<ListSellersRequest>) -> Answer<ListSellersResponse> {
        self.access.caller(&request)?;
        let request = convert::list_sellers(request.into_inner())?;
        let (sellers, total) = list_sellers(&self.app, &request).await?;
        let sellers = sellers.into_iter().map(convert::seller).collect();
        Ok(Response::new(ListSellersResponse { sellers, total: total.unsigned_abs() }))
    }

    async fn get_seller(&self, request: Request<GetSellerRequest>) -> Answer<Seller> {
        self.access.caller(&request)?;
        let id = parse("id", &request.into_inner().id)?;
        let user = show_seller(&self.app, id).await?;
        Ok(Response::new(convert::seller(user)))
    }

    async fn list_public_users(&self, request: Request<ListPublicUsersRequest>) -> Answer<ListPublicUsersResponse> {
        self.access.caller(&request)?.require_service(&["gateway", "catalog", "cart", "ordering"])?;
        let ids = convert::user_ids(&request.into_inner().ids)?;
        let users = list_public_users(&self.app, &ids).await?;
        let accounts = users.iter().map(convert::account_state).collect();
        Ok(Response::new(ListPublicUsersResponse { accounts }))
    }

    async fn change_account(&self, request: Request<ChangeAccountRequest>) -> Answer<Profile> {
        let admin_id = self.access.caller(&request)?.require_admin()?.user_id;
        let request = request.into_inner();
        let user_id = parse("user_id", &request.user_id)?;
        let changes = convert::account_changes(&request)?;
        let user = change_account(&self.app, admin_id, user_id, changes).await?;
        Ok(Response::new(convert::profile(user)))
    }
    async fn register_push_token(&self, request: Request<RegisterPushTokenRequest>) -> Answer<PushTokenRegistered> {
        let user_id = self.access.caller(&request)?.require_account()?.user_id;
        let (token, platform) = convert::push_token(request.into_inner())?;
        let registered = register_push_token(&self.app, user_id, token, platform).await?;
        Ok(Response::new(convert::push_token_registered(registered)))
    }

    async fn remove_push_tokens(&self, request: Request<RemovePushTokensRequest>) -> Answer<RemovePushTokensResponse> {
        let user_id = self.access.caller(&request)?.require_account()?.user_id;
        let removed = remove_push_tokens(&self.app, user_id, request.into_inner().token.as_deref()).await?;
        Ok(Response::new(RemovePushTokensResponse { removed: u32::try_from(removed).unwrap_or(u32::MAX) }))
    }

    async fn receive_webhook(&self, request: Request<ReceiveWebhookRequest>) -> Answer<ReceiveWebhookResponse> {
        self.access.caller(&request)?.require_service(&["gateway"])?;
        let outcome = receive_webhook(&self.app, convert::webhook(request.into_inner())).await?;
        Ok(Response::new(convert::webhook_outcome(outcome)))
    }

    async fn delete_account(&self, request: Request<DeleteAccountRequest>) -> Answer<DeleteAccountResponse> {
        let user_id = self.access.caller(&request)?.require_account()?.user_id;
        let token = self.access.token(&request)?;
        delete_account(&self.app, user_id, &token).await?;
        Ok(Response::new(DeleteAccountResponse { user_id: user_id.to_string() }))
    }

    async fn list_accounts(&self, request: Request<ListAccountsRequest>) -> Answer<ListAccountsResponse> {
        self.access.caller(&request)?.require_admin()?;
        let request = convert::list_accounts(request.into_inner())?;
        let (accounts, total) = list_accounts(&self.app, &request).await?;
        let accounts = accounts.into_iter().map(convert::profile).collect();
        Ok(Response::new(ListAccountsResponse { accounts, total: total.unsigned_abs() }))
    }

    async fn get_account(&self, request: Request<GetAccountRequest>) -> Answer<Profile> {
        self.access.caller(&request)?.require_admin()?;
        let user_id = parse("user_id", &request.into_inner().user_id)?;
        let user = show_account(&self.app, user_id).await?;
        Ok(Response::new(convert::profile(user)))
    }

    async fn count_accounts(&self, request: Request<CountAccountsRequest>) -> Answer<AccountCounts> {
        self.access.caller(&request)?.require_admin()?;
        Ok(Response::new(convert::counts(&count_accounts(&self.app).await?)))
    }

    async fn list_audit(&self, request: Request<ListAuditRequest>) -> Answer<ListAuditResponse> {
        self.access.caller(&request)?.require_admin()?;
        let (filter, page) = convert::list_audit(request.into_inner())?;
        let (entries, total) = list_audit(&self.app, &filter, page).await?;
        let entries = entries.into_iter().map(|(entry, actor)| convert::audit_entry(entry, actor)).collect();
        Ok(Response::new(ListAuditResponse { entries, total: total.unsigned_abs() }))
    }

    async fn find_files_in_use(
        &self,
        request: Request<types::FindFilesInUseRequest>,
    ) -> Answer<types::FindFilesInUseResponse> {
        self.access.caller(&request)?.require_service(&["media"])?;
        let urls = file_urls(request.into_inner())?;
        Ok(Response::new(types::FindFilesInUseResponse { urls: find_files_in_use(&self.app, &urls).await? }))
    }
}
