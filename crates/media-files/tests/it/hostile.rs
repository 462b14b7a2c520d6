//! Files that mean harm or nothing: each has its refusal, soon.

use std::time::{Duration, Instant};

use image::ImageFormat;
use media_files::picture::{MAX_FRAMES, Picture, probe, thumbnail_of};
use media_files::{Reason, Refusal};

use crate::build::{self, picture};

/// Of the contract, also where the decoders are not optimised.
const SOON: Duration = Duration::from_secs(10);

/// Every way into the crate, which must agree.
#[track_caller]
fn assert_refused(name: &str, bytes: &[u8], refusal: impl Into<Refusal>) {
    let (refusal, start) = (refusal.into(), Instant::now());
    assert_eq!(Picture::open(bytes).err(), Some(refusal), "{name}");
    assert_eq!(thumbnail_of(bytes).err(), Some(refusal), "{name}");
    assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
}

/// Refused before anything is decoded, at once.
#[track_caller]
fn assert_refused_by_its_header(name: &str, bytes: &[u8], refusal: impl Into<Refusal>) {
    let (refusal, start) = (refusal.into(), Instant::now());
    assert_eq!(probe(bytes).err(), Some(refusal), "{name}");
    assert!(start.elapsed() < Duration::from_secs(1), "{name} took {:?}", start.elapsed());
    assert_refused(name, bytes, refusal);
}

