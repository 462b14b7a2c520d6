//! Ordering in small: keeps stock in memory and changes it as its contract says.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use commerce_types::ProductId;
use protocol::convert::timestamp;
use protocol::ordering::v1 as wire;
use protocol::ordering::v1::change_stock_request::Change;
use protocol::ordering::v1::ordering_service_server::{OrderingService, OrderingServiceServer};
use protocol::ordering::v1::{
    CancelOrderRequest, ChangeStockRequest, ChangeStockResponse, CountOpenOrdersRequest, CountOpenOrdersResponse,
    GetHistoryRequest, GetHistoryResponse, GetOrderRequest, GetSellerOrderRequest, ListAllOrdersRequest,
    ListOrdersRequest, ListOrdersResponse, ListSalesFiguresRequest, ListSalesFiguresResponse, ListSellerOrdersRequest,
    ListStockRequest, ListStockResponse, ListWilayasRequest, ListWilayasResponse, MoveOrderRequest, Order, OrderMoved,
    OrderSums, PlaceOrderRequest, PlaceOrderResponse, SumUpOrdersRequest, TrackOrderRequest,
};
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse};
use service_error::{Detail, Reason, ServiceError};
use service_runtime::{Clock, Process};
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// Clones share it.
#[derive(Clone, Default)]
pub(crate) struct FakeOrdering(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    stock: HashMap<String, StockRow>,
    /// By the caller's token and key.
    answers: HashMap<String, ChangeStockResponse>,
    asked: Vec<ChangeStockRequest>,
    /// How often stock was listed.
    looks: usize,
    away: bool,
}

/// Stock of a product as ordering has it.
#[derive(Debug, Clone)]
pub(crate) struct StockRow {
    pub(crate) free: i32,
    pub(crate) switched_on: bool,
    pub(crate) version: i64,
}

impl FakeOrdering {
    pub(crate) async fn serve(&self, process: &Process) -> SocketAddr {
        super::serve(process, OrderingServiceServer::new(self.clone())).await
    }

    /// What ordering has of the product.
    pub(crate) fn set(&self, id: ProductId, row: StockRow) {
        self.0.lock().unwrap().stock.insert(id.to_string(), row);
    }

    /// It never had any of it.
    pub(crate) fn forget(&self, id: ProductId) {
        self.0.lock().unwrap().stock.remove(&id.to_string());
    }

    /// Waits until somebody has asked for stock.
    pub(crate) async fn is_looked_at(&self) {
        test_support::eventually(super::SOON, async || self.0.lock().unwrap().looks > 0).await;
    }

    /// Every change that was asked for.
    pub(crate) fn asked(&self) -> Vec<ChangeStockRequest> {
        self.0.lock().unwrap().asked.clone()
    }

    /// Refuses everything from now on, as if it were not there.
    pub(crate) fn be_away(&self) {
        self.0.lock().unwrap().away = true;
    }
}

impl State {
    fn change(&mut self, request: ChangeStockRequest) -> Result<ChangeStockResponse, ServiceError> {
        self.asked.push(request.clone());
        let key = request.key.as_ref().map(|key| key.key.clone());
        if let Some(answer) = key.as_ref().and_then(|key| self.answers.get(key)) {
            return Ok(ChangeStockResponse { replayed: true, ..answer.clone() });
        }
        let id = request.product_id;
        let opened = !self.stock.contains_key(&id);
        let row = self.stock.entry(id.clone()).or_insert(StockRow { free: 0, switched_on: true, version: 1 });
        match request.change.unwrap() {
            Change::Open(open) => {
                if opened {
                    *row = StockRow { free: open.stock, switched_on: open.switched_on, version: 1 };
                }
            }
            Change::Set(set) if set.expected_version != row.version => {
                let detail = Detail::new("expected_version", "was changed").with("current_version", row.version);
                return Err(ServiceError::new(Reason::VersionConflict).with_detail(detail.with("stock", row.free)));
            }
            Change::Set(set) => {
                *row = StockRow { free: set.stock, switched_on: true, version: row.version + 1 };
            }
            Change::Overwrite(overwrite) => {
                row.free = overwrite.stock.unwrap_or(row.free);
                row.switched_on = overwrite.switched_on.unwrap_or(row.switched_on);
                row.version += 1;
            }
            Change::Delta(delta) if row.free + delta < 0 => {
                let detail = Detail::new("delta", "too much").with("available", row.free);
                return Err(ServiceError::new(Reason::OutOfStock).with_detail(detail));
            }
            Change::Delta(delta) => {
                row.free += delta;
                row.version += 1;
            }
        }
        let answer = ChangeStockResponse {
            product_id: id,
            free: row.free,
            switched_on: row.switched_on,
            version: row.version,
            updated_at: Some(timestamp(Clock::system().now())),
            replayed: false,
        };
        self.answers.extend(key.map(|key| (key, answer.clone())));
        Ok(answer)
    }
}

/// Calls that catalog never makes.
macro_rules! never {
    ($(fn $name:ident($request:ty) -> $answer:ty;)+; $($asked:item)+) => {
        #[tonic::async_trait]
        impl OrderingService for FakeOrdering {
            $($asked)+

            $(async fn $name(&self, _: Request<$request>) -> Answer<$answer> {
                Err(Status::unimplemented("catalog never asks this"))
            })+
        }
    };
}

never! {
    fn place_order(PlaceOrderRequest) -> PlaceOrderResponse;
    fn list_orders(ListOrdersRequest) -> ListOrdersResponse;
    fn get_order(GetOrderRequest) -> Order;
    fn get_history(GetHistoryRequest) -> GetHistoryResponse;
    fn cancel_order(CancelOrderRequest) -> OrderMoved;
    fn list_seller_orders(ListSellerOrdersRequest) -> ListOrdersResponse;
    fn get_seller_order(GetSellerOrderRequest) -> Order;
    fn move_order(MoveOrderRequest) -> OrderMoved;
    fn track_order(TrackOrderRequest) -> Order;
    fn list_wilayas(ListWilayasRequest) -> ListWilayasResponse;
    fn list_sales_figures(ListSalesFiguresRequest) -> ListSalesFiguresResponse;
    fn count_open_orders(CountOpenOrdersRequest) -> CountOpenOrdersResponse;
    fn list_all_orders(ListAllOrdersRequest) -> ListOrdersResponse;
    fn sum_up_orders(SumUpOrdersRequest) -> OrderSums;
    fn find_files_in_use(FindFilesInUseRequest) -> FindFilesInUseResponse;
    ;
    async fn list_stock(&self, request: Request<ListStockRequest>) -> Answer<ListStockResponse> {
        let mut state = self.0.lock().unwrap();
        if state.away {
            return Err(Status::unavailable("away"));
        }
        state.looks += 1;
        let row = |id: &String| {
            let StockRow { free, switched_on, version } = state.stock.get(id)?.clone();
            Some(wire::StockRow { product_id: id.clone(), free, switched_on, version })
        };
        Ok(Response::new(ListStockResponse { stock: request.into_inner().product_ids.iter().filter_map(row).collect() }))
    }
    async fn change_stock(&self, request: Request<ChangeStockRequest>) -> Answer<ChangeStockResponse> {
        let mut state = self.0.lock().unwrap();
        if state.away {
            return Err(Status::unavailable("away"));
        }
        Ok(Response::new(state.change(request.into_inner())?))
    }
}
