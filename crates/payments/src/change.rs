//! The effect of a signal on a payment and its session.

use contract::{PaymentStatus, RefundReason, SessionStatus};

use super::Comparison;

/// State of a payment when a signal arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The payment's status.
    pub payment: PaymentStatus,
    /// The session's status.
    pub session: SessionStatus,
    /// True if the shopper has received a code or an address of this payment.
    pub is_handed_out: bool,
    /// True if this payment's capture is already recorded, as kept or as due for refund.
    pub is_captured: bool,
    /// True if another payment of the session is the one that is kept.
    pub is_paid_otherwise: bool,
    /// True if the session's `expires_at` lies in the past.
    pub is_time_up: bool,
}

/// A fact about a payment, from its gateway or from the procedures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Captured, from a verified notification or query in which everything matches.
    Captured,
    /// Captured, and at least a part of it was refunded: proved as [`Signal::Captured`] is.
    Refunded,
    /// Unpaid: the gateway has the order, or does not have it yet.
    Pending,
    /// The gateway took the order; the shopper can act.
    Ordered,
    /// The gateway refused the order for good.
    Refused,
    /// The gateway gave no usable answer.
    Unclear,
    /// Closed at the gateway, unpaid: it cannot be paid any more.
    Closed(Ending),
    /// Ended here; the gateway has nothing to close, but the code may still be paid, so the worker
    /// keeps querying it (gateways.md B5.4).
    Abandoned(Ending),
    /// Ended here before its gateway was called: the worker closes it, and keeps querying it.
    GivenUp(Ending),
    /// Ended here, and no close succeeded until its gateway's own limit had passed.
    NeverClosed,
}

/// The reason for which an unpaid payment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Canceled by the shopper, or replaced by a payment with another wallet.
    Canceled,
    /// The session's time is up.
    Expired,
}

/// The changes to write; `None` and `false` change nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Change {
    /// The payment's new status.
    pub payment: Option<PaymentStatus>,
    /// The session's new status.
    pub session: Option<SessionStatus>,
    /// Set if the capture is recorded and refunded in full.
    pub refund_due: Option<RefundDue>,
    /// True if every other active payment of the session ends as `canceled`, to be closed by the
    /// worker.
    pub is_overtaking: bool,
    /// The new value of "the worker must close it at the gateway".
    pub is_close_wanted: Option<bool>,
    /// True if the gateway can take no money for this payment any more: queries stop.
    pub is_settled: bool,
    /// Set if a person must look at this.
    pub alarm: Option<Alarm>,
}

/// The reason for which captured money must go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundDue {
    /// Another payment of the same session is kept.
    Duplicate,
    /// The capture was found after the session had expired.
    Late,
    /// The session was canceled.
    SessionCanceled,
}

impl RefundDue {
    /// The reason as the contract names it.
    #[must_use]
    pub const fn reason(self) -> RefundReason {
        match self {
            Self::Duplicate => RefundReason::Duplicate,
            Self::Late => RefundReason::Late,
            Self::SessionCanceled => RefundReason::SessionCanceled,
        }
    }
}

/// An event that is logged as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alarm {
    /// A second capture for one session.
    Duplicate,
    /// A capture for a session that had expired.
    Late,
    /// A capture for a session that was canceled.
    SessionCanceled,
    /// Refunded at the gateway before its capture was recorded here.
    RefundedUnseen,
    /// A second gateway transaction for one payment.
    TransactionDiffers,
    /// One gateway transaction for two payments.
    TransactionReused,
    /// An ended payment could not be closed at its gateway for a day after the gateway's limit.
    NeverClosed,
}

impl Alarm {
    /// Returns the name by which the log and the metrics count it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Duplicate => "payment_duplicate",
            Self::Late => "payment_late",
            Self::SessionCanceled => "payment_session_canceled",
            Self::RefundedUnseen => "payment_refunded_unseen",
            Self::TransactionDiffers => "payment_transaction_differs",
            Self::TransactionReused => "payment_transaction_reused",
            Self::NeverClosed => "payment_never_closed",
        }
    }

    /// Returns the log message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "a second payment of a paid session was captured and is refunded",
            Self::Late => "a payment of an expired session was captured and is refunded",
            Self::SessionCanceled => "a payment of a canceled session was captured and is refunded",
            Self::RefundedUnseen => {
                "a payment was refunded in the wallet's console before its capture was seen here; look up how much of it is left"
            }
            Self::TransactionDiffers => {
                "a captured payment was reported again with another gateway transaction"
            }
            Self::NeverClosed => {
                "a payment could never be closed at its gateway; look it up in the gateway's console"
            }
            Self::TransactionReused => "a gateway transaction was reported for two payments",
        }
    }
}

