//! The inputs of a checkout.

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
    /// The shopper wants the other wallet: back to the selector, the payment stays open.
    SwitchRequested,
    /// The shopper says "I have paid".
    PaidClaimed,
    /// The shopper wants a fresh code.
    RefreshRequested,
    /// The shopper presses "continue to …" again.
    ContinueRequested,
    /// The shopper, or the page by `cancel()`, cancels the payment.
    CancelRequested,
    /// The shopper presses "try again" on a failed, canceled or unavailable screen.
    RetryRequested,
    /// A request was answered, or failed.
    Answered {
        /// The request.
        request: RequestId,
        /// The session, which every call answers with, or the failure.
        answer: Result<Box<Session>, Fault>,
    },
    /// The page came with the session in it, as the merchant's server read it some time ago.
    /// Shown until the backend answers, and trusted for nothing else.
    Preloaded(Box<Session>),
    /// The stream of events is open, or brought a heartbeat.
    StreamAlive,
    /// The stream brought the session.
    StreamSession(Box<Session>),
    /// The stream ended or could not be opened.
    StreamEnded {
        /// The reason, unless it ended by itself.
        fault: Option<Fault>,
    },
    /// The wallet's bridge called back. Only a hint: it never proves a payment.
    BridgeReturned(BridgeOutcome),
    /// The wallet's bridge refused, with the wallet's own words.
    BridgeRefused {
        /// Untrusted text for the page's author; truncated before it is emitted.
        reason: String,
    },
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

/// The result of a call of a wallet's bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BridgeOutcome {
    /// It reports that the shopper paid, or that it does not know.
    MaybePaid,
    /// The shopper closed it.
    Left,
    /// It does not exist, or refused without a word.
    Refused,
}
