//! ordering as far as identity asks it: how many orders a seller has open.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use protocol::ordering::v1::ordering_service_server::{OrderingService, OrderingServiceServer};
use protocol::ordering::v1::{
    CancelOrderRequest, ChangeStockRequest, ChangeStockResponse, CountOpenOrdersRequest, CountOpenOrdersResponse,
    GetHistoryRequest, GetHistoryResponse, GetOrderRequest, GetSellerOrderRequest, ListAllOrdersRequest,
    ListOrdersRequest, ListOrdersResponse, ListSalesFiguresRequest, ListSalesFiguresResponse, ListSellerOrdersRequest,
    ListStockRequest, ListStockResponse, ListWilayasRequest, ListWilayasResponse, MoveOrderRequest, Order, OrderMoved,
    OrderSums, PlaceOrderRequest, PlaceOrderResponse, SumUpOrdersRequest, TrackOrderRequest,
};
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse};
use service_runtime::Process;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// Clones share it. Negative: it is away.
#[derive(Clone, Default)]
pub(crate) struct FakeOrdering {
    open_orders: Arc<AtomicI64>,
    asked_with: Arc<Mutex<Vec<String>>>,
}

impl FakeOrdering {
    pub(crate) async fn serve(&self, process: &Process) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = tonic::transport::Server::builder().add_service(OrderingServiceServer::new(self.clone()));
        process.lifecycle.work("stand-in", server.serve_with_incoming(TcpListenerStream::new(listener)));
        addr
    }

    pub(crate) fn has_open(&self, orders: i64) {
        self.open_orders.store(orders, Ordering::SeqCst);
    }

    pub(crate) fn go_away(&self) {
        self.has_open(-1);
    }

    /// The tokens that it was asked with.
    pub(crate) fn asked_with(&self) -> Vec<String> {
        self.asked_with.lock().unwrap().clone()
    }
}

/// Calls that identity never makes.
macro_rules! never {
    ($(fn $name:ident($request:ty) -> $answer:ty;)+; $asked:item) => {
        #[tonic::async_trait]
        impl OrderingService for FakeOrdering {
            $asked

            $(async fn $name(&self, _: Request<$request>) -> Answer<$answer> {
                Err(Status::unimplemented("identity never asks this"))
            })+
        }
    };
}

never! {
    fn place_order(PlaceOrderRequest) -> PlaceOrderResponse;
    fn list_all_orders(ListAllOrdersRequest) -> ListOrdersResponse;
    fn sum_up_orders(SumUpOrdersRequest) -> OrderSums;
    fn find_files_in_use(FindFilesInUseRequest) -> FindFilesInUseResponse;
    fn list_stock(ListStockRequest) -> ListStockResponse;
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
    fn change_stock(ChangeStockRequest) -> ChangeStockResponse;
    ;
    async fn count_open_orders(&self, request: Request<CountOpenOrdersRequest>) -> Answer<CountOpenOrdersResponse> {
        let token = request.metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
        self.asked_with.lock().unwrap().push(token);
        match self.open_orders.load(Ordering::SeqCst) {
            open_orders if open_orders >= 0 => Ok(Response::new(CountOpenOrdersResponse { open_orders })),
            _ => Err(Status::unavailable("away")),
        }
    }
}
