//! A clock that runs faster than real time, shared by shoppers, backend and gateways.
//!
//! Its time is a function of the machine's clock and of three numbers, so that a restarted process
//! continues with the same time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The fast clock.
#[derive(Debug)]
pub(crate) struct Clock {
    origin_ms: u64,
    speed: u64,
    jump_ms: AtomicU64,
}

impl Clock {
    /// Returns a clock that starts at the real time and runs `speed` times as fast.
    pub(crate) fn new(speed: u64) -> Self {
        Self::resumed(real_ms(), speed, 0)
    }

    pub(crate) fn resumed(origin_ms: u64, speed: u64, jump_ms: u64) -> Self {
        Self { origin_ms, speed: speed.max(1), jump_ms: AtomicU64::new(jump_ms) }
    }

    /// Returns the three numbers that [`Clock::resumed`] takes, as arguments of a process.
    pub(crate) fn arguments(&self) -> [String; 3] {
        let jump_ms = self.jump_ms.load(Ordering::Relaxed);
        [self.origin_ms.to_string(), self.speed.to_string(), jump_ms.to_string()]
    }

    /// Returns the time of this clock in Unix milliseconds.
    pub(crate) fn now_ms(&self) -> u64 {
        let run_ms = real_ms().saturating_sub(self.origin_ms) * self.speed;
        self.origin_ms + run_ms + self.jump_ms.load(Ordering::Relaxed)
    }

    /// Returns the milliseconds by which this clock is ahead of the machine's.
    pub(crate) fn ahead_ms(&self) -> u64 {
        self.now_ms().saturating_sub(real_ms())
    }

    pub(crate) fn jump(&self, ms: u64) {
        self.jump_ms.fetch_add(ms, Ordering::Relaxed);
    }

    pub(crate) async fn sleep(&self, ms: u64) {
        tokio::time::sleep(self.real(ms)).await;
    }

    pub(crate) async fn sleep_until(&self, moment_ms: u64) {
        self.sleep(moment_ms.saturating_sub(self.now_ms())).await;
    }

    /// Converts a duration of this clock to real time.
    pub(crate) fn real(&self, ms: u64) -> Duration {
        Duration::from_micros(ms.saturating_mul(1_000) / self.speed)
    }
}

fn real_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(0)
}
