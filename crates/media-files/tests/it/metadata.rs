//! Everything that a picture can carry beside its pixels is gone from what is served.

use image::ImageFormat;
use media_files::picture::{Picture, thumbnail_of};

use crate::build::{self, picture};

/// Stands in each carrier; the longest run of it that may be left is none.
const MARK: &str = "PLANTED-36.7538N-3.0588E-by-Amina";

#[track_caller]
fn assert_gone(name: &str, bytes: &[u8]) {
    let contains = |bytes: &[u8]| bytes.windows(7).any(|part| part == b"PLANTED");
    assert!(contains(bytes), "{name}: nothing was planted");
    let picture = Picture::open(bytes).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    for (what, made) in [
        ("served", picture.served().bytes),
        ("thumbnail", picture.thumbnail()),
        ("direct thumbnail", thumbnail_of(bytes).unwrap()),
    ] {
        assert!(!contains(&made), "{name}: it is in the {what} file");
        for trace in [&b"Exif"[..], b"http://ns.adobe.com", b"Photoshop", b"ICC_PROFILE", b"eXIf", b"tEXt", b"<script"]
        {
            assert!(!made.windows(trace.len()).any(|part| part == trace), "{name}: a trace is in the {what} file");
        }
    }
}

#[test]
fn jpegs_carry_nothing() {
    let jpeg = build::jpeg(&picture(60, 40));
    let exif = [b"Exif\0\0", &build::exif(1, MARK)[..]].concat();
    let thumbnail = [b"Exif\0\0", &build::exif(1, "")[..], &build::with_segment(&jpeg, 0xfe, MARK.as_bytes())].concat();
    let xmp = format!("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>{MARK}</x:xmpmeta>");
    let more_xmp = format!("http://ns.adobe.com/xmp/extension/\0{MARK}");
    let iptc = format!("Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x26\x1c\x02\x78\0\x21{MARK}");
    let icc = format!("ICC_PROFILE\0\x01\x01{MARK}");
    let mpf = format!("MPF\0II*\0{MARK}");
    let jfxx = format!("JFXX\0\x10{MARK}");
    let carriers: [(&str, u8, &[u8]); 11] = [
        ("EXIF", 0xe1, &exif),
        ("thumbnail in EXIF", 0xe1, &thumbnail),
        ("XMP", 0xe1, xmp.as_bytes()),
        ("extended XMP", 0xe1, more_xmp.as_bytes()),
        ("IPTC", 0xed, iptc.as_bytes()),
        ("ICC", 0xe2, icc.as_bytes()),
        ("MPF", 0xe2, mpf.as_bytes()),
        ("JFXX", 0xe0, jfxx.as_bytes()),
        ("maker's segment", 0xe5, MARK.as_bytes()),
        ("unknown segment", 0xf7, MARK.as_bytes()),
        ("comment", 0xfe, MARK.as_bytes()),
    ];
    for (name, marker, data) in carriers {
        assert_gone(name, &build::with_segment(&jpeg, marker, data));
    }
    assert_gone("after the end", &[&jpeg[..], MARK.as_bytes()].concat());
    assert_gone("a second JPEG", &[&jpeg[..], &build::with_segment(&jpeg, 0xfe, MARK.as_bytes())].concat());
    assert_gone("a ZIP", &[&jpeg[..], b"PK\x03\x04", MARK.as_bytes(), b"PK\x05\x06"].concat());
    let end = jpeg.len() - 2;
    assert_gone("after the scan", &[&jpeg[..end], MARK.as_bytes(), &jpeg[end..]].concat());
    let script = format!("<script>{MARK}</script>");
    assert_gone("a script", &build::with_segment(&jpeg, 0xfe, script.as_bytes()));
}

