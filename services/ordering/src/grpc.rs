//! The generated trait, method by method: who asks, what it means, the operation, the answer.

mod convert;

use protocol::convert::{file_urls, parse};
use protocol::ordering::v1::ordering_service_server::{OrderingService, OrderingServiceServer};
use protocol::ordering::v1::{
    CancelOrderRequest, ChangeStockRequest, ChangeStockResponse, CountOpenOrdersRequest, CountOpenOrdersResponse,
    GetHistoryRequest, GetHistoryResponse, GetOrderRequest, GetSellerOrderRequest, ListAllOrdersRequest,
    ListOrdersRequest, ListOrdersResponse, ListSalesFiguresRequest, ListSalesFiguresResponse, ListSellerOrdersRequest,
    ListStockRequest, ListStockResponse, ListWilayasRequest, ListWilayasResponse, MoveOrderRequest, Order, OrderMoved,
    OrderSums, PlaceOrderRequest, PlaceOrderResponse, SumUpOrdersRequest, TrackOrderRequest,
};
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse};
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::domain::buyer;
use crate::error::Error;
use crate::operations::cancel_order::cancel_order;
use crate::operations::change_stock::change_stock;
use crate::operations::count_open_orders::count_open_orders;
use crate::operations::find_files_in_use::find_files_in_use;
use crate::operations::list_orders::list_orders;
use crate::operations::list_sales_figures::list_sales_figures;
use crate::operations::list_stock::list_stock;
use crate::operations::list_wilayas::list_wilayas;
use crate::operations::move_order::move_order;
use crate::operations::place_order::place_order;
use crate::operations::show_history::show_history;
use crate::operations::show_order::{Asking, show_order, show_seller_order};
use crate::operations::sum_up_orders::sum_up_orders;
use crate::operations::track_order::{TrackOrder, track_order};
use crate::reply;

type Answer<T> = Result<Response<T>, Status>;

/// A page of products.
const FIGURES_AT_MOST: usize = 100;
/// A step of whoever holds copies against stock.
const STOCK_AT_MOST: usize = 500;

/// The service as tonic serves it.
pub(crate) fn server(app: App) -> OrderingServiceServer<Grpc> {
    OrderingServiceServer::new(Grpc { app })
}

/// Answers calls.
pub(crate) struct Grpc {
    app: App,
}

#[tonic::async_trait]
impl OrderingService for Grpc {
    async fn place_order(&self, request: Request<PlaceOrderRequest>) -> Answer<PlaceOrderResponse> {
        let caller = self.app.access.caller(&request)?;
        let token = self.app.access.token(&request)?;
        let order = convert::place_order(caller, token, request.into_inner())?;
        let app = self.app.clone();
        // In a task of its own: a caller that hangs up must not cancel it half way.
        let placed = self.app.lifecycle.finish(async move { place_order(&app, &order).await });
        let placed = placed.await.map_err(Error::from)??;
        Ok(Response::new(convert::placed(placed)))
    }

    async fn list_orders(&self, request: Request<ListOrdersRequest>) -> Answer<ListOrdersResponse> {
        let user_id = self.app.access.caller(&request)?.require_account()?.user_id;
        let (filter, page) = convert::list_orders(user_id, &request.into_inner())?;
        let (orders, total) = list_orders(&self.app, &filter, page).await?;
        Ok(Response::new(convert::orders(orders, total)))
    }

    async fn get_order(&self, request: Request<GetOrderRequest>) -> Answer<Order> {
        let caller = self.app.access.caller(&request)?;
        let request = request.into_inner();
        let asking = Asking { caller, tracking_token: request.tracking_token };
        let shown = show_order(&self.app, &asking, parse("id", &request.id)?).await?;
        Ok(Response::new(reply::order(shown)))
    }

    async fn get_history(&self, request: Request<GetHistoryRequest>) -> Answer<GetHistoryResponse> {
        let caller = self.app.access.caller(&request)?;
        let request = request.into_inner();
        let asking = Asking { caller, tracking_token: request.tracking_token };
        let history = show_history(&self.app, &asking, parse("id", &request.id)?).await?;
        Ok(Response::new(GetHistoryResponse { entries: history.into_iter().map(reply::entry).collect() }))
    }

    async fn cancel_order(&self, request: Request<CancelOrderRequest>) -> Answer<OrderMoved> {
        let caller = self.app.access.caller(&request)?;
        let request = request.into_inner();
        let asking = Asking { caller, tracking_token: request.tracking_token };
        let id = parse("id", &request.id)?;
        let note = buyer::note(request.note.as_deref()).map_err(Error::from)?;
        let app = self.app.clone();
        let moved = self.app.lifecycle.finish(async move { cancel_order(&app, &asking, id, note).await });
        let moved = moved.await.map_err(Error::from)??;
        Ok(Response::new(convert::moved(moved)))
    }

