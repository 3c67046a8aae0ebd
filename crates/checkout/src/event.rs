//! What can happen to a checkout.

use contract::{PaymentMethod, Session};

use crate::{Config, Fault, QuestionId, RequestId};

/// Something that happened: the shopper, the page, the network or the clock.
#[derive(Clone, Debug)]
pub enum Event {
    /// The shopper picked a wallet.
    Selected(PaymentMethod),
    /// "Pay" was pressed, the form was sent, or the page called `confirm()`. On the screen that
    /// guides elsewhere it asks for the code that another phone scans.
    PayRequested,
    /// The page answered [`crate::Effect::AskPage`]. Every question must be answered.
    PageAnswered {
        /// The question.
        question: QuestionId,
        /// False if a listener prevented the event's default.
        is_allowed: bool,
    },
    /// The answer to [`crate::Effect::TakeKey`].
    KeyTaken {
        /// The question.
        question: QuestionId,
        /// The idempotency key; none if the browser has no randomness.
        key: Option<String>,
    },
    /// The shopper wants the other wallet: back to the selector, the payment stays open. One
    /// that is still being started is looked for.
    SwitchRequested,
    /// The shopper says "I have paid".
    PaidClaimed,
    /// The shopper wants a fresh code.
    RefreshRequested,
    /// The shopper presses "continue to …" again.
    ContinueRequested,
    /// The shopper, or the page by `cancel()`, calls the payment off.
    CancelRequested,
    /// The shopper presses "try again" on a failed, canceled or unavailable screen.
    RetryRequested,
    /// A request was answered, or failed.
    Answered {
        /// Which request.
        request: RequestId,
        /// Every call answers with the whole session.
        answer: Result<Box<Session>, Fault>,
    },
    /// The page came with the session in it, as the merchant's server read it some time ago.
    /// Shown until the backend's own word is there, and trusted with nothing more.
    Preloaded(Box<Session>),
    /// The stream of events is open, or brought a heartbeat.
    StreamAlive,
    /// The stream brought the session.
    StreamSession(Box<Session>),
    /// The stream ended or could not be opened.
    StreamEnded {
        /// Why, unless it just ended.
        fault: Option<Fault>,
    },
    /// The wallet's bridge called back. Only a hint: it never proves a payment.
    BridgeReturned(BridgeOutcome),
    /// The browser did not go where it was sent.
    NavigationStopped,
    /// The page became visible, got the focus back, came back from the back-forward cache
    /// or online.
    PageShown,
    /// The page is hidden.
    PageHidden,
    /// A deadline may have passed. Sent early or twice it does nothing.
    Tick,
    /// The page's author changed the options of the same session.
    Reconfigured(Box<Config>),
    /// The widget was taken off the page. Every later event gives no effects.
    Destroyed,
}

/// What a wallet's bridge said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BridgeOutcome {
    /// It says that the shopper paid, or that it does not know.
    MaybePaid,
    /// The shopper left.
    Left,
    /// It refused or is not there.
    Refused,
}
