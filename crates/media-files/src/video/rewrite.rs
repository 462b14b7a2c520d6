//! The file that is served of a video.

use std::path::Path;

use super::tools::{self, Program, Tools};
use super::{Error, Header, Sound};
use crate::kind::Kind;

impl Tools {
    /// Writes the file that is served, of the [`served_kind`](Header::served_kind): the first video and the first sound of the
    /// received one, its index in front, nothing of its metadata. The same input always makes the same bytes.
    ///
    /// Both streams are copied, with the turn of a phone's video. Sound that MP4 does not carry everywhere (PCM, Opus, Vorbis,
    /// ALAC, AMR) becomes AAC. Subtitles, chapters, data (positions, say) and further streams are dropped.
    ///
    /// # Errors
    ///
    /// `Unprocessable` if the streams cannot be copied; the output may then be there in part.
    pub async fn rewrite(&self, header: &Header, input: &Path, output: &Path) -> Result<(), Error> {
        let mut arguments = tools::words(&["-nostdin"]);
        arguments.extend(tools::input(header.kind, input));
        arguments.extend(tools::words(&[
            "-map",
            "0:V:0",
            "-map",
            "0:a:0?",
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
            "-sn",
            "-dn",
            "-c",
            "copy",
            "-fflags",
            "+bitexact",
            "-flags",
            "+bitexact",
        ]));
        if header.codecs.hevc {
            // Under the other name Apple does not play it.
            arguments.extend(tools::words(&["-tag:v", "hvc1"]));
        }
        if header.codecs.sound == Sound::Recoded {
            arguments.extend(tools::words(&["-c:a", "aac", "-b:a", "128k", "-ac", "2", "-threads", "1"]));
        }
        arguments.extend(match header.served_kind() {
            Kind::WebM => tools::words(&["-cues_to_front", "1", "-f", "webm", "-y"]),
            _ => tools::words(&["-movflags", "+faststart", "-write_tmcd", "0", "-f", "mp4", "-y"]),
        });
        arguments.push(tools::file(output));
        self.run(Program::Mpeg, &arguments).await.map(drop)
    }
}
