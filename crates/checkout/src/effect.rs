//! What the driver must do, in order.

use contract::{NameValue, PaymentMethod, StartPayment};

use crate::{Fault, Intent};

/// What one event leads to. Carry the effects out in order; none may be dropped.
#[must_use = "effects that are not carried out leave the checkout waiting for ever"]
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub struct Effects(pub Vec<Effect>);

/// The number of a request; an answer that is not awaited any more is dropped by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub struct RequestId(pub u32);

/// One thing to do.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub enum Effect {
    /// Send a request and report [`crate::Event::Answered`].
    Send(RequestId, Call),
    /// Give a request up; no answer is expected.
    Abort(RequestId),
    /// Open the stream of server-sent events.
    OpenStream,
    /// Close the stream.
    CloseStream,
    /// Go to this address, which was checked.
    Navigate(String),
    /// Post these fields to this address, which was checked.
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
    /// A new screen stands: move the focus to it if it was inside the widget.
    FocusScreen,
}

/// A request to the backend about this session.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
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
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
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
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
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
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub enum Message {
    /// The wallets can be chosen.
    ChooseMethod,
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
    /// So many minutes are left.
    MinutesLeft(u8),
    /// Half a minute is left.
    SecondsLeft(u8),
    /// Nothing can be shown.
    Unavailable,
}