    async fn list_seller_orders(&self, request: Request<ListSellerOrdersRequest>) -> Answer<ListOrdersResponse> {
        let seller_id = self.app.access.caller(&request)?.require_seller_or_admin()?.user_id;
        let (filter, page) = convert::list_seller_orders(seller_id, &request.into_inner())?;
        let (orders, total) = list_orders(&self.app, &filter, page).await?;
        Ok(Response::new(convert::orders(orders, total)))
    }

    async fn get_seller_order(&self, request: Request<GetSellerOrderRequest>) -> Answer<Order> {
        let caller = self.app.access.caller(&request)?;
        caller.require_seller_or_admin()?;
        let shown = show_seller_order(&self.app, &caller, parse("id", &request.into_inner().id)?).await?;
        Ok(Response::new(reply::order(shown)))
    }

    async fn move_order(&self, request: Request<MoveOrderRequest>) -> Answer<OrderMoved> {
        let account = self.app.access.caller(&request)?.require_seller_or_admin()?.clone();
        let step = convert::move_order(&request.into_inner())?;
        let app = self.app.clone();
        let moved = self.app.lifecycle.finish(async move { move_order(&app, &account, step).await });
        let moved = moved.await.map_err(Error::from)??;
        Ok(Response::new(convert::moved(moved)))
    }

    async fn track_order(&self, request: Request<TrackOrderRequest>) -> Answer<Order> {
        self.app.access.caller(&request)?;
        let TrackOrderRequest { phone, order_number } = request.into_inner();
        let (shown, history) = track_order(&self.app, &TrackOrder { phone, order_number }).await?;
        Ok(Response::new(reply::tracked(shown, history)))
    }

    async fn list_wilayas(&self, request: Request<ListWilayasRequest>) -> Answer<ListWilayasResponse> {
        self.app.access.caller(&request)?;
        let wilayas = list_wilayas(&self.app).await?;
        Ok(Response::new(ListWilayasResponse { wilayas: wilayas.into_iter().map(convert::wilaya).collect() }))
    }

    async fn list_sales_figures(&self, request: Request<ListSalesFiguresRequest>) -> Answer<ListSalesFiguresResponse> {
        let seller_id = self.app.access.caller(&request)?.require_seller_or_admin()?.user_id;
        let product_ids = convert::product_ids(&request.into_inner().product_ids, FIGURES_AT_MOST)?;
        let figures = list_sales_figures(&self.app, seller_id, &product_ids).await?;
        Ok(Response::new(ListSalesFiguresResponse { figures: figures.into_iter().map(convert::figures).collect() }))
    }

    async fn change_stock(&self, request: Request<ChangeStockRequest>) -> Answer<ChangeStockResponse> {
        let caller = self.app.access.caller(&request)?;
        let change = convert::change_stock(&caller, request.into_inner())?;
        let app = self.app.clone();
        let answer = self.app.lifecycle.finish(async move { change_stock(&app, &change).await });
        Ok(Response::new(answer.await.map_err(Error::from)??))
    }

    async fn count_open_orders(&self, request: Request<CountOpenOrdersRequest>) -> Answer<CountOpenOrdersResponse> {
        let seller_id = self.app.access.caller(&request)?.require_account()?.user_id;
        let open_orders = count_open_orders(&self.app, seller_id).await?;
        Ok(Response::new(CountOpenOrdersResponse { open_orders }))
    }

    async fn list_all_orders(&self, request: Request<ListAllOrdersRequest>) -> Answer<ListOrdersResponse> {
        self.app.access.caller(&request)?.require_admin()?;
        let (filter, page) = convert::list_all_orders(&request.into_inner())?;
        let (orders, total) = list_orders(&self.app, &filter, page).await?;
        Ok(Response::new(convert::orders(orders, total)))
    }

    async fn sum_up_orders(&self, request: Request<SumUpOrdersRequest>) -> Answer<OrderSums> {
        self.app.access.caller(&request)?.require_admin()?;
        Ok(Response::new(convert::sums(&sum_up_orders(&self.app).await?)))
    }

    async fn list_stock(&self, request: Request<ListStockRequest>) -> Answer<ListStockResponse> {
        self.app.access.caller(&request)?.require_service(&["catalog"])?;
        let product_ids = convert::product_ids(&request.into_inner().product_ids, STOCK_AT_MOST)?;
        let stock = list_stock(&self.app, &product_ids).await?;
        Ok(Response::new(ListStockResponse { stock: stock.iter().map(convert::stock).collect() }))
    }

    async fn find_files_in_use(&self, request: Request<FindFilesInUseRequest>) -> Answer<FindFilesInUseResponse> {
        self.app.access.caller(&request)?.require_service(&["media"])?;
        let urls = file_urls(request.into_inner())?;
        Ok(Response::new(FindFilesInUseResponse { urls: find_files_in_use(&self.app, &urls).await? }))
    }
}
