//! A request body in chunks, held until its answer is sent.
//!
//! actix waits for the rest of such a body without limit once nobody holds it any more, and closes the connection
//! behind the answer when it is still held and has not come to its end.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Payload;
use bytes::Bytes;

struct Held {
    answer: BoxBody,
    _request: Payload,
}

/// An answer that ends the connection, unless all of the request is there by then.
pub(super) fn until_sent(request: Payload, response: HttpResponse) -> HttpResponse {
    response.map_body(|_, answer| BoxBody::new(Held { answer, _request: request }))
}

impl MessageBody for Held {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().answer).poll_next(cx)
    }
}
