//! The program `media`.

use std::process::ExitCode;

use media::Media;

#[tokio::main]
async fn main() -> ExitCode {
    service_runtime::run_service::<Media>(Vec::new()).await
}
