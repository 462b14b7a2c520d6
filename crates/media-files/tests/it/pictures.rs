//! Honest pictures of every kind, and the form in which they are served.

use image::{DynamicImage, GenericImageView, ImageFormat, Rgba, RgbaImage};
use media_files::picture::{Header, Picture, Served, THUMBNAIL_SIDE, probe, thumbnail_of};
use media_files::{Kind, Refusal, sniff};

use crate::build::{self, picture};

/// What was made of a file, checked for what holds for all: it is what it says, and the thumbnails are thumbnails.
pub(crate) struct Made {
    pub(crate) header: Header,
    pub(crate) served: Served,
    pub(crate) shown: DynamicImage,
    pub(crate) thumbnail: DynamicImage,
    pub(crate) direct: DynamicImage,
}

pub(crate) fn make(bytes: &[u8]) -> Result<Made, Refusal> {
    let header = probe(bytes)?;
    let picture = Picture::open(bytes)?;
    let served = picture.served();
    assert_eq!(sniff(&served.bytes), Some(served.kind));
    let again = probe(&served.bytes).unwrap();
    assert_eq!((again.kind, again.width, again.height), (served.kind, served.width, served.height));
    let shown = image::load_from_memory(&served.bytes).unwrap();
    assert_eq!(shown.dimensions(), (served.width, served.height));
    let [thumbnail, direct] = [picture.thumbnail(), thumbnail_of(bytes)?].map(|thumbnail| {
        assert_eq!(sniff(&thumbnail), Some(Kind::Jpeg));
        let thumbnail = image::load_from_memory(&thumbnail).unwrap();
        assert_eq!(thumbnail.dimensions(), (THUMBNAIL_SIDE as u32, THUMBNAIL_SIDE as u32));
        thumbnail
    });
    Ok(Made { header, served, shown, thumbnail, direct })
}