#[test]
fn what_is_no_picture_is_unsupported_whatever_it_is_called() {
    let files: [(&str, &[u8]); 21] = [
        ("nothing", b""),
        ("a byte", b"\xff"),
        ("HTML", b"<!DOCTYPE html><html><script>alert(1)</script></html>"),
        ("SVG", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("XML with an entity bomb", b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"&b;&b;\">]><svg>&a;</svg>"),
        ("PDF", b"%PDF-1.7\n1 0 obj\n"),
        ("ELF", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"),
        ("a Windows program", b"MZ\x90\0\x03\0\0\0"),
        ("ZIP", b"PK\x03\x04\x14\0\0\0"),
        ("a shell script", b"#!/bin/sh\nid\n"),
        ("a playlist", b"#EXTM3U\n#EXT-X-TARGETDURATION:10\nhttp://127.0.0.1/\n"),
        ("a list of parts", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        ("BMP", b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0"),
        ("TIFF", b"II*\0\x08\0\0\0"),
        ("ICO", b"\0\0\x01\0\x01\0"),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("AVIF", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"),
        ("a video", b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2"),
        ("a sound in RIFF", b"RIFF\x24\0\0\0WAVEfmt "),
        ("half a signature", b"\x89PNG\r\n"),
        ("a GIF of no year", b"GIF88a\x01\0\x01\0\0\0\0;"),
    ];
    for (name, bytes) in files {
        assert_refused_by_its_header(name, bytes, Refusal::Unsupported);
    }
}

#[test]
fn files_that_end_early_are_damaged() {
    let small = picture(40, 30);
    let files = [
        ("JPEG", build::jpeg(&small)),
        ("progressive JPEG", build::jpeg_with(&small, |jpeg| jpeg.set_progressive(true).unwrap())),
        ("PNG", build::encoded(small.clone(), ImageFormat::Png)),
        ("GIF", build::gif(40, 30, 3)),
        ("WebP", build::encoded(small, ImageFormat::WebP)),
    ];
    for (name, bytes) in files {
        assert!(Picture::open(&bytes).is_ok(), "{name}");
        for length in (12..bytes.len()).step_by(1 + bytes.len() / 150).chain([bytes.len() - 1]) {
            assert_refused_by_its_header(&format!("{name} of {length} bytes"), &bytes[..length], Reason::Damaged);
        }
    }
}

#[test]
fn data_that_ends_inside_an_unbroken_file_is_damaged() {
    let small = picture(64, 64);
    let png = build::encoded(small.clone(), ImageFormat::Png);
    let data = png.windows(4).position(|name| name == b"IDAT").unwrap();
    let half = build::chunk(b"IDAT", &build::deflated(&[0; 64 * 96]));
    let png = [&png[..data - 4], &half, &build::chunk(b"IEND", &[])].concat();
    assert_refused("PNG", &png, Reason::Damaged);

    let jpeg = build::jpeg(&small);
    let half = [&jpeg[..jpeg.len() - 300], b"\xff\xd9"].concat();
    assert_refused("JPEG", &half, Reason::Damaged);

    let webp = build::encoded(small, ImageFormat::WebP);
    let half = build::webp(&[(b"VP8L", &webp[20..webp.len() / 2])]);
    assert_refused("WebP", &half, Reason::Damaged);

    let mut gif = build::gif(64, 64, 1);
    let image = gif.windows(2).position(|bytes| bytes == b"\x2c\0").unwrap() + 10;
    gif.truncate(image);
    gif.extend(b"\x02\x02\x4c\x01\0;");
    assert_refused("GIF", &gif, Reason::Damaged);
}

#[test]
fn a_checksum_that_is_wrong_is_noticed() {
    let mut png = build::encoded(picture(9, 9), ImageFormat::Png);
    let data = png.windows(4).position(|name| name == b"IDAT").unwrap();
    png[data + 12] ^= 1;
    assert_refused("PNG", &png, Reason::Damaged);
}

#[test]
fn forty_million_pixels_are_the_limit() {
    assert!(probe(&build::png_claiming(8000, 5000)).is_ok());
    assert!(probe(&build::png_claiming(1_000_000, 40)).is_ok());
    let pixels = [(8000, 5001), (100_000, 100_000), (u32::MAX, 1), (1, u32::MAX), (u32::MAX, u32::MAX), (2_000_000, 2)];
    for (width, height) in pixels {
        let name = format!("{width} x {height}");
        assert_refused_by_its_header(&name, &build::png_claiming(width, height), Reason::TooManyPixels);
    }
    for (width, height) in [(0, 1), (1, 0)] {
        assert_refused_by_its_header("no pixel", &build::png_claiming(width, height), Reason::Damaged);
    }
}

#[test]
fn every_format_is_measured_by_its_header() {
    let mut jpeg = build::jpeg(&picture(16, 16));
    let frame = jpeg.windows(2).position(|marker| marker == b"\xff\xc0").unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(b"\xfa\xfa\xfa\xfa");
    assert_refused_by_its_header("JPEG", &jpeg, Reason::TooManyPixels);
    jpeg[frame + 5..frame + 9].copy_from_slice(b"\0\0\0\x10");
    assert_refused_by_its_header("JPEG without a height", &jpeg, Reason::Damaged);

    let mut gif = build::gif(4, 4, 1);
    gif[6..10].copy_from_slice(b"\xff\xff\xff\xff");
    assert_refused_by_its_header("GIF", &gif, Reason::TooManyPixels);
    gif[6..10].copy_from_slice(b"\0\0\0\0");
    assert_refused_by_its_header("GIF of nothing", &gif, Reason::Damaged);

    let huge = [&[0x2f][..], &(16_382_u32 | 16_382 << 14).to_le_bytes(), &[0; 30]].concat();
    assert_refused_by_its_header("lossless WebP", &build::webp(&[(b"VP8L", &huge)]), Reason::TooManyPixels);
    let huge = [&[0x10, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f][..], &[0; 30]].concat();
    assert_refused_by_its_header("lossy WebP", &build::webp(&[(b"VP8 ", &huge)]), Reason::TooManyPixels);
    let canvas = build::canvas(0, 1 << 24, 1 << 24);
    let bits = build::encoded(picture(4, 4), ImageFormat::WebP)[20..].to_vec();
    let webp = build::webp(&[(b"VP8X", &canvas), (b"VP8L", &bits)]);
    assert_refused_by_its_header("extended WebP", &webp, Reason::TooManyPixels);
    // Small outside, huge inside.
    let webp = build::webp(&[(b"VP8X", &build::canvas(0, 4, 4)), (b"VP8 ", &huge)]);
    assert_refused_by_its_header("WebP that disagrees with itself", &webp, Reason::Damaged);
}

#[test]
fn claims_that_no_pixels_follow_cost_nothing() {
    assert_refused("PNG", &build::png_claiming(8000, 5000), Reason::Damaged);
    let bits = [&[0x2f][..], &(7_999_u32 | 4_999 << 14).to_le_bytes(), &[0; 30]].concat();
    let _ = Picture::open(&build::webp(&[(b"VP8L", &bits)]));
}

#[test]
fn compressed_text_is_never_inflated() {
    let png = build::encoded(picture(8, 8), ImageFormat::Png);
    let bomb = build::deflated(&vec![b'A'; 200 << 20]);
    let texts = [
        (b"zTXt", [b"Comment\0\0", &bomb[..]].concat()),
        (b"iTXt", [b"Comment\0\x01\0\0\0", &bomb[..]].concat()),
        (b"iCCP", [b"profile\0\0", &bomb[..]].concat()),
    ];
    for (name, data) in texts {
        let start = Instant::now();
        let served = Picture::open(&build::with_chunk(&png, name, &data)).unwrap().served();
        assert!(served.bytes.len() < 1000 && start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }
}

#[test]
fn an_animation_has_a_hundred_frames_at_most() {
    let frames = MAX_FRAMES as usize;
    assert_eq!(probe(&build::gif(8, 8, frames)).unwrap().frames, MAX_FRAMES);
    assert_refused_by_its_header("GIF", &build::gif(8, 8, frames + 1), Reason::TooManyFrames);
    assert_refused_by_its_header("GIF of many frames", &build::gif(1, 1, 100_000), Reason::TooManyFrames);
    assert_refused_by_its_header("GIF of no frame", &build::gif(8, 8, 0), Reason::NoFrames);

    let canvas = build::canvas(2, 64, 48);
    let frame = build::webp_frame(0, 0, &picture(64, 48));
    let webp = |count: usize| {
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"VP8X", &canvas), (b"ANIM", &[0; 6])];
        chunks.extend(std::iter::repeat_n((b"ANMF", &frame[..]), count));
        build::webp(&chunks)
    };
    assert_eq!(probe(&webp(frames)).unwrap().frames, MAX_FRAMES);
    assert_refused_by_its_header("WebP", &webp(frames + 1), Reason::TooManyFrames);
    assert_refused_by_its_header("WebP of no frame", &webp(0), Reason::NoFrames);

    let png = build::encoded(picture(8, 8), ImageFormat::Png);
    for (announced, refusal) in [(0, Reason::NoFrames), (101, Reason::TooManyFrames), (u32::MAX, Reason::TooManyFrames)]
    {
        let apng = build::with_chunk(&png, b"acTL", &[announced.to_be_bytes(), [0; 4]].concat());
        assert_refused_by_its_header("APNG", &apng, refusal);
    }
    let controls = build::chunk(b"fcTL", &[0; 26]).repeat(101);
    let apng = build::with_chunk(&png, b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]);
    assert_refused_by_its_header(
        "APNG that lies",
        &[&apng[..33], &controls, &apng[33..]].concat(),
        Reason::TooManyFrames,
    );
}

#[test]
fn the_pixels_of_all_frames_count() {
    // Frames of one pixel on a large canvas: every frame shows all of it.
    let frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x4c\x01\0";
    let file =
        |frames| [&b"GIF89a\xe8\x03\xe8\x03\x80\0\0\0\0\0\xff\xff\xff"[..], &frame.repeat(frames), b";"].concat();
    assert!(probe(&file(40)).is_ok());
    assert_refused_by_its_header("GIF", &file(41), Reason::TooManyPixels);
}

#[test]
fn frames_lie_on_the_canvas() {
    let mut gif = build::gif(8, 8, 2);
    let second = gif.windows(5).rposition(|bytes| bytes == b"\x2c\0\0\0\0").unwrap();
    gif[second + 1] = 1;
    assert_refused_by_its_header("GIF", &gif, Reason::Damaged);

    let frame = build::webp_frame(10, 0, &picture(60, 48));
    let canvas = build::canvas(2, 64, 48);
    let webp = build::webp(&[(b"VP8X", &canvas), (b"ANIM", &[0; 6]), (b"ANMF", &frame)]);
    assert_refused_by_its_header("WebP", &webp, Reason::Damaged);
}

#[test]
fn a_thousand_scans_are_too_many() {
    let jpeg = build::jpeg_with(&picture(640, 480), |jpeg| jpeg.set_progressive(true).unwrap());
    let start = jpeg.windows(2).rposition(|marker| marker == b"\xff\xda").unwrap();
    let last = &jpeg[start..jpeg.len() - 2];
    let scans = |count| [&jpeg[..start], &last.repeat(count), b"\xff\xd9"].concat();
    assert_refused_by_its_header("JPEG", &scans(1000), Reason::TooManyScans);
    assert_refused_by_its_header("JPEG", &scans(101), Reason::TooManyScans);
    assert!(probe(&scans(50)).is_ok());
}

#[test]
fn codings_that_nobody_shows_are_refused() {
    let jpeg = build::jpeg(&picture(16, 16));
    let frame = jpeg.windows(2).position(|marker| marker == b"\xff\xc0").unwrap();
    for marker in [0xc3, 0xc5, 0xc9, 0xca, 0xcd] {
        let mut other = jpeg.clone();
        other[frame + 1] = marker;
        assert_refused_by_its_header("JPEG", &other, Reason::Coding);
    }
    let mut twelve_bits = jpeg.clone();
    twelve_bits[frame + 4] = 12;
    assert_refused_by_its_header("JPEG of 12 bits", &twelve_bits, Reason::Coding);
    let arithmetic = build::jpeg_with(&picture(16, 16), |jpeg| jpeg.set_arithmetic(true).unwrap());
    assert_refused_by_its_header("arithmetic JPEG", &arithmetic, Reason::Coding);
}

#[test]
fn broken_headers_are_damaged() {
    let jpeg = build::jpeg(&picture(16, 16));
    let frame = jpeg.windows(2).position(|marker| marker == b"\xff\xc0").unwrap();
    let length = 2 + usize::from(jpeg[frame + 3]);
    let frame_segment = &jpeg[frame..frame + length];
    let png = build::encoded(picture(8, 8), ImageFormat::Png);
    let webp = |chunks: &[(&[u8; 4], &[u8])]| build::webp(chunks);
    let mut no_channels = jpeg.clone();
    no_channels[frame + 9] = 0;
    let mut two_channels = jpeg.clone();
    two_channels[frame + 9] = 2;
    let mut no_sampling = jpeg.clone();
    no_sampling[frame + 11] = 0;
    let files = [
        ("JPEG of its end", b"\xff\xd8\xff\xd9".to_vec()),
        ("JPEG without a frame", b"\xff\xd8\xff\xda\0\x02\xff\xd9".to_vec()),
        ("JPEG without a scan", [b"\xff\xd8", frame_segment, b"\xff\xd9"].concat()),
        ("JPEG of two frames", [&jpeg[..frame], frame_segment, &jpeg[frame..]].concat()),
        ("JPEG that begins twice", [&jpeg[..2], &jpeg].concat()),
        ("JPEG of no length", [&jpeg[..2], b"\xff\xe1\0\0", &jpeg[2..]].concat()),
        ("JPEG of no channels", no_channels),
        ("JPEG of two channels", two_channels),
        ("JPEG of no sampling", no_sampling),
        ("PNG that begins with something else", [&png[..8], &build::chunk(b"tEXt", b"a\0b"), &png[8..]].concat()),
        ("PNG of two headers", [&png[..33], &png[8..]].concat()),
        ("PNG without pixels", [&png[..33], &build::chunk(b"IEND", &[])].concat()),
        ("PNG with a chunk of 4 GB", [&png[..33], b"\xff\xff\xff\xfftEXt"].concat()),
        ("PNG of an impossible depth", {
            let header = build::chunk(b"IHDR", &[0, 0, 0, 8, 0, 0, 0, 8, 3, 2, 0, 0, 0]);
            [&png[..8], &header, &png[33..]].concat()
        }),
        ("GIF of its header", b"GIF89a\x01\0\x01\0\0\0\0".to_vec()),
        ("GIF with an unknown block", b"GIF89a\x01\0\x01\0\0\0\0\x99;".to_vec()),
        ("GIF without colours", b"GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x4c\x01\0;".to_vec()),
        ("WebP of nothing", webp(&[])),
        ("WebP of something unknown", webp(&[(b"ABCD", b"1234")])),
        ("WebP without a picture", webp(&[(b"VP8X", &build::canvas(0, 8, 8))])),
        ("WebP of a short header", webp(&[(b"VP8X", &[0; 5])])),
        ("WebP that is no key frame", webp(&[(b"VP8 ", b"\x01\0\0\x9d\x01\x2a\x08\0\x08\0\0\0")])),
        ("WebP of a frame without a canvas", webp(&[(b"ANMF", &[0; 40])])),
    ];
    for (name, bytes) in files {
        assert_eq!(Picture::open(&bytes).err(), Some(Reason::Damaged.into()), "{name}");
        assert_eq!(thumbnail_of(&bytes).err(), Some(Reason::Damaged.into()), "{name}");
    }
}

/// Lossless bits of 8 × 8 pixels whose first block asks for the last of so many groups of codes.
fn webp_of_groups(groups: u32) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let mut write = |number: u32, count: u32| bits.extend((0..count).map(|bit| number >> bit & 1 == 1));
    write(0x2f, 8);
    write(7 | 7 << 14, 32);
    // No transform, no cache, but groups, for blocks of 4 × 4.
    [(0, 1), (0, 1), (1, 1), (0, 3)].into_iter().for_each(|(number, count)| write(number, count));
    // The picture of groups: no cache, and codes of one symbol each.
    write(0, 1);
    let last = groups - 1;
    for value in [last & 0xff, last >> 8, 0, 255, 0] {
        [(1, 1), (0, 1), (1, 1), (value, 8)].into_iter().for_each(|(number, count)| write(number, count));
    }
    for _ in 0..5 * groups {
        [(1, 1), (0, 1), (0, 1), (0, 1)].into_iter().for_each(|(number, count)| write(number, count));
    }
    let bytes: Vec<u8> =
        bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect();
    build::webp(&[(b"VP8L", &bytes)])
}

#[test]
fn tables_of_codes_are_counted_before_they_are_made() {
    for groups in [1, 2, 300, 1000] {
        assert!(Picture::open(&webp_of_groups(groups)).is_ok(), "{groups} groups");
    }
    for groups in [1001, 65_536] {
        assert_refused("WebP", &webp_of_groups(groups), Reason::TooMuchMemory);
    }
}
