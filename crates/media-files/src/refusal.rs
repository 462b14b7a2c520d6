//! Why a file is not taken.

use std::fmt;

/// What is said of a file that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// It is none of the kinds of file that are taken (415).
    #[error("this kind of file is not taken")]
    Unsupported,
    /// It is of such a kind, but cannot be used (422).
    #[error("{0}")]
    Unprocessable(Reason),
}

/// Why a file of a supported kind cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Its header or what follows is broken, or its end is missing.
    Damaged,
    /// It is larger than [`MAX_PIXELS`](crate::picture::MAX_PIXELS), all frames of an animation together.
    TooManyPixels,
    /// An animation of more than [`MAX_FRAMES`](crate::picture::MAX_FRAMES).
    TooManyFrames,
    /// An animation without a frame.
    NoFrames,
    /// It repeats its pixels so often that decoding it would take too long.
    TooManyScans,
    /// Decoding it would take more memory than any real picture needs.
    TooMuchMemory,
    /// It is coded in a way that phones and browsers do not show.
    Coding,
    /// A video without a picture.
    NoVideo,
    /// A video longer than [`MAX_DURATION`](crate::video::MAX_DURATION).
    TooLong,
    /// A video with a side over [`MAX_SIDE`](crate::video::MAX_SIDE).
    TooWide,
    /// Working on it took longer than any real file takes.
    TooSlow,
}

impl Reason {
    /// A word that never changes, for logs and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooManyFrames => "too_many_frames",
            Self::NoFrames => "no_frames",
            Self::TooManyScans => "too_many_scans",
            Self::TooMuchMemory => "too_much_memory",
            Self::Coding => "coding",
            Self::NoVideo => "no_video",
            Self::TooLong => "too_long",
            Self::TooWide => "too_wide",
            Self::TooSlow => "too_slow",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Damaged => "the file is damaged or incomplete",
            Self::TooManyPixels => "the picture has too many pixels",
            Self::TooManyFrames => "the animation has too many frames",
            Self::NoFrames => "the animation has no frame",
            Self::TooManyScans => "the picture is coded in too many passes",
            Self::TooMuchMemory => "the picture takes too much memory",
            Self::Coding => "the file is coded in a way that is not supported",
            Self::NoVideo => "the file holds no video",
            Self::TooLong => "the video is too long",
            Self::TooWide => "the video is too wide or too high",
            Self::TooSlow => "working on the file takes too long",
        })
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Unprocessable(reason)
    }
}
