//! The payment that the shopper turned away from.

/// A payment that stays open while the shopper picks another wallet. The screen does not go
/// back to it by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LeftPayment {
    /// It was still being started, so its id is not known.
    StillStarting,
    /// The payment with this id.
    Payment(String),
}

impl LeftPayment {
    /// True if it is the payment with this id.
    pub(crate) fn is(&self, payment_id: &str) -> bool {
        matches!(self, Self::Payment(id) if id == payment_id)
    }
}