#[test]
fn pngs_carry_nothing() {
    let png = build::encoded(picture(60, 40), ImageFormat::Png);
    let exif = build::exif(1, MARK);
    let keyed = |between: &str| format!("Comment\0{between}{MARK}").into_bytes();
    let carriers: [(&str, &[u8; 4], Vec<u8>); 8] = [
        ("text", b"tEXt", keyed("")),
        ("XMP", b"iTXt", format!("XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>{MARK}").into_bytes()),
        ("compressed text that is none", b"zTXt", keyed("\0")),
        ("profile that is none", b"iCCP", keyed("\0")),
        ("EXIF", b"eXIf", exif),
        ("suggested palette", b"sPLT", keyed("\x08")),
        ("private chunk", b"prVt", MARK.into()),
        ("HTML", b"tEXt", format!("<script>\0{MARK}").into_bytes()),
    ];
    for (name, chunk, data) in carriers {
        assert_gone(name, &build::with_chunk(&png, chunk, &data));
    }
    assert_gone("after the end", &[&png[..], b"<script>", MARK.as_bytes()].concat());
    let end = png.len() - 12;
    assert_gone("before the end", &[&png[..end], &build::chunk(b"tEXt", &keyed("")), &png[end..]].concat());
}

#[test]
fn gifs_carry_nothing() {
    let gif = build::gif(60, 40, 2);
    let end = gif.len() - 1;
    let head = 13 + 3 * 4;
    let block = |kind: u8, first: &[u8]| {
        let length = |data: &[u8]| u8::try_from(data.len()).unwrap();
        let mut block = vec![0x21, kind];
        for data in [first, MARK.as_bytes()].into_iter().filter(|data| !data.is_empty()) {
            block.push(length(data));
            block.extend(data);
        }
        block.push(0);
        block
    };
    let blocks = [
        ("comment", block(0xfe, b"")),
        ("application", block(0xff, b"SOMEBODY1.0")),
        ("ICC", block(0xff, b"ICCRGBG1012")),
        ("plain text", block(0x01, &[0; 12])),
        ("unknown extension", block(0x77, b"")),
        ("XMP", [b"\x21\xff\x0bXMP DataXMP", MARK.as_bytes(), &(0..=255).rev().collect::<Vec<u8>>(), b"\0"].concat()),
    ];
    for (name, block) in blocks {
        for at in [head, end] {
            // XMP is no chain of blocks; what follows it shows whether it was passed over.
            let file = [&gif[..at], &block, &gif[at..]].concat();
            if name == "XMP" && Picture::open(&file).is_err() {
                continue;
            }
            assert_gone(name, &file);
        }
    }
    assert_gone("after the end", &[&gif[..], b"<script>", MARK.as_bytes()].concat());
}

#[test]
fn colours_that_no_pixel_has_are_no_place_to_hide() {
    let palette = [&[9, 9, 9][..], MARK.as_bytes(), &[0; 3 * 16 - 36]].concat();
    let mut encoder = gif::Encoder::new(Vec::new(), 8, 8, &palette).unwrap();
    let mut frame = gif::Frame::from_indexed_pixels(8, 8, vec![0; 64], None);
    encoder.write_frame(&frame).unwrap();
    frame.palette = Some(palette);
    encoder.write_frame(&frame).unwrap();
    assert_gone("palettes", &encoder.into_inner().unwrap());
}

#[test]
fn a_gif_that_is_a_page_is_a_gif_only() {
    let gif = build::gif(60, 40, 1);
    // A comment that opens a script, which the bytes after the end close.
    let text = format!("<script>/*{MARK}");
    let comment = [b"\x21\xfe", &[u8::try_from(text.len()).unwrap()][..], text.as_bytes(), b"\0"].concat();
    let page = [&gif[..25], &comment, &gif[25..], b"*/alert(1)</script></html>"].concat();
    assert_gone("GIF and HTML", &page);
}

#[test]
fn webps_carry_nothing() {
    let bits = build::encoded(picture(60, 40), ImageFormat::WebP)[20..].to_vec();
    let (canvas, exif) = (build::canvas(0x2c, 60, 40), build::exif(1, MARK));
    let carriers: [(&str, &[u8; 4], &[u8]); 4] = [
        ("EXIF", b"EXIF", &exif),
        ("XMP", b"XMP ", MARK.as_bytes()),
        ("profile", b"ICCP", MARK.as_bytes()),
        ("?", b"PrVt", MARK.as_bytes()),
    ];
    for (name, chunk, data) in carriers {
        assert_gone(name, &build::webp(&[(b"VP8X", &canvas), (chunk, data), (b"VP8L", &bits)]));
        assert_gone(name, &build::webp(&[(b"VP8X", &canvas), (b"VP8L", &bits), (chunk, data)]));
    }
    assert_gone("after the end", &[&build::webp(&[(b"VP8L", &bits)])[..], MARK.as_bytes()].concat());
}
