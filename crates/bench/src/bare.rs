//! The limit for reads: an actix-web handler that answers the same bytes from memory and does nothing else.

use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;

/// Serves `body` at every path of 127.0.0.1:`port` until the process is ended.
pub(crate) async fn serve(port: u16, body: Bytes) -> std::io::Result<()> {
    HttpServer::new(move || {
        let body = body.clone();
        App::new().default_service(web::to(move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("application/json; charset=utf-8").body(body) }
        }))
    })
    .workers(2)
    .bind(("127.0.0.1", port))?
    .run()
    .await
}
