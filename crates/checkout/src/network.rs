//! The network's bookkeeping: the request in flight, failures in a row, the stream.
//!
//! It sends nothing and decides nothing about payments.

mod backoff;
mod stream;

use backoff::Backoff;
use stream::Stream;

use crate::{Fault, Millis, RequestId};

/// The network's state.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Network {
    /// The request in flight. There is never more than one.
    pending: Option<Pending>,
    last_request: u32,
    /// Requests in a row that failed, or polls in a row that brought nothing new.
    failed_polls: u8,
    is_offline: bool,
    stream: Stream,
    backoff: Backoff,
}

#[derive(Clone, Copy, Debug, Hash)]
struct Pending {
    id: RequestId,
    purpose: Purpose,
}

/// The purpose of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    Read,
    Start,
    Refresh,
    Check,
    Cancel,
}

/// Requests.
impl Network {
    pub(crate) const fn new(jitter_seed: u32) -> Self {
        Self {
            pending: None,
            last_request: 0,
            failed_polls: 0,
            is_offline: false,
            stream: Stream::new(),
            backoff: Backoff::new(jitter_seed),
        }
    }

    /// Numbers a new request, which is in flight from now on.
    pub(crate) fn begin(&mut self, purpose: Purpose) -> RequestId {
        self.last_request = self.last_request.wrapping_add(1);
        let id = RequestId(self.last_request);
        self.pending = Some(Pending { id, purpose });
        id
    }

    /// The number of the request in flight.
    pub(crate) fn awaited(&self) -> Option<RequestId> {
        self.pending.map(|pending| pending.id)
    }

    /// The purpose of the request in flight.
    pub(crate) fn purpose(&self) -> Option<Purpose> {
        self.pending.map(|pending| pending.purpose)
    }

    /// Ends the request `id`; none if it is not the one in flight.
    pub(crate) fn take(&mut self, id: RequestId) -> Option<Purpose> {
        self.pending.take_if(|pending| pending.id == id).map(|pending| pending.purpose)
    }

    /// Abandons the request in flight.
    pub(crate) fn give_up(&mut self) -> Option<(RequestId, Purpose)> {
        self.pending.take().map(|pending| (pending.id, pending.purpose))
    }
}

/// Failures and waits.
impl Network {
    /// True if the backend could not be reached the last time.
    pub(crate) const fn is_offline(&self) -> bool {
        self.is_offline
    }

    /// The backend was reached.
    pub(crate) fn on_reached(&mut self) {
        self.is_offline = false;
    }

    /// The backend could not be reached; true if it could the last time.
    pub(crate) fn on_unreachable(&mut self) -> bool {
        !core::mem::replace(&mut self.is_offline, true)
    }

    /// Counts a failure; returns how many came in a row.
    pub(crate) fn count_failed_poll(&mut self) -> u8 {
        self.failed_polls = self.failed_polls.saturating_add(1);
        self.failed_polls
    }

    /// Something new came or is waited for: polls are frequent again.
    pub(crate) fn forget_failed_polls(&mut self) {
        self.failed_polls = 0;
    }

    /// The wait before a retry; `failures` counts those in a row, or else all polls count.
    pub(crate) fn retry_ms(&mut self, failures: Option<u8>, fault: &Fault) -> u64 {
        let failures = failures.unwrap_or(self.failed_polls);
        self.backoff.retry_ms(failures, fault.retry_after_ms)
    }

    /// The wait before the next poll. `is_urgent` polls do not trust the stream.
    pub(crate) fn poll_ms(&mut self, is_urgent: bool) -> u64 {
        if self.stream.is_trusted() && !is_urgent {
            return self.backoff.poll_beside_stream_ms();
        }
        let wait_ms = self.backoff.poll_ms(self.failed_polls);
        self.count_failed_poll();
        wait_ms
    }
}

/// The stream.
impl Network {
    pub(crate) fn is_stream_closed(&self) -> bool {
        self.stream.is_closed()
    }

    pub(crate) fn open_stream(&mut self) {
        self.stream.open();
    }

    /// Something arrived on the stream.
    pub(crate) fn on_stream_alive(&mut self, now: Millis) {
        self.stream.on_alive(now);
    }

    /// The session arrived on the stream; true for the first time.
    pub(crate) fn on_stream_session(&mut self) -> bool {
        self.stream.on_session()
    }

    /// Closes the stream; true if polls have to take over from it.
    pub(crate) fn close_stream(&mut self) -> bool {
        let was_proven = self.stream.close();
        if was_proven {
            self.failed_polls = 0;
        }
        was_proven
    }

    /// The wait before the stream that has just ended is opened again.
    pub(crate) fn reopen_ms(&mut self, now: Millis, fault: Option<&Fault>) -> u64 {
        let failures = self.stream.count_failure(now);
        self.backoff.reopen_ms(failures, fault.and_then(|fault| fault.retry_after_ms))
    }

    /// Resets the stream's failure count, as the cause may be gone.
    pub(crate) fn forget_stream_failures(&mut self) {
        self.stream.forget_failures();
    }

    /// Forgets what only chooses durations, except the failed polls where they decide.
    #[cfg(any(test, feature = "explore"))]
    pub(crate) fn forget_durations(&mut self, keeps_failed_polls: bool) {
        if let Some(pending) = &mut self.pending {
            pending.id = RequestId(1);
        }
        self.last_request = u32::from(self.pending.is_some());
        if !keeps_failed_polls {
            self.failed_polls = 0;
        }
        self.stream.forget_durations();
        self.backoff = Backoff::new(1);
    }
}
