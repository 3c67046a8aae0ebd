//! What the checkout is doing. Each state holds only what is true in it.

use contract::PaymentMethod;

use crate::{Action, Fault, Guide, Notice};

/// The state of a checkout; one screen each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The session is being fetched for the first time.
    Loading,
    /// The shopper picks a wallet.
    Selecting(Selecting),
    /// The wallet does not open here; the shopper is told what to do instead.
    Guiding(Guiding),
    /// A payment is being started.
    Starting(Starting),
    /// The shopper must act: scan, go, confirm.
    Awaiting(Awaiting),
    /// The backend is asked how the payment stands.
    Confirming(Confirming),
    /// The payment is being closed at its gateway.
    Closing(Closing),
    /// Paid. Final.
    Succeeded,
    /// The payment failed; another may be tried.
    Failed {
        /// Why, as a code of [`contract::code`].
        code: String,
    },
    /// The session's time ran out unpaid. Final.
    Expired,
    /// The payment was called off.
    Canceled {
        /// Whether the session is over too, so that nothing else can be tried.
        session_over: bool,
    },
    /// Nothing can be shown: the session could not be loaded, or must not be.
    Unavailable {
        /// Why.
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
}

/// The selector.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selecting {
    /// The wallet that is picked. None is picked for the shopper where there are two.
    pub selected: Option<PaymentMethod>,
    /// What the shopper should know first.
    pub notice: Option<Notice>,
}

/// What to do where a wallet does not open. Nothing has been started.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Guiding {
    /// The wallet.
    pub method: PaymentMethod,
    /// The way out of here.
    pub guide: Guide,
    /// Whether a code can be asked for, which another phone scans.
    pub has_code: bool,
}

/// A payment on its way to the backend.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Starting {
    /// The wallet.
    pub method: PaymentMethod,
    /// How often this was tried before without an answer.
    pub failures: u8,
    /// It takes so long that the shopper should be shown other ways.
    pub is_slow: bool,
}

impl Starting {
    pub(crate) const fn new(method: PaymentMethod) -> Self {
        Self { method, failures: 0, is_slow: false }
    }
}

/// The shopper's turn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Awaiting {
    /// The payment.
    pub payment_id: String,
    /// The wallet.
    pub method: PaymentMethod,
    /// What to do.
    pub action: Action,
    /// A fresh code is on its way.
    pub refreshing: bool,
    /// The code or address has stopped working and no fresh one has come.
    pub stale: bool,
    /// What the shopper should know.
    pub notice: Option<Notice>,
}

/// The backend's turn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Confirming {
    /// The payment.
    pub payment_id: String,
    /// The wallet.
    pub method: PaymentMethod,
    /// Why it is asked.
    pub cause: ConfirmingCause,
    /// What the shopper should know.
    pub notice: Option<Notice>,
}

/// Why the backend is asked how a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfirmingCause {
    /// The shopper says "I have paid".
    Claimed,
    /// The shopper is back from the gateway's page or the wallet.
    Returned,
    /// The time is up: one more look before saying so.
    TimeUp,
    /// The gateway has not said how it ended.
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
