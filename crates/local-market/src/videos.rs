//! The videos that the demo's sellers send for their reels. They are served beside the stand-in for Clerk too, for reels that an
//! operator adds.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// What the videos are called.
pub const NAMES: [&str; 6] = ["dune", "casbah", "mer", "olive", "rose", "nuit"];

/// Where they are, below the address of the stand-in.
pub(crate) const FOLDER: &str = "videos";

macro_rules! files {
    ($($name:literal $kind:literal,)+) => {
        /// A file and its type.
        fn file(name: &str) -> Option<(&'static [u8], &'static str)> {
            match name {
                $($name => Some((include_bytes!(concat!("../data/videos/", $name)), $kind)),)+
                _ => None,
            }
        }
    };
}

files! {
    "dune.mp4" "video/mp4",
    "casbah.mp4" "video/mp4",
    "mer.mp4" "video/mp4",
    "olive.mp4" "video/mp4",
    "rose.mp4" "video/mp4",
    "nuit.mp4" "video/mp4",
    "dune.jpg" "image/jpeg",
    "casbah.jpg" "image/jpeg",
    "mer.jpg" "image/jpeg",
    "olive.jpg" "image/jpeg",
    "rose.jpg" "image/jpeg",
    "nuit.jpg" "image/jpeg",
}

/// A video, whole.
pub(crate) fn bytes(name: &str) -> Option<&'static [u8]> {
    file(&format!("{name}.mp4")).map(|(bytes, _)| bytes)
}

/// Serves them.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(&format!("/{FOLDER}/{{name}}"), get(show))
}

/// Whole, or from a byte on, as players ask for it.
async fn show(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some((bytes, kind)) = file(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let typed = [(header::CONTENT_TYPE, kind), (header::ACCEPT_RANGES, "bytes")];
    let range =
        headers.get(header::RANGE).and_then(|range| range.to_str().ok()).and_then(|range| part(range, bytes.len()));
    match range {
        None => (typed, bytes).into_response(),
        Some((first, last)) => {
            let place = format!("bytes {first}-{last}/{}", bytes.len());
            (StatusCode::PARTIAL_CONTENT, typed, [(header::CONTENT_RANGE, place)], &bytes[first..=last]).into_response()
        }
    }
}

/// `bytes=first-` or `bytes=first-last` (RFC 9110, 14.1.2); any other form is as if nothing had been asked for.
fn part(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse().ok().filter(|first| *first < length)?;
    let last = if last.is_empty() { length - 1 } else { last.parse::<usize>().ok()?.min(length - 1) };
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_video_has_a_picture() {
        for name in NAMES {
            assert!(bytes(name).is_some_and(|bytes| bytes.len() > 10_000), "{name}");
            assert!(file(&format!("{name}.jpg")).is_some(), "{name}");
        }
    }

    #[test]
    fn a_part_lies_within_the_file() {
        for (range, found) in [
            ("bytes=0-", Some((0, 9))),
            ("bytes=3-5", Some((3, 5))),
            ("bytes=3-99", Some((3, 9))),
            ("bytes=10-", None),
            ("bytes=5-3", None),
            ("bytes=-3", None),
            ("lines=0-", None),
        ] {
            assert_eq!(part(range, 10), found, "{range}");
        }
    }
}
