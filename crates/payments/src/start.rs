//! Decides what a call to start, renew or cancel a payment does. The caller holds the session's
//! lock.

use contract::{PaymentStatus, SessionStatus};

/// The stored state when a call to start a payment arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Starting {
    /// The session's status.
    pub session: SessionStatus,
    /// True if the session's `expires_at` lies in the past.
    pub is_time_up: bool,
    /// The state of the call's idempotency key.
    pub key: Key,
    /// The payment that the key made, else the session's active one.
    pub payment: Option<PaymentState>,
    /// True if that payment has the requested method and product.
    pub is_same_method: bool,
}

/// The state of an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Never used.
    New,
    /// Used with another body.
    OtherBody,
    /// Used for the current payment.
    Made,
}

/// A payment as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaymentState {
    /// The payment's status.
    pub status: PaymentStatus,
    /// True if the shopper has received a code or an address of it.
    pub is_handed_out: bool,
    /// True if its capture is recorded, as kept or as due for refund.
    pub is_captured: bool,
    /// True if it has ended here, and must be closed at its gateway.
    pub is_close_wanted: bool,
    /// True if the next failed close is the last
    /// ([`is_close_overdue`](crate::schedule::is_close_overdue)).
    pub is_close_overdue: bool,
}

impl PaymentState {
    /// A payment that is neither captured nor to be closed.
    #[must_use]
    pub const fn new(status: PaymentStatus, is_handed_out: bool) -> Self {
        Self {
            status,
            is_handed_out,
            is_captured: false,
            is_close_wanted: false,
            is_close_overdue: false,
        }
    }
}

/// The effect of a call to start, or to renew, a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// Changes nothing: the existing payment is the answer.
    AsItIs,
    /// Submits the order of the existing payment again, identically.
    OrderAgain,
    /// First ends the active payment of the other method.
    CloseFirst,
    /// Makes a payment and submits its order.
    Make,
    /// Changes nothing: the call is refused.
    Refuse(Refusal),
}

/// The reason for which a procedure is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The idempotency key belongs to another request.
    KeyReused,
    /// The session has ended with this status, or its time is up.
    SessionClosed(SessionStatus),
    /// The payment has ended and cannot be renewed.
    PaymentClosed,
    /// The other payment could not be closed: a second one beside it could take money twice.
    StillOpen,
    /// The order is already paid.
    OrderPaid,
    /// Another payment has become active.
    OtherActive,
    /// The gateway gave no usable answer; the same request may be sent again.
    GatewayUnavailable,
    /// The gateway refused the order.
    GatewayRejected,
    /// An answer belongs to another step.
    OutOfStep,
}

/// Decides what a call to start a payment does.
#[must_use]
pub fn start(starting: Starting) -> Start {
    let Starting { session, is_time_up, key, payment, is_same_method } = starting;
    match (key, payment) {
        (Key::OtherBody, _) => return Start::Refuse(Refusal::KeyReused),
        (Key::Made, Some(payment)) => return go_on(session, is_time_up, payment),
        (Key::Made | Key::New, _) => {}
    }
    if let Err(refusal) = payable(session, is_time_up) {
        return Start::Refuse(refusal);
    }
    match payment {
        Some(payment) if is_same_method => go_on(session, is_time_up, payment),
        Some(_) => Start::CloseFirst,
        None => Start::Make,
    }
}

/// Checks again, in the transaction that writes it, that the payment may be inserted.
///
/// # Errors
/// [`Refusal`] if the session has ended or another payment is active.
pub fn insert(session: SessionStatus, is_time_up: bool, has_active: bool) -> Result<(), Refusal> {
    payable(session, is_time_up)?;
    if has_active { Err(Refusal::OtherActive) } else { Ok(()) }
}

/// Decides what a call for a fresh code does. `is_captured`: the payment's capture is recorded.
#[must_use]
pub fn refresh(
    session: SessionStatus,
    is_time_up: bool,
    payment: PaymentStatus,
    is_captured: bool,
) -> Start {
    match payable(session, is_time_up) {
        _ if is_captured => Start::AsItIs,
        Err(refusal) => Start::Refuse(refusal),
        Ok(()) if payment.is_final() => Start::Refuse(Refusal::PaymentClosed),
        Ok(()) => Start::OrderAgain,
    }
}

/// True if a call to cancel ends a payment of this status; one that has ended does not change.
#[must_use]
pub const fn is_cancelable(payment: PaymentStatus) -> bool {
    !payment.is_final()
}

/// Continues a payment that was started before: an order that got no answer is submitted again.
fn go_on(session: SessionStatus, is_time_up: bool, payment: PaymentState) -> Start {
    if payment.status.is_final() || payment.is_handed_out {
        return Start::AsItIs;
    }
    match payable(session, is_time_up) {
        Ok(()) => Start::OrderAgain,
        Err(refusal) => Start::Refuse(refusal),
    }
}

fn payable(session: SessionStatus, is_time_up: bool) -> Result<(), Refusal> {
    match session {
        SessionStatus::Open if !is_time_up => Ok(()),
        // The worker is about to expire it.
        SessionStatus::Open => Err(Refusal::SessionClosed(SessionStatus::Expired)),
        status => Err(Refusal::SessionClosed(status)),
    }
}
