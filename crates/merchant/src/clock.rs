//! The server's clock, which tests can push ahead.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use contract::Timestamp;
use time::OffsetDateTime;

/// The clock that sessions and schedules follow. Clones share the same push.
///
/// Signatures of gateways are always judged by the real clock, not by this one.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Pushes this clock and its clones ahead. For tests.
    pub fn advance(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// The moment on this clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        timestamp(OffsetDateTime::now_utc()).plus_ms(self.ahead_ms.load(Ordering::Relaxed))
    }
}

/// A calendar moment as the contract writes it.
pub(crate) fn timestamp(moment: OffsetDateTime) -> Timestamp {
    let ms = moment.unix_timestamp_nanos() / 1_000_000;
    Timestamp::from_unix_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// A moment as the gateways take it, in whole seconds, so that a repeated order is identical.
pub(crate) fn calendar(moment: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(moment.unix_ms().div_euclid(1_000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
