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
    /// The time of the database server's clock at `started`, in Unix milliseconds; [`NO_SERVER`]
    /// without one.
    server_ms: Arc<AtomicI64>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            ahead_ms: Arc::default(),
            set_back_ms: Arc::default(),
            server_ms: Arc::new(AtomicI64::new(NO_SERVER)),
        }
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

    /// Returns a clock of another machine, whose wall clock is behind by so much. Time passes alike,
    /// with the changes that tests make. For tests.
    #[must_use]
    pub fn of_another_machine(&self, behind_ms: i64) -> Self {
        Self {
            set_back_ms: Arc::new(AtomicI64::new(behind_ms)),
            server_ms: Arc::new(AtomicI64::new(NO_SERVER)),
            ..self.clone()
        }
    }

    /// Returns the time: of the database server's clock, which all instances share, or of the wall
    /// clock, which may step.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let ahead_ms = self.ahead_ms.load(Ordering::Relaxed);
        let time = match self.server_ms.load(Ordering::Relaxed) {
            NO_SERVER => timestamp(OffsetDateTime::now_utc())
                .plus_ms(-self.set_back_ms.load(Ordering::Relaxed)),
            // Monotonic between two measurements, whatever happens to the wall clock.
            server_ms => Timestamp::from_unix_ms(server_ms).plus_ms(ms(self.started.elapsed())),
        };
        time.plus_ms(ahead_ms)
    }

    /// Follows the clock of a database server that showed `server_ms` at the time `at`.
    pub(crate) fn follow(&self, server_ms: i64, at: Instant) {
        let at_start = server_ms.saturating_sub(ms(at.saturating_duration_since(self.started)));
        self.server_ms.store(at_start, Ordering::Relaxed);
    }

    /// True if the clock of a database server was measured.
    pub(crate) fn follows_server(&self) -> bool {
        self.server_ms.load(Ordering::Relaxed) != NO_SERVER
    }

    /// Returns the time since the start of the process, which never steps back. For limits and
    /// waits.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        let ahead_ms = u64::try_from(self.ahead_ms.load(Ordering::Relaxed)).unwrap_or(0);
        self.started.elapsed() + Duration::from_millis(ahead_ms)
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// No time that a server shows.
const NO_SERVER: i64 = i64::MIN;

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
