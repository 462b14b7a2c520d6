//! Likes and comments of reels (part 2, 3).

use commerce_types::{CommentId, ReelId};
use garde::Validate;
use protocol::convert::required;
use protocol::reels::v1 as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::fields::{Text, length};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::feed::{Feed, feed_page};
use super::shapes::reel::{ReelComment, ReelLike};
use crate::rate_limit::Rule;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_like_reel, like_reel).strictly(Rule::Like),
        Route::new(__path_unlike_reel, unlike_reel),
        Route::new(__path_list_likes, list_likes).public().with_query(),
        Route::new(__path_list_comments, list_comments).public().with_query(),
        Route::new(__path_add_comment, add_comment).with_body().with_key().strictly(Rule::Comment),
        Route::new(__path_change_comment, change_comment).with_body(),
        Route::new(__path_delete_comment, delete_comment),
    ]
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LikeSet {
    message: &'static str,
    #[schema(format = Uuid)]
    reel_id: String,
    /// Afterwards.
    likes_count: i64,
    is_liked: bool,
}

/// Like a reel; once, however often it is said
#[utoipa::path(post, path = "/api/v1/reels/{id}/like", tag = "reels", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "Liked", body = LikeSet),
    (status = 404, description = "`REEL_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn like_reel(call: Call) -> Answer {
    set_like(&call, true, "You like this reel.").await
}

/// Like a reel no more
#[utoipa::path(delete, path = "/api/v1/reels/{id}/like", tag = "reels", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "Not liked", body = LikeSet),
    (status = 404, description = "`REEL_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn unlike_reel(call: Call) -> Answer {
    set_like(&call, false, "You do not like this reel.").await
}

async fn set_like(call: &Call, liked: bool, message: &'static str) -> Answer {
    let id: ReelId = call.id("id")?;
    let wish = wire::SetLikeRequest { reel_id: id.to_string(), liked };
    let set = call.app.upstream.set_like(wish, call.account.as_ref()).await?;
    Ok(Reply::done(&LikeSet { message, reel_id: set.reel_id, likes_count: set.likes_count, is_liked: liked }))
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    #[garde(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000, default = 1)]
    page: Option<u32>,
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// `meta.nextCursor` of the answer before, instead of `page`.
    #[garde(skip)]
    cursor: Option<String>,
}

/// Who likes a reel, newest first; guests get the number alone
#[utoipa::path(get, path = "/api/v1/reels/{id}/likes", tag = "reels", params(("id" = uuid::Uuid, Path), RowsQuery),
    responses(
        (status = 200, description = "A page with an exact total, or what follows a cursor", body = Feed<ReelLike>),
        (status = 400, description = "`VALIDATION_ERROR`, `INVALID_CURSOR`", body = super::error::ErrorBody<'static>),
        (status = 404, description = "`REEL_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn list_likes(call: Call) -> Answer {
    let id: ReelId = call.id("id")?;
    let query: RowsQuery = call.query()?;
    let page = feed_page(query.page, query.limit, query.cursor)?;
    let message = wire::ListLikesRequest { reel_id: id.to_string(), page: Some(page.clone()) };
    let answer = call.app.upstream.list_likes(message, call.account.as_ref()).await?;
    let likes = answer.likes.into_iter().map(ReelLike::try_from).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&Feed::new(likes, &page, answer.total, answer.next_cursor)))
}

/// What is said of a reel, newest first
#[utoipa::path(get, path = "/api/v1/reels/{id}/comments", tag = "reels",
    params(("id" = uuid::Uuid, Path), RowsQuery), responses(
        (status = 200, description = "A page with an exact total, or what follows a cursor", body = Feed<ReelComment>),
        (status = 400, description = "`VALIDATION_ERROR`, `INVALID_CURSOR`", body = super::error::ErrorBody<'static>),
        (status = 404, description = "`REEL_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn list_comments(call: Call) -> Answer {
    let id: ReelId = call.id("id")?;
    let query: RowsQuery = call.query()?;
    let page = feed_page(query.page, query.limit, query.cursor)?;
    let message = wire::ListCommentsRequest { reel_id: id.to_string(), page: Some(page.clone()) };
    let answer = call.app.upstream.list_comments(message, call.account.as_ref()).await?;
    let comments = answer.comments.into_iter().map(ReelComment::try_from).collect::<Result<_, _>>()?;
    Ok(Reply::ok(&Feed::new(comments, &page, answer.total, answer.next_cursor)))
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CommentContent)]
struct Content {
    #[garde(custom(length(1..=500)))]
    #[schema(value_type = String, min_length = 1, max_length = 500)]
    content: Text,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CommentAdded {
    message: &'static str,
    comment: ReelComment,
    /// Afterwards.
    comments_count: i64,
}

/// Say something of a reel
#[utoipa::path(post, path = "/api/v1/reels/{id}/comments", tag = "reels", request_body = Content,
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 201, description = "Said", body = CommentAdded),
        (status = 400, description = "`VALIDATION_ERROR`", body = super::error::ErrorBody<'static>),
        (status = 404, description = "`REEL_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 409, description = "`IDEMPOTENCY_IN_PROGRESS`", body = super::error::ErrorBody<'static>),
    ))]
async fn add_comment(call: Call) -> Answer {
    let id: ReelId = call.id("id")?;
    let Content { content } = call.body()?;
    let key = call.key()?.map(Into::into);
    let message = wire::AddCommentRequest { reel_id: id.to_string(), content: content.into(), key };
    let written = call.app.upstream.add_comment(message, call.account.as_ref()).await?;
    let comment = required("comment", written.comment)?.try_into()?;
    let comments_count = written.comments_count;
    let added = CommentAdded { message: "The comment was added.", comment, comments_count };
    Ok(Reply::created(&added).replayed(written.replayed))
}

#[derive(Serialize, ToSchema)]
struct CommentChanged {
    message: &'static str,
    comment: ReelComment,
}

/// Say something else
#[utoipa::path(patch, path = "/api/v1/reels/comments/{commentId}", tag = "reels", request_body = Content,
    params(("commentId" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Changed", body = CommentChanged),
        (status = 400, description = "`VALIDATION_ERROR`", body = super::error::ErrorBody<'static>),
        (status = 404, description = "`COMMENT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn change_comment(call: Call) -> Answer {
    let id: CommentId = call.id("commentId")?;
    let Content { content } = call.body()?;
    let message = wire::ChangeCommentRequest { id: id.to_string(), content: content.into() };
    let written = call.app.upstream.change_comment(message, call.account.as_ref()).await?;
    let comment = required("comment", written.comment)?.try_into()?;
    Ok(Reply::done(&CommentChanged { message: "The comment was changed.", comment }))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CommentDeleted {
    message: &'static str,
    #[schema(format = Uuid)]
    comment_id: String,
    #[schema(format = Uuid)]
    reel_id: String,
    /// Afterwards.
    comments_count: i64,
}

/// Delete a comment: its author, the reel's seller and admins may
#[utoipa::path(delete, path = "/api/v1/reels/comments/{commentId}", tag = "reels",
    params(("commentId" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Deleted", body = CommentDeleted),
        (status = 404, description = "`COMMENT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn delete_comment(call: Call) -> Answer {
    let id: CommentId = call.id("commentId")?;
    let deleted = call.app.upstream.delete_comment(id.to_string(), call.account.as_ref()).await?;
    Ok(Reply::done(&CommentDeleted {
        message: "The comment was deleted.",
        comment_id: deleted.id,
        reel_id: deleted.reel_id,
        comments_count: deleted.comments_count,
    }))
}
