//! What a call to start, renew or cancel a payment does. The caller holds the session's lock.

use contract::{PaymentStatus, SessionStatus};

/// What a call to start a payment finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Starting {
    /// The session.
    pub session: SessionStatus,
    /// The session's `expires_at` lies in the past.
    pub is_time_up: bool,
    /// What is known of the call's idempotency key.
    pub key: Key,
    /// The payment that the key made, else the session's active one.
    pub payment: Option<PaymentState>,
    /// That payment is of the method that is asked for, and made in the same way.
    pub is_same_method: bool,
}

/// What is known of an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// It was never used.
    New,
    /// It was used with another body.
    OtherBody,
    /// It made the payment at hand.
    Made,
}

/// A payment as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaymentState {
    /// Its status.
    pub status: PaymentStatus,
    /// The shopper has been given a code or an address of it.
    pub is_handed_out: bool,
    /// Its capture is recorded, as kept or as due for refund.
    pub is_captured: bool,
    /// It has ended here, and is to be closed at its gateway.
    pub is_close_wanted: bool,
    /// Closing it is given up if it fails once more
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

/// What a call to start, or to renew, a payment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// Nothing: the payment that is there is the answer.
    AsItIs,
    /// Orders the payment that is there once more, identically.
    OrderAgain,
    /// First ends the active payment of the other method.
    CloseFirst,
    /// Makes a payment and orders it.
    Make,
    /// Nothing.
    Refuse(Refusal),
}

/// Why nothing is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The idempotency key belongs to another request.
    KeyReused,
    /// The session has ended so, or its time is up.
    SessionClosed(SessionStatus),
    /// The payment has ended and cannot be renewed.
    PaymentClosed,
    /// The other payment could not be closed: starting one beside it could take money twice.
    StillOpen,
    /// The order is paid by a session of it.
    OrderPaid,
    /// Another payment became active meanwhile.
    OtherActive,
    /// The gateway did not say how it ended; the same request may be sent again.
    GatewayUnavailable,
    /// The gateway refused the order.
    GatewayRejected,
    /// An answer came to another step than was asked for.
    OutOfStep,
}

/// What a call to start a payment does.
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

/// Whether the payment may be written, decided once more in the transaction that writes it.
///
/// # Errors
/// [`Refusal`] says what came first.
pub fn insert(session: SessionStatus, is_time_up: bool, has_active: bool) -> Result<(), Refusal> {
    payable(session, is_time_up)?;
    if has_active { Err(Refusal::OtherActive) } else { Ok(()) }
}

/// What a call for a fresh code of a payment does. `is_captured`: its capture is recorded.
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

/// Whether a call to cancel a payment ends it; one that has ended stays as it is.
#[must_use]
pub const fn is_cancelable(payment: PaymentStatus) -> bool {
    !payment.is_final()
}

/// A payment that was started before: if its order never got an answer, it is made again.
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
        // The worker is about to write it.
        SessionStatus::Open => Err(Refusal::SessionClosed(SessionStatus::Expired)),
        status => Err(Refusal::SessionClosed(status)),
    }
}
