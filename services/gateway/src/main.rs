//! The gateway as a process of its own.

use std::process::ExitCode;

use anyhow::Context;
use gateway::Config;
use service_runtime::{Environment, PrivateHttp, Program};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PRIVATE: (&str, &str, &str) = ("GATEWAY_PRIVATE_ADDR", "127.0.0.1:9100", "private port: metrics and health");

#[tokio::main]
async fn main() -> ExitCode {
    service_runtime::run(Program {
        name: "gateway",
        about: "the public port of the marketplace",
        read_config: |environment| {
            environment.address(PRIVATE.0, PRIVATE.1, PRIVATE.2)?;
            Config::from_env(environment)?;
            Ok(())
        },
        serve: |environment, process| Box::pin(serve(environment, process)),
        commands: Vec::new(),
    })
    .await
}

async fn serve(environment: Environment, process: service_runtime::Process) -> anyhow::Result<()> {
    let private = environment.address(PRIVATE.0, PRIVATE.1, PRIVATE.2)?;
    let gateway = gateway::build(Config::from_env(&environment)?, &process)?;
    let taken = || {
        format!("{} {private} cannot be listened on: choose another port, or stop the program that has it", PRIVATE.0)
    };
    PrivateHttp::bind(private).await.with_context(taken)?.start(&process);
    gateway.run();
    Ok(())
}
