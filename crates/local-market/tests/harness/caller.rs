//! Somebody who calls the public port, and what comes back.

use std::sync::Arc;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::Value;

use crate::harness::contract::Contract;

/// One person at one phone. Every answer is held against the contract.
#[derive(Clone)]
pub(crate) struct Caller {
    /// Of the account; empty for guests.
    pub(crate) id: String,
    pub(super) http: Client,
    pub(super) base: String,
    pub(super) contract: Arc<Contract>,
    pub(super) token: Option<String>,
    pub(super) headers: Vec<(String, String)>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    /// Null when the body is not JSON.
    pub(crate) body: Value,
}

impl Caller {
    /// The same person with one header more.
    #[must_use]
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        caller.headers.push((name.to_owned(), value.to_owned()));
        caller
    }

    /// The same person with another token, or none.
    #[must_use]
    pub(crate) fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), ..self.clone() }
    }

    /// The same person with an `Idempotency-Key`.
    #[must_use]
    pub(crate) fn with_key(&self, key: &str) -> Self {
        self.with("Idempotency-Key", key)
    }

    pub(crate) fn token(&self) -> &str {
        self.sign().unwrap()
    }

    /// The token, if it has one.
    pub(crate) fn sign(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same person with `If-Match`.
    #[must_use]
    pub(crate) fn if_match(&self, tag: &str) -> Self {
        self.with("If-Match", tag)
    }

    /// Somebody behind another address.
    #[must_use]
    pub(crate) fn behind(&self, address: &str) -> Self {
        self.with("X-Forwarded-For", address)
    }

    /// GET of a path below `/api/v1`, or of a whole one that begins with `/api/` or `/health`.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body.to_string())).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(body.to_string())).await
    }

    /// A body of this content type.
    pub(crate) async fn post_as(&self, path: &str, content_type: &str, body: Vec<u8>) -> Reply {
        self.try_send_as(Method::POST, path, Some((content_type, body))).await.unwrap()
    }

    /// A body as it is, with the content type of JSON.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<String>) -> Reply {
        self.try_send(method, path, body).await.unwrap()
    }

    /// For faults: a connection that breaks is an answer too.
    pub(crate) async fn try_send(&self, method: Method, path: &str, body: Option<String>) -> reqwest::Result<Reply> {
        self.try_send_as(method, path, body.map(|text| ("application/json", text.into_bytes()))).await
    }

    async fn try_send_as(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> reqwest::Result<Reply> {
        let path = if path.starts_with("/api") || path.starts_with("/health") {
            path.to_owned()
        } else {
            format!("/api/v1{path}")
        };
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some((content_type, body)) = body {
            request = request.header("Content-Type", content_type).body(body);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await?.to_vec();
        let content_type = headers.get("content-type").map(|value| value.to_str().unwrap());
        // What was made smaller is the same as what was not.
        let readable = if headers.contains_key("content-encoding") { &[][..] } else { &bytes };
        self.contract.check(&method, &path, status, content_type, readable);
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Reply { status, headers, bytes, body })
    }
}

impl Reply {
    /// Panics with the whole answer unless it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#}", self.body);
        self
    }

    /// Panics unless it is this refusal, in the form of api.md 2.5.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{:#}", self.body);
        assert_eq!(self.body["statusCode"], status);
        assert_eq!(self.body["requestId"], self.header("x-request-id").unwrap());
        self
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// A text member of the body.
    #[track_caller]
    pub(crate) fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no text {member} in {:#}", self.body)).to_owned()
    }

    /// The rows of a list.
    #[track_caller]
    pub(crate) fn data(&self) -> &Vec<Value> {
        self.body["data"].as_array().unwrap_or_else(|| panic!("no list: {:#}", self.body))
    }
}
