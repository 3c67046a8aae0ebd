//! What the worker, the clock and "I have paid" do for a payment.

use contract::{PaymentStatus, SessionStatus};

/// What the worker does for a payment that is due. It holds the session's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkerAction {
    /// Its session's time is up: ends the payment as [`super::end`] says, with
    /// [`super::Ending::Expired`], then expires the session.
    Expire,
    /// It has ended here: closes it at the gateway, then [`super::after_worker_close`].
    Close,
    /// Queries, with [`super::found_closed`] if it is closed.
    Ask,
}

/// What "I have paid" does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Checking {
    /// Nothing: it is known.
    AsItIs,
    /// The last look, as [`WorkerAction::Expire`]: the shopper hears the truth now and not when the
    /// worker comes by.
    Expire,
    /// Queries.
    Ask,
}

/// What an expiry does when the gateway could not tell how the payment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExpiryGrace {
    /// Writes [`super::Signal::Unclear`]; the worker comes back.
    Wait,
    /// Writes [`super::Signal::GivenUp`]: the session expires, the worker goes on closing and
    /// asking, and a capture that comes to light then is refunded.
    GiveUp,
}

/// What the worker does for a payment that is due.
#[must_use]
pub const fn attend(
    payment: PaymentStatus,
    is_time_up: bool,
    is_close_wanted: bool,
) -> WorkerAction {
    if !payment.is_final() && is_time_up {
        WorkerAction::Expire
    } else if is_close_wanted {
        WorkerAction::Close
    } else {
        WorkerAction::Ask
    }
}

/// What "I have paid" does. `is_captured`: the payment's capture is recorded.
#[must_use]
pub fn check(session: SessionStatus, is_time_up: bool, is_captured: bool) -> Checking {
    match session {
        _ if is_captured => Checking::AsItIs,
        SessionStatus::Complete => Checking::AsItIs,
        SessionStatus::Open if is_time_up => Checking::Expire,
        _ => Checking::Ask,
    }
}

/// How long after its time a session waits for a gateway's word before it expires without.
#[must_use]
pub const fn expiry_grace(late_ms: i64) -> ExpiryGrace {
    if late_ms < GRACE_MS { ExpiryGrace::Wait } else { ExpiryGrace::GiveUp }
}

const GRACE_MS: i64 = 10 * 60_000;
