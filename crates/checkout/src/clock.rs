//! The server's clock, followed on the driver's monotonic one.

use contract::Timestamp;

/// Milliseconds on the driver's monotonic clock. Its origin does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// This moment and `ms` milliseconds.
    #[must_use]
    pub const fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// The server's clock now, estimated from the `server_time` of its answers.
///
/// The device's wall clock is never read. Network delay makes each sample late, so the largest
/// offset is the most accurate one. A monotonic clock that stopped while the device slept is
/// corrected by the next answer in the same way.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub struct ServerClock {
    ahead_ms: Option<i64>,
}

impl ServerClock {
    /// Takes the `server_time` of an answer received at `now`.
    pub fn on_server_time(&mut self, now: Millis, server_time: Timestamp) {
        let ahead_ms = server_time.unix_ms().saturating_sub(signed(now.0));
        self.ahead_ms = Some(self.ahead_ms.map_or(ahead_ms, |known| known.max(ahead_ms)));
    }

    /// Follows a monotonic clock that is reset from `now` to zero, with the server's time limited
    /// to `end`.
    #[cfg(any(test, feature = "explore"))]
    pub(crate) fn shift(&mut self, now: Millis, end: Option<Timestamp>) {
        self.ahead_ms = self.ahead_ms.map(|ahead_ms| {
            let server_now_ms = ahead_ms.saturating_add(signed(now.0));
            end.map_or(server_now_ms, |end| server_now_ms.min(end.unix_ms()))
        });
    }

    /// Milliseconds from `now` until `moment`: zero if it has passed, none before the first answer.
    #[must_use]
    pub fn until_ms(&self, now: Millis, moment: Timestamp) -> Option<u64> {
        let server_now_ms = self.ahead_ms?.saturating_add(signed(now.0));
        let left_ms = moment.unix_ms().saturating_sub(server_now_ms);
        Some(u64::try_from(left_ms).unwrap_or(0))
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
