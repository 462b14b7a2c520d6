//! The program `catalog`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    service_runtime::run_service::<catalog::Catalog>(Vec::new()).await
}
