//! The eight ways to hold a camera.

use image::{DynamicImage, ImageFormat, RgbImage};
use media_files::picture::{Picture, thumbnail_of};

use crate::build;
use crate::pictures::{assert_near, likeness, make};

/// What is seen: a corner of each colour, wider than high.
fn upright() -> RgbImage {
    let corners = [[220, 30, 30], [30, 220, 30], [30, 30, 220], [220, 220, 30]];
    RgbImage::from_fn(640, 480, |x, y| image::Rgb(corners[usize::from(x >= 320) + 2 * usize::from(y >= 240)]))
}

/// What a camera stores, so that turning it as the number says shows it upright.
fn stored(orientation: u8) -> DynamicImage {
    let seen = DynamicImage::from(upright());
    match orientation {
        1 => seen,
        2 => seen.fliph(),
        3 => seen.rotate180(),
        4 => seen.flipv(),
        5 => seen.rotate90().fliph(),
        6 => seen.rotate270(),
        7 => seen.rotate270().fliph(),
        _ => seen.rotate90(),
    }
}

fn assert_upright(orientation: u8, bytes: &[u8]) {
    let made = make(bytes).unwrap();
    assert_eq!((made.served.width, made.served.height), (640, 480), "orientation {orientation}");
    assert!(likeness(&made.shown, &upright().into()) > 28.0, "orientation {orientation}");
    for picture in [&made.thumbnail, &made.direct] {
        for (x, y, colour) in [(60, 60, [220, 30, 30]), (340, 60, [30, 220, 30]), (60, 340, [30, 30, 220])] {
            assert_near(image::GenericImageView::get_pixel(picture, x, y), colour, 12);
        }
    }
}

#[test]
fn jpegs_are_made_upright() {
    for orientation in 1..=8 {
        let jpeg = build::jpeg(&stored(orientation).to_rgb8());
        let exif = [&b"Exif\0\0"[..], &build::exif(orientation, "a camera")].concat();
        assert_upright(orientation, &build::with_segment(&jpeg, 0xe1, &exif));
    }
}

#[test]
fn pngs_are_made_upright() {
    for orientation in 1..=8 {
        let png = build::encoded(stored(orientation), ImageFormat::Png);
        assert_upright(orientation, &build::with_chunk(&png, b"eXIf", &build::exif(orientation, "a camera")));
    }
}

#[test]
fn webps_are_made_upright() {
    for orientation in 1..=8 {
        let stored = stored(orientation);
        let canvas = build::canvas(8, stored.width(), stored.height());
        let bits = build::encoded(stored.to_rgb8(), ImageFormat::WebP)[20..].to_vec();
        let exif = build::exif(orientation, "a camera");
        assert_upright(orientation, &build::webp(&[(b"VP8X", &canvas), (b"VP8L", &bits), (b"EXIF", &exif)]));
    }
}

#[test]
fn gray_and_transparent_pictures_are_turned_as_well() {
    let seen = DynamicImage::from(upright());
    for picture in [DynamicImage::from(seen.to_luma8()), DynamicImage::from(seen.to_luma_alpha8())] {
        let png = build::encoded(picture.rotate270(), ImageFormat::Png);
        let made = make(&build::with_chunk(&png, b"eXIf", &build::exif(6, ""))).unwrap();
        assert_eq!(made.shown.to_luma8(), picture.to_luma8());
    }
}

#[test]
fn the_largest_pictures_are_turned_in_place() {
    // More than what is turned into a copy; each pixel tells where it was.
    let (width, height) = (6000, 6002);
    let png = DynamicImage::from(image::RgbaImage::from_fn(width, height, |x, y| {
        image::Rgba([x as u8, y as u8, (x >> 8) as u8 | ((y >> 8) as u8) << 4 >> 1, 200])
    }));
    let bytes = build::encoded(png.clone(), ImageFormat::Png);
    drop(png);
    let turned = build::with_chunk(&bytes, b"eXIf", &build::exif(6, ""));
    let served = Picture::open(&turned).unwrap().served();
    let (shown, stored) = (image::load_from_memory(&served.bytes).unwrap(), image::load_from_memory(&bytes).unwrap());
    assert_eq!((shown.width(), shown.height()), (height, width));
    for (x, y) in [(0, 0), (5999, 6001), (17, 4321), (3000, 1), (5998, 77)] {
        let (from, to) = (stored.as_rgba8().unwrap(), shown.as_rgba8().unwrap());
        assert_eq!(from.get_pixel(x, y), to.get_pixel(height - 1 - y, x));
    }
    thumbnail_of(&turned).unwrap();
}
