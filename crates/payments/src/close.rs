//! Ending an unpaid payment: close at the gateway, then query, then say what is true
//! (gateways.md A9).

use super::{Ending, Signal, TradeState};
use contract::SessionStatus;

/// What has become of a payment that was to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ended {
    /// It has ended unpaid.
    Unpaid,
    /// It, or another one, was paid: the session is complete.
    Paid,
    /// The gateway did not say, or still lets the shopper pay.
    StillOpen,
}

/// The first step of ending a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndStep {
    /// Write this, ask nobody; then [`ended`].
    Write(Signal),
    /// Close it at the gateway; if [`is_query_needed`], query it; then [`after_close`].
    Close,
}

/// What a gateway says to a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseAnswer {
    /// It cannot be paid any more.
    Closed,
    /// It does not have it yet, so there is nothing to close; its code may still be paid.
    NotCreated,
    /// An error, or nothing.
    Failed,
}

/// What a close and a query came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AfterClose {
    /// The query found the session paid, and that is written.
    Paid,
    /// Write this; then [`ended`].
    Write(Signal),
    /// Nothing is known: the payment stays active.
    StillOpen,
}

/// How ending a payment begins.
#[must_use]
pub const fn end(is_handed_out: bool, ending: Ending) -> EndStep {
    if is_handed_out {
        EndStep::Close
    } else {
        // No shopper ever saw a code of it, so nobody can pay it. Whether the gateway has the
        // order at all may be unknown: the worker closes it, and the shopper goes on.
        EndStep::Write(Signal::GivenUp(ending))
    }
}

/// Whether the trade is queried after this answer, and the effect of that written.
#[must_use]
pub const fn is_query_needed(close: CloseAnswer) -> bool {
    // gateways.md A4.2: any error from close means query, then act on the state.
    matches!(close, CloseAnswer::Closed | CloseAnswer::Failed)
}

/// What a close came to. `query` is the state that the gateway then told, its effect written;
/// `session` is how the session stands after that.
#[must_use]
pub fn after_close(
    close: CloseAnswer,
    query: Option<TradeState>,
    session: SessionStatus,
    ending: Ending,
) -> AfterClose {
    if query.is_some() && session == SessionStatus::Complete {
        return AfterClose::Paid;
    }
    match (close, query) {
        // The signed "closed" stands, whatever the query did not say.
        (CloseAnswer::Closed, _) => AfterClose::Write(Signal::Closed(ending)),
        // Its code may still be paid: gateways.md B5.4. The worker keeps asking.
        (CloseAnswer::NotCreated, _) | (CloseAnswer::Failed, Some(TradeState::NotCreated)) => {
            AfterClose::Write(Signal::Abandoned(ending))
        }
        (CloseAnswer::Failed, Some(TradeState::Closed | TradeState::Refunded)) => {
            AfterClose::Write(Signal::Closed(ending))
        }
        (CloseAnswer::Failed, _) => AfterClose::StillOpen,
    }
}

/// What has become of the payment once its end is written, and the session stands so.
#[must_use]
pub fn ended(session: SessionStatus) -> Ended {
    if session == SessionStatus::Complete { Ended::Paid } else { Ended::Unpaid }
}

/// What the worker writes when it closed a payment that has ended here; `query` as in
/// [`after_close`], but only asked after [`CloseAnswer::Failed`]. `None`: it tries again later,
/// unless `is_overdue` ([`super::schedule::is_close_overdue`]).
#[must_use]
pub const fn after_worker_close(
    close: CloseAnswer,
    query: Option<TradeState>,
    is_overdue: bool,
) -> Option<Signal> {
    match (close, query) {
        (CloseAnswer::Closed, _) => Some(Signal::Closed(Ending::Canceled)),
        (CloseAnswer::NotCreated, _) | (CloseAnswer::Failed, Some(TradeState::NotCreated)) => {
            Some(Signal::Abandoned(Ending::Canceled))
        }
        (CloseAnswer::Failed, _) if is_overdue => Some(Signal::NeverClosed),
        // What else it said is already written; what is still open is closed later.
        (CloseAnswer::Failed, _) => None,
    }
}
