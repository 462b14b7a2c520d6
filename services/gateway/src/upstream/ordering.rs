//! Orders and wilayas.

use std::sync::Arc;

use access_token::Account;
use protocol::ordering::v1::{
    CancelOrderRequest, GetHistoryRequest, GetHistoryResponse, GetOrderRequest, GetSellerOrderRequest,
    ListAllOrdersRequest, ListOrdersRequest, ListOrdersResponse, ListSalesFiguresRequest, ListSalesFiguresResponse,
    ListSellerOrdersRequest, ListWilayasRequest, ListWilayasResponse, MoveOrderRequest, Order, OrderMoved, OrderSums,
    PlaceOrderRequest, PlaceOrderResponse, SumUpOrdersRequest, TrackOrderRequest,
};

use super::{READ, Upstream, WRITE};
use crate::http::error::ApiError;

type Who<'a> = Option<&'a Arc<Account>>;

impl Upstream {
    pub async fn place_order(&self, message: PlaceOrderRequest, who: Who<'_>) -> Result<PlaceOrderResponse, ApiError> {
        let effort = WRITE.keyed(message.key.as_ref());
        let request = self.request(message, who, effort);
        service_runtime::crash_point("gateway_before_call");
        let placed = self.ordering.clone().place_order(request).await?.into_inner();
        service_runtime::crash_point("gateway_before_answer");
        Ok(placed)
    }

    pub async fn list_orders(&self, message: ListOrdersRequest, who: Who<'_>) -> Result<ListOrdersResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.ordering.clone().list_orders(request).await?.into_inner())
    }

    pub async fn get_order(&self, message: GetOrderRequest, who: Who<'_>) -> Result<Order, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.ordering.clone().get_order(request).await?.into_inner())
    }

    pub async fn get_history(&self, message: GetHistoryRequest, who: Who<'_>) -> Result<GetHistoryResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.ordering.clone().get_history(request).await?.into_inner())
    }

    pub async fn cancel_order(&self, message: CancelOrderRequest, who: Who<'_>) -> Result<OrderMoved, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.ordering.clone().cancel_order(request).await?.into_inner())
    }

    pub async fn list_seller_orders(
        &self,
        message: ListSellerOrdersRequest,
        who: Who<'_>,
    ) -> Result<ListOrdersResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.ordering.clone().list_seller_orders(request).await?.into_inner())
    }

    pub async fn get_seller_order(&self, message: GetSellerOrderRequest, who: Who<'_>) -> Result<Order, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.ordering.clone().get_seller_order(request).await?.into_inner())
    }

    pub async fn list_sales_figures(
        &self,
        product_ids: Vec<String>,
        who: Who<'_>,
    ) -> Result<ListSalesFiguresResponse, ApiError> {
        let request = self.request(ListSalesFiguresRequest { product_ids }, who, READ);
        Ok(self.ordering.clone().list_sales_figures(request).await?.into_inner())
    }

    pub async fn move_order(&self, message: MoveOrderRequest, who: Who<'_>) -> Result<OrderMoved, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.ordering.clone().move_order(request).await?.into_inner())
    }

    pub async fn track_order(&self, message: TrackOrderRequest) -> Result<Order, ApiError> {
        let request = self.own_request(message, READ);
        Ok(self.ordering.clone().track_order(request).await?.into_inner())
    }

    pub async fn list_wilayas(&self) -> Result<ListWilayasResponse, ApiError> {
        let request = self.request(ListWilayasRequest {}, None, READ);
        Ok(self.ordering.clone().list_wilayas(request).await?.into_inner())
    }

    pub async fn list_all_orders(
        &self,
        message: ListAllOrdersRequest,
        who: Who<'_>,
    ) -> Result<ListOrdersResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.ordering.clone().list_all_orders(request).await?.into_inner())
    }

    pub async fn sum_up_orders(&self, who: Who<'_>) -> Result<OrderSums, ApiError> {
        let request = self.request(SumUpOrdersRequest {}, who, READ);
        Ok(self.ordering.clone().sum_up_orders(request).await?.into_inner())
    }
}
