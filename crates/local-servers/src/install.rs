//! Finds the server programs and installs the missing ones from the distribution.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use crate::{Error, Kind, Result};

/// Not in an ordinary user's `PATH`, but where servers are.
const SYSTEM_FOLDERS: [&str; 4] = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin"];

/// One installation at a time: three servers are started in parallel, and apt has one lock.
static INSTALLING: Mutex<()> = Mutex::new(());

/// The path of a program, looked for in `folders` and then where programs are; installed when it is missing.
pub(crate) fn program(kind: Kind, name: &str, folders: &[PathBuf]) -> Result<PathBuf> {
    found_or_installed(kind, || find(name, folders))
}

/// What `look` finds, after an installation if need be.
pub(crate) fn found_or_installed<T>(kind: Kind, look: impl Fn() -> Option<T>) -> Result<T> {
    if let Some(found) = look() {
        return Ok(found);
    }
    install(kind)?;
    look().ok_or_else(|| Error::NotInstalled { kind, reason: "the packages lack its programs".to_owned() })
}

/// A command that inherits nothing of the user's environment but the path: no `PGPORT`, no `RABBITMQ_NODENAME`.
pub(crate) fn clean_command(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("LANG", "C.UTF-8").current_dir("/");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// Whether this process is the superuser's.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn find(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = folders.to_vec();
    candidates.extend(std::env::split_paths(&path));
    candidates.extend(SYSTEM_FOLDERS.iter().map(PathBuf::from));
    candidates.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn install(kind: Kind) -> Result<()> {
    let _one_at_a_time = INSTALLING.lock().expect("an installation does not panic");
    let refuse = |reason: &str| Error::NotInstalled { kind, reason: reason.to_owned() };
    if find("apt-get", &[]).is_none() {
        return Err(refuse("this system has no apt-get"));
    }
    let mut apt = if is_root() { vec![] } else { vec!["sudo", "-n"] };
    if !is_root() && !succeeds(Command::new("sudo").args(["-n", "true"])) {
        return Err(refuse("installing it needs root or a sudo without password"));
    }
    eprintln!("{kind} is missing: installing the package {} with apt-get", kind.packages());
    apt.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]);
    let log = std::env::temp_dir().join(format!("install-{}.log", kind.packages()));
    let run = |arguments: &[&str]| -> io::Result<bool> {
        let output = File::options().create(true).append(true).open(&log)?;
        let errors = output.try_clone()?;
        let mut command = Command::new(apt[0]);
        command.args(&apt[1..]).args(arguments).stdin(Stdio::null()).stdout(output).stderr(errors);
        Ok(command.status()?.success())
    };
    let install = ["install", "-y", "--no-install-recommends", kind.packages()];
    // The package lists may be missing or old; fetching them takes longer than most installations.
    let done = run(&install).and_then(|done| Ok(done || (run(&["update"])? && run(&install)?)));
    match done {
        Ok(true) => Ok(()),
        Ok(false) => Err(refuse(&format!("apt-get failed, see {}", log.display()))),
        Err(error) => Err(refuse(&format!("apt-get could not be run: {error}"))),
    }
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
