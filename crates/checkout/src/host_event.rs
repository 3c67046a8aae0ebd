//! Events for the page's author.

use contract::PaymentMethod;

use crate::Fault;

/// An event for the page; the widget adds the `cashier-` prefix and the details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostEvent {
    /// The first screen can be used.
    Ready,
    /// The session could not be loaded.
    LoadError(Fault),
    /// Another wallet was picked.
    Change(PaymentMethod),
    /// The state changed: from, to, and why.
    StateChange(&'static str, &'static str, &'static str),
    /// A step of the next action was taken.
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
    /// The payment was canceled.
    Cancel,
    /// Something failed.
    Error(Fault),
}

/// The step that `action-handled` reports.
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
