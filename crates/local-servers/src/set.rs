//! The servers of one `make` target: `.local/<name>/{postgres,redis,rabbitmq}`.
//!
//! A lock in the folder says who works with them: two runs never share a server that one of them would stop. A file `up`
//! says that a person asked for them to stay.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;

use crate::error::IoContext;
use crate::server::{Server, remove_data};
use crate::{Error, Kind, Result};

/// The set of `make run`, whose ports are part of its promise.
const RUN: &str = "run";
const UP: &str = "up";
const LOCK: &str = "lock";
/// How many runs of one name may go on beside one another.
const PARALLEL_RUNS: usize = 8;

/// The private servers of one name; holds their lock while it lives.
#[derive(Debug)]
pub struct ServerSet {
    name: String,
    directory: PathBuf,
    _lock: File,
}

impl ServerSet {
    /// Opens the set of this name below `base`. `run` exists once; of other names a second run gets a set of its own.
    pub fn open(base: &Path, name: &str) -> Result<Self> {
        if name == RUN {
            return Self::lock(base, name);
        }
        let numbered = (2..=PARALLEL_RUNS).map(|number| format!("{name}-{number}"));
        let mut last = Self::lock(base, name);
        for name in numbered {
            if !matches!(last, Err(Error::InUse { .. })) {
                break;
            }
            last = Self::lock(base, &name);
        }
        last
    }

    /// The folder of everything that belongs to this name; forgotten by [`ServerSet::reset`].
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Starts these servers side by side; those that run already are used as they are.
    pub fn start(&self, kinds: &[Kind]) -> Result<Vec<Server>> {
        thread::scope(|scope| {
            let threads: Vec<_> = kinds.iter().map(|kind| scope.spawn(|| self.start_one(*kind))).collect();
            // All are joined before the first error is returned, so that none is left half started.
            let results: Vec<Result<Server>> =
                threads.into_iter().map(|thread| thread.join().expect("starting a server does not panic")).collect();
            results.into_iter().collect()
        })
    }

    /// Lets the servers outlive this program, until [`ServerSet::stop`].
    pub fn keep_running(&self, servers: Vec<Server>) -> Result<()> {
        let file = self.directory.join(UP);
        fs::write(&file, "").while_trying(|| format!("write {}", file.display()))?;
        for server in servers {
            server.keep_running();
        }
        Ok(())
    }

    /// Stops whatever runs in this set; its data stays.
    pub fn stop(&self) -> Result<()> {
        for kind in Kind::ALL {
            if let Some(server) = Server::take_over(kind, &self.directory.join(kind.folder())) {
                server.stop()?;
            }
        }
        match fs::remove_file(self.directory.join(UP)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::Io { action: format!("remove {}", self.directory.join(UP).display()), source: error })
            }
            _ => Ok(()),
        }
    }

    /// Stops and forgets every set below `base`.
    pub fn reset(base: &Path) -> Result<()> {
        let Ok(entries) = fs::read_dir(base) else { return Ok(()) };
        let names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        let sets = names.into_iter().filter(|name| base.join(name).join(LOCK).exists());
        for set in sets.map(|name| Self::lock(base, &name)) {
            let set = set?;
            set.stop()?;
            for kind in Kind::ALL {
                remove_data(&set.directory.join(kind.folder()));
            }
            let directory = &set.directory;
            fs::remove_dir_all(directory).while_trying(|| format!("remove {}", directory.display()))?;
        }
        Ok(())
    }

    fn lock(base: &Path, name: &str) -> Result<Self> {
        let directory = base.join(name);
        fs::create_dir_all(&directory).while_trying(|| format!("create {}", directory.display()))?;
        let path = directory.join(LOCK);
        let lock = File::options().create(true).append(true).open(&path);
        let lock = lock.while_trying(|| format!("open {}", path.display()))?;
        if lock.try_lock().is_err() {
            return Err(Error::InUse { directory });
        }
        Ok(Self { name: name.to_owned(), directory, _lock: lock })
    }

    fn start_one(&self, kind: Kind) -> Result<Server> {
        let directory = self.directory.join(kind.folder());
        let kept = self.directory.join(UP).exists();
        if let Some(server) = Server::take_over(kind, &directory) {
            if kept {
                server.keep_running();
            }
            return Ok(server);
        }
        Server::start(kind, &directory, if self.name == RUN { run_port(kind) } else { 0 })
    }
}

/// The ports of `make run` are documented; everything else takes free ones.
fn run_port(kind: Kind) -> u16 {
    match kind {
        Kind::Postgres => 15_432,
        Kind::Redis => 16_379,
        Kind::RabbitMq => 15_673,
    }
}
