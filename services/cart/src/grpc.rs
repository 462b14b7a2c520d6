//! The generated trait, method by method: who asks, what it means, the operation, the answer.

mod convert;

use commerce_types::UserId;
use protocol::cart::v1::cart_service_server::{CartService, CartServiceServer};
use protocol::cart::v1::{
    AddItemRequest, Cart, ClearCartRequest, ClearCartResponse, CountCartRequest, CountCartResponse, GetCartRequest,
    ItemWritten, MergeCartRequest, MergeCartResponse, RemoveItemRequest, RemoveItemResponse, SetItemRequest,
};
use protocol::convert::parse;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::operations::add_item::add_item;
use crate::operations::clear_cart::clear_cart;
use crate::operations::count_cart::count_cart;
use crate::operations::get_cart::get_cart;
use crate::operations::merge_cart::merge_cart;
use crate::operations::remove_item::remove_item;
use crate::operations::set_item::set_item;

type Answer<T> = Result<Response<T>, Status>;

pub(crate) struct Service {
    app: App,
}

pub(crate) fn server(app: App) -> CartServiceServer<Service> {
    CartServiceServer::new(Service { app })
}

impl Service {
    /// Whose cart it is: the caller's own, of any role.
    fn owner<T>(&self, request: &Request<T>) -> Result<UserId, Status> {
        Ok(self.app.access.caller(request)?.require_account()?.user_id)
    }
}

#[tonic::async_trait]
impl CartService for Service {
    async fn get_cart(&self, request: Request<GetCartRequest>) -> Answer<Cart> {
        let user_id = self.owner(&request)?;
        Ok(Response::new(get_cart(&self.app, user_id).await?))
    }

    async fn count_cart(&self, request: Request<CountCartRequest>) -> Answer<CountCartResponse> {
        let user_id = self.owner(&request)?;
        Ok(Response::new(CountCartResponse { count: count_cart(&self.app, user_id).await? }))
    }

    async fn add_item(&self, request: Request<AddItemRequest>) -> Answer<ItemWritten> {
        let user_id = self.owner(&request)?;
        let addition = convert::add_item(user_id, request.into_inner())?;
        let written = add_item(&self.app, addition).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn set_item(&self, request: Request<SetItemRequest>) -> Answer<ItemWritten> {
        let user_id = self.owner(&request)?;
        let request = request.into_inner();
        let (id, quantity) = (parse("id", &request.id)?, convert::quantity(request.quantity)?);
        let written = set_item(&self.app, user_id, id, quantity).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn remove_item(&self, request: Request<RemoveItemRequest>) -> Answer<RemoveItemResponse> {
        let user_id = self.owner(&request)?;
        let id = parse("id", &request.into_inner().id)?;
        remove_item(&self.app, user_id, id).await?;
        Ok(Response::new(RemoveItemResponse { id: id.to_string() }))
    }

    async fn clear_cart(&self, request: Request<ClearCartRequest>) -> Answer<ClearCartResponse> {
        let user_id = self.owner(&request)?;
        let removed = clear_cart(&self.app, user_id).await?;
        Ok(Response::new(ClearCartResponse { items_removed: i64::try_from(removed).unwrap_or(i64::MAX) }))
    }

    async fn merge_cart(&self, request: Request<MergeCartRequest>) -> Answer<MergeCartResponse> {
        let user_id = self.owner(&request)?;
        let wanted = convert::wanted(request.into_inner())?;
        let merged = merge_cart(&self.app, user_id, &wanted).await?;
        Ok(Response::new(convert::merged(merged)))
    }
}
