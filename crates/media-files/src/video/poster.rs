//! The thumbnail of a video.

use std::path::Path;
use std::time::Duration;

use super::tools::{self, Program, Tools};
use super::{Error, Header};
use crate::picture::THUMBNAIL_SIDE;
use crate::refusal::Reason;

/// Many videos begin in the dark.
const EARLY: Duration = Duration::from_secs(1);

impl Tools {
    /// Writes the thumbnail: a JPEG like that of a picture, of one early frame, upright.
    ///
    /// # Errors
    ///
    /// `Unprocessable` if not a single frame can be decoded.
    pub async fn poster(&self, header: &Header, input: &Path, output: &Path) -> Result<(), Error> {
        let early = EARLY.min(header.duration / 2);
        let found = self.frame_at(early, header, input, output).await;
        if found.is_ok() && is_written(output).await {
            return Ok(());
        }
        // What is very short or cannot be sought in has a first frame.
        self.frame_at(Duration::ZERO, header, input, output).await?;
        if is_written(output).await { Ok(()) } else { Err(Reason::Damaged.into()) }
    }

    async fn frame_at(&self, at: Duration, header: &Header, input: &Path, output: &Path) -> Result<(), Error> {
        // Where no frame is found the program succeeds and writes nothing: what is there afterwards must be its own.
        let _ = tokio::fs::remove_file(output).await;
        let mut arguments = tools::words(&["-nostdin", "-threads", "2"]);
        if !at.is_zero() {
            arguments.extend(tools::words(&["-ss", &format!("{:.3}", at.as_secs_f64())]));
        }
        arguments.extend(tools::input(header.kind, input));
        let square = format!(
            "crop='min(iw,ih)':'min(iw,ih)':exact=1,scale={THUMBNAIL_SIDE}:{THUMBNAIL_SIDE}:flags=lanczos,setsar=1,\
             format=yuvj420p"
        );
        arguments.extend(tools::words(&[
            "-map",
            "0:V:0",
            "-map_metadata",
            "-1",
            "-an",
            "-sn",
            "-dn",
            "-frames:v",
            "1",
            "-vf",
            &square,
            "-c:v",
            "mjpeg",
            "-q:v",
            "3",
            "-fflags",
            "+bitexact",
            "-flags:v",
            "+bitexact",
            "-f",
            "image2",
            "-update",
            "1",
            "-y",
        ]));
        arguments.push(tools::file(output));
        self.run(Program::Mpeg, &arguments).await.map(drop)
    }
}

async fn is_written(output: &Path) -> bool {
    tokio::fs::metadata(output).await.is_ok_and(|written| written.len() > 0)
}
