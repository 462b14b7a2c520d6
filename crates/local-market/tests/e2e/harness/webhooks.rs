//! Webhooks as the stand-in for Clerk signs them, through the public port.

use local_market::clerk::WebhookRequest;
use reqwest::Method;

use crate::harness::{Caller, Market, Reply};

impl Market {
    /// Sends it as Clerk does.
    pub(crate) async fn webhook(&self, request: &WebhookRequest) -> Reply {
        self.webhook_by(&self.guest(), request).await
    }

    /// Sends it as somebody with a token.
    pub(crate) async fn webhook_by(&self, caller: &Caller, request: &WebhookRequest) -> Reply {
        let signed = self.clerk.sign_webhook(request).unwrap();
        let mut caller = caller.clone();
        for (name, value) in signed.headers() {
            caller = caller.with(name, value);
        }
        caller.send(Method::POST, "/webhooks/clerk", Some(signed.body)).await
    }
}
