//! Reels.

use std::sync::Arc;

use access_token::Account;
use commerce_types::ReelId;
use protocol::reels::v1::{
    AddCommentRequest, ChangeCommentRequest, ChangeReelRequest, CommentWritten, CountReelsRequest,
    DeleteCommentRequest, DeleteCommentResponse, DeleteReelRequest, DeleteReelResponse, GetReelRequest,
    ListCommentsRequest, ListCommentsResponse, ListLikedReelsRequest, ListLikesRequest, ListLikesResponse,
    ListOwnReelsRequest, ListReelsRequest, ListReelsResponse, PublishReelRequest, Reel, ReelCounts,
    ReelPublishedResponse, SetLikeRequest, SetLikeResponse, ViewReelRequest, ViewReelResponse,
};

use super::{Effort, READ, Upstream, WRITE};
use crate::http::error::ApiError;

type Who<'a> = Option<&'a Arc<Account>>;

/// Wished for twice it is as if it had been wished for once.
const WISH: Effort = Effort { is_repeatable: true, ..WRITE };

impl Upstream {
    pub async fn list_reels(&self, message: ListReelsRequest, who: Who<'_>) -> Result<ListReelsResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.reels.clone().list_reels(request).await?.into_inner())
    }

    pub async fn list_own_reels(
        &self,
        message: ListOwnReelsRequest,
        who: Who<'_>,
    ) -> Result<ListReelsResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.reels.clone().list_own_reels(request).await?.into_inner())
    }

    pub async fn list_liked_reels(
        &self,
        message: ListLikedReelsRequest,
        who: Who<'_>,
    ) -> Result<ListReelsResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.reels.clone().list_liked_reels(request).await?.into_inner())
    }

    pub async fn get_reel(&self, id: ReelId, who: Who<'_>) -> Result<Reel, ApiError> {
        let request = self.request(GetReelRequest { id: id.to_string() }, who, READ);
        Ok(self.reels.clone().get_reel(request).await?.into_inner())
    }

    pub async fn publish_reel(
        &self,
        message: PublishReelRequest,
        who: Who<'_>,
    ) -> Result<ReelPublishedResponse, ApiError> {
        let effort = WRITE.keyed(message.key.as_ref());
        let request = self.request(message, who, effort);
        Ok(self.reels.clone().publish_reel(request).await?.into_inner())
    }

    pub async fn change_reel(&self, message: ChangeReelRequest, who: Who<'_>) -> Result<Reel, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.reels.clone().change_reel(request).await?.into_inner())
    }

    pub async fn delete_reel(&self, id: ReelId, who: Who<'_>) -> Result<DeleteReelResponse, ApiError> {
        let request = self.request(DeleteReelRequest { id: id.to_string() }, who, WRITE);
        Ok(self.reels.clone().delete_reel(request).await?.into_inner())
    }

    pub async fn view_reel(&self, message: ViewReelRequest, who: Who<'_>) -> Result<ViewReelResponse, ApiError> {
        let request = self.request(message, who, WISH);
        Ok(self.reels.clone().view_reel(request).await?.into_inner())
    }

    pub async fn set_like(&self, message: SetLikeRequest, who: Who<'_>) -> Result<SetLikeResponse, ApiError> {
        let request = self.request(message, who, WISH);
        Ok(self.reels.clone().set_like(request).await?.into_inner())
    }

    pub async fn list_likes(&self, message: ListLikesRequest, who: Who<'_>) -> Result<ListLikesResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.reels.clone().list_likes(request).await?.into_inner())
    }

    pub async fn list_comments(
        &self,
        message: ListCommentsRequest,
        who: Who<'_>,
    ) -> Result<ListCommentsResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.reels.clone().list_comments(request).await?.into_inner())
    }

    pub async fn add_comment(&self, message: AddCommentRequest, who: Who<'_>) -> Result<CommentWritten, ApiError> {
        let effort = WRITE.keyed(message.key.as_ref());
        let request = self.request(message, who, effort);
        Ok(self.reels.clone().add_comment(request).await?.into_inner())
    }

    pub async fn change_comment(
        &self,
        message: ChangeCommentRequest,
        who: Who<'_>,
    ) -> Result<CommentWritten, ApiError> {
        let request = self.request(message, who, WISH);
        Ok(self.reels.clone().change_comment(request).await?.into_inner())
    }

    pub async fn delete_comment(&self, id: String, who: Who<'_>) -> Result<DeleteCommentResponse, ApiError> {
        let request = self.request(DeleteCommentRequest { id }, who, WRITE);
        Ok(self.reels.clone().delete_comment(request).await?.into_inner())
    }

    pub async fn count_reels(&self, who: Who<'_>) -> Result<ReelCounts, ApiError> {
        let request = self.request(CountReelsRequest {}, who, READ);
        Ok(self.reels.clone().count_reels(request).await?.into_inner())
    }
}
