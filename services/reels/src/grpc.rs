//! The generated trait, method by method: who asks, what it means, the operation, the answer.

mod convert;

use access_token::Caller;
use protocol::convert::{file_urls, parse};
use protocol::reels::v1::reels_service_server::{ReelsService, ReelsServiceServer};
use protocol::reels::v1::{
    AddCommentRequest, ChangeCommentRequest, ChangeReelRequest, CommentWritten, CountReelsRequest,
    DeleteCommentRequest, DeleteCommentResponse, DeleteReelRequest, DeleteReelResponse, GetReelRequest,
    ListCommentsRequest, ListCommentsResponse, ListLikedReelsRequest, ListLikesRequest, ListLikesResponse,
    ListOwnReelsRequest, ListReelsRequest, ListReelsResponse, PublishReelRequest, Reel, ReelCounts,
    ReelPublishedResponse, SetLikeRequest, SetLikeResponse, ViewReelRequest, ViewReelResponse,
};
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse};
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::domain::feed::{Feed, Place};
use crate::domain::reel::ShownReel;
use crate::error::Error;
use crate::operations::add_comment::add_comment;
use crate::operations::change_comment::change_comment;
use crate::operations::change_reel::change_reel;
use crate::operations::count_reels::count_reels;
use crate::operations::delete_comment::delete_comment;
use crate::operations::delete_reel::delete_reel;
use crate::operations::find_files_in_use::find_files_in_use;
use crate::operations::get_reel::get_reel;
use crate::operations::list_comments::list_comments;
use crate::operations::list_liked_reels::list_liked_reels;
use crate::operations::list_likes::list_likes;
use crate::operations::list_reels::list_reels;
use crate::operations::publish_reel::publish_reel;
use crate::operations::set_like::set_like;
use crate::operations::view_reel::view_reel;
use crate::{reply, store};

type Answer<T> = Result<Response<T>, Status>;

/// The service as tonic serves it.
pub(crate) fn server(app: App) -> ReelsServiceServer<Grpc> {
    ReelsServiceServer::new(Grpc { app })
}

/// Answers calls.
pub(crate) struct Grpc {
    app: App,
}

impl Grpc {
    fn caller<T>(&self, request: &Request<T>) -> Result<Caller, Status> {
        Ok(self.app.access.caller(request)?)
    }

    /// Runs a write to its end, also when its caller goes away.
    async fn finish<T: Send + 'static>(
        &self,
        write: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Status> {
        Ok(self.app.lifecycle.finish(write).await.map_err(Error::from)??)
    }

    fn next(&self, list: &str, next: Option<Place>) -> Option<String> {
        next.map(|place| self.app.cursors.write(list, place))
    }

    fn reels(&self, list: &str, feed: Feed<ShownReel>, caller: &Caller) -> ListReelsResponse {
        ListReelsResponse {
            next_cursor: self.next(list, feed.next),
            total: convert::total(feed.total),
            reels: feed.rows.into_iter().map(|shown| reply::reel(shown, caller)).collect(),
        }
    }
}

#[tonic::async_trait]
impl ReelsService for Grpc {
    async fn list_reels(&self, request: Request<ListReelsRequest>) -> Answer<ListReelsResponse> {
        let caller = self.caller(&request)?;
        let request = request.into_inner();
        let filter = convert::public(&request)?;
        let list = format!("reels {:?} {:?}", filter.product_id, filter.seller_id);
        let page = convert::page(&self.app.cursors, &list, request.page)?;
        let feed = list_reels(&self.app, &filter, &page, caller.user_id()).await?;
        Ok(Response::new(self.reels(&list, feed, &caller)))
    }

    async fn list_own_reels(&self, request: Request<ListOwnReelsRequest>) -> Answer<ListReelsResponse> {
        let caller = self.caller(&request)?;
        let user_id = caller.require_seller_or_admin()?.user_id;
        let request = request.into_inner();
        let filter = store::shown::Filter { seller_id: Some(user_id), ..convert::own(&request)? };
        let list = format!("own reels {user_id} {:?} {:?}", filter.product_id, filter.status);
        let page = convert::page(&self.app.cursors, &list, request.page)?;
        let feed = list_reels(&self.app, &filter, &page, Some(user_id)).await?;
        Ok(Response::new(self.reels(&list, feed, &caller)))
    }

    async fn list_liked_reels(&self, request: Request<ListLikedReelsRequest>) -> Answer<ListReelsResponse> {
        let caller = self.caller(&request)?;
        let user_id = caller.require_account()?.user_id;
        let list = format!("liked reels {user_id}");
        let page = convert::page(&self.app.cursors, &list, request.into_inner().page)?;
        let Feed { rows, total, next } = list_liked_reels(&self.app, user_id, &page).await?;
        let feed = Feed { rows: rows.into_iter().map(|(shown, _)| shown).collect(), total, next };
        Ok(Response::new(self.reels(&list, feed, &caller)))
    }

    async fn get_reel(&self, request: Request<GetReelRequest>) -> Answer<Reel> {
        let caller = self.caller(&request)?;
        let id = parse("id", &request.into_inner().id)?;
        let shown = get_reel(&self.app, &caller, id).await?;
        Ok(Response::new(reply::reel(shown, &caller)))
    }

