//! Carts.

use std::sync::Arc;

use access_token::Account;
use protocol::cart::v1::{
    AddItemRequest, Cart, ClearCartRequest, ClearCartResponse, CountCartRequest, CountCartResponse, GetCartRequest,
    ItemWritten, MergeCartRequest, MergeCartResponse, RemoveItemRequest, RemoveItemResponse, SetItemRequest,
};

use super::{READ, Upstream, WRITE};
use crate::http::error::ApiError;

type Who<'a> = Option<&'a Arc<Account>>;

impl Upstream {
    pub async fn get_cart(&self, who: Who<'_>) -> Result<Cart, ApiError> {
        let request = self.request(GetCartRequest {}, who, READ);
        Ok(self.cart.clone().get_cart(request).await?.into_inner())
    }

    pub async fn count_cart(&self, who: Who<'_>) -> Result<CountCartResponse, ApiError> {
        let request = self.request(CountCartRequest {}, who, READ);
        Ok(self.cart.clone().count_cart(request).await?.into_inner())
    }

    pub async fn add_item(&self, message: AddItemRequest, who: Who<'_>) -> Result<ItemWritten, ApiError> {
        let effort = WRITE.keyed(message.key.as_ref());
        let request = self.request(message, who, effort);
        Ok(self.cart.clone().add_item(request).await?.into_inner())
    }

    pub async fn set_item(&self, message: SetItemRequest, who: Who<'_>) -> Result<ItemWritten, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.cart.clone().set_item(request).await?.into_inner())
    }

    pub async fn remove_item(&self, message: RemoveItemRequest, who: Who<'_>) -> Result<RemoveItemResponse, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.cart.clone().remove_item(request).await?.into_inner())
    }

    pub async fn clear_cart(&self, who: Who<'_>) -> Result<ClearCartResponse, ApiError> {
        let request = self.request(ClearCartRequest {}, who, WRITE);
        Ok(self.cart.clone().clear_cart(request).await?.into_inner())
    }

    pub async fn merge_cart(&self, message: MergeCartRequest, who: Who<'_>) -> Result<MergeCartResponse, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.cart.clone().merge_cart(request).await?.into_inner())
    }
}
