//! Thumbnails against a full decode and the resize of another library.

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, RgbImage, Rgba, RgbaImage};

use crate::build::{self, picture};
use crate::pictures::{assert_near, likeness, make};

fn reference(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(bytes).unwrap().resize_to_fill(400, 400, FilterType::Lanczos3)
}

#[test]
fn a_thumbnail_is_like_that_of_another_library() {
    for (width, height) in [(400, 400), (799, 801), (1600, 1600), (1601, 900), (900, 3300), (3300, 900), (4000, 3000)] {
        let picture = picture(width, height);
        let files = [
            build::jpeg(&picture),
            build::jpeg_with(&picture, |jpeg| jpeg.set_progressive(true).unwrap()),
            build::encoded(picture, ImageFormat::Png),
        ];
        for bytes in files {
            let (made, reference) = (make(&bytes).unwrap(), reference(&bytes));
            let (full, direct) = (likeness(&made.thumbnail, &reference), likeness(&made.direct, &reference));
            assert!(full > 33.0 && direct > 32.0, "{width} x {height}: {full} dB, {direct} dB");
        }
    }
}

#[test]
fn small_pictures_are_enlarged() {
    for (width, height) in [(1, 1), (2, 3), (100, 80), (399, 1000)] {
        let bytes = build::encoded(picture(width, height), ImageFormat::Png);
        assert!(likeness(&make(&bytes).unwrap().thumbnail, &reference(&bytes)) > 33.0, "{width} x {height}");
    }
}

#[test]
fn the_middle_is_shown() {
    let thirds =
        RgbImage::from_fn(1200, 400, |x, _| image::Rgb([[255, 0, 0], [0, 255, 0], [0, 0, 255]][x as usize / 400]));
    let made = make(&build::jpeg(&thirds)).unwrap();
    for picture in [&made.thumbnail, &made.direct] {
        for (x, y) in [(12, 12), (387, 12), (200, 200), (387, 387)] {
            assert_near(image::GenericImageView::get_pixel(picture, x, y), [0, 255, 0], 8);
        }
    }
}

#[test]
fn what_is_transparent_is_white() {
    // Small, and large enough to be made smaller on the way.
    for side in [100, 1700, 2500] {
        let clear =
            RgbaImage::from_fn(side, side, |x, _| if x < side / 2 { Rgba([0; 4]) } else { Rgba([9, 99, 199, 255]) });
        let made = make(&build::encoded(clear, ImageFormat::Png)).unwrap();
        assert_near(image::GenericImageView::get_pixel(&made.thumbnail, 50, 50), [255; 3], 3);
        assert_near(image::GenericImageView::get_pixel(&made.thumbnail, 350, 350), [9, 99, 199], 4);
    }
    let mut encoder = gif::Encoder::new(Vec::new(), 10, 10, &[0, 0, 0, 200, 0, 0]).unwrap();
    let mut frame = gif::Frame::from_indexed_pixels(10, 10, vec![0; 100], Some(0));
    frame.delay = 1;
    encoder.write_frame(&frame).unwrap();
    let made = make(&encoder.into_inner().unwrap()).unwrap();
    assert_near(image::GenericImageView::get_pixel(&made.direct, 200, 200), [255; 3], 1);
}
