//! How hard a code is to read: the standard's four penalties, of which the mask with the least is taken.

use crate::{Code, DARK};

/// Bits of a run's length in a [`Runs`]: the longest is a side and the quiet zone, 354.
const RUN: u32 = 9;

/// The last seven runs of a line, the newest lowest; older ones fall off the top.
#[derive(Clone, Copy)]
struct Runs(u64);

impl Runs {
    const fn push(&mut self, run: u64) {
        self.0 = self.0 << RUN | run;
    }

    const fn run(self, back: u32) -> u64 {
        self.0 >> (RUN * back) & ((1 << RUN) - 1)
    }

    /// How often the last dark run ends what looks like a finder: 1 1 3 1 1, with light of 4 on
    /// one side. To be asked after a light run.
    fn finders(self) -> u32 {
        let unit = self.run(1);
        let looks = 1 | 1 << RUN | 3 << (2 * RUN) | 1 << (3 * RUN) | 1 << (4 * RUN);
        let middle = self.0 >> RUN & ((1 << (5 * RUN)) - 1);
        if unit == 0 || middle != unit * looks {
            return 0;
        }
        let (one, other) = (self.run(0), self.run(6));
        let beside = |wide: u64, narrow: u64| u32::from(wide >= unit * 4 && narrow >= unit);
        beside(one, other) + beside(other, one)
    }
}

/// The sum of all penalties, or of so many that it is not less than `least`.
pub(crate) fn of(code: &Code, least: u32) -> u32 {
    let size = code.size;
    let dark = |x, y| code.module(x, y) & DARK;
    let mut sum = 0;
    for turned in [false, true] {
        for line in 0..size {
            if sum >= least {
                return sum;
            }
            let mut runs = Runs(0);
            let (mut colour, mut run) = (0, 0);
            // The quiet zone is light, and belongs to the first and last run.
            let mut quiet = size as u64;
            for at in 0..size {
                let (x, y) = if turned { (line, at) } else { (at, line) };
                if dark(x, y) == colour {
                    run += 1;
                    sum += match run {
                        0..5 => 0,
                        5 => 3,
                        _ => 1,
                    };
                } else {
                    runs.push(run + quiet);
                    quiet = 0;
                    if colour == 0 {
                        sum += runs.finders() * 40;
                    }
                    colour ^= DARK;
                    run = 1;
                }
                // Two by two of one colour; once, not in each direction.
                if !turned
                    && x + 1 < size
                    && y + 1 < size
                    && (dark(x, y) + dark(x + 1, y) + dark(x, y + 1) + dark(x + 1, y + 1)) % 4 == 0
                {
                    sum += 3;
                }
            }
            if colour == DARK {
                runs.push(run);
                run = 0;
            }
            runs.push(run + size as u64);
            sum += runs.finders() * 40;
        }
    }
    let total = code.modules.len() as u32;
    let darks: u32 = code.modules.iter().map(|module| u32::from(module & DARK)).sum();
    // Each 5 % away from the half, rounded up, less one. The half is never met: a side is odd.
    sum + ((darks * 20).abs_diff(total * 10).div_ceil(total) - 1) * 10
}
