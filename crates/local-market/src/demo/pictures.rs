//! Pictures of the demo's goods: tiles in the manner of zellige, drawn when they are needed and the same every time. A seller
//! has its own colours, a category its own figure.

use std::f32::consts::TAU;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ImageError, Rgb, RgbImage};

use super::random::Random;

/// How many sellers have colours of their own.
const SELLERS: f32 = 40.0;
const QUALITY: u8 = 88;

/// Which one; no two are alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Picture {
    /// The index of the seller in the market.
    pub seller: usize,
    /// The slug of the category.
    pub category: String,
    /// Of several of the same goods.
    pub variant: usize,
    /// Pixels on a side.
    pub side: u32,
}

/// Red, green and blue, from 0 to 1.
type Colour = [f32; 3];

/// What is drawn.
struct Figure {
    side: f32,
    points: f32,
    depth: f32,
    tiles: f32,
    turn: f32,
    /// Ground, tiles on it, and the star from outside to its middle.
    colours: [Colour; 5],
}

impl Picture {
    /// A square JPEG.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn draw(&self) -> Result<Vec<u8>, ImageError> {
        let figure = self.figure();
        let place = |at: u32| (at as f32 + 0.5) / figure.side * 2.0 - 1.0;
        let pixels = RgbImage::from_fn(self.side, self.side, |x, y| figure.at(place(x), place(y)));
        let mut jpeg = Cursor::new(Vec::new());
        pixels.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY))?;
        Ok(jpeg.into_inner())
    }

    fn figure(&self) -> Figure {
        let mut of_category = Random::named(&self.category);
        let mut of_picture = Random::named(&format!("{} {} {}", self.seller, self.category, self.variant));
        let hue = self.seller as f32 / SELLERS + 0.02 * of_picture.index(3) as f32;
        let accent = hue + [0.5, 0.42, 0.58][self.variant % 3];
        Figure {
            side: self.side as f32,
            points: 6.0 + 2.0 * of_category.index(4) as f32,
            depth: 0.05 + 0.02 * of_category.index(5) as f32,
            tiles: 3.0 + of_category.index(4) as f32,
            turn: of_picture.index(12) as f32 / 12.0 * TAU,
            colours: [
                colour(hue, 0.30, 0.92),
                colour(hue, 0.34, 0.86),
                colour(hue + 0.03, 0.55, 0.36),
                colour(accent, 0.55, 0.62),
                colour(hue, 0.45, 0.95),
            ],
        }
    }
}

impl Figure {
    fn at(&self, x: f32, y: f32) -> Rgb<u8> {
        let [ground, tile, outer, middle, inner] = self.colours;
        let (distance, angle) = (x.hypot(y), y.atan2(x));
        let (u, v) = (((x + 1.0) * self.tiles).fract() - 0.5, ((y + 1.0) * self.tiles).fract() - 0.5);
        let small = 0.3 + 0.1 * (8.0 * v.atan2(u)).cos();
        let mut seen = blend(ground, tile, self.inside(small - u.hypot(v), self.tiles));
        let star = 0.64 + self.depth * (self.points * angle + self.turn).cos();
        for (size, colour) in [(1.0, outer), (0.74, middle), (0.44, outer), (0.26, inner)] {
            seen = blend(seen, colour, self.inside(star * size - distance, 1.0));
        }
        // Light falls from above.
        let light = 1.0 - 0.10 * y - 0.12 * distance * distance;
        Rgb(seen.map(|part| (part * light * 255.0).clamp(0.0, 255.0) as u8))
    }

    /// From 0 to 1 over two pixels at an edge; `depth` is how far inside, in a space that is `scale` times smaller.
    fn inside(&self, depth: f32, scale: f32) -> f32 {
        (depth * self.side / 4.0 / scale + 0.5).clamp(0.0, 1.0)
    }
}

fn blend(below: Colour, above: Colour, share: f32) -> Colour {
    std::array::from_fn(|part| below[part] + (above[part] - below[part]) * share)
}

/// From hue (one turn is 1), saturation and lightness, each from 0 to 1 (CSS Color 4, section 7).
fn colour(hue: f32, saturation: f32, lightness: f32) -> Colour {
    let reach = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|offset| {
        let k = (offset + hue * 12.0).rem_euclid(12.0);
        lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn picture(seller: usize, category: &str, variant: usize) -> Vec<u8> {
        Picture { seller, category: category.to_owned(), variant, side: 480 }.draw().unwrap()
    }

    #[test]
    fn no_two_are_alike_and_each_is_always_the_same() {
        let mut seen = HashSet::new();
        for seller in [0, 1, 39] {
            for category in ["perfume", "home"] {
                for variant in 0..2 {
                    assert!(seen.insert(picture(seller, category, variant)), "{seller} {category} {variant}");
                }
            }
        }
        assert!(seen.contains(&picture(1, "home", 1)));
        assert!(seen.iter().all(|jpeg| (8_000..120_000).contains(&jpeg.len())));
    }

    #[test]
    fn colours_are_those_of_css() {
        for (given, wanted) in [
            ((0.0, 1.0, 0.5), [1.0, 0.0, 0.0]),
            ((1.0 / 3.0, 1.0, 0.5), [0.0, 1.0, 0.0]),
            ((2.0 / 3.0, 1.0, 0.25), [0.0, 0.0, 0.5]),
            ((0.1, 0.0, 0.3), [0.3, 0.3, 0.3]),
        ] {
            let made = colour(given.0, given.1, given.2);
            assert!(made.iter().zip(wanted).all(|(part, wanted)| (part - wanted).abs() < 1e-5), "{given:?}: {made:?}");
        }
    }
}
