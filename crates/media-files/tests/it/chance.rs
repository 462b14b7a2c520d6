//! Bytes by chance, and valid files that chance has changed: whatever comes of it, it is no panic.

use std::sync::LazyLock;

use image::ImageFormat;
use media_files::picture::{Picture, probe, thumbnail_of};
use moxcms::ColorProfile;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};
use proptest::sample::Index;

use crate::build::{self, picture};

/// One of each kind, small, so that changes hit something.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let small = picture(24, 18);
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let jpeg = build::jpeg(&small);
    let png = build::encoded(small.clone(), ImageFormat::Png);
    let webp = build::encoded(small.clone(), ImageFormat::WebP);
    let canvas = build::canvas(2, 24, 18);
    let frame = build::webp_frame(0, 0, &small);
    vec![
        build::with_segment(&jpeg, 0xe1, &[b"Exif\0\0", &build::exif(6, "a camera")[..]].concat()),
        build::with_segment(&jpeg, 0xe2, &[b"ICC_PROFILE\0\x01\x01", &profile[..]].concat()),
        build::jpeg_with(&small, |jpeg| jpeg.set_progressive(true).unwrap()),
        build::cmyk_jpeg(24, 18, [1, 20, 255, 9]),
        build::with_chunk(&png, b"iCCP", &[b"a\0\0", &build::deflated(&profile)[..]].concat()),
        build::encoded(image::DynamicImage::from(small.clone()).to_rgba16(), ImageFormat::Png),
        build::gif(24, 18, 3),
        build::webp(&[(b"VP8X", &build::canvas(0x20, 24, 18)), (b"ICCP", &profile), (b"VP8L", &webp[20..])]),
        build::webp(&[(b"VP8X", &canvas), (b"ANIM", &[0; 6]), (b"ANMF", &frame)]),
        lossy_webp_with_alpha(),
    ]
});

fn lossy_webp_with_alpha() -> Vec<u8> {
    let folder = build::Folder::new();
    let arguments = "-f lavfi -i testsrc=s=24x18:d=0.1,format=yuva420p,geq=lum='X*9':a='Y*9' -frames:v 1 -c:v libwebp";
    std::fs::read(folder.ffmpeg("clear.webp", arguments)).unwrap()
}

fn take(bytes: &[u8]) {
    let header = probe(bytes);
    let _ = thumbnail_of(bytes);
    let Ok(picture) = Picture::open(bytes) else { return };
    let served = picture.served();
    let size = |width: u32, height: u32| u64::from(width) * u64::from(height);
    let header = header.expect("what is decoded has a header");
    assert_eq!(size(header.width, header.height), size(served.width, served.height));
    assert_eq!(probe(&served.bytes).expect("what is served is sound").kind, served.kind);
}

fn cases(ordinary: u32) -> ProptestConfig {
    // As many as the environment says, if it says so.
    let asked = ProptestConfig::default().cases;
    ProptestConfig {
        cases: if asked == 256 { ordinary } else { asked },
        failure_persistence: None,
        ..Default::default()
    }
}

proptest::proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn bytes_by_chance_are_taken_without_a_panic(head in 0_usize..7, tail in vec(any::<u8>(), 0..600)) {
        let heads: [&[u8]; 7] =
            [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\xff\0\0\0WEBP", b"\x1a\x45\xdf\xa3", b"\0\0\0\x18ftyp"];
        take(&[heads[head], &tail].concat());
    }
}

proptest::proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn changed_files_are_taken_without_a_panic(
        file in any::<Index>(),
        changes in vec((any::<Index>(), any::<u8>()), 1..12),
        cut in any::<Option<Index>>(),
    ) {
        let mut bytes = file.get(&FILES).clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut.filter(|cut| cut.index(4) == 0) {
            bytes.truncate(cut.index(bytes.len()));
        }
        take(&bytes);
        // Checksums would hide from the decoder of PNG what was changed.
        take(&with_sound_checksums(&bytes));
    }
}

fn with_sound_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut file = bytes.to_vec();
    let mut at = 8;
    while let Some(length) = file.get(at..at + 4).map(|it| u32::from_be_bytes(it.try_into().unwrap()) as usize) {
        let Some(body) = file.get(at + 4..at + 8 + length).filter(|_| file.len() >= at + 12 + length) else { break };
        let mut crc = flate2::Crc::new();
        crc.update(body);
        let sum = crc.sum().to_be_bytes();
        file[at + 8 + length..at + 12 + length].copy_from_slice(&sum);
        at += 12 + length;
    }
    file
}
