//! Videos as phones make them, and the files that are served of them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use image::GenericImageView;
use media_files::Kind;
use media_files::video::{Header, Limits, Tools};

use crate::build::Folder;
use crate::pictures::assert_near;

pub(crate) const PICTURE: &str = "-f lavfi -i testsrc=s=320x240:r=10:d=2";
pub(crate) const SOUND: &str = "-f lavfi -i sine=d=2";
pub(crate) const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

pub(crate) fn tools() -> Tools {
    Tools::find(Limits::default()).expect("the tests of videos need ffmpeg: apt-get install ffmpeg")
}

/// A video of a phone.
pub(crate) fn phone(folder: &Folder, name: &str) -> PathBuf {
    folder.ffmpeg(name, &format!("{PICTURE} {SOUND} {H264} -c:a aac -shortest"))
}

/// What the streams of a file are, by another program than the one under test.
fn streams(path: &Path) -> String {
    let entries = "stream=codec_name,codec_tag_string:stream_tags:format_tags:stream_side_data=rotation";
    let arguments = ["-v", "error", "-show_entries", entries, "-of", "compact=p=0:nk=0"];
    let output = Command::new("ffprobe").args(arguments).arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn place(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

async fn rewritten(folder: &Folder, input: &Path) -> (Header, PathBuf) {
    let tools = tools();
    let header = tools.probe(input).await.unwrap();
    let output = folder.path(&format!("served.{}", header.served_kind().extension()));
    tools.rewrite(&header, input, &output).await.unwrap();
    let again = tools.probe(&output).await.unwrap();
    assert_eq!((again.kind, again.width, again.height), (header.served_kind(), header.width, header.height));
    assert!(again.duration.abs_diff(header.duration) < Duration::from_millis(150), "{header:?} {again:?}");
    (header, output)
}

#[tokio::test]
async fn a_video_is_known_by_its_content() {
    let folder = Folder::new();
    let sound = |codec: &str| format!("{PICTURE} {SOUND} {H264} -c:a {codec} -shortest");
    let cases = [
        ("h264.mp4", sound("aac"), Kind::Mp4, "aac"),
        ("mp3.mp4", sound("libmp3lame"), Kind::Mp4, "mp3"),
        ("phone.mov", sound("aac"), Kind::Mov, "aac"),
        ("camera.mov", sound("pcm_s16le"), Kind::Mov, "aac"),
        ("alac.mov", sound("alac"), Kind::Mov, "aac"),
        ("opus.mp4", sound("libopus -strict -2"), Kind::Mp4, "aac"),
        ("silent.mp4", format!("{PICTURE} {H264}"), Kind::Mp4, "h264"),
        ("old.mp4", format!("{PICTURE} -c:v mpeg4"), Kind::Mp4, "mpeg4"),
        ("old.3gp", format!("{PICTURE} {SOUND} {H264} -c:a aac -shortest"), Kind::Mp4, "aac"),
        (
            "hevc.mp4",
            format!("{PICTURE} -c:v libx265 -preset ultrafast -x265-params log-level=none"),
            Kind::Mp4,
            "hvc1",
        ),
        ("vp8.webm", format!("{PICTURE} {SOUND} -c:v libvpx -deadline realtime -c:a libvorbis"), Kind::WebM, "vorbis"),
        (
            "vp9.webm",
            format!("{PICTURE} {SOUND} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
            Kind::WebM,
            "opus",
        ),
    ];
    for (name, arguments, kind, expected) in cases {
        let input = folder.ffmpeg(name, &arguments);
        // Its name says something else.
        let disguised = folder.path("picture.jpg");
        std::fs::rename(&input, &disguised).unwrap();
        let (header, output) = rewritten(&folder, &disguised).await;
        assert_eq!((header.kind, header.width, header.height), (kind, 320, 240), "{name}");
        assert!(header.duration.abs_diff(Duration::from_secs(2)) < Duration::from_millis(150), "{name}: {header:?}");
        assert!(streams(&output).contains(expected), "{name}: {}", streams(&output));
    }
}

#[tokio::test]
async fn a_served_video_begins_to_play_before_it_is_complete() {
    let folder = Folder::new();
    let (_, output) = rewritten(&folder, &phone(&folder, "phone.mov")).await;
    let bytes = std::fs::read(output).unwrap();
    assert!(place(&bytes, b"moov").unwrap() < place(&bytes, b"mdat").unwrap());
    assert_eq!(&bytes[4..8], b"ftyp");

    let webm = folder.ffmpeg("phone.webm", &format!("{PICTURE} -g 5 -c:v libvpx -deadline realtime"));
    let (_, output) = rewritten(&folder, &webm).await;
    let bytes = std::fs::read(output).unwrap();
    assert!(place(&bytes, b"\x1c\x53\xbb\x6b").unwrap() < place(&bytes, b"\x1f\x43\xb6\x75").unwrap());
}

#[tokio::test]
async fn the_same_video_is_always_the_same_bytes() {
    let folder = Folder::new();
    for name in ["phone.mp4", "phone.mov"] {
        let input = phone(&folder, name);
        let (_, output) = rewritten(&folder, &input).await;
        let once = std::fs::read(&output).unwrap();
        rewritten(&folder, &input).await;
        assert!(std::fs::read(output).unwrap() == once, "{name} was not the same");
    }
}

#[tokio::test]
async fn nothing_is_left_of_what_the_camera_knew() {
    let folder = Folder::new();
    let subtitles = folder.write("words.srt", b"1\n00:00:00,000 --> 00:00:01,000\nPLANTED words\n");
    let chapters = folder.write(
        "chapters.txt",
        b";FFMETADATA1\ntitle=PLANTED\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=PLANTED chapter\n",
    );
    let metadata = "-metadata com.apple.quicktime.location.ISO6709=PLANTED+36.7538+003.0588/ \
                    -metadata com.apple.quicktime.model=PLANTED -metadata location=PLANTED -metadata comment=PLANTED \
                    -metadata:s:v handler_name=PLANTED -metadata:s:a title=PLANTED -metadata creation_time=2024-02-03T04:05:06Z";
    for (name, more) in [
        ("phone.mov", "-c:s mov_text -timecode 01:00:00:00 -movflags use_metadata_tags"),
        ("phone.mp4", "-c:s mov_text"),
    ] {
        let arguments = format!(
            "{PICTURE} {SOUND} -i {} -i {} -map 0:v -map 1:a -map 2:s -map_metadata 3 -map_chapters 3 {H264} -c:a aac {more} {}",
            subtitles.display(),
            chapters.display(),
            metadata.split_whitespace().collect::<Vec<_>>().join(" "),
        );
        let input = folder.ffmpeg(name, &arguments);
        let mut bytes = std::fs::read(&input).unwrap();
        assert!(place(&bytes, b"PLANTED").is_some());
        bytes.extend(b"<html><script>PLANTED</script></html>");
        std::fs::write(&input, bytes).unwrap();
        let (_, output) = rewritten(&folder, &input).await;
        let bytes = std::fs::read(&output).unwrap();
        for trace in [&b"PLANTED"[..], b"<script", b"Lavf", b"ISO6709"] {
            assert!(place(&bytes, trace).is_none(), "{name}: {}", String::from_utf8_lossy(trace));
        }
        let streams = streams(&output);
        assert!(
            !streams.contains("2024-02-03") && !streams.contains("mov_text") && !streams.contains("tmcd"),
            "{streams}"
        );
    }
}

/// Red on the left and blue on the right, and a mark that the phone was held upright.
fn held_upright(folder: &Folder) -> PathBuf {
    let halves = "-f lavfi -i color=red:s=160x240:r=10:d=2 -f lavfi -i color=blue:s=160x240:r=10:d=2";
    let flat = folder.ffmpeg("flat.mp4", &format!("{halves} -filter_complex hstack {H264}"));
    folder.ffmpeg("upright.mov", &format!("-i {} -c copy -metadata:s:v rotate=90", flat.display()))
}

#[tokio::test]
async fn a_video_that_was_held_upright_is_upright() {
    let folder = Folder::new();
    let input = held_upright(&folder);
    let (header, output) = rewritten(&folder, &input).await;
    assert_eq!((header.width, header.height), (240, 320));
    // The program turns against the clock: what was on the left is below.
    assert!(streams(&output).contains("rotation=90"), "{}", streams(&output));
    for video in [&input, &output] {
        let poster = folder.path("poster.jpg");
        let header = tools().probe(video).await.unwrap();
        tools().poster(&header, video, &poster).await.unwrap();
        let poster = image::open(poster).unwrap();
        assert_near(poster.get_pixel(200, 60), [0, 0, 254], 12);
        assert_near(poster.get_pixel(200, 340), [254, 0, 0], 12);
    }
}

#[tokio::test]
async fn a_poster_is_a_thumbnail_of_an_early_frame() {
    let folder = Folder::new();
    let dark = "-f lavfi -i color=black:s=640x200:r=10:d=0.5 -f lavfi -i color=lime:s=640x200:r=10:d=2";
    let cases = [
        ("begins_in_the_dark.mp4", format!("{dark} -filter_complex concat {H264}"), [0, 255, 1]),
        ("one_frame.mp4", format!("-f lavfi -i color=red:s=64x64:r=25:d=0.04 {H264}"), [254, 0, 0]),
        ("narrow.mp4", format!("-f lavfi -i color=red:s=2x1000:r=10:d=1 {H264}"), [254, 0, 0]),
        ("wide.webm", "-f lavfi -i color=red:s=4096x2:r=5:d=1 -c:v libvpx -deadline realtime".to_owned(), [254, 0, 0]),
    ];
    for (name, arguments, colour) in cases {
        let (input, poster) = (folder.ffmpeg(name, &arguments), folder.path("poster.jpg"));
        let header = tools().probe(&input).await.unwrap();
        tools().poster(&header, &input, &poster).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let bytes = std::fs::read(&poster).unwrap();
        assert_eq!(media_files::sniff(&bytes), Some(Kind::Jpeg));
        assert!(place(&bytes, b"Lavc").is_none());
        let shown = image::load_from_memory(&bytes).unwrap();
        assert_eq!(shown.dimensions(), (400, 400), "{name}");
        assert_near(shown.get_pixel(200, 200), colour, 12);
    }
}
