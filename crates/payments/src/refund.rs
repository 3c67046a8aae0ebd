//! Decides how much may be refunded, and what a gateway's answer to a refund changes.
//!
//! A refund keeps its number (`out_refund_no`) for good, and a gateway executes one number
//! once (gateways.md A10, B5.4): sending it again is safe, a new number would be a second refund.
//! The exception is a refund that WeChat Pay has closed: nothing moved, its number is used up, and
//! money that is still owed is sent under a new number.

use contract::{PaymentStatus, RefundReason, RefundStatus};

/// The amounts of a payment when a refund is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refundable {
    /// The status of the captured payment.
    pub payment: PaymentStatus,
    /// The captured amount in fen.
    pub captured: i64,
    /// The amount refunded or being refunded, in fen.
    pub held: i64,
    /// The requested amount in fen; the remaining amount if absent.
    pub asked: Option<i64>,
}

/// The reason for which a refund is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundRefusal {
    /// Only a payment that succeeded is refunded on request; the backend refunds others itself.
    NotSucceeded,
    /// Less than one fen is requested.
    TooLittle,
    /// More than the remaining amount is requested.
    TooMuch {
        /// The remaining amount in fen.
        left: i64,
    },
}

/// State of a refund when a signal arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefundStanding {
    /// The refund's status.
    pub status: RefundStatus,
    /// True if its amount counts against the payment.
    pub is_held: bool,
    /// True if the backend owes it without a request: a second, late or unwanted capture.
    pub is_owed: bool,
    /// True if it is owed, but for more than is left of the payment: a part was refunded elsewhere.
    pub is_too_much: bool,
    /// True if it is owed and below the limit of numbers: if closed, it is sent again under a new
    /// number ([`may_be_renewed`]).
    pub is_renewable: bool,
}

/// A call to a gateway about a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundCall {
    /// Sends the refund, each time with the same number and amount.
    Send,
    /// Queries its status.
    Query,
}

/// The outcome of a refund call or notification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RefundSignal {
    /// The money went back.
    Succeeded,
    /// The gateway is processing it.
    Processing,
    /// The gateway knows no refund of this number.
    Missing,
    /// The gateway gave no usable answer.
    #[default]
    Unclear,
    /// The gateway accepts it once the merchant has acted: topped up, or corrected the settings.
    Hindered,
    /// Refused by a code of the gateway's own, and the gateway knows no refund of its number.
    Refused,
    /// The gateway accepted it and closed it: no money went back, none will under this number, and
    /// it may be sent again under a new one (WeChat Pay's `CLOSED`, gateways.md A10).
    Closed,
    /// The gateway accepted it but could not pay out; only the merchant can act (gateways.md A10).
    Abnormal,
}

/// The changes to write after a [`RefundSignal`]; `None` and `false` change nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AfterRefund {
    /// The refund's new status.
    pub status: Option<RefundStatus>,
    /// True if the amount no longer counts against the payment: it may be requested again.
    pub is_released: bool,
    /// True if another refund replaces it, under a number of its own, for all that is left of the
    /// payment.
    pub is_renewed: bool,
    /// True if a person must look at this.
    pub is_alarming: bool,
}

/// Returns the amount to refund, in fen.
///
/// # Errors
/// [`RefundRefusal`] is the reason for which nothing is refunded.
pub fn refundable(refundable: Refundable) -> Result<i64, RefundRefusal> {
    let Refundable { payment, captured, held, asked } = refundable;
    if payment != PaymentStatus::Succeeded {
        return Err(RefundRefusal::NotSucceeded);
    }
    let left = captured.saturating_sub(held);
    let amount = asked.unwrap_or(left);
    if amount < 1 && asked.is_some() {
        Err(RefundRefusal::TooLittle)
    } else if amount < 1 || amount > left {
        Err(RefundRefusal::TooMuch { left })
    } else {
        Ok(amount)
    }
}

/// True if a refund that is closed may be sent again under a new number.
///
/// `numbers` counts those that the same money has had, this one included; if a gateway closes every
/// one of them, a person must look at it.
#[must_use]
pub const fn may_be_renewed(reason: RefundReason, numbers: u32) -> bool {
    !matches!(reason, RefundReason::RequestedByMerchant) && numbers < MAX_REFUND_NUMBERS
}

/// Returns the first call of a try.
///
/// `tries` counts the earlier ones, also those of a crashed process that never saw the answer:
/// after any of them the outcome is queried first.
#[must_use]
pub const fn refund_first(tries: u32) -> RefundCall {
    if tries == 0 { RefundCall::Send } else { RefundCall::Query }
}

/// Returns the changes that a call's answer or a notification causes.
#[must_use]
pub fn after_refund(refund: RefundStanding, signal: RefundSignal) -> AfterRefund {
    let is_pending = refund.status == RefundStatus::Pending;
    match signal {
        RefundSignal::Succeeded if refund.status == RefundStatus::Succeeded => {
            AfterRefund::default()
        }
        // Also after it failed: the merchant may have repaired an abnormal refund at the gateway.
        RefundSignal::Succeeded if refund.is_held => {
            AfterRefund { status: Some(RefundStatus::Succeeded), ..AfterRefund::default() }
        }
        // Refused for good, then executed all the same: the money may have been refunded twice.
        RefundSignal::Succeeded => AfterRefund { is_alarming: true, ..AfterRefund::default() },
        RefundSignal::Hindered if is_pending => {
            AfterRefund { is_alarming: true, ..AfterRefund::default() }
        }
        // A part was refunded elsewhere, so that the whole cannot be refunded: the rest is owed.
        RefundSignal::Refused if is_pending && refund.is_too_much => AfterRefund {
            status: Some(RefundStatus::Failed),
            is_released: true,
            is_renewed: true,
            ..AfterRefund::default()
        },
        // An owed refund is retried until its gateway reports that it accepted and ended it.
        RefundSignal::Refused if is_pending && refund.is_owed => {
            AfterRefund { is_alarming: true, ..AfterRefund::default() }
        }
        RefundSignal::Refused if is_pending => AfterRefund {
            status: Some(RefundStatus::Failed),
            is_released: true,
            is_alarming: true,
            ..AfterRefund::default()
        },
        RefundSignal::Closed if is_pending => AfterRefund {
            status: Some(RefundStatus::Failed),
            is_released: true,
            is_renewed: refund.is_renewable,
            is_alarming: !refund.is_renewable,
        },
        RefundSignal::Abnormal if is_pending => AfterRefund {
            status: Some(RefundStatus::Failed),
            is_alarming: true,
            ..AfterRefund::default()
        },
        _ => AfterRefund::default(),
    }
}

/// Limit of refund numbers for the same money, one after the other.
const MAX_REFUND_NUMBERS: u32 = 3;
