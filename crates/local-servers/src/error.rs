//! Everything that can go wrong, each as one line that says what to do.

use std::io;
use std::path::PathBuf;

use crate::Kind;

/// Why a server could not be started, stopped or hurt.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The fixed port of a server is held by somebody else.
    #[error(
        "port {port} is taken by another program, and {kind} needs it: stop that program, or name a {kind} server of your own in {}",
        kind.variable()
    )]
    PortTaken {
        /// The server that wanted the port.
        kind: Kind,
        /// The port.
        port: u16,
    },
    /// The programs are missing and could not be installed.
    #[error(
        "{kind} is not installed ({reason}): install it with `apt-get install {}`, or name a {kind} server in {}",
        kind.packages(), kind.variable()
    )]
    NotInstalled {
        /// The missing server.
        kind: Kind,
        /// Why it was not installed from here.
        reason: String,
    },
    /// The program ended or did not answer in time.
    #[error("{kind} did not start: {reason} (its log is {})", log.display())]
    NotStarted {
        /// The server.
        kind: Kind,
        /// What was seen.
        reason: String,
        /// Where to read on.
        log: PathBuf,
    },
    /// The data was made by a version that is not installed any more.
    #[error("{} holds data of {kind} {version}, which is not installed: install it, or forget the data with `make reset`", directory.display())]
    OtherVersion {
        /// The server.
        kind: Kind,
        /// The version that made the data.
        version: String,
        /// Where the data lies.
        directory: PathBuf,
    },
    /// Another run holds the servers of this name.
    #[error("another run uses the servers in {}: stop it first", directory.display())]
    InUse {
        /// The directory of the set.
        directory: PathBuf,
    },
    /// The server was killed or stopped before.
    #[error("{kind} is not running")]
    NotRunning {
        /// The server.
        kind: Kind,
    },
    /// A file or a process was refused by the operating system.
    #[error("could not {action}: {source}")]
    Io {
        /// What was tried.
        action: String,
        /// The refusal.
        source: io::Error,
    },
}

/// Names what was tried in an [`Error::Io`].
pub(crate) trait IoContext<T> {
    fn while_trying(self, action: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn while_trying(self, action: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|source| Error::Io { action: action(), source })
    }
}
