//! Turns pixels the way that EXIF says.
//!
//! A turn by a quarter needs the pixels twice. Where that would be too much memory they are moved in place, each to where the
//! next one was, which takes longer.

use super::exif::Orientation;
use super::pixels::{Channels, Pixels};

/// Pixels of at most so many bytes are turned into a second copy.
const COPIED: usize = 128_000_000;
/// Rows and columns that are turned together, so that both sides stay in the cache.
const TILE: usize = 32;

/// The pixels as they are to be seen.
pub(super) fn upright(mut pixels: Pixels, orientation: Orientation) -> Pixels {
    match pixels.channels {
        Channels::Gray => turn::<1>(&mut pixels, orientation),
        Channels::Rgb => turn::<3>(&mut pixels, orientation),
        Channels::Rgba => turn::<4>(&mut pixels, orientation),
    }
    pixels
}

fn turn<const N: usize>(pixels: &mut Pixels, orientation: Orientation) {
    if orientation.transposes() {
        if pixels.data.len() <= COPIED {
            pixels.data = transposed::<N>(&pixels.data, pixels.width, pixels.height);
        } else {
            transpose_in_place::<N>(&mut pixels.data, pixels.width, pixels.height);
        }
        std::mem::swap(&mut pixels.width, &mut pixels.height);
    }
    let (mirrors, flips) = (orientation.mirrors(), orientation.flips());
    let all = pixels.data.as_chunks_mut::<N>().0;
    if mirrors && flips {
        all.reverse();
    } else if mirrors {
        all.chunks_exact_mut(pixels.width).for_each(<[_]>::reverse);
    } else if flips {
        let (width, height) = (pixels.width, pixels.height);
        let (top, bottom) = all.split_at_mut(height / 2 * width);
        let bottom = bottom.rchunks_exact_mut(width);
        top.chunks_exact_mut(width).zip(bottom).for_each(|(above, below)| above.swap_with_slice(below));
    }
}

fn transposed<const N: usize>(data: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut turned = vec![0; data.len()];
    let (from, to) = (data.as_chunks::<N>().0, turned.as_chunks_mut::<N>().0);
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for column in left..(left + TILE).min(width) {
                let rows = top..(top + TILE).min(height);
                let target = &mut to[column * height..][rows.clone()];
                for (target, row) in target.iter_mut().zip(rows) {
                    *target = from[row * width + column];
                }
            }
        }
    }
    turned
}

/// Follows each cycle of the permutation once; a bit for each pixel tells what was moved.
fn transpose_in_place<const N: usize>(data: &mut [u8], width: usize, height: usize) {
    let pixels = data.as_chunks_mut::<N>().0;
    let mut moved = vec![0_u64; pixels.len().div_ceil(64)];
    for start in 0..pixels.len() {
        if moved[start / 64] >> (start % 64) & 1 == 1 {
            continue;
        }
        let (mut at, mut carried) = (start, pixels[start]);
        loop {
            at = at % width * height + at / width;
            std::mem::swap(&mut carried, &mut pixels[at]);
            moved[at / 64] |= 1 << (at % 64);
            if at == start {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_place_is_the_same_as_copied() {
        for (width, height) in [(1, 1), (1, 7), (7, 1), (3, 2), (40, 33), (33, 70), (64, 64)] {
            let mut data: Vec<u8> = (0..3 * width * height).map(|at| (at * 7 % 251) as u8).collect();
            let copied = transposed::<3>(&data, width, height);
            transpose_in_place::<3>(&mut data, width, height);
            assert_eq!(data, copied, "{width} x {height}");
        }
    }
}
