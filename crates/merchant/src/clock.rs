//! The server's clock, which tests can advance.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use contract::Timestamp;
use time::OffsetDateTime;

/// The clock that sessions and schedules follow. Clones share the changes that tests make.
///
/// Signatures of gateways are always checked against the real clock, not this one.
#[derive(Clone, Debug)]
pub struct Clock {
    started: Instant,
    ahead_ms: Arc<AtomicI64>,
    set_back_ms: Arc<AtomicI64>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { started: Instant::now(), ahead_ms: Arc::default(), set_back_ms: Arc::default() }
    }
}

impl Clock {
    /// Advances this clock and its clones. For tests.
    pub fn advance(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Sets the wall clock back, as a restored machine or NTP does; the uptime continues. For
    /// tests.
    pub fn set_back(&self, ms: i64) {
        self.set_back_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Returns the time of the wall clock, which may step.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let pushed =
            self.ahead_ms.load(Ordering::Relaxed) - self.set_back_ms.load(Ordering::Relaxed);
        timestamp(OffsetDateTime::now_utc()).plus_ms(pushed)
    }

    /// Returns the time since the start of the process, which never steps back. For limits and
    /// waits.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        let ahead_ms = u64::try_from(self.ahead_ms.load(Ordering::Relaxed)).unwrap_or(0);
        self.started.elapsed() + Duration::from_millis(ahead_ms)
    }
}

/// Converts a calendar time to the contract's timestamp.
pub(crate) fn timestamp(moment: OffsetDateTime) -> Timestamp {
    let ms = moment.unix_timestamp_nanos() / 1_000_000;
    Timestamp::from_unix_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Converts a timestamp for the gateways, to whole seconds, so that a repeated order is identical.
pub(crate) fn calendar(moment: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(moment.unix_ms().div_euclid(1_000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
