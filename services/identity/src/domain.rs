//! Rules of accounts: no queries, no wire, no async.

pub(crate) mod account_list;
pub(crate) mod audit;
pub(crate) mod claims;
pub(crate) mod clerk_event;
pub(crate) mod profile;
pub(crate) mod push_token;
pub(crate) mod seller_list;
pub(crate) mod standing;
pub(crate) mod svix;
pub(crate) mod user;
pub(crate) mod webhook;

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// Every value that is not taken: its field and why.
    #[error("some values are not valid")]
    Invalid(Vec<(&'static str, String)>),
    /// With what was chosen before.
    #[error("the role was chosen before")]
    RoleAlreadySet(standing::Standing),
    #[error("admins do not change their own role or switch")]
    OwnAccount,
}

impl Refused {
    /// One value that is not taken.
    pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid(vec![(field, problem.into())])
    }
}
