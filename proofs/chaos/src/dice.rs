//! Random numbers that repeat: the same seed and ordinals always give the same numbers.

use std::hash::Hasher;

/// A random number generator that depends only on its seeds (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Returns the generator of one decision, given by seed and ordinals.
    pub(crate) fn new(parts: &[u64]) -> Self {
        let mut dice = Self(0x9e37_79b9_7f4a_7c15);
        for part in parts {
            dice.0 ^= part.wrapping_mul(0xff51_afd7_ed55_8ccd);
            dice.0 = dice.throw();
        }
        dice
    }

    pub(crate) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from `low` to `high`, both included.
    pub(crate) fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.throw() % (high.saturating_sub(low) + 1)
    }

    /// Returns true with a probability of `per_mille` thousandths.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.throw() % 1_000 < per_mille
    }

    /// Returns one of the choices, by their weights.
    pub(crate) fn pick<T: Clone>(&mut self, choices: &[(u64, T)]) -> Option<T> {
        let all: u64 = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.throw() % all.max(1);
        for (weight, choice) in choices {
            if left < *weight {
                return Some(choice.clone());
            }
            left -= weight;
        }
        choices.last().map(|(_, choice)| choice.clone())
    }
}

/// FNV-1a: a hash that is the same on every machine and in every release.
#[derive(Debug)]
pub(crate) struct Digest(pub(crate) u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
