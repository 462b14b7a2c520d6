//! The program `reels`.

use std::process::ExitCode;

use reels::{Config, Reels};
use service_runtime::Command;

#[tokio::main]
async fn main() -> ExitCode {
    service_runtime::run_service::<Reels>(vec![Command {
        usage: "seed <file>",
        meaning: "adds the reels, likes and comments of a JSON file; what is there already is left as it is",
        run: |environment, arguments| {
            Box::pin(async move {
                let seeded = reels::seed(&Config::from_env(&environment)?, &arguments[0]).await?;
                Ok(format!("{seeded} reels were added").into())
            })
        },
    }])
    .await
}
