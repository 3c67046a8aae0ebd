//! How far the start of a payment is.

use checkout::{Checkout, State};

/// The progress of a press on "pay".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// "Pay" was not pressed.
    Idle,
    /// The page is asked, or the key is awaited.
    Requested,
    /// The payment is being started.
    Starting {
        /// It takes so long that the shopper is offered other ways.
        is_slow: bool,
    },
}

impl Progress {
    pub(super) fn of(checkout: &Checkout) -> Self {
        match checkout.state() {
            State::Starting(starting) => Self::Starting { is_slow: starting.is_slow },
            _ if checkout.is_pay_requested() => Self::Requested,
            _ => Self::Idle,
        }
    }

    /// True from the press on.
    pub(super) fn is_busy(self) -> bool {
        self != Self::Idle
    }

    /// True while the payment is being started.
    pub(super) const fn is_starting(self) -> bool {
        matches!(self, Self::Starting { .. })
    }

    /// True if the shopper is offered other ways.
    pub(super) const fn is_slow(self) -> bool {
        matches!(self, Self::Starting { is_slow: true })
    }
}