/// How like two pictures are, in decibels.
pub(crate) fn likeness(one: &DynamicImage, other: &DynamicImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let (one, other) = (one.to_rgb8().into_raw(), other.to_rgb8().into_raw());
    let error: f64 = one.iter().zip(&other).map(|(one, other)| f64::from(one.abs_diff(*other)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * one.len() as f64 / error.max(1.0)).log10()
}

#[track_caller]
pub(crate) fn assert_near(pixel: Rgba<u8>, expected: [u8; 3], tolerance: u8) {
    let near = pixel.0.iter().zip(expected).all(|(one, other)| one.abs_diff(other) <= tolerance);
    assert!(near, "{pixel:?} is not near {expected:?}");
}

#[test]
fn a_jpeg_stays_a_jpeg_of_the_same_pixels() {
    for (width, height) in [(1, 1), (7, 5), (640, 480), (1201, 801)] {
        let original = picture(width, height);
        let made = make(&build::jpeg(&original)).unwrap();
        assert_eq!(made.header, Header { kind: Kind::Jpeg, width, height, frames: 1 });
        assert_eq!((made.served.kind, made.served.width, made.served.height), (Kind::Jpeg, width, height));
        assert!(width < 100 || likeness(&made.shown, &original.into()) > 30.0);
    }
}

#[test]
fn every_way_to_code_a_jpeg_is_decoded() {
    use turbojpeg::Subsamp;
    let original = picture(333, 257);
    let ways: [(&str, Vec<u8>); 8] = [
        ("progressive", build::jpeg_with(&original, |jpeg| jpeg.set_progressive(true).unwrap())),
        ("optimised", build::jpeg_with(&original, |jpeg| jpeg.set_optimize(true).unwrap())),
        ("4:4:4", build::jpeg_with(&original, |jpeg| jpeg.set_subsamp(Subsamp::None).unwrap())),
        ("4:2:2", build::jpeg_with(&original, |jpeg| jpeg.set_subsamp(Subsamp::Sub2x1).unwrap())),
        ("4:4:0", build::jpeg_with(&original, |jpeg| jpeg.set_subsamp(Subsamp::Sub1x2).unwrap())),
        ("4:1:1", build::jpeg_with(&original, |jpeg| jpeg.set_subsamp(Subsamp::Sub4x1).unwrap())),
        ("RGB", build::jpeg_with(&original, |jpeg| jpeg.set_colorspace(turbojpeg::Colorspace::RGB).unwrap())),
        ("by another encoder", build::encoded(original.clone(), ImageFormat::Jpeg)),
    ];
    for (way, bytes) in ways {
        let made = make(&bytes).unwrap_or_else(|refusal| panic!("{way}: {refusal}"));
        assert_eq!(made.served.kind, Kind::Jpeg, "{way}");
        let likeness = likeness(&made.shown, &original.clone().into());
        assert!(likeness > 30.0, "{way}: {likeness} dB");
    }
}

#[test]
fn stray_bytes_between_markers_do_no_harm() {
    let original = picture(120, 90);
    let jpeg = build::jpeg(&original);
    let table = 2 + jpeg[2..].windows(2).position(|marker| marker == b"\xff\xdb").unwrap();
    let end = jpeg.len() - 2;
    for at in [table, end] {
        let strayed = [&jpeg[..at], b"\x01\x02\x03", &jpeg[at..]].concat();
        assert!(likeness(&make(&strayed).unwrap().shown, &original.clone().into()) > 30.0);
    }
    let unknown_jfif = [&jpeg[..11], b"\x07", &jpeg[12..]].concat();
    assert_eq!(&jpeg[6..11], b"JFIF\0");
    assert!(likeness(&make(&unknown_jfif).unwrap().shown, &original.into()) > 30.0);
}

#[test]
fn a_gray_jpeg_stays_gray() {
    let original = DynamicImage::from(picture(200, 150)).to_luma8();
    let made = make(&build::encoded(original.clone(), ImageFormat::Jpeg)).unwrap();
    assert_eq!(made.shown.color(), image::ColorType::L8);
    assert!(likeness(&made.shown, &original.into()) > 30.0);
}

#[test]
fn a_png_keeps_every_pixel_whatever_its_depth() {
    let original = DynamicImage::from(picture(123, 77));
    let clear = RgbaImage::from_fn(50, 40, |x, y| Rgba([x as u8, y as u8, 9, (x * 5) as u8]));
    for picture in [
        original.clone(),
        original.to_luma8().into(),
        original.to_rgba8().into(),
        original.to_rgb16().into(),
        original.to_luma16().into(),
        original.to_rgba16().into(),
        original.to_luma_alpha8().into(),
        original.to_luma_alpha16().into(),
        clear.clone().into(),
        DynamicImage::from(clear.clone()).to_luma_alpha8().into(),
        DynamicImage::from(clear).to_rgba16().into(),
    ] {
        let made = make(&build::encoded(picture.clone(), ImageFormat::Png)).unwrap();
        assert_eq!(made.served.kind, Kind::Png);
        // Sixteen bits are cut to eight, which others round.
        let tolerance = u8::from(picture.color().bytes_per_pixel() > picture.color().channel_count());
        let (made, picture) = (made.shown.to_rgba8(), picture.to_rgba8());
        let off = made.iter().zip(picture.iter()).map(|(one, other)| one.abs_diff(*other)).max();
        assert!(off <= Some(tolerance), "{off:?}");
    }
}

#[test]
fn palettes_and_single_bits_are_decoded() {
    let header = |depth: u8, colour: u8| [&[0, 0, 0, 4, 0, 0, 0, 1, depth, colour][..], &[0, 0, 0]].concat();
    let file = |header: &[u8], more: &[u8], pixels: &[u8]| {
        let chunks = [build::chunk(b"IHDR", header), more.to_vec(), build::chunk(b"IDAT", &build::deflated(pixels))];
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat(), build::chunk(b"IEND", &[])].concat()
    };
    let bits = make(&file(&header(1, 0), &[], &[0, 0b1010_0000])).unwrap();
    assert_eq!(bits.shown.to_luma8().into_raw(), [255, 0, 255, 0]);
    let palette = [build::chunk(b"PLTE", &[1, 2, 3, 4, 5, 6]), build::chunk(b"tRNS", &[255, 7])].concat();
    let colours = make(&file(&header(8, 3), &palette, &[0, 0, 1, 1, 0])).unwrap();
    assert_eq!(colours.shown.to_rgba8().get_pixel(0, 0).0, [1, 2, 3, 255]);
    assert_eq!(colours.shown.to_rgba8().get_pixel(1, 0).0, [4, 5, 6, 7]);
}

