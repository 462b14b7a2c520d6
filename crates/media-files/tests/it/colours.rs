//! Colours with and without a profile.

use image::{GenericImageView, GrayImage, ImageFormat, RgbImage, RgbaImage};
use moxcms::ColorProfile;

use crate::build;
use crate::pictures::{Made, assert_near, make};

fn jpeg_with_profile(jpeg: &[u8], profile: &[u8]) -> Vec<u8> {
    // In two pieces, the second first, as the standard allows.
    let (one, two) = profile.split_at(profile.len() / 2);
    let first = build::with_segment(jpeg, 0xe2, &[b"ICC_PROFILE\0\x01\x02", one].concat());
    build::with_segment(&first, 0xe2, &[b"ICC_PROFILE\0\x02\x02", two].concat())
}

fn png_with_profile(png: &[u8], profile: &[u8]) -> Vec<u8> {
    build::with_chunk(png, b"iCCP", &[b"a profile\0\0", &build::deflated(profile)[..]].concat())
}

fn assert_colour(made: &Made, expected: [u8; 3], tolerance: u8) {
    for picture in [&made.shown, &made.thumbnail, &made.direct] {
        assert_near(picture.get_pixel(picture.width() / 2, picture.height() / 2), expected, tolerance);
    }
}

#[test]
fn colours_without_a_profile_are_srgb() {
    let plain = RgbImage::from_pixel(90, 70, image::Rgb([200, 100, 50]));
    assert_colour(&make(&build::jpeg(&plain)).unwrap(), [200, 100, 50], 3);
}

#[test]
fn the_profile_of_srgb_changes_nothing() {
    let plain = RgbImage::from_pixel(90, 70, image::Rgb([200, 100, 50]));
    let profile = ColorProfile::new_srgb().encode().unwrap();
    let png = png_with_profile(&build::encoded(plain.clone(), ImageFormat::Png), &profile);
    assert_eq!(make(&png).unwrap().shown.to_rgb8(), plain);
}

#[test]
fn the_wide_colours_of_phones_are_brought_to_srgb() {
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    // By the matrices of both spaces: what lies outside is cut off.
    let known = [([255, 0, 0], [255, 0, 0]), ([200, 100, 50], [215, 93, 31]), ([128, 128, 128], [128, 128, 128])];
    for (stored, seen) in known {
        let plain = RgbImage::from_pixel(900, 820, image::Rgb(stored));
        assert_colour(&make(&jpeg_with_profile(&build::jpeg(&plain), &profile)).unwrap(), seen, 4);
        let png = build::encoded(plain.clone(), ImageFormat::Png);
        assert_colour(&make(&png_with_profile(&png, &profile)).unwrap(), seen, 3);
    }
    let clear = RgbaImage::from_pixel(30, 30, image::Rgba([200, 100, 50, 128]));
    let made = make(&png_with_profile(&build::encoded(clear, ImageFormat::Png), &profile)).unwrap();
    let pixel = made.shown.get_pixel(9, 9);
    assert_near(pixel, [215, 93, 31], 3);
    assert_eq!(pixel[3], 128);
}

#[test]
fn a_webp_has_its_profile_too() {
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let bits =
        build::encoded(RgbImage::from_pixel(40, 30, image::Rgb([200, 100, 50])), ImageFormat::WebP)[20..].to_vec();
    let file = build::webp(&[(b"VP8X", &build::canvas(32, 40, 30)), (b"ICCP", &profile), (b"VP8L", &bits)]);
    assert_colour(&make(&file).unwrap(), [215, 93, 31], 3);
}

#[test]
fn a_gray_profile_is_followed() {
    let profile = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let gray = build::encoded(GrayImage::from_pixel(40, 30, image::Luma([55])), ImageFormat::Png);
    // A linear 55 of 255 is 128 in sRGB.
    assert_colour(&make(&png_with_profile(&gray, &profile)).unwrap(), [128; 3], 2);
}

#[test]
fn a_profile_that_does_not_fit_is_not_followed() {
    let gray = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let wide = ColorProfile::new_display_p3().encode().unwrap();
    let plain = RgbImage::from_pixel(40, 30, image::Rgb([200, 100, 50]));
    let jpeg = build::jpeg(&plain);
    let broken = [b"no profile at all".to_vec(), wide[..200].to_vec(), gray, vec![0; 300]];
    for profile in broken {
        assert_colour(&make(&jpeg_with_profile(&jpeg, &profile)).unwrap(), [200, 100, 50], 3);
        let png = png_with_profile(&build::encoded(plain.clone(), ImageFormat::Png), &profile);
        assert_colour(&make(&png).unwrap(), [200, 100, 50], 0);
    }
}

#[test]
fn inks_become_colours() {
    for (inks, colour) in [
        ([0, 0, 0, 0], [255, 255, 255]),
        ([255, 0, 0, 0], [0, 255, 255]),
        ([0, 255, 255, 0], [255, 0, 0]),
        ([0, 0, 0, 255], [0, 0, 0]),
        ([0, 51, 102, 51], [204, 163, 122]),
    ] {
        let made = make(&build::cmyk_jpeg(450, 420, inks)).unwrap();
        assert_colour(&made, colour, 4);
    }
}
