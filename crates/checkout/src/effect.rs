//! The outputs of a checkout, which the widget performs in order.

use contract::{NameValue, PaymentMethod, StartPayment};

use crate::{HostEvent, Intent, Message, PageQuestion, QuestionId};

/// The effects of one event. Carry them out in order; none may be dropped, except after the
/// widget was destroyed: a listener that destroys it in the middle ends the list.
#[must_use = "effects that are not performed leave the checkout waiting forever"]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects(pub Vec<Effect>);

/// The number of a request; an answer to an older request does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

/// A side effect for the page to perform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send a request and report [`crate::Event::Answered`].
    Send(RequestId, Call),
    /// Give a request up; no answer is expected.
    Abort(RequestId),
    /// Open the stream of server-sent events.
    OpenStream,
    /// Close the stream.
    CloseStream,
    /// Dispatch a cancelable event and report [`crate::Event::PageAnswered`].
    AskPage {
        /// The number that the answer repeats.
        question: QuestionId,
        /// The event.
        about: PageQuestion,
    },
    /// Take the lock that the shopper's tabs share, find their key for this wallet or mint one,
    /// and report [`crate::Event::KeyTaken`].
    TakeKey {
        /// The number that the answer repeats.
        question: QuestionId,
        /// The wallet.
        method: PaymentMethod,
    },
    /// Go to this address, which was checked and which the page allows.
    Navigate(String),
    /// Post these fields to this address, which was checked and which the page allows.
    SubmitForm(String, Vec<NameValue>),
    /// Call this wallet's bridge.
    InvokeBridge(PaymentMethod, Vec<NameValue>),
    /// Store the intent to pay, so that it outlives a reload.
    Remember(Intent),
    /// Remove the stored intent to pay.
    Forget,
    /// Dispatch an event to the page.
    Emit(HostEvent),
    /// Announce it in the live region.
    Announce(Message),
    /// Empty the live region: what it says is not true any more.
    ClearAnnouncement,
    /// A new screen is shown: move the focus to it if it was inside the widget.
    FocusScreen,
    /// Move the focus to the first field of the screen.
    FocusFirstField,
}

/// A request to the backend about this session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Read the session.
    Read,
    /// Start a payment under this idempotency key.
    Start(StartPayment, String),
    /// A fresh code for this payment.
    Refresh(String),
    /// Ask the gateway about this payment now.
    Check(String),
    /// Close this payment at its gateway.
    Cancel(String),
}
