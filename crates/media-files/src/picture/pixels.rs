//! Pixels in memory: one byte for each channel, row after row.

/// A decoded picture.
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) channels: Channels,
    pub(super) data: Vec<u8>,
}

/// What a pixel is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channels {
    Gray = 1,
    Rgb = 3,
    Rgba = 4,
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} x {} {:?}", self.width, self.height, self.channels)
    }
}

impl Pixels {
    pub(super) fn has_alpha(&self) -> bool {
        self.channels == Channels::Rgba
    }

    /// The same without its alpha channel if all of it is opaque, in the memory that it has.
    pub(super) fn without_needless_alpha(mut self) -> Self {
        if self.has_alpha() && self.data.as_chunks::<4>().0.iter().all(|pixel| pixel[3] == u8::MAX) {
            self.drop_alpha();
        }
        self
    }

    /// Makes RGB of RGBA in place; what was transparent shows the colour that it had.
    pub(super) fn drop_alpha(&mut self) {
        let count = self.width * self.height;
        for pixel in 0..count {
            self.data.copy_within(4 * pixel..4 * pixel + 3, 3 * pixel);
        }
        self.data.truncate(3 * count);
        self.channels = Channels::Rgb;
    }
}

/// Spreads the first `count` pixels of `FROM` bytes over `TO` bytes each, from the last to the first, in place.
pub(super) fn spread<const FROM: usize, const TO: usize>(
    data: &mut [u8],
    count: usize,
    make: impl Fn(usize, [u8; FROM]) -> [u8; TO],
) {
    for pixel in (0..count).rev() {
        let mut from = [0; FROM];
        from.copy_from_slice(&data[FROM * pixel..FROM * (pixel + 1)]);
        data[TO * pixel..TO * (pixel + 1)].copy_from_slice(&make(pixel, from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_alpha_that_shows_nothing_is_dropped() {
        let opaque = Pixels { width: 2, height: 1, channels: Channels::Rgba, data: vec![1, 2, 3, 255, 4, 5, 6, 255] };
        assert_eq!(opaque.without_needless_alpha().data, [1, 2, 3, 4, 5, 6]);
        let data = vec![1, 2, 3, 255, 4, 5, 6, 254];
        let clear = Pixels { width: 2, height: 1, channels: Channels::Rgba, data };
        assert!(clear.without_needless_alpha().has_alpha());
    }

    #[test]
    fn pixels_are_spread_in_place() {
        let mut data = vec![1, 2, 3, 4, 0, 0, 0, 0];
        spread::<2, 4>(&mut data, 2, |_, [gray, alpha]| [gray, gray, gray, alpha]);
        assert_eq!(data, [1, 1, 1, 2, 3, 3, 3, 4]);
    }
}
