//! Waits between requests: tables, and a jitter so that many pages do not ask in step.

/// Waits between retries, in milliseconds; the last one repeats.
const RETRY_MS: [u64; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];
/// Waits between polls while there is no stream, in milliseconds; the last one repeats.
const POLL_MS: [u64; 6] = [2_000, 3_000, 5_000, 8_000, 12_000, 20_000];
/// The wait between polls beside a stream that brings updates, in milliseconds. The backend may
/// have missed something, and half an hour of waiting must stay below twenty requests.
const POLL_BESIDE_STREAM_MS: u64 = 120_000;
/// Waits before the stream is opened again, in milliseconds; the last one repeats.
const REOPEN_MS: [u64; 5] = [1_000, 4_000, 15_000, 30_000, 60_000];
/// The longest `Retry-After` that is obeyed, in milliseconds.
const MAX_RETRY_AFTER_MS: u64 = 120_000;

/// Computes waits. Equal seeds give equal waits.
#[derive(Clone, Debug, Hash)]
pub(super) struct Backoff {
    jitter: u32,
}

impl Backoff {
    pub(super) const fn new(seed: u32) -> Self {
        // A xorshift generator must not be zero.
        Self { jitter: seed | 1 }
    }

    /// The wait before the retry after `failures` failures in a row.
    pub(super) fn retry_ms(&mut self, failures: u8, retry_after_ms: Option<u64>) -> u64 {
        let wait_ms = self.spread(pick(&RETRY_MS, failures.saturating_sub(1)));
        wait_ms.max(retry_after_ms.unwrap_or(0).min(MAX_RETRY_AFTER_MS))
    }

    /// The wait before the next poll after `failed_polls` polls that brought nothing new.
    pub(super) fn poll_ms(&mut self, failed_polls: u8) -> u64 {
        self.spread(pick(&POLL_MS, failed_polls))
    }

    /// The wait before the next poll beside a stream that brings updates.
    pub(super) fn poll_beside_stream_ms(&mut self) -> u64 {
        self.spread(POLL_BESIDE_STREAM_MS)
    }

    /// The wait before the stream is opened again after `failures` failures in a row.
    pub(super) fn reopen_ms(&mut self, failures: u8, retry_after_ms: Option<u64>) -> u64 {
        self.spread(pick(&REOPEN_MS, failures)).max(retry_after_ms.unwrap_or(0))
    }

    /// Adds up to a quarter.
    fn spread(&mut self, wait_ms: u64) -> u64 {
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 17;
        self.jitter ^= self.jitter << 5;
        wait_ms + u64::from(self.jitter) % (wait_ms / 4 + 1)
    }
}

fn pick(waits_ms: &[u64], index: u8) -> u64 {
    waits_ms.get(usize::from(index)).or(waits_ms.last()).copied().unwrap_or(1_000)
}
