//! The state of the stream of server-sent events.

use crate::Millis;

/// A stream that lived so long, in milliseconds, did not fail.
const MIN_LIFE_MS: u64 = 15_000;

/// The stream's state.
#[derive(Clone, Debug, Hash)]
pub(super) struct Stream {
    phase: Phase,
    /// Streams in a row that failed.
    failures: u8,
    opened_at: Millis,
    /// True once this stream has brought the session. Until then a proxy may be buffering it.
    is_proven: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Closed,
    Opening,
    Open,
}

impl Stream {
    pub(super) const fn new() -> Self {
        Self { phase: Phase::Closed, failures: 0, opened_at: Millis(0), is_proven: false }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// True if it brings updates, so that polls may be rare.
    pub(super) fn is_trusted(&self) -> bool {
        self.phase == Phase::Open && self.is_proven
    }

    pub(super) fn open(&mut self) {
        self.phase = Phase::Opening;
    }

    /// Something arrived on it.
    pub(super) fn on_alive(&mut self, now: Millis) {
        if self.phase == Phase::Opening {
            self.opened_at = now;
        }
        self.phase = Phase::Open;
    }

    /// The session arrived on it; true for the first time.
    pub(super) fn on_session(&mut self) -> bool {
        !core::mem::replace(&mut self.is_proven, true)
    }

    /// Closes it; true if it had brought the session, so that polls have to take over.
    pub(super) fn close(&mut self) -> bool {
        self.phase = Phase::Closed;
        core::mem::take(&mut self.is_proven)
    }

    /// Counts the failure of a stream that has just ended; returns how many came before in a row.
    pub(super) fn count_failure(&mut self, now: Millis) -> u8 {
        let life_ms = now.0.saturating_sub(self.opened_at.0);
        if self.phase == Phase::Open && life_ms >= MIN_LIFE_MS {
            self.failures = 0;
        }
        let failures = self.failures;
        self.failures = self.failures.saturating_add(1);
        failures
    }

    pub(super) fn forget_failures(&mut self) {
        self.failures = 0;
    }

    /// Forgets what only chooses durations.
    #[cfg(any(test, feature = "explore"))]
    pub(super) fn forget_durations(&mut self) {
        self.failures = 0;
        self.opened_at = Millis(0);
    }
}
