//! One process of ours.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use local_servers::{Watchdog, send_signal_to_group};
use test_support::eventually_some;

/// Longer than a process takes to end that ends by itself.
const LONG: Duration = Duration::from_secs(30);

/// A running process; killed when dropped, and also when the test itself is killed.
pub(crate) struct Program {
    child: Child,
    _watchdog: Watchdog,
}

impl Program {
    pub(crate) fn start(binary: &str, environment: &[(String, String)], log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let mut command = command(binary, &["serve"], environment);
        command.stdout(file.try_clone().unwrap()).stderr(file).process_group(0);
        let child = command.spawn().unwrap();
        let watchdog = Watchdog::of_group("KILL", child.id()).unwrap();
        Self { child, _watchdog: watchdog }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal to it, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        send_signal_to_group(name, self.child.id());
    }

    /// As the machine kills it.
    pub(crate) fn kill(mut self) {
        self.signal("KILL");
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn end(mut self) -> ExitStatus {
        eventually_some(LONG, async || self.child.try_wait().unwrap()).await
    }

    /// The same, on a thread that has nothing else to do. A drain takes its time, but not for ever.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.is_running() {
            send_signal_to_group("KILL", self.child.id());
            // It was killed: there is no other end.
            let _status = self.child.wait();
        }
    }
}

/// Runs a program to its end.
pub(crate) async fn run(binary: &str, arguments: &[&str], environment: &[(String, String)]) -> Output {
    let mut command = command(binary, arguments, environment);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn command(binary: &str, arguments: &[&str], environment: &[(String, String)]) -> Command {
    let mut command = Command::new(path_of(binary));
    command.args(arguments).env_clear().envs(environment.iter().cloned()).stdin(Stdio::null());
    command
}

/// Beside the test: `target/debug/deps/faults-…` and `target/debug/identity`.
fn path_of(binary: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join(binary);
    assert!(
        path.is_file(),
        "{} is not built: `cargo build --workspace --all-targets`, as `make test` does",
        path.display()
    );
    path
}
