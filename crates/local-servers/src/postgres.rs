//! PostgreSQL: makes the cluster once and runs it with its default durability.
//!
//! The server refuses to run as root, so root starts it as the user `postgres` that the package made. That user must be
//! able to reach the data; where it cannot (a clone under `/root`), the data lies beside the distribution's own clusters and
//! a file in the server's directory says where.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::error::IoContext;
use crate::process::{self, Process};
use crate::{Error, Kind, Result, install};

const VERSIONS: &str = "/usr/lib/postgresql";
const OLDEST_VERSION: u32 = 15;
const USER: &str = "postgres";
const ELSEWHERE: &str = "data-is-in";
const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=256MB",
    "log_min_messages=warning",
    "log_line_prefix=%m [%p] %d ",
    "cluster_name=zst",
];

/// User and group the server runs as when root starts it.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

/// The command that runs the server in the foreground; makes the cluster first if there is none.
pub(crate) fn command(directory: &Path, port: u16) -> Result<Command> {
    let newest = install::found_or_installed(Kind::Postgres, || versions().pop())?;
    let account = account()?;
    let data = data_directory(directory, account)?;
    if !data.join("PG_VERSION").exists() {
        create_cluster(&newest.1, &data, account)?;
    }
    let programs = programs_for(&data)?;
    clear_stale_lock(&data)?;
    let mut command = as_account(&programs.join("postgres"), account);
    command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    Ok(command)
}

/// Where data of this server lies outside its directory, if any does.
pub(crate) fn data_elsewhere(directory: &Path) -> Option<PathBuf> {
    let path = fs::read_to_string(directory.join(ELSEWHERE)).ok()?;
    Some(PathBuf::from(path.trim_end()))
}

/// Installed versions that are new enough, oldest first, each with its folder of programs.
fn versions() -> Vec<(u32, PathBuf)> {
    let folders = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = folders
        .filter_map(|folder| Some((folder.file_name().to_str()?.parse().ok()?, folder.path().join("bin"))))
        .filter(|(version, programs)| *version >= OLDEST_VERSION && programs.join("initdb").is_file())
        .collect();
    found.sort();
    found
}

fn programs_for(data: &Path) -> Result<PathBuf> {
    let file = data.join("PG_VERSION");
    let version = fs::read_to_string(&file).while_trying(|| format!("read {}", file.display()))?;
    let version = version.trim();
    versions().into_iter().find(|(number, _)| number.to_string() == version).map(|(_, programs)| programs).ok_or_else(
        || Error::OtherVersion { kind: Kind::Postgres, version: version.to_owned(), directory: data.to_owned() },
    )
}

fn account() -> Result<Option<Account>> {
    if !install::is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").while_trying(|| "read /etc/passwd".to_owned())?;
    let account = users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let mine = *fields.first()? == USER;
        mine.then_some(Account { user: fields.get(2)?.parse().ok()?, group: fields.get(3)?.parse().ok()? })
    });
    account
        .map(Some)
        .ok_or_else(|| Error::NotInstalled { kind: Kind::Postgres, reason: format!("there is no user {USER}") })
}

fn data_directory(directory: &Path, account: Option<Account>) -> Result<PathBuf> {
    if let Some(elsewhere) = data_elsewhere(directory) {
        return Ok(elsewhere);
    }
    let inside = directory.join("data");
    if account.is_none() || inside.exists() || can_enter(directory, account) {
        return Ok(inside);
    }
    let mut hasher = DefaultHasher::new();
    directory.hash(&mut hasher);
    let elsewhere = PathBuf::from(format!("/var/lib/postgresql/zst-{:016x}", hasher.finish()));
    let note = directory.join(ELSEWHERE);
    fs::write(&note, elsewhere.as_os_str().as_bytes()).while_trying(|| format!("write {}", note.display()))?;
    eprintln!("PostgreSQL: user {USER} cannot enter {}, its data goes to {}", directory.display(), elsewhere.display());
    Ok(elsewhere)
}

fn can_enter(directory: &Path, account: Option<Account>) -> bool {
    let mut test = as_account(Path::new("/usr/bin/test"), account);
    test.arg("-x").arg(directory).status().is_ok_and(|status| status.success())
}

/// Made under another name first, so that an interrupted attempt is never taken for a cluster.
fn create_cluster(programs: &Path, data: &Path, account: Option<Account>) -> Result<()> {
    let draft = data.with_extension("new");
    for leftover in [&draft, data] {
        if leftover.exists() {
            fs::remove_dir_all(leftover).while_trying(|| format!("remove {}", leftover.display()))?;
        }
    }
    fs::create_dir_all(&draft).while_trying(|| format!("create {}", draft.display()))?;
    if let Some(Account { user, group }) = account {
        chown(&draft, Some(user), Some(group)).while_trying(|| format!("give {} to {USER}", draft.display()))?;
    }
    let mut command = as_account(&programs.join("initdb"), account);
    command
        .arg("-D")
        .arg(&draft)
        .args(["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"])
        .args(["--no-sync", "--no-instructions"]);
    let output = command.output().while_trying(|| "run initdb".to_owned())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("initdb failed").to_owned();
        return Err(Error::NotStarted { kind: Kind::Postgres, reason, log: draft });
    }
    fs::rename(&draft, data).while_trying(|| format!("rename {}", draft.display()))
}

/// After a crash of the machine the id in the lock file may belong to anybody, and the server would refuse to start.
fn clear_stale_lock(data: &Path) -> Result<()> {
    let file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else { return Ok(()) };
    let holder = text.lines().next().and_then(|id| id.trim().parse().ok()).and_then(Process::find);
    if let Some(holder) = holder {
        let command_line = fs::read(format!("/proc/{}/cmdline", holder.id)).unwrap_or_default();
        let ours = command_line.split(|byte| *byte == 0).any(|argument| argument == data.as_os_str().as_bytes());
        if ours {
            process::signal(&[holder], Kind::Postgres.stop_signal());
            process::wait_until_gone(&[holder], Duration::from_secs(20));
            return Ok(());
        }
    }
    fs::remove_file(&file).while_trying(|| format!("remove {}", file.display()))
}

fn as_account(program: &Path, account: Option<Account>) -> Command {
    let mut command = install::clean_command(program, Path::new("/"));
    command.stdin(Stdio::null());
    if let Some(Account { user, group }) = account {
        command.uid(user).gid(group);
    }
    command
}
