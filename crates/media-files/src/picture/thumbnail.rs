//! The thumbnail: a square that the middle of the picture fills.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::exif::Orientation;
use super::jpeg;
use super::pixels::{Channels, Pixels};
use super::upright::upright;

/// Its width and height.
pub const SIDE: usize = 400;
const QUALITY: i32 = 80;

/// The thumbnail of pixels that are still to be turned.
pub(super) fn jpeg(pixels: &Pixels, orientation: Orientation) -> Vec<u8> {
    let flat = pixels.has_alpha().then(|| on_white(pixels));
    let square = cover(flat.as_ref().unwrap_or(pixels));
    jpeg::encode(&upright(square, orientation), QUALITY, jpeg::Colours::Halved)
}

fn cover(pixels: &Pixels) -> Pixels {
    let pixel_type = match pixels.channels {
        Channels::Gray => PixelType::U8,
        Channels::Rgb => PixelType::U8x3,
        Channels::Rgba => unreachable!("it was put on white"),
    };
    let number = |side: usize| u32::try_from(side).expect("the header was not larger");
    let source = ImageRef::new(number(pixels.width), number(pixels.height), &pixels.data, pixel_type);
    let source = source.expect("the pixels are complete");
    let mut square = Image::new(number(SIDE), number(SIDE), pixel_type);
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).fit_into_destination(None);
    Resizer::new().resize(&source, &mut square, &options).expect("both are of the same pixels");
    Pixels { width: SIDE, height: SIDE, channels: pixels.channels, data: square.into_vec() }
}

/// What is transparent on white, and what is much larger than the thumbnail smaller by a whole number, so that no second
/// picture of full size is needed.
fn on_white(pixels: &Pixels) -> Pixels {
    let factor = (pixels.width.min(pixels.height) / (2 * SIDE)).max(1);
    let (width, height) = (pixels.width / factor, pixels.height / factor);
    let mut data = Vec::with_capacity(3 * width * height);
    let mut sums = vec![[0_u32; 3]; width];
    let area = u32::try_from(255 * factor * factor).expect("the header was not larger");
    for rows in pixels.data.chunks_exact(4 * pixels.width * factor).take(height) {
        sums.fill([0; 3]);
        for row in rows.chunks_exact(4 * pixels.width) {
            for (sum, block) in sums.iter_mut().zip(row.chunks_exact(4 * factor)) {
                for &[red, green, blue, alpha] in block.as_chunks::<4>().0 {
                    let alpha = u32::from(alpha);
                    for (sum, colour) in sum.iter_mut().zip([red, green, blue]) {
                        *sum += u32::from(colour) * alpha + 255 * (255 - alpha);
                    }
                }
            }
        }
        data.extend(sums.as_flattened().iter().map(|sum| ((sum + area / 2) / area) as u8));
    }
    Pixels { width, height, channels: Channels::Rgb, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_pixels_are_white() {
        let data = vec![10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128, 255, 255, 255, 3];
        let flat = on_white(&Pixels { width: 2, height: 2, channels: Channels::Rgba, data });
        assert_eq!(flat.data, [10, 20, 30, 255, 255, 255, 127, 127, 127, 255, 255, 255]);
    }

    #[test]
    fn large_pictures_are_put_on_white_in_blocks() {
        let (width, height) = (1700, 2500);
        let row = [[0, 0, 0, 255], [255, 255, 255, 255]].as_flattened().repeat(width / 2);
        let data = row.repeat(height);
        let flat = on_white(&Pixels { width, height, channels: Channels::Rgba, data });
        assert_eq!((flat.width, flat.height), (850, 1250));
        assert!(flat.data.iter().all(|value| *value == 128));
    }
}
