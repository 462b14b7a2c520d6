//! Accounts: whose a good token is, what they are, and who sells.

use std::sync::Arc;

use access_token::Account;
use commerce_types::{Approval, Role, SellerCategory};
use protocol::convert::{choice, optional_choice, parse};
use protocol::identity::v1::{
    AccountCounts, ChangeAccountRequest, ChooseRoleRequest, CountAccountsRequest, DeleteAccountRequest,
    DeleteAccountResponse, GetAccountRequest, GetProfileRequest, GetSellerRequest, ListAccountsRequest,
    ListAccountsResponse, ListAuditRequest, ListAuditResponse, ListSellersRequest, ListSellersResponse, Profile,
    PushTokenRegistered, ReceiveWebhookRequest, ReceiveWebhookResponse, RegisterPushTokenRequest,
    RemovePushTokensRequest, RemovePushTokensResponse, ResolveCallerRequest, ResolveCallerResponse, Seller,
    UpdateProfileRequest,
};
use protocol::types::v1 as wire;
use tonic::Status;

use super::{READ, Upstream, WRITE};
use crate::http::error::ApiError;
use crate::session::callers::Known;
use crate::session::claims::Claims;

type Who<'a> = Option<&'a Arc<Account>>;

impl Upstream {
    /// The account of a token's subject, made on first sight.
    ///
    /// # Errors
    /// Identity is away, or answered nonsense.
    pub async fn resolve_caller(&self, claims: &Claims) -> Result<Known, Status> {
        let message = ResolveCallerRequest {
            clerk_id: claims.subject.clone(),
            name: claims.name.clone(),
            email: claims.email.clone(),
            picture: claims.picture.clone(),
        };
        let request = self.own_request(message, READ);
        known(self.identity.clone().resolve_caller(request).await?.into_inner())
    }

    pub async fn get_profile(&self, who: Who<'_>) -> Result<Profile, ApiError> {
        let request = self.request(GetProfileRequest {}, who, READ);
        Ok(self.identity.clone().get_profile(request).await?.into_inner())
    }

    pub async fn update_profile(&self, message: UpdateProfileRequest, who: Who<'_>) -> Result<Profile, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.identity.clone().update_profile(request).await?.into_inner())
    }

    pub async fn choose_role(&self, message: ChooseRoleRequest, who: Who<'_>) -> Result<Profile, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.identity.clone().choose_role(request).await?.into_inner())
    }

    pub async fn register_push_token(
        &self,
        message: RegisterPushTokenRequest,
        who: Who<'_>,
    ) -> Result<PushTokenRegistered, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.identity.clone().register_push_token(request).await?.into_inner())
    }

    pub async fn remove_push_tokens(
        &self,
        message: RemovePushTokensRequest,
        who: Who<'_>,
    ) -> Result<RemovePushTokensResponse, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.identity.clone().remove_push_tokens(request).await?.into_inner())
    }

    pub async fn delete_account(&self, who: Who<'_>) -> Result<DeleteAccountResponse, ApiError> {
        let request = self.request(DeleteAccountRequest {}, who, WRITE);
        Ok(self.identity.clone().delete_account(request).await?.into_inner())
    }

    /// Its id makes it repeatable.
    pub async fn receive_webhook(&self, message: ReceiveWebhookRequest) -> Result<ReceiveWebhookResponse, ApiError> {
        let effort = WRITE.keyed(Some(&message.svix_id));
        let request = self.own_request(message, effort);
        Ok(self.identity.clone().receive_webhook(request).await?.into_inner())
    }

    pub async fn list_sellers(&self, message: ListSellersRequest) -> Result<ListSellersResponse, ApiError> {
        let request = self.request(message, None, READ);
        Ok(self.identity.clone().list_sellers(request).await?.into_inner())
    }

    pub async fn get_seller(&self, message: GetSellerRequest) -> Result<Seller, ApiError> {
        let request = self.request(message, None, READ);
        Ok(self.identity.clone().get_seller(request).await?.into_inner())
    }

    pub async fn list_accounts(
        &self,
        message: ListAccountsRequest,
        who: Who<'_>,
    ) -> Result<ListAccountsResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.identity.clone().list_accounts(request).await?.into_inner())
    }

    pub async fn get_account(&self, message: GetAccountRequest, who: Who<'_>) -> Result<Profile, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.identity.clone().get_account(request).await?.into_inner())
    }

    pub async fn change_account(&self, message: ChangeAccountRequest, who: Who<'_>) -> Result<Profile, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.identity.clone().change_account(request).await?.into_inner())
    }

    pub async fn count_accounts(&self, who: Who<'_>) -> Result<AccountCounts, ApiError> {
        let request = self.request(CountAccountsRequest {}, who, READ);
        Ok(self.identity.clone().count_accounts(request).await?.into_inner())
    }

    pub async fn list_audit(&self, message: ListAuditRequest, who: Who<'_>) -> Result<ListAuditResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.identity.clone().list_audit(request).await?.into_inner())
    }
}

fn known(answer: ResolveCallerResponse) -> Result<Known, Status> {
    if answer.is_deleted {
        return Ok(Known::Deleted);
    }
    let account = Account {
        user_id: parse("user_id", &answer.user_id)?,
        role: choice::<wire::Role, Role>("role", answer.role)?,
        seller_category: optional_choice::<wire::SellerCategory, SellerCategory>(
            "seller_category",
            answer.seller_category,
        )?,
        approval: optional_choice::<wire::Approval, Approval>("approval", answer.approval)?,
        is_verified: answer.is_verified,
        full_name: answer.full_name,
        avatar_url: answer.avatar_url,
    };
    let account = Arc::new(account);
    Ok(if answer.is_active { Known::Active(account) } else { Known::Disabled(account) })
}
