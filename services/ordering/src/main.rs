//! The program `ordering`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    service_runtime::run_service::<ordering::Ordering>(Vec::new()).await
}