#[test]
fn a_gif_keeps_its_frames_their_times_and_what_is_transparent() {
    let mut encoder = gif::Encoder::new(Vec::new(), 60, 40, &[200, 10, 10, 10, 200, 10]).unwrap();
    encoder.set_repeat(gif::Repeat::Finite(3)).unwrap();
    let whole = gif::Frame { width: 60, height: 40, delay: 7, buffer: vec![0; 2400].into(), ..Default::default() };
    let mut part = gif::Frame { left: 11, top: 13, width: 20, height: 10, delay: 250, ..Default::default() };
    part.palette = Some(vec![0, 0, 250, 9, 9, 9]);
    part.transparent = Some(1);
    part.dispose = gif::DisposalMethod::Background;
    part.buffer = (0..200).map(|at| at % 2).collect();
    encoder.write_frame(&whole).unwrap();
    encoder.write_frame(&part).unwrap();
    let original = encoder.into_inner().unwrap();

    let made = make(&original).unwrap();
    assert_eq!(made.header, Header { kind: Kind::Gif, width: 60, height: 40, frames: 2 });
    assert_eq!(made.served.kind, Kind::Gif);
    assert_near(made.shown.get_pixel(30, 20), [200, 10, 10], 0);
    let mut decoder = gif::DecodeOptions::new().read_info(&made.served.bytes[..]).unwrap();
    let first = decoder.read_next_frame().unwrap().unwrap().clone();
    assert_eq!((first.delay, first.width, &first.buffer), (7, 60, &whole.buffer));
    let second = decoder.read_next_frame().unwrap().unwrap().clone();
    assert_eq!((second.left, second.top, second.width, second.height, second.delay), (11, 13, 20, 10, 250));
    assert_eq!((second.transparent, second.dispose), (Some(1), gif::DisposalMethod::Background));
    assert_eq!((&second.buffer, &second.palette.unwrap()[..3]), (&part.buffer, &[0, 0, 250][..]));
    assert!(decoder.read_next_frame().unwrap().is_none());
    assert_eq!(decoder.repeat(), gif::Repeat::Finite(3));
}

#[test]
fn an_interlaced_gif_is_in_order_afterwards() {
    let mut file = build::gif(8, 8, 1);
    let descriptor = file.windows(5).position(|bytes| bytes == b"\x2c\0\0\0\0").unwrap();
    file[descriptor + 9] |= 0x40;
    let made = make(&file).unwrap();
    let mut decoder = gif::DecodeOptions::new().read_info(&made.served.bytes[..]).unwrap();
    assert!(!decoder.next_frame_info().unwrap().unwrap().interlaced);
    assert_near(made.shown.get_pixel(3, 3), [200, 0, 0], 0);
}

#[test]
fn other_animations_are_their_first_frame() {
    let (one, two) = (picture(64, 48), picture(40, 48));
    let frames = [build::webp_frame(0, 0, &one), build::webp_frame(24, 0, &two)];
    let canvas = build::canvas(2, 64, 48);
    let animated: [(&[u8; 4], &[u8]); 4] =
        [(b"VP8X", &canvas), (b"ANIM", &[0; 6]), (b"ANMF", &frames[0]), (b"ANMF", &frames[1])];
    let made = make(&build::webp(&animated)).unwrap();
    assert_eq!((made.header.frames, made.served.kind), (2, Kind::Png));
    assert_eq!(made.shown.to_rgb8(), one);

    let control = build::chunk(b"acTL", &[0, 0, 0, 3, 0, 0, 0, 0]);
    let png = build::encoded(one.clone(), ImageFormat::Png);
    let apng = [&png[..33], &control, &png[33..]].concat();
    let made = make(&apng).unwrap();
    assert_eq!((made.header.frames, made.served.kind), (3, Kind::Png));
    assert_eq!(made.shown.to_rgb8(), one);
}

