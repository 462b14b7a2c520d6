//! The program of a service with a database and a queue: what each of them can be told to do, said once.

use std::process::ExitCode;

use crate::self_check::Report;
use crate::{Command, Environment, EnvironmentError, Process, Program, run};

/// A service as its program sees it.
pub trait Service: Sized + 'static {
    /// Such as `catalog`.
    const NAME: &'static str;
    /// One line.
    const ABOUT: &'static str;
    /// What it is told from outside.
    type Config: Send + Sync;
    /// Why it does not start, or a command fails.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Reads the whole configuration.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    fn config(environment: &Environment) -> Result<Self::Config, EnvironmentError>;

    /// Starts everything; the process's lifecycle ends it.
    ///
    /// # Errors
    /// A port is taken, a setting cannot be used, or migrations are pending.
    fn serve(config: Self::Config, process: Process) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Runs all pending migrations and answers their names.
    ///
    /// # Errors
    /// The database is away, or a migration failed.
    fn migrate(config: &Self::Config) -> impl Future<Output = Result<Vec<String>, Self::Error>> + Send;

    /// Puts the queue's dead letters back into it and answers how many.
    ///
    /// # Errors
    /// The broker is away.
    fn replay_dead_letters(config: &Self::Config) -> impl Future<Output = Result<u32, Self::Error>> + Send;

    /// Looks once for what must never be. Works beside running instances and changes nothing.
    ///
    /// # Errors
    /// A setting cannot be used, or migrations are pending. What could not be looked at stands in the report.
    fn check(config: &Self::Config) -> impl Future<Output = Result<Report, Self::Error>> + Send;
}

/// The `main` of a service: `serve`, the commands that every service has, and `more` of its own.
pub async fn run_service<S: Service>(more: Vec<Command>) -> ExitCode {
    let mut commands = vec![
        Command {
            usage: "migrate",
            meaning: "brings the database to the schema of this program",
            run: |environment, _| {
                Box::pin(async move {
                    let migrated = S::migrate(&S::config(&environment)?).await?;
                    Ok(format!("{} migrations run", migrated.len()).into())
                })
            },
        },
        Command {
            usage: "replay-dlq",
            meaning: "gives the messages that failed too often another chance",
            run: |environment, _| {
                Box::pin(async move {
                    let replayed = S::replay_dead_letters(&S::config(&environment)?).await?;
                    Ok(format!("{replayed} messages replayed").into())
                })
            },
        },
        Command {
            usage: "check",
            meaning: "looks once for what must never be, and ends with 2 when there is something; repairs nothing",
            run: |environment, _| Box::pin(async move { Ok(S::check(&S::config(&environment)?).await?.into()) }),
        },
    ];
    commands.extend(more);
    run(Program {
        name: S::NAME,
        about: S::ABOUT,
        read_config: |environment| Ok(S::config(environment).map(drop)?),
        serve: |environment, process| Box::pin(async move { Ok(S::serve(S::config(&environment)?, process).await?) }),
        commands,
    })
    .await
}
