//! Whether a video is one that is taken, and how long it is.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncReadExt;

use super::tools::{self, MAX_OUTPUT, Program, Tools};
use super::{Codecs, Error, Header, MAX_DURATION, MAX_SIDE, Sound, TOLERANCE};
use crate::kind::{HEAD, Kind, sniff};
use crate::refusal::{Reason, Refusal};

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize, Default)]
struct Format {
    duration: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    index: usize,
    #[serde(default)]
    codec_type: String,
    #[serde(default)]
    codec_name: String,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Deserialize, Default)]
struct Disposition {
    /// The cover of a song is a stream as well.
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

impl Stream {
    fn is_film(&self) -> bool {
        self.codec_type == "video" && self.disposition.attached_pic == 0
    }

    fn lies_on_its_side(&self) -> bool {
        let rotation = self.side_data_list.iter().find_map(|data| data.rotation).unwrap_or_default();
        (rotation / 90.0).round().rem_euclid(2.0) == 1.0
    }
}

impl Tools {
    /// Reads what a video is, and measures how long.
    ///
    /// # Errors
    ///
    /// `Unsupported` for what is no MP4, MOV or WebM; `Unprocessable` for what is damaged, holds no video, is coded in a way
    /// that phones do not play, or is longer or larger than allowed.
    pub async fn probe(&self, path: &Path) -> Result<Header, Error> {
        let kind = kind_of(path).await?;
        let report = self.report(kind, path).await?;
        let film = report.streams.iter().find(|stream| stream.is_film()).ok_or(Reason::NoVideo)?;
        let sound = report.streams.iter().find(|stream| stream.codec_type == "audio");
        let codecs = codecs(kind, film, sound)?;
        let (mut width, mut height) = (film.width, film.height);
        if width.min(height) == 0 {
            return Err(Reason::Damaged.into());
        }
        if width.max(height) > MAX_SIDE {
            return Err(Reason::TooWide.into());
        }
        if film.lies_on_its_side() {
            std::mem::swap(&mut width, &mut height);
        }
        // A file that admits it need not be measured.
        let claimed = report.format.duration.and_then(|seconds| seconds.parse::<f64>().ok());
        if claimed.is_some_and(|seconds| seconds > (MAX_DURATION + TOLERANCE).as_secs_f64()) {
            return Err(Reason::TooLong.into());
        }
        let streams: Vec<usize> = [Some(film), sound].into_iter().flatten().map(|stream| stream.index).collect();
        let duration = self.measure(kind, path, &streams).await?;
        if duration > MAX_DURATION + TOLERANCE {
            return Err(Reason::TooLong.into());
        }
        Ok(Header { kind, width, height, duration, codecs })
    }

    async fn report(&self, kind: Kind, path: &Path) -> Result<Report, Error> {
        const ENTRIES: &str = "stream=index,codec_type,codec_name,width,height:stream_disposition=attached_pic:\
                               stream_side_data=rotation:format=duration";
        let mut arguments = tools::words(&["-print_format", "json", "-show_entries", ENTRIES]);
        arguments.extend(tools::input(kind, path));
        let output = self.run(Program::Probe, &arguments).await?;
        serde_json::from_slice(&output)
            .map_err(|error| Error::Refused { refusal: Reason::Damaged.into(), log: error.to_string() })
    }

    /// Reads when each piece of these streams is shown, and gives the time from the first to the end of the last.
    async fn measure(&self, kind: Kind, path: &Path, streams: &[usize]) -> Result<Duration, Error> {
        let entries = "packet=stream_index,pts_time,duration_time";
        let mut arguments = tools::words(&["-show_entries", entries, "-of", "csv=print_section=0"]);
        arguments.extend(tools::input(kind, path));
        let output = self.run(Program::Probe, &arguments).await?;
        if output.len() as u64 >= MAX_OUTPUT {
            return Err(Error::refused(Reason::TooSlow));
        }
        let spans = streams.iter().map(|stream| span(&output, *stream));
        let span = spans.flatten().reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
        let (start, end) = span.ok_or(Reason::Damaged)?;
        let seconds = Duration::try_from_secs_f64(end - start).ok().filter(|duration| !duration.is_zero());
        seconds.ok_or_else(|| Reason::Damaged.into())
    }
}

/// When a stream begins and ends by the lines of its packets.
fn span(output: &[u8], stream: usize) -> Option<(f64, f64)> {
    let (mut start, mut last, mut end, mut count) = (f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, 0_u32);
    for line in output.split(|byte| *byte == b'\n') {
        let mut fields = std::str::from_utf8(line).unwrap_or_default().split(',');
        if fields.next().and_then(|index| index.parse().ok()) != Some(stream) {
            continue;
        }
        let mut number =
            || fields.next().and_then(|field| field.parse::<f64>().ok()).filter(|number| number.is_finite());
        let (Some(at), length) = (number(), number()) else { continue };
        (start, last, count) = (start.min(at), last.max(at), count + 1);
        end = end.max(at + length.unwrap_or(0.0));
    }
    // What does not say how long its last piece is shown shows it as long as the others.
    let usual = (last - start) / f64::from(count.checked_sub(1)?.max(1));
    Some((start.max(0.0), if end > last { end } else { last + usual }))
}

async fn kind_of(path: &Path) -> Result<Kind, Error> {
    let failed = |error: std::io::Error| Error::Failed { program: "ffprobe", log: error.to_string() };
    let mut head = Vec::with_capacity(HEAD);
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    file.take(HEAD as u64).read_to_end(&mut head).await.map_err(failed)?;
    sniff(&head).filter(|kind| kind.is_video()).ok_or_else(|| Error::refused(Refusal::Unsupported))
}

/// What phones and browsers play, and what is done for it.
fn codecs(kind: Kind, film: &Stream, sound: Option<&Stream>) -> Result<Codecs, Error> {
    let webm = kind == Kind::WebM;
    let played = match film.codec_name.as_str() {
        "av1" | "vp9" => true,
        "vp8" => webm,
        "h264" | "hevc" | "mpeg4" => !webm,
        _ => false,
    };
    let sound = match sound.map(|sound| sound.codec_name.as_str()) {
        None => Some(Sound::None),
        Some("opus" | "vorbis") if webm => Some(Sound::Copied),
        Some(_) if webm => None,
        Some("aac" | "mp3") => Some(Sound::Copied),
        Some("opus" | "vorbis" | "alac" | "amr_nb" | "amr_wb") => Some(Sound::Recoded),
        Some(name) => name.starts_with("pcm_").then_some(Sound::Recoded),
    };
    let sound = sound.filter(|_| played).ok_or(Reason::Coding)?;
    Ok(Codecs { hevc: film.codec_name == "hevc", sound })
}