#[test]
fn a_frame_that_begins_small_lies_on_nothing() {
    let frame = build::webp_frame(10, 20, &picture(8, 6));
    let canvas = build::canvas(2, 64, 48);
    let animated: [(&[u8; 4], &[u8]); 3] = [(b"VP8X", &canvas), (b"ANIM", &[0; 6]), (b"ANMF", &frame)];
    let made = make(&build::webp(&animated)).unwrap();
    assert_eq!(made.shown.get_pixel(9, 20).0, [0; 4]);
    assert_eq!(made.shown.get_pixel(17, 25).0, [223, 212, 171, 255]);
    assert_eq!(made.thumbnail.get_pixel(0, 0).0, [255; 4]);
}

#[test]
fn a_webp_is_served_as_what_all_programs_show() {
    let original = DynamicImage::from(picture(320, 200));
    let lossless = make(&build::encoded(original.clone(), ImageFormat::WebP)).unwrap();
    assert_eq!((lossless.header.kind, lossless.served.kind), (Kind::WebP, Kind::Png));
    assert_eq!(lossless.shown.to_rgb8(), original.to_rgb8());

    let folder = build::Folder::new();
    folder.write("original.png", &build::encoded(original.clone(), ImageFormat::Png));
    let source = folder.path("original.png");
    let lossy = folder.ffmpeg("lossy.webp", &format!("-i {} -c:v libwebp -quality 90", source.display()));
    let lossy = make(&std::fs::read(lossy).unwrap()).unwrap();
    assert_eq!((lossy.header.kind, lossy.served.kind), (Kind::WebP, Kind::Jpeg));
    assert!(likeness(&lossy.shown, &original) > 28.0);
}

#[test]
fn every_way_to_code_a_lossless_webp_is_decoded() {
    let folder = build::Folder::new();
    // Photographs have groups of codes, drawings a palette, repeated patterns distances and a cache.
    let noise = "-f lavfi -i testsrc2=s=701x503,noise=alls=60:all_seed=7";
    let tiles = "-f lavfi -i testsrc=s=301x203,tile=2x2";
    let drawing = "-f lavfi -i color=red:s=120x90,drawbox=20:20:50:30:blue:fill";
    for source in [noise, tiles, drawing, "-f lavfi -i color=red:s=33x17", "-f lavfi -i gradients=s=999x640:seed=3"] {
        for level in [0, 3, 6] {
            let coding =
                format!("-frames:v 1 -pix_fmt bgra -c:v libwebp -lossless 1 -compression_level {level} -quality 80");
            let file = std::fs::read(folder.ffmpeg("coded.webp", &format!("{source} {coding}"))).unwrap();
            let made = make(&file).unwrap_or_else(|refusal| panic!("{source} at {level}: {refusal}"));
            assert!(made.shown.to_rgb8() == image::load_from_memory(&file).unwrap().to_rgb8(), "{source} at {level}");
        }
    }
}

#[test]
fn a_lossy_webp_with_alpha_keeps_it() {
    let clear = RgbaImage::from_fn(160, 120, |x, y| Rgba([200, 40, (y * 2) as u8, (x + y / 3) as u8]));
    let folder = build::Folder::new();
    let source = folder.write("clear.png", &build::encoded(clear.clone(), ImageFormat::Png));
    let arguments = format!("-i {} -pix_fmt yuva420p -c:v libwebp -quality 95", source.display());
    let file = std::fs::read(folder.ffmpeg("clear.webp", &arguments)).unwrap();
    let made = make(&file).unwrap();
    assert_eq!(made.served.kind, Kind::Png);
    let reference = image::load_from_memory(&file).unwrap().to_rgba8();
    assert!(made.shown.to_rgba8() == reference, "not as another decoder has it");
    assert!(reference.pixels().zip(clear.pixels()).all(|(one, other)| one[3].abs_diff(other[3]) <= 1));
}

#[test]
fn a_long_thin_picture_is_taken() {
    let tall = image::RgbImage::from_fn(1, 60_000, |_, y| image::Rgb([(y / 240) as u8; 3]));
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let made = make(&build::encoded(tall.clone(), format)).unwrap();
        assert_eq!((made.served.width, made.served.height), (1, 60_000));
        assert_near(made.thumbnail.get_pixel(200, 200), [125; 3], 3);
    }
    let wide = build::encoded(image::GrayImage::new(70_000, 3), ImageFormat::Png);
    assert_eq!(make(&wide).unwrap().served.width, 70_000);
}
