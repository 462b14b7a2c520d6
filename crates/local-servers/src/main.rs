//! `local-servers`: runs a command beside private servers, or keeps them running for a person.

use std::ffi::OsString;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus};

use anyhow::{Context, bail};
use local_servers::{Kind, Server, ServerSet, Watchdog, send_signal_to_group};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;

const BASE: &str = ".local";
const USAGE: &str = "\
local-servers with [--name NAME] -- COMMAND...   run a command beside private servers
local-servers up [--name NAME]                   start them and leave them running
local-servers down [--name NAME]                 stop them
local-servers reset                              stop all and forget their data

Data lies in .local/NAME (default: run). A server named by ZST_POSTGRES_URL, ZST_REDIS_URL or ZST_RABBITMQ_URL
is used instead of a private one and never stopped. COMMAND may keep files in the folder that ZST_LOCAL_DIR names.";

enum Task {
    With(Vec<OsString>),
    Up,
    Down,
    Reset,
    Help,
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("local-servers: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<u8> {
    let (task, name) = arguments()?;
    let base = std::env::current_dir()?.join(BASE);
    match task {
        Task::With(command) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            return runtime.block_on(run_with(&base, &name, command));
        }
        Task::Up => {
            let set = ServerSet::open(&base, &name)?;
            let servers = set.start(&missing())?;
            describe(&servers);
            for server in &servers {
                eprintln!("  export {}={}", server.kind().variable(), server.url());
            }
            set.keep_running(servers)?;
        }
        Task::Down => ServerSet::open(&base, &name)?.stop()?,
        Task::Reset => ServerSet::reset(&base)?,
        Task::Help => eprintln!("{USAGE}"),
    }
    Ok(0)
}

fn arguments() -> anyhow::Result<(Task, String)> {
    let mut words = std::env::args_os().skip(1);
    let task = words.next().unwrap_or_else(|| "--help".into());
    let (mut name, mut command) = ("run".to_owned(), None);
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--name") => {
                let value = words.next().and_then(|value| value.into_string().ok()).unwrap_or_default();
                if value.is_empty() || !value.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
                    bail!("--name wants letters, digits and hyphens");
                }
                name = value;
            }
            Some("--") => command = Some(words.by_ref().collect::<Vec<_>>()),
            _ => bail!("{} is not understood\n{USAGE}", word.display()),
        }
    }
    let task = match (task.to_str(), command) {
        (Some("with"), Some(command)) if !command.is_empty() => Task::With(command),
        (Some("up"), None) => Task::Up,
        (Some("down"), None) => Task::Down,
        (Some("reset"), None) => Task::Reset,
        (Some("--help" | "-h" | "help"), None) => Task::Help,
        _ => bail!("this call is not understood\n{USAGE}"),
    };
    Ok((task, name))
}

/// Runs the command while the servers live. Signals go on to it, and only its end stops the servers.
async fn run_with(base: &Path, name: &str, command: Vec<OsString>) -> anyhow::Result<u8> {
    let mut signals = Signals::listen()?;
    let set = ServerSet::open(base, name)?;
    let (set, servers) = spawn_blocking(move || {
        let servers = set.start(&missing())?;
        anyhow::Ok((set, servers))
    })
    .await??;
    describe(&servers);
    let code = if signals.came_early() { 130 } else { run_command(&command, &set, &servers, &mut signals).await? };
    // In parallel: the slowest alone decides how long a person waits after Ctrl-C.
    std::thread::scope(|scope| {
        for server in servers {
            scope.spawn(move || drop(server));
        }
    });
    drop(set);
    Ok(code)
}

async fn run_command(
    command: &[OsString],
    set: &ServerSet,
    servers: &[Server],
    signals: &mut Signals,
) -> anyhow::Result<u8> {
    let (program, arguments) = command.split_first().context("a command is missing")?;
    let mut child = Command::new(program);
    child.args(arguments).envs(servers.iter().map(|server| (server.kind().variable(), server.url())));
    child.env("ZST_LOCAL_DIR", set.directory());
    // In a group of its own: Ctrl-C reaches this program alone, and the command gets it once.
    let child = child.process_group(0).spawn();
    let child = child.with_context(|| format!("could not run {}", program.display()))?;
    let group = child.id();
    let watchdog = Watchdog::of_group("TERM", group).context("could not start a shell")?;
    let mut ended = spawn_blocking(move || wait(child));
    let status = loop {
        tokio::select! {
            status = &mut ended => break status??,
            name = signals.next() => send_signal_to_group(name, group),
        }
    };
    drop(watchdog);
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    Ok(u8::try_from(code).unwrap_or(u8::MAX))
}

fn wait(mut child: Child) -> std::io::Result<ExitStatus> {
    child.wait()
}

fn missing() -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| std::env::var_os(kind.variable()).is_none_or(|url| url.is_empty())).collect()
}

fn describe(servers: &[Server]) {
    for kind in Kind::ALL {
        match servers.iter().find(|server| server.kind() == kind) {
            Some(server) => eprintln!("{kind}: private, 127.0.0.1:{}", server.port()),
            None => eprintln!("{kind}: the one named by {}", kind.variable()),
        }
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "INT",
            _ = self.terminate.recv() => "TERM",
            _ = self.hang_up.recv() => "HUP",
        }
    }

    /// Whether one has come since it began to listen.
    fn came_early(&mut self) -> bool {
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        [&mut self.interrupt, &mut self.terminate, &mut self.hang_up]
            .into_iter()
            .any(|signal| signal.poll_recv(context).is_ready())
    }
}
