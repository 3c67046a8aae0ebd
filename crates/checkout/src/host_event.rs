//! What the page is told.

use contract::PaymentMethod;

use crate::Fault;

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
