//! Seeded random numbers, and inputs made with them if no coverage guides the search.

/// `SplitMix64`: a seed repeats its run.
pub struct Random(u64);

impl Random {
    /// Returns random numbers that depend on `seed` only.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Returns a number below `count`; zero if that is zero.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.bits() % count).unwrap_or(0)
    }

    /// Returns a new input: an input of the `corpus` with a few changes, some of them `words`.
    pub fn input(&mut self, corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
        let mut bytes = corpus.get(self.below(corpus.len() + 1)).cloned().unwrap_or_default();
        for _ in 0..=self.below(8) {
            self.change(&mut bytes, corpus, words);
        }
        bytes.truncate(MAX_INPUT_BYTES);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&str]) {
        let at = self.below(bytes.len() + 1);
        let random = self.bits();
        let [byte, ..] = random.to_le_bytes();
        match self.below(9) {
            0 => {
                if let Some(slot) = bytes.get_mut(at) {
                    *slot ^= 1 << (random % 8);
                }
            }
            1 => {
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = byte;
                }
            }
            2 => {
                const EDGES: [u8; 12] =
                    [0, 1, 0x7F, 0x80, 0xFF, b'\r', b'\n', b' ', b'0', b'&', b'=', b'%'];
                let edge = EDGES.get(self.below(EDGES.len())).copied().unwrap_or_default();
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = edge;
                }
            }
            3 => bytes.insert(at, byte),
            4 => {
                let fresh: Vec<u8> = (0..=self.below(32)).map(|_| self.byte()).collect();
                bytes.splice(at..at, fresh);
            }
            5 => {
                let word = words.get(self.below(words.len())).copied().unwrap_or_default();
                bytes.splice(at..at, word.bytes());
            }
            6 => {
                let end = bytes.len().min(at + 1 + self.below(16));
                bytes.drain(at..end);
            }
            7 => {
                let end = bytes.len().min(at + 1 + self.below(32));
                let copy = bytes.get(at..end).unwrap_or_default().to_vec();
                let to = self.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            _ => {
                let other = corpus.get(self.below(corpus.len())).map_or(&[][..], Vec::as_slice);
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(other.get(from..).unwrap_or_default());
            }
        }
    }

    fn byte(&mut self) -> u8 {
        let [byte, ..] = self.bits().to_le_bytes();
        byte
    }
}

/// Limit of the inputs of [`Random::input`], in bytes.
const MAX_INPUT_BYTES: usize = 2_048;
