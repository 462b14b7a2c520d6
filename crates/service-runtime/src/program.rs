//! The `main` of every service: chooses a role and turns an error into one line and an exit code.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use futures::future::BoxFuture;

use crate::{Environment, Process, crash_point, telemetry};

/// A small operator command of a service: its name with its arguments, what it does, and how.
pub struct Command {
    /// Such as `appoint-admin <clerk user id>`; the words after the first are required arguments.
    pub usage: &'static str,
    /// One line.
    pub meaning: &'static str,
    /// Does it with the arguments; what it answers is printed.
    pub run: fn(Environment, Vec<String>) -> BoxFuture<'static, Result<Outcome>>,
}

/// What a command has to say, and what the process then ends with.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// For people.
    pub text: String,
    /// 0: all is well.
    pub code: u8,
}

impl From<String> for Outcome {
    fn from(text: String) -> Self {
        Self { text, code: 0 }
    }
}

/// What a service's `main` hands over.
pub struct Program {
    /// Such as `catalog`.
    pub name: &'static str,
    /// One line.
    pub about: &'static str,
    /// Reads the whole configuration, so that `--help` can list it.
    pub read_config: fn(&Environment) -> Result<()>,
    /// Starts everything; the process then runs until it is told to end.
    pub serve: fn(Environment, Process) -> BoxFuture<'static, Result<()>>,
    /// Roles besides `serve`, such as `migrate`.
    pub commands: Vec<Command>,
}

/// Exit code of a process that one of its tasks ended.
const CRASHED: u8 = 70;

/// Runs the role that the command line names.
pub async fn run(program: Program) -> ExitCode {
    // An error means that another part of the process has installed one: as good.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    crash_point::arm();
    let mut arguments = std::env::args().skip(1);
    let role = arguments.next().unwrap_or_else(|| "serve".to_owned());
    let arguments: Vec<String> = arguments.collect();
    let result = match role.as_str() {
        "--help" | "-h" | "help" => help(&program).map(|text| say(text.into())),
        "serve" if arguments.is_empty() => return serve(program).await,
        _ => operate(&program, &role, arguments).await.map(say),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => complain(program.name, &error),
    }
}

async fn serve(program: Program) -> ExitCode {
    let environment = Environment::from_process();
    let process = Process::default();
    let started = async {
        let telemetry = telemetry::init(program.name, &telemetry::Config::from_env(&environment)?)?;
        let pause = environment.duration("DRAIN_PAUSE", "1s", "between \"not ready\" and \"accepts nothing new\"")?;
        (program.serve)(environment, process.clone()).await?;
        anyhow::Ok((telemetry, pause))
    };
    let (telemetry, pause) = match started.await {
        Ok(started) => started,
        Err(error) => return complain(program.name, &error),
    };
    tracing::info!(service = program.name, "ready to serve");
    let ended = process.lifecycle.run(&process.readiness, pause).await;
    telemetry.shutdown().await;
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            complain(program.name, &anyhow::Error::msg(reason));
            ExitCode::from(CRASHED)
        }
    }
}

async fn operate(program: &Program, role: &str, arguments: Vec<String>) -> Result<Outcome> {
    let found = program.commands.iter().find(|command| command.usage.split(' ').next() == Some(role));
    let Some(command) = found else {
        anyhow::bail!("unknown command `{role}`; `{} --help` lists them", program.name);
    };
    let wanted = command.usage.matches('<').count();
    anyhow::ensure!(arguments.len() == wanted, "usage: {} {}", program.name, command.usage);
    (command.run)(Environment::from_process(), arguments).await
}

fn help(program: &Program) -> Result<String> {
    let environment = Environment::describing();
    telemetry::Config::from_env(&environment)?;
    let _pause: Duration =
        environment.duration("DRAIN_PAUSE", "1s", "between \"not ready\" and \"accepts nothing new\"")?;
    (program.read_config)(&environment)?;
    let mut text =
        format!("{}: {}\n\ncommands\n  serve\n      runs the service (default)\n", program.name, program.about);
    for command in &program.commands {
        text.push_str(&format!("  {}\n      {}\n", command.usage, command.meaning));
    }
    Ok(format!("{text}\nvariables\n{}", environment.help()))
}

/// Operator commands speak on standard output.
fn say(Outcome { text, code }: Outcome) -> u8 {
    use std::io::Write;
    let _closed = writeln!(std::io::stdout(), "{}", text.trim_end());
    code
}

/// One line that names the causes too.
fn complain(name: &str, error: &anyhow::Error) -> ExitCode {
    use std::io::Write;
    let _closed = writeln!(std::io::stderr(), "{name}: {error:#}");
    ExitCode::FAILURE
}
