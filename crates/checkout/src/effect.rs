//! What the driver must do, in order.

use contract::{NameValue, PaymentMethod, StartPayment};

use crate::{Fault, Intent, PageQuestion, QuestionId};

/// What one event leads to. Carry the effects out in order; none may be dropped, except after
/// the widget was destroyed: a listener that destroys it in the middle ends the list.
#[must_use = "effects that are not carried out leave the checkout waiting for ever"]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects(pub Vec<Effect>);

/// The number of a request; an answer that is not awaited any more is dropped by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

/// One thing to do.
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
    /// Keep the intent to pay over reloads.
    Remember(Intent),
    /// Forget the intent to pay.
    Forget,
    /// Tell the page.
    Emit(HostEvent),
    /// Say it in the live region.
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

/// What the page is told; the driver adds the `cashier-` prefix and the details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostEvent {
    /// The selector, or whatever the session's state asks for, can be used.
    Ready,
    /// The session could not be loaded.
    LoadError(Fault),
    /// Another wallet is picked.
    Change(PaymentMethod),
    /// The state changed: from, to, and why.
    StateChange(&'static str, &'static str, &'static str),
    /// The next action was begun.
    ActionHandled(HandledAction),
    /// The session's time ran out.
    Expired,
    /// A fresh code is shown.
    Refreshed,
    /// Paid.
    PaymentCompleted,
    /// The payment failed, with its code.
    PaymentFailed(String),
    /// The outcome is not known yet.
    PaymentPending,
    /// The payment was called off.
    Cancel,
    /// Something failed.
    Error(Fault),
}

/// What `action-handled` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandledAction {
    /// A code is on the screen.
    QrCodeLoaded,
    /// The status is being watched.
    StatusWaiting,
    /// The browser is about to leave.
    PerformingRedirect,
    /// A wallet's bridge or app was called.
    AppOpened,
}

/// What the live region says. Its words are the view's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The wallets can be chosen.
    ChooseMethod,
    /// "Pay" was pressed before a wallet was picked.
    ChooseFirst,
    /// The wallet does not open here.
    Guided,
    /// The wallet's app did not open.
    AppNotOpened,
    /// The payment is being started.
    Starting,
    /// A code to scan is shown.
    CodeShown,
    /// A fresh code is shown.
    CodeRefreshed,
    /// The browser goes to the gateway's page.
    Leaving,
    /// The backend is asked.
    Confirming,
    /// Not paid yet.
    NotPaidYet,
    /// The payment is being closed.
    Closing,
    /// Paid.
    Succeeded,
    /// It failed.
    Failed,
    /// Time is up.
    Expired,
    /// Called off.
    Canceled,
    /// The connection is gone.
    ConnectionLost,
    /// A payment could not be started because the shop could not be reached.
    ShopUnreachable,
    /// The payment goes on with what another tab started; it is shown now.
    ContinuedInOtherTab,
    /// So many minutes are left.
    MinutesLeft(u8),
    /// Half a minute is left.
    SecondsLeft(u8),
    /// Nothing can be shown.
    Unavailable,
}