/// Returns the changes that `signal` causes.
#[must_use]
pub fn change(standing: Standing, signal: Signal) -> Change {
    let is_active = !standing.payment.is_final();
    match signal {
        Signal::Captured => captured(standing, is_active),
        Signal::Refunded if standing.is_captured => Change::default(),
        // A partial refund made elsewhere proves the capture: the rest is kept, and the order is
        // paid.
        Signal::Refunded => {
            let change = captured(standing, is_active);
            Change { alarm: change.alarm.or(Some(Alarm::RefundedUnseen)), ..change }
        }
        Signal::Pending => Change::default(),
        Signal::Ordered => becomes(standing, is_active, PaymentStatus::RequiresAction),
        Signal::Refused if is_active && !standing.is_handed_out => {
            Change { payment: Some(PaymentStatus::Failed), is_settled: true, ..Change::default() }
        }
        // A code that the shopper already has stays payable when a fresh one is refused.
        Signal::Refused => Change::default(),
        // The shopper can do nothing more, but the outcome is not known yet.
        Signal::Unclear if standing.is_time_up => {
            becomes(standing, is_active, PaymentStatus::Processing)
        }
        Signal::Unclear => Change::default(),
        Signal::Closed(ending) => {
            let is_settled = !standing.is_captured;
            Change {
                is_settled,
                is_close_wanted: Some(false),
                ..ended(standing, is_active, ending)
            }
        }
        Signal::Abandoned(ending) => {
            Change { is_close_wanted: Some(false), ..ended(standing, is_active, ending) }
        }
        Signal::NeverClosed if is_active || standing.is_captured => Change::default(),
        Signal::NeverClosed => Change {
            is_close_wanted: Some(false),
            is_settled: true,
            alarm: Some(Alarm::NeverClosed),
            ..Change::default()
        },
        Signal::GivenUp(ending) => Change {
            is_close_wanted: is_active.then_some(true),
            ..ended(standing, is_active, ending)
        },
    }
}

/// Returns the session's new status when its time is up, unless a payment of it is active.
#[must_use]
pub fn expire(session: SessionStatus, has_active: bool, is_time_up: bool) -> Option<SessionStatus> {
    (session == SessionStatus::Open && is_time_up && !has_active).then_some(SessionStatus::Expired)
}

/// Returns an alarm if a reported capture contradicts what is recorded; it then has no effect.
///
/// `recorded` compares the reported transaction with the one recorded for the payment;
/// `is_of_another` is true if another payment has it.
#[must_use]
pub fn contradiction(recorded: Comparison, is_of_another: bool) -> Option<Alarm> {
    match recorded {
        Comparison::Other => Some(Alarm::TransactionDiffers),
        _ if is_of_another => Some(Alarm::TransactionReused),
        Comparison::Same | Comparison::Nothing => None,
    }
}

fn captured(standing: Standing, is_active: bool) -> Change {
    if standing.is_captured {
        return Change::default();
    }
    let to_refund = |refund_due, alarm| Change {
        payment: is_active.then_some(PaymentStatus::Canceled),
        refund_due: Some(refund_due),
        is_settled: true,
        alarm: Some(alarm),
        ..Change::default()
    };
    match standing.session {
        _ if standing.is_paid_otherwise => to_refund(RefundDue::Duplicate, Alarm::Duplicate),
        // Also when its time is up: until the session has expired, a payment in the last second
        // counts.
        SessionStatus::Open => Change {
            payment: Some(PaymentStatus::Succeeded),
            session: Some(SessionStatus::Complete),
            is_overtaking: true,
            is_settled: true,
            ..Change::default()
        },
        SessionStatus::Expired => to_refund(RefundDue::Late, Alarm::Late),
        SessionStatus::Canceled => to_refund(RefundDue::SessionCanceled, Alarm::SessionCanceled),
        // A complete session without a kept payment cannot exist; the capture is recorded and
        // refunded.
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
