//! The names of events, which are their routing keys too.

/// Payload `identity.v1.UserRegistered`.
pub const USER_REGISTERED: &str = "identity.user_registered.v1";
/// Payload `identity.v1.UserChanged`.
pub const USER_CHANGED: &str = "identity.user_changed.v1";
/// Payload `identity.v1.UserDeleted`.
pub const USER_DELETED: &str = "identity.user_deleted.v1";
/// Payload `identity.v1.SessionEnded`.
pub const SESSION_ENDED: &str = "identity.session_ended.v1";

/// Payload `catalog.v1.ProductPublished`.
pub const PRODUCT_PUBLISHED: &str = "catalog.product_published.v1";
/// Payload `catalog.v1.ProductChanged`.
pub const PRODUCT_CHANGED: &str = "catalog.product_changed.v1";
/// Payload `catalog.v1.ProductRemoved`.
pub const PRODUCT_REMOVED: &str = "catalog.product_removed.v1";
/// Payload `catalog.v1.StockShown`.
pub const STOCK_SHOWN: &str = "catalog.stock_shown.v1";
/// Payload `catalog.v1.CategoryChanged`.
pub const CATEGORY_CHANGED: &str = "catalog.category_changed.v1";

/// Payload `ordering.v1.OrderPlaced`.
pub const ORDER_PLACED: &str = "ordering.order_placed.v1";
/// Payload `ordering.v1.OrderStatusChanged`.
pub const ORDER_STATUS_CHANGED: &str = "ordering.order_status_changed.v1";
/// Payload `ordering.v1.StockChanged`.
pub const STOCK_CHANGED: &str = "ordering.stock_changed.v1";

/// Payload `reels.v1.ReelPublished`.
pub const REEL_PUBLISHED: &str = "reels.reel_published.v1";
/// Payload `reels.v1.ReelReady`.
pub const REEL_READY: &str = "reels.reel_ready.v1";
/// Payload `reels.v1.ReelRemoved`.
pub const REEL_REMOVED: &str = "reels.reel_removed.v1";
/// Payload `reels.v1.ReelLiked`.
pub const REEL_LIKED: &str = "reels.reel_liked.v1";
/// Payload `reels.v1.ReelUnliked`.
pub const REEL_UNLIKED: &str = "reels.reel_unliked.v1";
/// Payload `reels.v1.CommentAdded`.
pub const COMMENT_ADDED: &str = "reels.comment_added.v1";
/// Payload `reels.v1.CommentRemoved`.
pub const COMMENT_REMOVED: &str = "reels.comment_removed.v1";
/// Payload `reels.v1.ViewsCounted`.
pub const VIEWS_COUNTED: &str = "reels.views_counted.v1";

/// Payload `media.v1.UploadCompleted`.
pub const UPLOAD_COMPLETED: &str = "media.upload_completed.v1";
/// Payload `media.v1.ImageReady`.
pub const IMAGE_READY: &str = "media.image_ready.v1";
/// Payload `media.v1.VideoReady`.
pub const VIDEO_READY: &str = "media.video_ready.v1";
/// Payload `media.v1.UploadFailed`.
pub const UPLOAD_FAILED: &str = "media.upload_failed.v1";

/// Payload `types.v1.AdminAction`, said by identity.
pub const IDENTITY_ADMIN_ACTION: &str = "identity.admin_action.v1";
/// Payload `types.v1.AdminAction`, said by catalog.
pub const CATALOG_ADMIN_ACTION: &str = "catalog.admin_action.v1";
/// Payload `types.v1.AdminAction`, said by ordering.
pub const ORDERING_ADMIN_ACTION: &str = "ordering.admin_action.v1";
/// Payload `types.v1.AdminAction`, said by reels.
pub const REELS_ADMIN_ACTION: &str = "reels.admin_action.v1";
/// Payload `types.v1.AdminAction`, said by media.
pub const MEDIA_ADMIN_ACTION: &str = "media.admin_action.v1";
/// What every `<service>.admin_action.v1` ends with.
pub const ADMIN_ACTION_SUFFIX: &str = ".admin_action.v1";
