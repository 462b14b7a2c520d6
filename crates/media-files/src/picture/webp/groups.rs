//! How many groups of codes lossless bits have, before a decoder makes tables for them.
//!
//! A group is five prefix codes, small in the file and up to a hundred kilobytes as tables, and a file may have 65,536 of
//! them. Which group a block of pixels has stands in a small picture of its own, behind the transforms: they are read here,
//! bit by bit, and nothing after them. (The coding is that of RFC 9649, chapter 3.)

/// The largest size of an alphabet beside that of green: 256 values.
const ALPHABETS: [usize; 5] = [256 + 24, 256, 256, 256, 40];
/// The order in which the lengths of the code of lengths are written.
const LENGTHS: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const LONGEST: usize = 15;
const CACHE_MULTIPLIER: u32 = 0x1e35_a7bd;
const HEADER_BITS: usize = 40;

/// The number of groups, `None` for bits that are broken.
pub(super) fn count(bits: &[u8], width: usize, height: usize) -> Option<usize> {
    let mut reader = Reader { bytes: bits, at: HEADER_BITS };
    let mut columns = width;
    let mut seen = [false; 4];
    while reader.flag()? {
        let transform = reader.number(2)?;
        if std::mem::replace(&mut seen[transform], true) {
            return None;
        }
        match transform {
            0 | 1 => {
                let block = reader.number(3)? + 2;
                reader.picture(columns.div_ceil(1 << block), height.div_ceil(1 << block))?;
            }
            2 => {}
            _ => {
                let colours = reader.number(8)? + 1;
                reader.picture(colours, 1)?;
                columns = columns.div_ceil(match colours {
                    0..=2 => 8,
                    3..=4 => 4,
                    5..=16 => 2,
                    _ => 1,
                });
            }
        }
    }
    if reader.flag()? && !(1..=11).contains(&reader.number(4)?) {
        return None;
    }
    if !reader.flag()? {
        return Some(1);
    }
    let block = reader.number(3)? + 2;
    let groups = reader.picture(columns.div_ceil(1 << block), height.div_ceil(1 << block))?;
    groups.iter().map(|pixel| (pixel >> 8 & 0xffff) as usize + 1).max()
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

/// A canonical prefix code: how many codes there are of each length, and the symbols in their order.
struct Code {
    counts: [u16; LONGEST + 1],
    symbols: Vec<u16>,
}

impl Code {
    fn new(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0; LONGEST + 1];
        lengths.iter().for_each(|length| counts[usize::from(*length)] += 1);
        counts[0] = 0;
        let mut symbols: Vec<u16> = (0..).zip(lengths).filter(|(_, length)| **length > 0).map(|(it, _)| it).collect();
        symbols.sort_by_key(|symbol| lengths[usize::from(*symbol)]);
        // One symbol alone takes no bits; more must use every code.
        let used: u32 =
            counts.iter().enumerate().skip(1).map(|(length, count)| u32::from(*count) << (LONGEST - length)).sum();
        (symbols.len() == 1 || used == 1 << LONGEST).then_some(Self { counts, symbols })
    }
}

