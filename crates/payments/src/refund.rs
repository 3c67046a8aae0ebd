//! Money that goes back: how much may, and what a gateway's answer means.
//!
//! A refund keeps its number (`out_refund_no`) for good, and a gateway carries out one number
//! once (gateways.md A10, B5.4): asking again is safe, a new number would be a second refund.
//! Only one that WeChat Pay has closed is dead: nothing moved, its number is used up, and whoever
//! still owes the money asks under a new one.

use contract::{PaymentStatus, RefundReason, RefundStatus};

/// What is known when a refund is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refundable {
    /// The payment that was captured.
    pub payment: PaymentStatus,
    /// What was captured, in fen.
    pub captured: i64,
    /// What has gone back or is on its way, in fen.
    pub held: i64,
    /// How much is asked for, in fen; all that is left where absent.
    pub asked: Option<i64>,
}

/// Why nothing goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundRefusal {
    /// Only a payment that succeeded is refunded on request; others go back by themselves.
    NotSucceeded,
    /// Less than one fen is asked for.
    TooLittle,
    /// More is asked for than the fen that are left.
    TooMuch {
        /// What is left.
        left: i64,
    },
}

/// How a refund stands when something is learnt about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefundStanding {
    /// The refund.
    pub status: RefundStatus,
    /// Its amount counts against the payment.
    pub is_held: bool,
    /// The backend owes it by itself: a second, late or unwanted capture.
    pub is_owed: bool,
    /// It is owed, but for more than is left of the payment: others have given a part back.
    pub is_too_much: bool,
    /// It is owed, and has not yet asked for it as often as it may: should it
    /// be closed, it is asked for anew ([`may_be_renewed`]).
    pub is_renewable: bool,
}

/// A call to a gateway about a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundCall {
    /// Asks for the refund, each time with the same number and amount.
    Send,
    /// Asks how it stands.
    Query,
}

/// What was learnt about a refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RefundSignal {
    /// The money went back.
    Succeeded,
    /// The gateway is at it.
    Processing,
    /// The gateway knows no refund of this number.
    Missing,
    /// The gateway did not say.
    #[default]
    Unclear,
    /// The gateway takes it once the merchant has acted: topped up, or mended the settings.
    Hindered,
    /// It is refused by a code of the gateway's own, and the gateway knows no refund of its number.
    Refused,
    /// The gateway took it and closed it: no money went back, none will under this number, and
    /// another may be asked for under a new one (WeChat Pay's `CLOSED`, gateways.md A10).
    Closed,
    /// The gateway took it but could not pay it out; only the merchant can go on (gateways.md A10).
    Abnormal,
}

/// What follows from a [`RefundSignal`]. Absent means: stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AfterRefund {
    /// The refund's new status.
    pub status: Option<RefundStatus>,
    /// The amount does not count against the payment any more: it may be asked for anew.
    pub is_released: bool,
    /// Another refund takes its place, under a number of its own: of all that is left of the
    /// payment.
    pub is_renewed: bool,
    /// Somebody must look at this.
    pub is_alarming: bool,
}

/// How much goes back, in fen.
///
/// # Errors
/// [`RefundRefusal`] says why nothing does.
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

/// Whether a refund may be asked for anew if it is closed. `numbers` counts those that its
/// payment's way back has had, this one included; a gateway that closes every one of them must be
/// looked at by somebody.
#[must_use]
pub const fn may_be_renewed(reason: RefundReason, numbers: u32) -> bool {
    !matches!(reason, RefundReason::RequestedByMerchant) && numbers < MOST_NUMBERS
}

/// The first call of a try. `tries` counts those that were begun before, also by a process that
/// did not live to see the answer: then how it ended is asked first.
#[must_use]
pub const fn refund_first(tries: u32) -> RefundCall {
    if tries == 0 { RefundCall::Send } else { RefundCall::Query }
}

/// What follows from what a call or a notification said.
#[must_use]
pub fn after_refund(refund: RefundStanding, signal: RefundSignal) -> AfterRefund {
    let is_pending = refund.status == RefundStatus::Pending;
    match signal {
        RefundSignal::Succeeded if refund.status == RefundStatus::Succeeded => {
            AfterRefund::default()
        }
        // Also after it failed: the merchant may have mended an abnormal one at the gateway.
        RefundSignal::Succeeded if refund.is_held => {
            AfterRefund { status: Some(RefundStatus::Succeeded), ..AfterRefund::default() }
        }
        // Refused for good, then done all the same: by then the money may have gone back anew.
        RefundSignal::Succeeded => AfterRefund { is_alarming: true, ..AfterRefund::default() },
        RefundSignal::Hindered if is_pending => {
            AfterRefund { is_alarming: true, ..AfterRefund::default() }
        }
        // A part has gone back elsewhere, so that the whole never can: what is left is owed.
        RefundSignal::Refused if is_pending && refund.is_too_much => AfterRefund {
            status: Some(RefundStatus::Failed),
            is_released: true,
            is_renewed: true,
            ..AfterRefund::default()
        },
        // What we owe is tried for as long as its gateway does not say that it took it and ended it.
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

/// Numbers under which the same money is asked to go back, one after the other.
const MOST_NUMBERS: u32 = 3;
