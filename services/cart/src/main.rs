//! The program `cart`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    service_runtime::run_service::<cart::Cart>(Vec::new()).await
}
