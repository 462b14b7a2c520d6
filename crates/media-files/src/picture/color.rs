//! Colours by the profile that a file brings along, into sRGB, which is what is assumed where there is none.

use moxcms::{ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions};

use super::pixels::{Channels, Pixels};

/// Larger profiles are none.
pub(super) const MAX_PROFILE: usize = 4 << 20;

/// The pixels in sRGB. A profile that is broken, or one for other channels, is not followed, as browsers do.
pub(super) fn to_srgb(mut pixels: Pixels, icc: Option<&[u8]>) -> Pixels {
    let Some(profile) = icc.and_then(|icc| ColorProfile::new_from_slice(icc).ok()) else { return pixels };
    match (pixels.channels, profile.color_space) {
        (Channels::Gray, DataColorSpace::Gray) => {
            if let Some(table) = transform(&profile, Layout::Gray).and_then(|transform| gray_table(&*transform)) {
                pixels.data.iter_mut().for_each(|value| *value = table[usize::from(*value)]);
            }
        }
        (Channels::Rgb, DataColorSpace::Rgb) => by_rows::<3>(&mut pixels, &profile, Layout::Rgb),
        (Channels::Rgba, DataColorSpace::Rgb) => by_rows::<4>(&mut pixels, &profile, Layout::Rgba),
        _ => {}
    }
    pixels
}

/// Turns a row of CMYK, where 255 is full ink, into one of sRGB.
pub(super) fn cmyk(icc: Option<&[u8]>) -> Option<impl Fn(&[u8], &mut [u8]) + use<>> {
    let profile = ColorProfile::new_from_slice(icc?).ok()?;
    if profile.color_space != DataColorSpace::Cmyk {
        return None;
    }
    let options = TransformOptions::default();
    let transform =
        profile.create_transform_8bit(Layout::Rgba, &ColorProfile::new_srgb(), Layout::Rgb, options).ok()?;
    // Tried once, so that rows cannot fail.
    transform.transform(&[0; 4], &mut [0; 3]).ok()?;
    Some(move |inks: &[u8], row: &mut [u8]| transform.transform(inks, row).expect("rows are of the same length"))
}

fn transform(profile: &ColorProfile, from: Layout) -> Option<std::sync::Arc<Transform8BitExecutor>> {
    let to = if from == Layout::Rgba { Layout::Rgba } else { Layout::Rgb };
    profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default()).ok()
}

fn gray_table(transform: &Transform8BitExecutor) -> Option<Vec<u8>> {
    let grays: Vec<u8> = (0..=u8::MAX).collect();
    let mut colours = vec![0; 3 * grays.len()];
    transform.transform(&grays, &mut colours).ok()?;
    Some(colours.as_chunks::<3>().0.iter().map(|colour| colour[1]).collect())
}

fn by_rows<const N: usize>(pixels: &mut Pixels, profile: &ColorProfile, layout: Layout) {
    let Some(transform) = transform(profile, layout) else { return };
    if changes_nothing::<N>(&*transform) {
        return;
    }
    let mut row = vec![0; N * pixels.width];
    for target in pixels.data.chunks_exact_mut(N * pixels.width) {
        row.copy_from_slice(target);
        if transform.transform(&row, target).is_err() {
            return;
        }
    }
}

/// Most profiles of phones are sRGB under another name: colours all over the cube tell, within a step of rounding.
fn changes_nothing<const N: usize>(transform: &Transform8BitExecutor) -> bool {
    let steps = || (0..=u8::MAX).step_by(17);
    let cube = steps().flat_map(|red| steps().flat_map(move |green| steps().map(move |blue| [red, green, blue, 255])));
    let colours: Vec<u8> = cube.flat_map(|colour| colour.into_iter().take(N)).collect();
    let mut changed = vec![0; colours.len()];
    transform.transform(&colours, &mut changed).is_ok()
        && colours.iter().zip(&changed).all(|(one, other)| one.abs_diff(*other) <= 1)
}
