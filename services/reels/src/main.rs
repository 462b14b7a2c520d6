//! The program `reels`.

use std::process::ExitCode;

use anyhow::Context;
use reels::{Config, Reels};
use service_runtime::Command;

#[tokio::main]
async fn main() -> ExitCode {
    service_runtime::run_service::<Reels>(vec![Command {
        usage: "seed <file>",
        meaning: "adds the reels, likes and comments of a JSON file; what is there already is left as it is",
        run: |environment, arguments| {
            Box::pin(async move {
                let plan = tokio::fs::read_to_string(&arguments[0]).await.context(arguments[0].clone())?;
                let seeded = reels::seed(&Config::from_env(&environment)?, &plan).await?;
                Ok(format!("{seeded} reels were added").into())
            })
        },
    }])
    .await
}
