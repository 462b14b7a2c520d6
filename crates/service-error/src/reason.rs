//! The closed list of reasons of the public contract, both parts: one table, one line each.
//!
//! A status or code of an answer that is not here is a defect.

use std::fmt;
use std::str::FromStr;

use crate::Code;

/// The word is not in the table: a newer service, or not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known reason")]
pub struct UnknownReason;

macro_rules! reasons {
    ($($variant:ident = $status:literal, $code:ident, $word:literal, $message:literal;)+) => {
        /// Why a request was refused; stable, and what programs decide by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason {
            $(#[doc = concat!("`", $word, "`, ", $status, ": ", $message)] $variant),+
        }

        impl Reason {
            /// All of them, in the order of their statuses.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code of the public contract: `OUT_OF_STOCK`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The status of HTTP answers.
            #[must_use]
            pub const fn http(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// The kind it is of.
            #[must_use]
            pub const fn code(self) -> Code {
                match self { $(Self::$variant => Code::$code),+ }
            }

            /// A sentence for people, when there is nothing more exact to say.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }
        }

        impl FromStr for Reason {
            type Err = UnknownReason;

            fn from_str(word: &str) -> Result<Self, UnknownReason> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(UnknownReason) }
            }
        }
    };
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

reasons! {
    ValidationError = 400, InvalidArgument, "VALIDATION_ERROR", "Some values are not valid.";
    InvalidId = 400, InvalidArgument, "INVALID_ID", "The id is not a UUID.";
    MalformedJson = 400, InvalidArgument, "MALFORMED_JSON", "The body is not a JSON object.";
    InvalidSignature = 400, InvalidArgument, "INVALID_SIGNATURE", "The signature is not valid.";
    MinOrderQuantity = 400, FailedPrecondition, "MIN_ORDER_QUANTITY", "Some quantities are below the product's minimum.";
    InvalidCursor = 400, InvalidArgument, "INVALID_CURSOR", "The cursor is not valid for this list.";
    ResponseTypeMismatch = 400, InvalidArgument, "RESPONSE_TYPE_MISMATCH", "The offer does not take responses of this type.";
    Unauthorized = 401, Unauthenticated, "UNAUTHORIZED", "A valid token is needed.";
    TokenExpired = 401, Unauthenticated, "TOKEN_EXPIRED", "The token has expired.";
    SessionPending = 401, Unauthenticated, "SESSION_PENDING", "The sign-in is not finished.";
    Forbidden = 403, PermissionDenied, "FORBIDDEN", "This account may not do this.";
    AccountDisabled = 403, PermissionDenied, "ACCOUNT_DISABLED", "This account is switched off.";
    SellerNotApproved = 403, PermissionDenied, "SELLER_NOT_APPROVED", "This seller is not approved.";
    B2bTargetNotAllowed = 403, PermissionDenied, "B2B_TARGET_NOT_ALLOWED", "This seller category may not address that one.";
    OwnOffer = 403, PermissionDenied, "OWN_OFFER", "This is your own offer.";
    NotFound = 404, NotFound, "NOT_FOUND", "There is no such route.";
    UserNotFound = 404, NotFound, "USER_NOT_FOUND", "There is no such user.";
    SellerNotFound = 404, NotFound, "SELLER_NOT_FOUND", "There is no such seller.";
    ProductNotFound = 404, NotFound, "PRODUCT_NOT_FOUND", "There is no such product.";
    ImageNotFound = 404, NotFound, "IMAGE_NOT_FOUND", "There is no such image.";
    CategoryNotFound = 404, NotFound, "CATEGORY_NOT_FOUND", "There is no such category.";
    CartItemNotFound = 404, NotFound, "CART_ITEM_NOT_FOUND", "There is no such line in the cart.";
    OrderNotFound = 404, NotFound, "ORDER_NOT_FOUND", "There is no such order.";
    ReelNotFound = 404, NotFound, "REEL_NOT_FOUND", "There is no such reel.";
    CommentNotFound = 404, NotFound, "COMMENT_NOT_FOUND", "There is no such comment.";
    UploadNotFound = 404, NotFound, "UPLOAD_NOT_FOUND", "There is no such upload.";
    FileNotFound = 404, NotFound, "FILE_NOT_FOUND", "There is no such file.";
    OfferNotFound = 404, NotFound, "OFFER_NOT_FOUND", "There is no such offer.";
    ResponseNotFound = 404, NotFound, "RESPONSE_NOT_FOUND", "There is no such response.";
    MethodNotAllowed = 405, InvalidArgument, "METHOD_NOT_ALLOWED", "This route does not have that method.";
    OutOfStock = 409, FailedPrecondition, "OUT_OF_STOCK", "Some products are not available in the quantity ordered.";
    VersionConflict = 409, Conflict, "VERSION_CONFLICT", "It was changed since it was read.";
    IdempotencyInProgress = 409, Conflict, "IDEMPOTENCY_IN_PROGRESS", "The first request with this key is still running.";
    InvalidStatusTransition = 409, FailedPrecondition, "INVALID_STATUS_TRANSITION", "The status cannot change like that.";
    RoleAlreadySet = 409, FailedPrecondition, "ROLE_ALREADY_SET", "The role was chosen before.";
    PriceChanged = 409, FailedPrecondition, "PRICE_CHANGED", "The total is not the expected one.";
    CartFull = 409, FailedPrecondition, "CART_FULL", "The cart is full.";
    AccountHasOpenOrders = 409, FailedPrecondition, "ACCOUNT_HAS_OPEN_ORDERS", "The account has orders that are not finished.";
    CategoryExists = 409, AlreadyExists, "CATEGORY_EXISTS", "There is a category with this slug.";
    CategoryInUse = 409, FailedPrecondition, "CATEGORY_IN_USE", "Products use this category.";
    UploadNotReceived = 409, FailedPrecondition, "UPLOAD_NOT_RECEIVED", "The file has not arrived.";
    UploadNotUsable = 409, FailedPrecondition, "UPLOAD_NOT_USABLE", "The upload cannot be used for this.";
    UploadAlreadyUsed = 409, FailedPrecondition, "UPLOAD_ALREADY_USED", "The upload is in use elsewhere.";
    TooManyImages = 409, FailedPrecondition, "TOO_MANY_IMAGES", "There are too many images.";
    FileInUse = 409, FailedPrecondition, "FILE_IN_USE", "The file is in use.";
    OfferClosed = 409, FailedPrecondition, "OFFER_CLOSED", "The offer is closed.";
    OfferHasResponses = 409, FailedPrecondition, "OFFER_HAS_RESPONSES", "The offer has responses.";
    AuctionHasBids = 409, FailedPrecondition, "AUCTION_HAS_BIDS", "The auction has bids.";
    BidTooLow = 409, FailedPrecondition, "BID_TOO_LOW", "The bid is too low.";
    QuantityNotAllowed = 409, FailedPrecondition, "QUANTITY_NOT_ALLOWED", "The offer does not allow this quantity.";
    ResponseAlreadyOpen = 409, AlreadyExists, "RESPONSE_ALREADY_OPEN", "There is an open response already.";
    ResponseClosed = 409, FailedPrecondition, "RESPONSE_CLOSED", "The response is closed.";
    NotYourTurn = 409, FailedPrecondition, "NOT_YOUR_TURN", "It is the other side's turn.";
    CounterLimit = 409, FailedPrecondition, "COUNTER_LIMIT", "There were too many counter-offers.";
    NotANegotiation = 409, FailedPrecondition, "NOT_A_NEGOTIATION", "This response is not a negotiation.";
    LeadingBid = 409, FailedPrecondition, "LEADING_BID", "The leading bid cannot be withdrawn.";
    PayloadTooLarge = 413, InvalidArgument, "PAYLOAD_TOO_LARGE", "The body is too large.";
    FileTooLarge = 413, InvalidArgument, "FILE_TOO_LARGE", "The file is too large.";
    UnsupportedMediaType = 415, InvalidArgument, "UNSUPPORTED_MEDIA_TYPE", "The content type is not supported.";
    IdempotencyKeyReused = 422, FailedPrecondition, "IDEMPOTENCY_KEY_REUSED", "The key was used with another body.";
    UnprocessableMedia = 422, FailedPrecondition, "UNPROCESSABLE_MEDIA", "The file cannot be processed.";
    RateLimited = 429, RateLimited, "RATE_LIMITED", "Too many requests.";
    InternalError = 500, Internal, "INTERNAL_ERROR", "Something went wrong on our side.";
    Unavailable = 503, Unavailable, "UNAVAILABLE", "The service is not available at the moment.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_differ() {
        for reason in Reason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(*reason));
        }
        assert_eq!("out_of_stock".parse::<Reason>(), Err(UnknownReason));
    }

    #[test]
    fn a_status_differs_from_that_of_its_kind_only_where_there_is_no_kind_for_it() {
        for reason in Reason::ALL.iter().filter(|reason| reason.http() != reason.code().http()) {
            let own = matches!(reason.http(), 405 | 413 | 415 | 422) || *reason == Reason::MinOrderQuantity;
            assert!(own, "{reason}");
        }
    }
}