    async fn publish_reel(&self, request: Request<PublishReelRequest>) -> Answer<ReelPublishedResponse> {
        let caller = self.caller(&request)?;
        let account = caller.require_seller()?.clone();
        let token = self.app.access.token(&request)?;
        let request = request.into_inner();
        let (app, request) = (self.app.clone(), convert::publish_reel(request)?);
        let published = self.finish(async move { publish_reel(&app, &account, &token, request).await }).await?;
        Ok(Response::new(published.into_message()))
    }

    async fn change_reel(&self, request: Request<ChangeReelRequest>) -> Answer<Reel> {
        let caller = self.caller(&request)?;
        let account = caller.require_seller()?.clone();
        let token = self.app.access.token(&request)?.to_owned();
        let request = request.into_inner();
        let (id, changes) = (parse("id", &request.id)?, convert::changes(&request)?);
        let app = self.app.clone();
        let shown = self.finish(async move { change_reel(&app, &account, &token, id, &changes).await }).await?;
        Ok(Response::new(reply::reel(shown, &caller)))
    }

    async fn delete_reel(&self, request: Request<DeleteReelRequest>) -> Answer<DeleteReelResponse> {
        let account = self.caller(&request)?.require_seller_or_admin()?.clone();
        let id = request.into_inner().id;
        let (app, reel_id) = (self.app.clone(), parse("id", &id)?);
        self.finish(async move { delete_reel(&app, &account, reel_id).await }).await?;
        Ok(Response::new(DeleteReelResponse { id }))
    }

    async fn view_reel(&self, request: Request<ViewReelRequest>) -> Answer<ViewReelResponse> {
        self.caller(&request)?;
        let request = request.into_inner();
        let (views_count, counted) = view_reel(&self.app, parse("id", &request.id)?, &request.viewer).await?;
        Ok(Response::new(ViewReelResponse { views_count, counted }))
    }

    async fn set_like(&self, request: Request<SetLikeRequest>) -> Answer<SetLikeResponse> {
        let account = self.caller(&request)?.require_account()?.clone();
        let SetLikeRequest { reel_id, liked } = request.into_inner();
        let likes_count = set_like(&self.app, &account, parse("reel_id", &reel_id)?, liked).await?;
        Ok(Response::new(SetLikeResponse { reel_id, likes_count }))
    }

    async fn list_likes(&self, request: Request<ListLikesRequest>) -> Answer<ListLikesResponse> {
        let caller = self.caller(&request)?;
        let ListLikesRequest { reel_id, page } = request.into_inner();
        let list = format!("likes {reel_id}");
        let page = convert::page(&self.app.cursors, &list, page)?;
        let feed = list_likes(&self.app, &caller, parse("reel_id", &reel_id)?, &page).await?;
        Ok(Response::new(ListLikesResponse {
            next_cursor: self.next(&list, feed.next),
            total: convert::total(feed.total),
            likes: feed.rows.into_iter().map(|like| reply::like(&reel_id, like)).collect(),
        }))
    }

    async fn list_comments(&self, request: Request<ListCommentsRequest>) -> Answer<ListCommentsResponse> {
        let caller = self.caller(&request)?;
        let ListCommentsRequest { reel_id, page } = request.into_inner();
        let list = format!("comments {reel_id}");
        let page = convert::page(&self.app.cursors, &list, page)?;
        let feed = list_comments(&self.app, &caller, parse("reel_id", &reel_id)?, &page).await?;
        Ok(Response::new(ListCommentsResponse {
            next_cursor: self.next(&list, feed.next),
            total: convert::total(feed.total),
            comments: feed.rows.iter().map(reply::comment).collect(),
        }))
    }

    async fn add_comment(&self, request: Request<AddCommentRequest>) -> Answer<CommentWritten> {
        let account = self.caller(&request)?.require_account()?.clone();
        let comment = convert::add_comment(request.into_inner())?;
        let app = self.app.clone();
        let written = self.finish(async move { add_comment(&app, &account, &comment).await }).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn change_comment(&self, request: Request<ChangeCommentRequest>) -> Answer<CommentWritten> {
        let account = self.caller(&request)?.require_account()?.clone();
        let ChangeCommentRequest { id, content } = request.into_inner();
        let (id, content) = (parse("id", &id)?, convert::content(content)?);
        let written = change_comment(&self.app, &account, id, &content).await?;
        Ok(Response::new(written.into_message()))
    }

    async fn delete_comment(&self, request: Request<DeleteCommentRequest>) -> Answer<DeleteCommentResponse> {
        let account = self.caller(&request)?.require_account()?.clone();
        let id = request.into_inner().id;
        let (app, comment_id) = (self.app.clone(), parse("id", &id)?);
        let deleted = self.finish(async move { delete_comment(&app, &account, comment_id).await }).await?;
        let (reel_id, comments_count) = deleted;
        Ok(Response::new(DeleteCommentResponse { id, reel_id: reel_id.to_string(), comments_count }))
    }

    async fn count_reels(&self, request: Request<CountReelsRequest>) -> Answer<ReelCounts> {
        self.caller(&request)?.require_admin()?;
        let (ready, views) = count_reels(&self.app).await?;
        Ok(Response::new(ReelCounts { ready, views }))
    }

    async fn find_files_in_use(&self, request: Request<FindFilesInUseRequest>) -> Answer<FindFilesInUseResponse> {
        self.caller(&request)?.require_service(&["media"])?;
        let urls = file_urls(request.into_inner())?;
        Ok(Response::new(FindFilesInUseResponse { urls: find_files_in_use(&self.app, &urls).await? }))
    }
}
