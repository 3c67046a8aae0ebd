//! The states of a checkout. Each holds only what is true in it.

use contract::PaymentMethod;

use crate::{Action, Fault, Guide, Notice};

/// The state of a checkout; one screen each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The session is being fetched for the first time.
    Loading,
    /// The shopper picks a wallet.
    Selecting(Selecting),
    /// The wallet does not open here; the screen guides the shopper to one that does.
    Guiding(Guiding),
    /// A payment is being started.
    Starting(Starting),
    /// The shopper must act: scan, go, confirm.
    Awaiting(Awaiting),
    /// The backend is asked for the payment's status.
    Confirming(Confirming),
    /// The payment is being closed at its gateway.
    Closing(Closing),
    /// Paid. Final.
    Succeeded,
    /// The payment failed; another may be tried.
    Failed {
        /// The reason, as a code of [`contract::code`].
        code: String,
    },
    /// The session's time ran out unpaid. Final.
    Expired,
    /// The payment was canceled.
    Canceled {
        /// True if the session is over too, so that nothing else can be tried.
        session_over: bool,
    },
    /// The session could not be loaded, or nothing can be done with it here.
    Unavailable {
        /// The reason.
        fault: Fault,
    },
}

impl State {
    /// The name in `state-change` events and in the element's `data-state`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Selecting(_) => "selecting",
            Self::Guiding(_) => "guiding",
            Self::Starting(_) => "starting",
            Self::Awaiting(_) => "awaiting",
            Self::Confirming(_) => "confirming",
            Self::Closing(_) => "closing",
            Self::Succeeded => "succeeded",
            Self::Failed { .. } => "failed",
            Self::Expired => "expired",
            Self::Canceled { .. } => "canceled",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// The name of the screen: a payment starts on the screen on which "pay" was pressed.
    #[must_use]
    pub const fn screen_name(&self) -> &'static str {
        match self {
            Self::Starting(Starting { origin: Origin::Selector, .. }) => "selecting",
            Self::Starting(Starting { origin: Origin::Guide(_), .. }) => "guiding",
            Self::Starting(Starting { origin: Origin::StartedElsewhere(_), .. }) => "awaiting",
            _ => self.name(),
        }
    }

    /// The payment that the screen shows, also while another is started in its place.
    #[must_use]
    pub const fn shown_payment(&self) -> Option<&Awaiting> {
        match self {
            Self::Awaiting(awaiting)
            | Self::Starting(Starting { origin: Origin::StartedElsewhere(awaiting), .. }) => {
                Some(awaiting)
            }
            _ => None,
        }
    }

    /// The line on the screen.
    #[must_use]
    pub const fn notice(&self) -> Option<Notice> {
        match self {
            Self::Selecting(selecting) => selecting.notice,
            Self::Awaiting(awaiting) => awaiting.notice,
            Self::Confirming(confirming) => confirming.notice,
            _ => None,
        }
    }

    /// The line on the screen, on screens that have one.
    pub(crate) const fn notice_mut(&mut self) -> Option<&mut Option<Notice>> {
        match self {
            Self::Selecting(selecting) => Some(&mut selecting.notice),
            Self::Awaiting(awaiting) => Some(&mut awaiting.notice),
            Self::Confirming(confirming) => Some(&mut confirming.notice),
            _ => None,
        }
    }
}

/// The selector.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selecting {
    /// The wallet that is picked. None is picked for the shopper where there are two.
    pub selected: Option<PaymentMethod>,
    /// A line above the wallets.
    pub notice: Option<Notice>,
}

/// The guide for a wallet that does not open here. No payment has been started.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Guiding {
    /// The wallet.
    pub method: PaymentMethod,
    /// The kind of guide.
    pub guide: Guide,
    /// True if a code can be asked for, which another phone scans.
    pub has_code: bool,
}

/// A payment on its way to the backend.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Starting {
    /// The wallet.
    pub method: PaymentMethod,
    /// The number of tries that got no answer.
    pub failures: u8,
    /// True if it takes so long that other ways are shown.
    pub is_slow: bool,
    /// The screen on which "pay" was pressed, which stays until there is an answer.
    pub origin: Origin,
}

impl Starting {
    pub(crate) const fn new(method: PaymentMethod, origin: Origin) -> Self {
        Self { method, failures: 0, is_slow: false, origin }
    }
}

/// The screen on which a payment is started.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The selector.
    Selector,
    /// The guide, whose button asks for a code for another phone.
    Guide(Guiding),
    /// A payment that was started in another app or browser, and is started here again.
    StartedElsewhere(Awaiting),
}

/// The shopper's turn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Awaiting {
    /// The payment.
    pub payment_id: String,
    /// The wallet.
    pub method: PaymentMethod,
    /// The next action.
    pub action: Action,
    /// True while a fresh code is on its way.
    pub refreshing: bool,
    /// True if the code or address has expired and no fresh one has come.
    pub stale: bool,
    /// A line on the screen.
    pub notice: Option<Notice>,
}

/// The backend's turn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Confirming {
    /// The payment.
    pub payment_id: String,
    /// The wallet.
    pub method: PaymentMethod,
    /// The reason for asking.
    pub cause: ConfirmingCause,
    /// A line on the screen.
    pub notice: Option<Notice>,
    /// True if it takes so long that other ways are shown.
    pub is_slow: bool,
}

/// The reason for asking for a payment's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfirmingCause {
    /// The shopper says "I have paid".
    Claimed,
    /// The shopper is back from the gateway's page or the wallet.
    Returned,
    /// The session's time is up: one last check before it is shown.
    TimeUp,
    /// The gateway does not know the outcome yet.
    Processing,
}

/// A payment being closed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Closing {
    /// The payment.
    pub payment_id: String,
    /// The wallet.
    pub method: PaymentMethod,
}
