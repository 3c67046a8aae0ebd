//! From bytes to the codewords of a code: version, level, and the bytes that mend errors.

/// What a version has at the levels M, Q and H: the codewords in each block that mend errors.
/// The standard's table 9.
const MENDING: [[u8; 40]; 3] = [
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30,
        30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// And how many blocks there are.
const BLOCKS: [[u8; 40]; 3] = [
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23,
        25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29,
        34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35,
        37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// How the codewords of a version and level are divided.
pub(crate) struct Division {
    /// All codewords.
    total: usize,
    /// Those of data.
    pub(crate) data: usize,
    blocks: usize,
    mending: usize,
}

impl Division {
    pub(crate) fn of(version: usize, level: usize) -> Option<Self> {
        let entry = |table: &[[u8; 40]; 3]| Some(usize::from(*table.get(level)?.get(version - 1)?));
        let (blocks, mending) = (entry(&BLOCKS)?, entry(&MENDING)?);
        // Modules without patterns, in bits.
        let mut bits = (16 * version + 128) * version + 64;
        if version > 1 {
            let places = version / 7 + 2;
            bits -= (25 * places - 10) * places - 55;
        }
        if version > 6 {
            bits -= 36;
        }
        let total = bits / 8;
        Some(Self { total, data: total - blocks * mending, blocks, mending })
    }
}

/// The smallest version that holds the data at level M, the level as the format writes it, and
/// all codewords in the order in which they are drawn. None where no version is large enough.
pub(crate) fn encode(data: &[u8]) -> Option<(usize, usize, Vec<u8>)> {
    // Mode, length and terminator are two bytes, and three where the length needs two.
    let fits = |version: usize, level: usize| {
        Division::of(version, level)
            .filter(|parts| data.len() + 2 + usize::from(version > 9) <= parts.data)
    };
    let mut version = 1;
    while fits(version, 0).is_none() {
        version += 1;
        if version > 40 {
            return None;
        }
    }
    let (level, parts) = (0..3).rev().find_map(|level| Some((level, fits(version, level)?)))?;

    // The mode is half a byte (4, bytes), so that all that follows is shifted by a half.
    let mut words = Vec::with_capacity(parts.total);
    let mut half = 4;
    let mut push = |byte: u8| {
        words.push(half << 4 | byte >> 4);
        half = byte;
    };
    if version > 9 {
        push((data.len() >> 8) as u8);
    }
    push(data.len() as u8);
    for byte in data {
        push(*byte);
    }
    push(0);
    let mut filler = 0xEC;
    while words.len() < parts.data {
        words.push(filler);
        filler ^= 0xEC ^ 0x11;
    }
    // The format's numbers of M, Q and H are 0, 3 and 2.
    Some((version, [0, 3, 2].get(level).copied()?, parts.interleave(&words)))
}

impl Division {
    /// Adds to each block what mends it, and deals the blocks out codeword by codeword.
    fn interleave(&self, words: &[u8]) -> Vec<u8> {
        let divisor = divisor(self.mending);
        let mut all = vec![0; self.total];
        let mut put = |at: usize, word: u8| {
            if let Some(place) = all.get_mut(at) {
                *place = word;
            }
        };
        let short = self.data / self.blocks;
        let short_blocks = self.blocks - self.data % self.blocks;
        let mut words = words.iter();
        for block in 0..self.blocks {
            let is_long = block >= short_blocks;
            let mut rest = vec![0; self.mending];
            for (index, word) in words.by_ref().take(short + usize::from(is_long)).enumerate() {
                // Only long blocks have a word in the last row.
                let skipped = if index == short { short_blocks } else { 0 };
                put(index * self.blocks + block - skipped, *word);
                let factor = word ^ rest.first().copied().unwrap_or(0);
                rest.rotate_left(1);
                if let Some(last) = rest.last_mut() {
                    *last = 0;
                }
                for (place, coefficient) in rest.iter_mut().zip(&divisor) {
                    *place ^= multiply(*coefficient, factor);
                }
            }
            for (index, word) in rest.iter().enumerate() {
                put(self.data + index * self.blocks + block, *word);
            }
        }
        all
    }
}

/// The Reed-Solomon generator polynomial of a degree, from the highest power, without its leading 1.
fn divisor(degree: usize) -> Vec<u8> {
    let mut result = vec![0; degree];
    if let Some(last) = result.last_mut() {
        *last = 1;
    }
    let mut root = 1;
    for _ in 0..degree {
        // Times (x - root): from the lowest power up, each takes what its lower neighbour was.
        let mut lower = 0;
        for coefficient in result.iter_mut().rev() {
            let old = *coefficient;
            *coefficient = multiply(old, root) ^ lower;
            lower = old;
        }
        root = multiply(root, 2);
    }
    result
}

/// The product in the field of 256 elements modulo x⁸ + x⁴ + x³ + x² + 1.
fn multiply(x: u8, y: u8) -> u8 {
    (0..8)
        .rev()
        .fold(0, |product: u8, bit| (product << 1) ^ ((product >> 7) * 0x1D) ^ ((y >> bit & 1) * x))
}
