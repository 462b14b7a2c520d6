//! All services in one process.

use std::process::ExitCode;

use service_runtime::{Command, Program};
use standalone::{Config, Standalone};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    service_runtime::run(Program {
        name: "standalone",
        about: "the whole marketplace in one process",
        read_config: |environment| Ok(Config::from_env(environment).map(drop)?),
        serve: |environment, process| {
            Box::pin(async move {
                // Starting everything takes more room than a future should.
                Box::pin(Standalone::start(Config::from_env(&environment)?, &process)).await?;
                Ok(())
            })
        },
        commands: vec![
            Command {
                usage: "migrate",
                meaning: "brings the databases of all services up to date",
                run: |environment, _| {
                    Box::pin(async move {
                        standalone::migrate(&Config::from_env(&environment)?).await?;
                        Ok("up to date".to_owned().into())
                    })
                },
            },
            Command {
                usage: "check",
                meaning: "looks once, beside the running market, for what must never be; 2 when there is something",
                run: |environment, _| {
                    Box::pin(async move { Ok(standalone::check(&Config::from_env(&environment)?).await?.into()) })
                },
            },
        ],
    })
    .await
}
