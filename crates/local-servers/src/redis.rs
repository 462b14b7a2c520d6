//! Redis: a plain server with an append-only file, so that counters survive a restart.

use std::path::Path;
use std::process::Command;

use crate::{Kind, Result, install};

/// The command that runs the server in the foreground.
pub(crate) fn command(directory: &Path, port: u16) -> Result<Command> {
    let program = install::program(Kind::Redis, "redis-server", &[])?;
    let mut command = install::clean_command(&program, directory);
    command
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--dir".as_ref(), directory.as_os_str()])
        .args(["--daemonize", "no", "--appendonly", "yes", "--save", ""]);
    Ok(command)
}
