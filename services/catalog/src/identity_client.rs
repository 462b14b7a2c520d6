//! Calls to identity, which owns accounts.

use std::time::Duration;

use access_token::{AccessTokens, Caller};
use commerce_types::{Role, UserId};
use protocol::convert::{self, Malformed};
use protocol::identity::v1::identity_service_client::IdentityServiceClient;
use protocol::identity::v1::{AccountState, ListPublicUsersRequest};
use protocol::types::v1 as wire;
use service_error::ServiceError;
use service_runtime::grpc::{Channel, channel, request};

use crate::domain::seller::{Seller, Standing};

/// A seller's write goes on without the answer.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub(crate) struct IdentityClient {
    inner: IdentityServiceClient<Channel>,
    access: AccessTokens,
}

impl IdentityClient {
    pub(crate) fn new(uri: &str, access: AccessTokens) -> Result<Self, tonic::transport::Error> {
        Ok(Self { inner: IdentityServiceClient::new(channel(uri)?), access })
    }

    /// The account as identity has it now; none when it is not known there.
    ///
    /// # Errors
    /// identity is away.
    pub(crate) async fn account(&self, id: UserId) -> Result<Option<AccountState>, ServiceError> {
        let token = self.access.sign(&Caller::service("catalog"));
        let message = ListPublicUsersRequest { ids: vec![id.to_string()] };
        let answer = self.inner.clone().list_public_users(request(message, &token, PATIENCE)).await;
        Ok(answer.map_err(|status| ServiceError::from_status(&status))?.into_inner().accounts.pop())
    }
}

/// What catalog keeps of an account.
///
/// # Errors
/// A member is missing or malformed.
pub(crate) fn seller(state: &AccountState) -> Result<Seller, Malformed> {
    let user = convert::required("user", state.user.clone())?.try_into()?;
    let standing = Standing {
        role: convert::choice::<wire::Role, Role>("role", state.role)?,
        approval: convert::optional_choice::<wire::Approval, _>("approval", state.approval)?,
        is_active: state.is_active,
    };
    Ok(Seller::new(user, standing, state.version))
}
