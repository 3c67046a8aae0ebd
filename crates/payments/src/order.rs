//! What the answer to an order means. The order is identical each time: a gateway gives a fresh
//! code for it and never a second trade (gateways.md A3.2).

use super::{Signal, TradeState};

/// What a gateway made of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderAnswer {
    /// It took it.
    Taken,
    /// It did not say, or is to be asked again; it may have taken it.
    Unclear,
    /// It refused. "Paid" and "closed" are refusals too.
    Refused,
}

/// What to do with an [`OrderAnswer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AfterOrder {
    /// Write [`Signal::Ordered`] with the code for the shopper.
    HandOut,
    /// Leave the payment as it is, to be ordered again: unknown is not failed.
    Leave,
    /// Query, then [`after_refusal`]: only that tells "paid" and "closed" from a refusal.
    Query,
}

/// What to do when a refused order was queried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AfterRefusal {
    /// Nothing: what the query said is written and decides it.
    AsItIs,
    /// The shopper's old code may still be paid: the payment stays.
    KeepCode,
    /// Write this.
    Write(Signal),
}

/// What the answer to an order means.
#[must_use]
pub const fn order(answer: OrderAnswer) -> AfterOrder {
    match answer {
        OrderAnswer::Taken => AfterOrder::HandOut,
        OrderAnswer::Unclear => AfterOrder::Leave,
        OrderAnswer::Refused => AfterOrder::Query,
    }
}

/// What a refusal comes to. `query` is the state that the gateway then told, its effect written;
/// `has_ended` says whether the payment is final after that.
#[must_use]
pub const fn after_refusal(
    query: Option<TradeState>,
    has_ended: bool,
    is_handed_out: bool,
) -> AfterRefusal {
    match query {
        Some(TradeState::Paid | TradeState::Refunded | TradeState::Closed) => AfterRefusal::AsItIs,
        Some(_) if has_ended => AfterRefusal::AsItIs,
        _ if is_handed_out => AfterRefusal::KeepCode,
        _ => AfterRefusal::Write(Signal::Refused),
    }
}
