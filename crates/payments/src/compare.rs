//! Compares a gateway's verified statement with the order, and returns the signal that it means.

use super::{Ending, Signal};

/// The state of a trade at its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TradeState {
    /// The gateway knows no such order. On Alipay this is normal until the buyer has scanned or
    /// signed in, and the code may still be paid (gateways.md B5.2, B5.4).
    NotCreated,
    /// Unpaid and payable.
    AwaitingPayer,
    /// Paid; on Alipay also after a partial refund.
    Paid,
    /// WeChat Pay: was paid, and at least a part was refunded.
    Refunded,
    /// Cannot be paid any more. On Alipay also a fully refunded trade.
    Closed,
    /// A state that the gateways' documents do not list.
    Unknown,
}

/// The result of comparing one field of a verified statement with our own record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Equal to our record.
    Same,
    /// Different from our record.
    Other,
    /// Absent from the statement, or we have no record of it.
    Nothing,
}

impl Comparison {
    /// Compares the stated value, if there is one, with the expected one.
    pub fn compare<T: PartialEq>(said: Option<T>, expected: T) -> Self {
        match said {
            Some(said) if said == expected => Self::Same,
            Some(_) => Self::Other,
            None => Self::Nothing,
        }
    }
}

/// A gateway's verified statement about a trade, compared with our order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// The state of the trade.
    pub state: TradeState,
    /// The order number, `out_trade_no`.
    pub order_number: Comparison,
    /// The application.
    pub app: Comparison,
    /// The merchant number.
    pub merchant: Comparison,
    /// The amount that was ordered.
    pub amount: Comparison,
    /// The currency; absent means CNY for both gateways.
    pub currency: Comparison,
    /// True if it has the gateway's own number of the payment.
    pub has_transaction: bool,
}

impl Statement {
    /// A statement in which everything matches.
    #[must_use]
    pub const fn matching(state: TradeState) -> Self {
        Self {
            state,
            order_number: Comparison::Same,
            app: Comparison::Same,
            merchant: Comparison::Same,
            amount: Comparison::Same,
            currency: Comparison::Same,
            has_transaction: true,
        }
    }
}

/// The field that does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Mismatch {
    /// Another application.
    #[error("the application is not ours")]
    App,
    /// Another merchant.
    #[error("the merchant is not us")]
    Merchant,
    /// Another order.
    #[error("the order number is another")]
    OrderNumber,
    /// Another amount.
    #[error("the amount is not what was ordered")]
    Amount,
    /// Another currency.
    #[error("the currency is not what was ordered")]
    Currency,
    /// Paid, but without the gateway's number.
    #[error("a paid trade has no transaction number")]
    TransactionId,
}

/// Returns the signal that a verified statement means, from a notification or a query's answer.
///
/// Everything must match before it has any effect. Only fields that gateways omit may be absent: the
/// merchant where there is no such order, app and amount while nothing is paid (gateways.md A8, A9,
/// B5.3). A gateway does not state why a trade was closed: `if_closed` is used.
///
/// # Errors
/// [`Mismatch`] names the first field that does not match.
pub fn compare(statement: Statement, if_closed: Ending) -> Result<Signal, Mismatch> {
    let Statement { state, order_number, app, merchant, amount, currency, has_transaction } =
        statement;
    let is_missing = state == TradeState::NotCreated;
    demand(order_number, false, Mismatch::OrderNumber)?;
    let is_captured = matches!(state, TradeState::Paid | TradeState::Refunded);
    demand(app, !is_captured, Mismatch::App)?;
    demand(merchant, is_missing, Mismatch::Merchant)?;
    demand(amount, !is_captured, Mismatch::Amount)?;
    demand(currency, true, Mismatch::Currency)?;
    match state {
        TradeState::Paid | TradeState::Refunded if !has_transaction => Err(Mismatch::TransactionId),
        TradeState::Paid => Ok(Signal::Captured),
        TradeState::Refunded => Ok(Signal::Refunded),
        TradeState::Closed => Ok(Signal::Closed(if_closed)),
        TradeState::NotCreated | TradeState::AwaitingPayer => Ok(Signal::Pending),
        TradeState::Unknown => Ok(Signal::Unclear),
    }
}

/// Checks who a verified notification of a refund is for; all else that it states is queried.
///
/// # Errors
/// [`Mismatch`] names the field that does not match.
pub fn compare_recipient(app: Comparison, merchant: Comparison) -> Result<(), Mismatch> {
    demand(app, false, Mismatch::App)?;
    demand(merchant, false, Mismatch::Merchant)
}

/// The reason for which a payment was closed that its gateway reports as closed: canceled, unless
/// the session's time is up. The cancel may be our own call whose answer is still under way
/// (gateways.md B9).
#[must_use]
pub const fn found_closed(is_time_up: bool) -> Ending {
    if is_time_up { Ending::Expired } else { Ending::Canceled }
}

fn demand(said: Comparison, may_be_absent: bool, mismatch: Mismatch) -> Result<(), Mismatch> {
    match said {
        Comparison::Same => Ok(()),
        Comparison::Nothing if may_be_absent => Ok(()),
        Comparison::Nothing | Comparison::Other => Err(mismatch),
    }
}
