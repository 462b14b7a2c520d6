//! Videos that are none, too long, too large, or mean harm.

use std::path::Path;
use std::time::{Duration, Instant};

use media_files::video::{Error, Limits, MAX_DURATION, Tools};
use media_files::{Reason, Refusal};

use crate::build::Folder;
use crate::videos::{H264, PICTURE, SOUND, phone, tools};

async fn refusal(path: &Path) -> Refusal {
    let start = Instant::now();
    let error = tools().probe(path).await.expect_err(&path.display().to_string());
    assert!(start.elapsed() < Duration::from_secs(20), "{} took {:?}", path.display(), start.elapsed());
    error.refusal().unwrap_or_else(|| panic!("{error}"))
}

#[tokio::test]
async fn what_is_no_video_is_unsupported_whatever_it_is_called() {
    let folder = Folder::new();
    let (picture, secret) = (crate::build::picture(9, 9), folder.write("secret.txt", b"a secret"));
    let script = format!("ffconcat version 1.0\nfile {}\n", secret.display());
    let files: [(&str, &[u8]); 9] = [
        ("nothing.mp4", b""),
        ("playlist.mp4", b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:1/segment.ts\n#EXT-X-ENDLIST\n"),
        ("concat.mp4", script.as_bytes()),
        ("dash.mp4", b"<?xml version=\"1.0\"?><MPD><BaseURL>http://127.0.0.1:1/</BaseURL></MPD>"),
        ("session.mp4", b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n"),
        ("page.mp4", b"<html><video src=x></html>"),
        ("picture.mp4", &crate::build::jpeg(&picture)),
        ("program.mp4", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"),
        ("animation.mp4", &crate::build::gif(8, 8, 3)),
    ];
    for (name, bytes) in files {
        assert_eq!(refusal(&folder.write(name, bytes)).await, Refusal::Unsupported, "{name}");
    }
    for (name, format) in [("film.mkv", "matroska"), ("film.avi", "avi"), ("film.ts", "mpegts"), ("film.flv", "flv")] {
        let file = folder.ffmpeg(name, &format!("{PICTURE} {H264} -f {format}"));
        assert_eq!(refusal(&file).await, Refusal::Unsupported, "{name}");
    }
}

#[tokio::test]
async fn a_list_in_the_clothes_of_a_video_is_not_followed() {
    let folder = Folder::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let list = format!("#EXTM3U\n#EXTINF:10,\nhttp://{address}/segment.ts\n#EXT-X-ENDLIST\n");
    let boxes: [&[u8]; 3] =
        [b"\0\0\0\x14ftypisom\0\0\0\0mp42", b"\0\0\0\x08wide", b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm"];
    for head in boxes {
        let file = folder.write("list.mp4", &[head, list.as_bytes()].concat());
        assert_eq!(refusal(&file).await, Refusal::Unprocessable(Reason::Damaged));
    }
    assert!(listener.accept().is_err(), "somebody called");
}

#[tokio::test]
async fn a_video_has_a_picture_that_moves() {
    let folder = Folder::new();
    let cover = folder.write("cover.jpg", &crate::build::jpeg(&crate::build::picture(64, 64)));
    let song =
        format!("{SOUND} -i {} -map 0 -map 1 -c:a aac -c:v copy -disposition:v attached_pic -f mp4", cover.display());
    for (name, arguments) in [
        ("song.mp4", song),
        ("sound.mp4", format!("{SOUND} -c:a aac")),
        ("sound.webm", format!("{SOUND} -c:a libopus")),
    ] {
        assert_eq!(refusal(&folder.ffmpeg(name, &arguments)).await, Reason::NoVideo.into(), "{name}");
    }
}

#[tokio::test]
async fn codings_that_phones_do_not_play_are_refused() {
    let folder = Folder::new();
    let cases = [
        ("mjpeg.mov", format!("{PICTURE} -c:v mjpeg -pix_fmt yuvj420p")),
        ("prores.mov", format!("{PICTURE} -c:v prores")),
        ("raw.mov", format!("{PICTURE} -c:v rawvideo -pix_fmt rgb24")),
        ("ffv1.mov", format!("{PICTURE} -c:v ffv1 -f mov")),
        ("png.mov", format!("{PICTURE} -c:v png")),
        ("ac3.mp4", format!("{PICTURE} {SOUND} {H264} -c:a ac3")),
    ];
    for (name, arguments) in cases {
        assert_eq!(refusal(&folder.ffmpeg(name, &arguments)).await, Reason::Coding.into(), "{name}");
    }
}

fn still(seconds: &str) -> String {
    format!("-f lavfi -i color=red:s=16x16:r=1:d={seconds} {H264}")
}

#[tokio::test]
async fn five_minutes_are_the_limit() {
    let folder = Folder::new();
    let header = tools().probe(&folder.ffmpeg("long.mp4", &still("300"))).await.unwrap();
    assert_eq!(header.duration, MAX_DURATION);
    let long = folder.ffmpeg("too_long.mp4", &still("301"));
    assert_eq!(refusal(&long).await, Reason::TooLong.into());

    // What the file says of itself is not what it holds.
    let mut bytes = std::fs::read(&long).unwrap();
    for (name, after) in [(b"mvhd", 16), (b"mdhd", 16), (b"tkhd", 20)] {
        let duration = bytes.windows(4).position(|part| part == name).unwrap() + 4 + after;
        bytes[duration..duration + 4].copy_from_slice(&[0, 0, 0, 9]);
    }
    assert_eq!(refusal(&folder.write("lies.mp4", &bytes)).await, Reason::TooLong.into());
}

#[tokio::test]
async fn a_side_has_4096_pixels_at_most() {
    let folder = Folder::new();
    let size = |size: &str| format!("-f lavfi -i color=red:s={size}:r=1:d=1 {H264}");
    assert!(tools().probe(&folder.ffmpeg("wide.mp4", &size("4096x16"))).await.is_ok());
    for (name, pixels) in [("too_wide.mp4", "4098x16"), ("too_tall.mp4", "16x4098")] {
        assert_eq!(refusal(&folder.ffmpeg(name, &size(pixels))).await, Reason::TooWide.into());
    }
}

#[tokio::test]
async fn a_video_that_ends_early_or_was_changed_is_refused_or_played() {
    let folder = Folder::new();
    let (tools, output) = (tools(), folder.path("served.mp4"));
    let fast = folder.ffmpeg("fast.mp4", &format!("{PICTURE} {H264} -movflags +faststart"));
    for input in [
        phone(&folder, "phone.mp4"),
        fast,
        folder.ffmpeg("phone.webm", &format!("{PICTURE} -c:v libvpx -deadline realtime")),
    ] {
        let bytes = std::fs::read(input).unwrap();
        for part in 0..5 {
            let mut changed = bytes[..bytes.len() * (part + 1) / 5 - 1].to_vec();
            for at in (40 + part..changed.len().min(3000)).step_by(211) {
                changed[at] ^= 0x55;
            }
            let file = folder.write("changed.mp4", if part % 2 == 0 { &changed } else { &bytes[..changed.len()] });
            let Ok(header) = tools.probe(&file).await else { continue };
            let rewritten = tools.rewrite(&header, &file, &output).await;
            assert!(!matches!(rewritten, Err(Error::Failed { .. })), "{rewritten:?}");
            let poster = tools.poster(&header, &file, &folder.path("poster.jpg")).await;
            assert!(!matches!(poster, Err(Error::Failed { .. })), "{poster:?}");
        }
    }
}

#[tokio::test]
async fn the_programs_work_within_their_limits() {
    let folder = Folder::new();
    let input = phone(&folder, "phone.mp4");
    let header = tools().probe(&input).await.unwrap();
    let with = |limits| Tools::find(limits).unwrap();
    let output = folder.path("served.mp4");

    let hurried = with(Limits { time: Duration::from_millis(1), ..Limits::default() });
    assert_eq!(hurried.probe(&input).await.unwrap_err().refusal(), Some(Reason::TooSlow.into()));
    let narrow = with(Limits { file: 4096, ..Limits::default() });
    let refused = narrow.rewrite(&header, &input, &output).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Reason::TooMuchMemory.into()), "{refused:?}");
    // Too little even for the program to start is a fault of the machine or of the file, never an answer.
    let small = with(Limits { memory: 64 << 20, ..Limits::default() });
    assert!(small.probe(&input).await.is_err());
}

#[tokio::test]
async fn a_file_that_is_not_there_is_no_fault_of_the_file() {
    let folder = Folder::new();
    let error = tools().probe(&folder.path("nothing.mp4")).await.unwrap_err();
    assert!(matches!(error, Error::Failed { .. }) && error.refusal().is_none());
}