impl Reader<'_> {
    fn number(&mut self, count: usize) -> Option<usize> {
        let mut number = 0;
        for bit in 0..count {
            number |= usize::from(self.flag()?) << bit;
        }
        Some(number)
    }

    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    fn symbol(&mut self, code: &Code) -> Option<usize> {
        if let [symbol] = code.symbols[..] {
            return Some(usize::from(symbol));
        }
        let (mut value, mut first, mut index) = (0, 0, 0);
        for count in &code.counts[1..] {
            let count = usize::from(*count);
            value |= usize::from(self.flag()?);
            if value < first + count {
                return code.symbols.get(index + value - first).map(|symbol| usize::from(*symbol));
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        None
    }

    fn code(&mut self, alphabet: usize) -> Option<Code> {
        let mut lengths = vec![0; alphabet];
        if self.flag()? {
            let two = self.flag()?;
            let first_bits = if self.flag()? { 8 } else { 1 };
            let first = self.number(first_bits)?;
            *lengths.get_mut(first)? = 1;
            if two {
                // In another order decoders would not agree which is which.
                let second = Some(self.number(8)?).filter(|second| *second > first)?;
                *lengths.get_mut(second)? = 1;
            }
            return Code::new(&lengths);
        }
        let mut of_lengths = [0; LENGTHS.len()];
        for place in &LENGTHS[..4 + self.number(4)?] {
            of_lengths[*place] = u8::try_from(self.number(3)?).ok()?;
        }
        self.lengths(&Code::new(&of_lengths)?, &mut lengths)?;
        Code::new(&lengths)
    }

    fn lengths(&mut self, code: &Code, lengths: &mut [u8]) -> Option<()> {
        let mut left = lengths.len();
        if self.flag()? {
            let bits = 2 + 2 * self.number(3)?;
            left = 2 + self.number(bits)?;
        }
        let (mut at, mut previous) = (0, 8);
        while at < lengths.len() && left > 0 {
            left -= 1;
            let symbol = self.symbol(code)?;
            let (length, repeat) = match symbol {
                16 => (previous, 3 + self.number(2)?),
                17 => (0, 3 + self.number(3)?),
                18 => (0, 11 + self.number(7)?),
                _ => (u8::try_from(symbol).ok()?, 1),
            };
            if length > 0 {
                previous = length;
            }
            lengths.get_mut(at..at + repeat)?.fill(length);
            at += repeat;
        }
        Some(())
    }

    /// A picture within the coding: one group of codes, and colours as `0xAARRGGBB`.
    fn picture(&mut self, width: usize, height: usize) -> Option<Vec<u32>> {
        let cache_bits = if self.flag()? { Some(self.number(4)?).filter(|bits| (1..=11).contains(bits))? } else { 0 };
        let mut cache = vec![0; if cache_bits > 0 { 1 << cache_bits } else { 0 }];
        let mut codes = Vec::with_capacity(ALPHABETS.len());
        for (index, alphabet) in ALPHABETS.into_iter().enumerate() {
            codes.push(self.code(alphabet + if index == 0 { cache.len() } else { 0 })?);
        }
        let count = width * height;
        let mut pixels: Vec<u32> = Vec::with_capacity(count);
        while pixels.len() < count {
            let known = pixels.len();
            match self.symbol(&codes[0])? {
                green @ 0..256 => {
                    let [red, blue, alpha] =
                        [self.symbol(&codes[1])?, self.symbol(&codes[2])?, self.symbol(&codes[3])?];
                    pixels.push(u32::try_from(alpha << 24 | red << 16 | green << 8 | blue).ok()?);
                }
                length @ 256..280 => {
                    let length = self.extended(length - 256)?;
                    let distance = self.symbol(&codes[4])?;
                    let distance = distance_of(self.extended(distance)?, width);
                    if distance > known || length > count - known {
                        return None;
                    }
                    (0..length).for_each(|at| pixels.push(pixels[known + at - distance]));
                }
                cached => pixels.push(*cache.get(cached - 280)?),
            }
            if cache_bits > 0 {
                for colour in &pixels[known..] {
                    cache[(colour.wrapping_mul(CACHE_MULTIPLIER) >> (32 - cache_bits)) as usize] = *colour;
                }
            }
        }
        Some(pixels)
    }

    /// A length or distance of a symbol and the bits behind it.
    fn extended(&mut self, symbol: usize) -> Option<usize> {
        if symbol < 4 {
            return Some(symbol + 1);
        }
        let bits = (symbol - 2) >> 1;
        Some(((2 + (symbol & 1)) << bits) + self.number(bits)? + 1)
    }
}

/// The first 120 distances name neighbours: steps to the left (to the right, below zero) and up.
fn distance_of(code: usize, width: usize) -> usize {
    let Some((left, up)) = code.checked_sub(1).and_then(|index| NEIGHBOURS.get(index)) else { return code - 120 };
    let distance = i64::from(*left) + i64::from(*up) * i64::try_from(width).unwrap_or(i64::MAX >> 8);
    usize::try_from(distance.max(1)).unwrap_or(usize::MAX)
}

const NEIGHBOURS: [(i8, i8); 120] = [
    (0, 1),
    (1, 0),
    (1, 1),
    (-1, 1),
    (0, 2),
    (2, 0),
    (1, 2),
    (-1, 2),
    (2, 1),
    (-2, 1),
    (2, 2),
    (-2, 2),
    (0, 3),
    (3, 0),
    (1, 3),
    (-1, 3),
    (3, 1),
    (-3, 1),
    (2, 3),
    (-2, 3),
    (3, 2),
    (-3, 2),
    (0, 4),
    (4, 0),
    (1, 4),
    (-1, 4),
    (4, 1),
    (-4, 1),
    (3, 3),
    (-3, 3),
    (2, 4),
    (-2, 4),
    (4, 2),
    (-4, 2),
    (0, 5),
    (3, 4),
    (-3, 4),
    (4, 3),
    (-4, 3),
    (5, 0),
    (1, 5),
    (-1, 5),
    (5, 1),
    (-5, 1),
    (2, 5),
    (-2, 5),
    (5, 2),
    (-5, 2),
    (4, 4),
    (-4, 4),
    (3, 5),
    (-3, 5),
    (5, 3),
    (-5, 3),
    (0, 6),
    (6, 0),
    (1, 6),
    (-1, 6),
    (6, 1),
    (-6, 1),
    (2, 6),
    (-2, 6),
    (6, 2),
    (-6, 2),
    (4, 5),
    (-4, 5),
    (5, 4),
    (-5, 4),
    (3, 6),
    (-3, 6),
    (6, 3),
    (-6, 3),
    (0, 7),
    (7, 0),
    (1, 7),
    (-1, 7),
    (5, 5),
    (-5, 5),
    (7, 1),
    (-7, 1),
    (4, 6),
    (-4, 6),
    (6, 4),
    (-6, 4),
    (2, 7),
    (-2, 7),
    (7, 2),
    (-7, 2),
    (3, 7),
    (-3, 7),
    (7, 3),
    (-7, 3),
    (5, 6),
    (-5, 6),
    (6, 5),
    (-6, 5),
    (8, 0),
    (4, 7),
    (-4, 7),
    (7, 4),
    (-7, 4),
    (8, 1),
    (8, 2),
    (6, 6),
    (-6, 6),
    (8, 3),
    (5, 7),
    (-5, 7),
    (7, 5),
    (-7, 5),
    (8, 4),
    (6, 7),
    (-6, 7),
    (7, 6),
    (-7, 6),
    (8, 5),
    (7, 7),
    (-7, 7),
    (8, 6),
    (8, 7),
];
