//! Videos: what they are, and the files that are served of them.
//!
//! `ffprobe` and `ffmpeg` do the work, each in a process of its own under limits of time, memory and what it may write, with
//! files as the only protocol and the demuxer that the content calls for: a playlist is never followed, wherever it stands.
//! Pictures and sound are copied as they are; only sound that MP4 does not carry is coded again. Input and output are the
//! caller's files.

mod poster;
mod probe;
mod rewrite;
mod tools;

use std::time::Duration;

use crate::kind::Kind;
use crate::refusal::{Reason, Refusal};

pub use tools::{Limits, Missing, Tools};

/// The longest video.
pub const MAX_DURATION: Duration = Duration::from_secs(300);
/// Beyond it, because a container rounds and sound ends a little after the picture: still taken.
pub const TOLERANCE: Duration = Duration::from_millis(499);
/// The longest side.
pub const MAX_SIDE: u32 = 4096;

/// What a video is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What was received.
    pub kind: Kind,
    /// Columns of pixels as it is shown, upright.
    pub width: u32,
    /// Rows of pixels as it is shown, upright.
    pub height: u32,
    /// From the first to the end of the last frame, measured and not believed.
    pub duration: Duration,
    codecs: Codecs,
}

impl Header {
    /// The kind as which it is served: WebM as WebM, all others as MP4.
    pub fn served_kind(&self) -> Kind {
        if self.kind == Kind::WebM { Kind::WebM } else { Kind::Mp4 }
    }
}

/// What [`Tools::rewrite`] must know of the streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Codecs {
    hevc: bool,
    sound: Sound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    None,
    Copied,
    /// Coded again as AAC, because MP4 does not carry it or phones do not play it there.
    Recoded,
}

/// Why a video could not be worked on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is at fault.
    #[error("{refusal}")]
    Refused {
        /// What to say of it.
        refusal: Refusal,
        /// What the program said: for logs, never for those who sent the file.
        log: String,
    },
    /// The machine is at fault: the same file may succeed elsewhere or later.
    #[error("{program} could not do its work: {log}")]
    Failed {
        /// `ffprobe` or `ffmpeg`.
        program: &'static str,
        /// What the program or the system said: for logs.
        log: String,
    },
}

impl Error {
    /// What to say of the file, if it is at fault.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(*refusal),
            Self::Failed { .. } => None,
        }
    }

    fn refused(refusal: impl Into<Refusal>) -> Self {
        Self::Refused { refusal: refusal.into(), log: String::new() }
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        Self::refused(reason)
    }
}
