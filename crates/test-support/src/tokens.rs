//! Access tokens that the services under test accept.

use access_token::{AccessTokens, Account, Caller};
use service_runtime::Clock;
use tonic::Request;

/// The secret of every test.
pub const SECRET: &str = "a secret that only tests know and that is long enough";

/// Signs tokens by a clock that the test shares with the service.
#[derive(Clone)]
pub struct Tokens(AccessTokens);

impl Tokens {
    /// Tokens of the time of `clock`.
    pub fn new(clock: &Clock) -> Self {
        let clock = clock.clone();
        Self(AccessTokens::new([SECRET], move || clock.now()).expect("the secret is long enough"))
    }

    /// What the service under test verifies with.
    pub fn access_tokens(&self) -> AccessTokens {
        self.0.clone()
    }

    /// A token that says `caller`.
    pub fn sign(&self, caller: &Caller) -> String {
        self.0.sign(caller)
    }

    /// A token that says `account`.
    pub fn sign_account(&self, account: &Account) -> String {
        self.0.sign(&Caller::Account(account.clone()))
    }

    /// A request by `caller`.
    pub fn request<T>(&self, caller: &Caller, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let token = format!("Bearer {}", self.sign(caller)).parse().expect("a token is ASCII");
        request.metadata_mut().insert("authorization", token);
        request
    }
}
