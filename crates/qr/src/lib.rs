//! A small encoder of QR codes (ISO/IEC 18004, model 2).
//!
//! Byte mode only, error level M or the best one that needs no larger code, all versions, and
//! the mask that the standard's penalties choose. Shoppers download this: it is written for few
//! bytes of Wasm, and its tables are what cannot be computed.

mod codewords;
mod penalty;

/// Bit of a module that is dark.
const DARK: u8 = 1;
/// Bit of a module that belongs to a pattern, and carries no data.
const PATTERN: u8 = 2;

/// A code: a square of dark and light modules, without the quiet zone around it.
#[derive(Clone)]
pub struct Code {
    size: usize,
    modules: Vec<u8>,
}

impl Code {
    /// Encodes bytes. None where they are more than the largest code holds: 2331.
    #[must_use]
    pub fn encode(data: &[u8]) -> Option<Self> {
        let (version, level, codewords) = codewords::encode(data)?;
        let mut code = Self::patterns(version);
        // The places of the format are taken before data comes; what stands there, the mask says.
        code.draw_format(0);
        code.draw_codewords(&codewords);
        let mut best = None;
        let mut least = u32::MAX;
        for mask in 0..8 {
            let masked = code.masked(level, mask);
            // One that is worse already need not be counted to its end.
            let penalty = penalty::of(&masked, least);
            if penalty < least {
                (best, least) = (Some(masked), penalty);
            }
        }
        best
    }

    /// How many modules a side has.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Whether a module is dark; all outside of the code is light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        self.module(x, y) & DARK != 0
    }

    fn index(&self, x: usize, y: usize) -> Option<usize> {
        (x < self.size && y < self.size).then(|| y * self.size + x)
    }

    /// The bits of a module; outside there are none.
    fn module(&self, x: usize, y: usize) -> u8 {
        self.index(x, y).and_then(|at| self.modules.get(at)).copied().unwrap_or(0)
    }

    /// Draws a module of a pattern, if it is inside.
    fn set(&mut self, x: usize, y: usize, is_dark: bool) {
        if let Some(module) = self.index(x, y).and_then(|at| self.modules.get_mut(at)) {
            *module = PATTERN | u8::from(is_dark);
        }
    }

    /// What every code of a version has.
    fn patterns(version: usize) -> Self {
        let size = version * 4 + 17;
        let mut code = Self { size, modules: vec![0; size * size] };
        for at in 0..size {
            code.set(6, at, at % 2 == 0);
            code.set(at, 6, at % 2 == 0);
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            code.draw_rings(x, y, 4, 0b1011);
        }
        let places = version / 7 + 2;
        let step = match version {
            1 => return code,
            // The one version that is not as the others are.
            32 => 26,
            _ => (version * 4 + places * 2 + 1) / (places * 2 - 2) * 2,
        };
        let last = places - 1;
        // Counted from the far end, where they are even; the first is always in line with the timing.
        let centre = |place| if place == last { 6 } else { size - 7 - place * step };
        for across in 0..places {
            for down in 0..places {
                // Where a finder is not.
                if (across != last || down % last != 0) && (down != last || across % last != 0) {
                    code.draw_rings(centre(across), centre(down), 2, 0b101);
                }
            }
        }
        if version > 6 {
            let bits = with_check_bits(version, 12, 0x1F25);
            for at in 0..18 {
                let (near, far) = (at / 3, size - 11 + at % 3);
                code.set(near, far, bits >> at & 1 != 0);
                code.set(far, near, bits >> at & 1 != 0);
            }
        }
        code
    }

    /// Draws squares around a middle; the ring at distance n is dark where bit n of `dark` is set.
    fn draw_rings(&mut self, x: usize, y: usize, radius: usize, dark: u32) {
        for down in 0..=2 * radius {
            for across in 0..=2 * radius {
                let distance = down.abs_diff(radius).max(across.abs_diff(radius));
                // Left of or above the code, this is a very large number, which is outside too.
                let (x, y) = (x + across, y + down);
                self.set(x.wrapping_sub(radius), y.wrapping_sub(radius), dark >> distance & 1 != 0);
            }
        }
    }

    /// Draws both copies of the 15 bits that name the level and the mask.
    fn draw_format(&mut self, format: usize) {
        let bits = with_check_bits(format, 10, 0x537) ^ 0x5412;
        let size = self.size;
        for at in 0..15 {
            let is_dark = bits >> at & 1 != 0;
            let (x, y) = if at < 8 {
                (size - 1 - at, at + usize::from(at > 5))
            } else {
                (14 - at + usize::from(at == 8), size - 15 + at)
            };
            self.set(x, 8, is_dark);
            self.set(8, y, is_dark);
        }
        self.set(8, size - 8, true);
    }

    /// Writes the bits in pairs of columns, up and down, from the right.
    fn draw_codewords(&mut self, codewords: &[u8]) {
        let size = self.size;
        let mut bit = 0;
        for pair in (0..size / 2).rev() {
            // The column of the timing is in no pair.
            let right = pair * 2 + 1 + usize::from(pair > 2);
            for step in 0..size * 2 {
                let down = step / 2;
                let y = if (right + 1) & 2 == 0 { size - 1 - down } else { down };
                if let Some(module) = self.modules.get_mut(y * size + right - step % 2)
                    && *module == 0
                {
                    // The last few modules of some versions have no bits; they are light.
                    *module = codewords.get(bit / 8).map_or(0, |word| word >> (7 - bit % 8) & 1);
                    bit += 1;
                }
            }
        }
    }

    /// The code with a mask laid over its data, and named in its format.
    fn masked(&self, level: usize, mask: usize) -> Self {
        let mut code = self.clone();
        code.draw_format(level << 3 | mask);
        let (mut x, mut y) = (0, 0);
        for module in &mut code.modules {
            let product = x * y;
            let rest = match mask {
                0 => (x + y) % 2,
                1 => y % 2,
                2 => x % 3,
                3 => (x + y) % 3,
                4 => (x / 3 + y / 2) % 2,
                5 => product % 2 + product % 3,
                6 => (product % 2 + product % 3) % 2,
                _ => ((x + y) % 2 + product % 3) % 2,
            };
            if rest == 0 && *module & PATTERN == 0 {
                *module ^= DARK;
            }
            x += 1;
            if x == self.size {
                (x, y) = (0, y + 1);
            }
        }
        code
    }
}

/// A number with the `count` check bits of its BCH code behind it.
fn with_check_bits(data: usize, count: u32, divisor: usize) -> usize {
    let rest = (0..count).fold(data, |rest, _| (rest << 1) ^ ((rest >> (count - 1)) * divisor));
    data << count | rest
}

#[cfg(test)]
mod tests;
