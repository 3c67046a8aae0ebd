//! What a signal does to a payment and its session. Pure: no clock, no database, no gateway.
//!
//! Every change of a status goes through [`change`]; the database carries it out in one
//! conditional transaction, so that a race is decided here and not by who comes last.

use contract::{PaymentStatus, SessionStatus};

/// How a payment stands when a signal arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) payment: PaymentStatus,
    pub(crate) session: SessionStatus,
    /// The shopper has been given a code or an address of this payment.
    pub(crate) is_handed_out: bool,
    /// This payment's capture is already recorded, as kept or as due for refund.
    pub(crate) is_captured: bool,
    /// Another payment of the session is the one that is kept.
    pub(crate) is_paid_otherwise: bool,
    /// The session's `expires_at` lies in the past.
    pub(crate) is_time_up: bool,
}

/// What was learnt about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Captured, from a verified notification or query in which everything matches.
    Captured,
    /// The gateway says that it was captured and then refunded.
    Refunded,
    /// The gateway has the order, or not yet; nobody has paid.
    Pending,
    /// The gateway took the order; the shopper can act.
    Ordered,
    /// The gateway refused the order for good.
    Refused,
    /// The gateway did not say.
    Unclear,
    /// Closed at the gateway, unpaid: it cannot be paid any more.
    Closed(Ending),
    /// Given up here, but the gateway could not close it: its code may still be paid.
    Abandoned(Ending),
}

/// Why an unpaid payment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Canceled,
    Expired,
}

/// What to write. Absent means: stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) payment: Option<PaymentStatus>,
    pub(crate) session: Option<SessionStatus>,
    /// The capture is recorded, but must go back to the payer.
    pub(crate) refund_due: Option<RefundDue>,
    /// The gateway can take no money for this payment any more: stop asking.
    pub(crate) is_settled: bool,
    /// Somebody must look at this.
    pub(crate) alarm: Option<Alarm>,
}

/// Why captured money must go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundDue {
    /// Another payment of the same session is kept.
    Duplicate,
    /// The session was called off.
    SessionCanceled,
}

impl RefundDue {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::SessionCanceled => "session_canceled",
        }
    }
}

/// What the log must shout about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// A second capture for one session.
    Duplicate,
    /// A capture for a session that was called off.
    SessionCanceled,
    /// Refunded at the gateway before its capture was ever seen here.
    RefundedUnseen,
    /// A second gateway transaction for one payment.
    TransactionDiffers,
    /// One gateway transaction for two payments.
    TransactionReused,
}

impl Alarm {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => {
                "a second payment of a paid session was captured and must be refunded"
            }
            Self::SessionCanceled => {
                "a payment of a canceled session was captured and must be refunded"
            }
            Self::RefundedUnseen => {
                "a payment was refunded at the gateway before its capture was seen here"
            }
            Self::TransactionDiffers => {
                "a captured payment was reported again with another gateway transaction"
            }
            Self::TransactionReused => "a gateway transaction was reported for two payments",
        }
    }
}

/// What `signal` changes.
pub(crate) fn change(standing: Standing, signal: Signal) -> Change {
    let is_active = !standing.payment.is_final();
    match signal {
        Signal::Captured => captured(standing, is_active),
        Signal::Refunded if standing.is_captured => Change::default(),
        Signal::Refunded => Change {
            payment: is_active.then_some(PaymentStatus::Canceled),
            is_settled: true,
            alarm: Some(Alarm::RefundedUnseen),
            ..Change::default()
        },
        Signal::Pending => Change::default(),
        Signal::Ordered => becomes(standing, is_active, PaymentStatus::RequiresAction),
        Signal::Refused if is_active && !standing.is_handed_out => {
            Change { payment: Some(PaymentStatus::Failed), is_settled: true, ..Change::default() }
        }
        // A code that the shopper holds stays payable when a fresh one is refused.
        Signal::Refused => Change::default(),
        // The shopper can do nothing more, but how it ended is not known yet.
        Signal::Unclear if standing.is_time_up => {
            becomes(standing, is_active, PaymentStatus::Processing)
        }
        Signal::Unclear => Change::default(),
        Signal::Closed(ending) => {
            let is_settled = !standing.is_captured;
            Change { is_settled, ..ended(standing, is_active, ending) }
        }
        Signal::Abandoned(ending) => ended(standing, is_active, ending),
    }
}

/// What a session without an active payment becomes when its time is up.
pub(crate) fn expire(
    session: SessionStatus,
    has_active: bool,
    is_time_up: bool,
) -> Option<SessionStatus> {
    (session == SessionStatus::Open && is_time_up && !has_active).then_some(SessionStatus::Expired)
}

fn captured(standing: Standing, is_active: bool) -> Change {
    if standing.is_captured {
        return Change::default();
    }
    let to_refund = |refund_due, alarm| Change {
        payment: is_active.then_some(PaymentStatus::Canceled),
        session: None,
        refund_due: Some(refund_due),
        is_settled: true,
        alarm: Some(alarm),
    };
    match standing.session {
        _ if standing.is_paid_otherwise => to_refund(RefundDue::Duplicate, Alarm::Duplicate),
        SessionStatus::Open | SessionStatus::Expired => Change {
            payment: Some(PaymentStatus::Succeeded),
            session: Some(SessionStatus::Complete),
            is_settled: true,
            ..Change::default()
        },
        SessionStatus::Canceled => to_refund(RefundDue::SessionCanceled, Alarm::SessionCanceled),
        // Complete without a kept payment cannot be; the money is recorded, never kept silently.
        SessionStatus::Complete | SessionStatus::Unknown => {
            to_refund(RefundDue::Duplicate, Alarm::Duplicate)
        }
    }
}

fn ended(standing: Standing, is_active: bool, ending: Ending) -> Change {
    let status = match ending {
        Ending::Canceled => PaymentStatus::Canceled,
        Ending::Expired => PaymentStatus::Expired,
    };
    let expires = is_active && ending == Ending::Expired && standing.is_time_up;
    Change {
        session: if expires { expire(standing.session, false, true) } else { None },
        ..becomes(standing, is_active, status)
    }
}

fn becomes(standing: Standing, is_active: bool, status: PaymentStatus) -> Change {
    let payment = (is_active && standing.payment != status).then_some(status);
    Change { payment, ..Change::default() }
}

#[cfg(test)]
mod tests;
