//! The program `identity`.

use std::process::ExitCode;

use identity::{Config, Identity};
use service_runtime::Command;

#[tokio::main]
async fn main() -> ExitCode {
    service_runtime::run_service::<Identity>(vec![Command {
        usage: "appoint-admin <clerk user id>",
        meaning: "makes the account an admin; it is made when nobody knows it yet",
        run: |environment, arguments| {
            Box::pin(async move {
                let id = identity::appoint_admin(&Config::from_env(&environment)?, &arguments[0]).await?;
                Ok(format!("{id} is an admin").into())
            })
        },
    }])
    .await
}
