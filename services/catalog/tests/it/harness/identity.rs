//! Identity in small: knows the accounts it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use protocol::identity::v1::identity_service_server::{IdentityService, IdentityServiceServer};
use protocol::identity::v1::{
    AccountCounts, AccountState, ChangeAccountRequest, ChooseRoleRequest, CountAccountsRequest, DeleteAccountRequest,
    DeleteAccountResponse, GetAccountRequest, GetProfileRequest, GetSellerRequest, ListAccountsRequest,
    ListAccountsResponse, ListAuditRequest, ListAuditResponse, ListPublicUsersRequest, ListPublicUsersResponse,
    ListSellersRequest, ListSellersResponse, Profile, PushTokenRegistered, ReceiveWebhookRequest,
    ReceiveWebhookResponse, RegisterPushTokenRequest, RemovePushTokensRequest, RemovePushTokensResponse,
    ResolveCallerRequest, ResolveCallerResponse, Seller, UpdateProfileRequest,
};
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse};
use service_runtime::Process;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// Clones share it.
#[derive(Clone, Default)]
pub(crate) struct FakeIdentity(Arc<Mutex<Vec<AccountState>>>);

impl FakeIdentity {
    pub(crate) async fn serve(&self, process: &Process) -> SocketAddr {
        super::serve(process, IdentityServiceServer::new(self.clone())).await
    }

    pub(crate) fn knows(&self, account: AccountState) {
        self.0.lock().unwrap().push(account);
    }
}

/// Calls that catalog never makes.
macro_rules! never {
    ($(fn $name:ident($request:ty) -> $answer:ty;)+; $asked:item) => {
        #[tonic::async_trait]
        impl IdentityService for FakeIdentity {
            $asked

            $(async fn $name(&self, _: Request<$request>) -> Answer<$answer> {
                Err(Status::unimplemented("catalog never asks this"))
            })+
        }
    };
}

never! {
    fn resolve_caller(ResolveCallerRequest) -> ResolveCallerResponse;
    fn get_profile(GetProfileRequest) -> Profile;
    fn update_profile(UpdateProfileRequest) -> Profile;
    fn choose_role(ChooseRoleRequest) -> Profile;
    fn list_sellers(ListSellersRequest) -> ListSellersResponse;
    fn get_seller(GetSellerRequest) -> Seller;
    fn change_account(ChangeAccountRequest) -> Profile;
    fn register_push_token(RegisterPushTokenRequest) -> PushTokenRegistered;
    fn remove_push_tokens(RemovePushTokensRequest) -> RemovePushTokensResponse;
    fn receive_webhook(ReceiveWebhookRequest) -> ReceiveWebhookResponse;
    fn delete_account(DeleteAccountRequest) -> DeleteAccountResponse;
    fn list_accounts(ListAccountsRequest) -> ListAccountsResponse;
    fn get_account(GetAccountRequest) -> Profile;
    fn count_accounts(CountAccountsRequest) -> AccountCounts;
    fn list_audit(ListAuditRequest) -> ListAuditResponse;
    fn find_files_in_use(FindFilesInUseRequest) -> FindFilesInUseResponse;
    ;
    async fn list_public_users(&self, request: Request<ListPublicUsersRequest>) -> Answer<ListPublicUsersResponse> {
        let ids = request.into_inner().ids;
        let known = self.0.lock().unwrap();
        let is_asked = |account: &&AccountState| ids.contains(&account.user.as_ref().unwrap().id);
        Ok(Response::new(ListPublicUsersResponse { accounts: known.iter().filter(is_asked).cloned().collect() }))
    }
}
