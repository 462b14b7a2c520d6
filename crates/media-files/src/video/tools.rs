//! The programs, and how one is run: under limits, without its caller's environment, until it ends or its time is over.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

use super::Error;
use crate::kind::Kind;
use crate::refusal::Reason;

/// What a program may print before it is stopped: five minutes of 240 pictures a second, each in a line, are a quarter.
pub(super) const MAX_OUTPUT: u64 = 8 << 20;
/// What is kept of its complaints.
const MAX_LOG: usize = 2048;
const SIGNAL_KILLED: i32 = 9;
const SIGNAL_TOO_MUCH_TIME: i32 = 24;
const SIGNAL_FILE_TOO_LARGE: i32 = 25;

/// What one run of a program may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From its start to its end.
    pub time: Duration,
    /// Of all its threads.
    pub cpu: Duration,
    /// Bytes of address space, of which it uses a part.
    pub memory: u64,
    /// Bytes of the largest file that it may write: a small file can name the same second a thousand times.
    pub file: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let (time, cpu) = (Duration::from_secs(60), Duration::from_secs(45));
        Self { time, cpu, memory: 2 << 30, file: 256 << 20 }
    }
}

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Tools {
    ffprobe: PathBuf,
    ffmpeg: PathBuf,
    prlimit: PathBuf,
    limits: Limits,
}

/// A program that is not installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not installed")]
pub struct Missing(pub &'static str);

/// A program of ffmpeg.
#[derive(Clone, Copy)]
pub(super) enum Program {
    Probe,
    Mpeg,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Probe => "ffprobe",
            Self::Mpeg => "ffmpeg",
        }
    }
}

impl Tools {
    /// Looks for the programs where programs are.
    ///
    /// # Errors
    ///
    /// The first that is missing.
    pub fn find(limits: Limits) -> Result<Self, Missing> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let find = |name: &'static str| {
            let folders = std::env::split_paths(&path).chain(["/usr/bin", "/bin"].map(PathBuf::from));
            folders.map(|folder| folder.join(name)).find(|file| file.is_file()).ok_or(Missing(name))
        };
        Ok(Self { ffprobe: find("ffprobe")?, ffmpeg: find("ffmpeg")?, prlimit: find("prlimit")?, limits })
    }

    /// Runs a program to its end and gives what it printed.
    pub(super) async fn run(&self, program: Program, arguments: &[OsString]) -> Result<Vec<u8>, Error> {
        let failed = |error: io::Error| Error::Failed { program: program.name(), log: error.to_string() };
        let mut child = self.command(program).args(arguments).spawn().map_err(failed)?;
        let (output, errors) = (child.stdout.take(), child.stderr.take());
        let (output, errors) = output.zip(errors).expect("both are piped");
        let work = async { tokio::join!(first(output), complaints(errors), child.wait()) };
        // Dropped with the future when its time is over, the child is killed.
        let Ok((output, log, status)) = timeout(self.limits.time, work).await else {
            return Err(Reason::TooSlow.into());
        };
        let (output, status) = (output.map_err(failed)?, status.map_err(failed)?);
        if status.success() { Ok(output) } else { Err(verdict(program, status, log)) }
    }

    fn command(&self, program: Program) -> Command {
        let mut command = Command::new(&self.prlimit);
        let Limits { cpu, memory, file, .. } = self.limits;
        command
            .arg(format!("--cpu={}", cpu.as_secs().max(1)))
            .arg(format!("--as={memory}"))
            .arg(format!("--fsize={file}"))
            .args(["--core=0", "--nofile=64"])
            .arg(match program {
                Program::Probe => &self.ffprobe,
                Program::Mpeg => &self.ffmpeg,
            })
            .args(["-v", "error"])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

/// How a received file is named to the programs: as this kind, and nothing that it names is opened.
pub(super) fn input(kind: Kind, path: &Path) -> Vec<OsString> {
    let demuxer: &[&str] = match kind {
        Kind::WebM => &["-f", "matroska"],
        _ => &["-f", "mov", "-enable_drefs", "0", "-use_absolute_path", "0"],
    };
    let options = ["-protocol_whitelist", "file"].iter().chain(demuxer).chain(&["-i"]);
    options.map(OsString::from).chain([file(path)]).collect()
}

/// A path that is never taken for an address.
pub(super) fn file(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}

/// The arguments as the operating system takes them.
pub(super) fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsStr::new).map(OsStr::to_owned).collect()
}

fn verdict(program: Program, status: ExitStatus, log: String) -> Error {
    let reason = match status.signal() {
        Some(SIGNAL_KILLED | SIGNAL_TOO_MUCH_TIME) => Reason::TooSlow,
        Some(SIGNAL_FILE_TOO_LARGE) => Reason::TooMuchMemory,
        _ if log.contains("No space left on device") || log.contains("prlimit:") => {
            return Error::Failed { program: program.name(), log };
        }
        _ if log.contains("File too large") || log.contains("Cannot allocate memory") => Reason::TooMuchMemory,
        _ => Reason::Damaged,
    };
    Error::Refused { refusal: reason.into(), log }
}

async fn first(output: impl AsyncRead + Unpin) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    output.take(MAX_OUTPUT).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// The beginning of what a program complains of; the rest is read, so that it can go on.
async fn complaints(mut errors: impl AsyncRead + Unpin) -> String {
    let (mut kept, mut buffer) = (Vec::new(), vec![0; 4096]);
    while let Ok(count @ 1..) = errors.read(&mut buffer).await {
        let room = MAX_LOG.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
