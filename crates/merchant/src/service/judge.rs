//! Compares what a gateway says with our order, for [`rules::judge`].

use gateways::{Fen, Trade};

use crate::clock::timestamp;
use crate::db::apply::Update;
use crate::db::payments::PaymentRow;
use crate::identity::Identity;
use crate::rules::{self, Comparison, Ending, Mismatch, Signal, Statement, TradeState};

/// What a verified trade, of a notification or of a query's answer, means for the payment. `told`
/// is the identity that got it.
pub(crate) fn judge(
    payment: &PaymentRow,
    told: &Identity,
    trade: &Trade,
    if_closed: Ending,
) -> Result<Update, Mismatch> {
    let ordered = payment.identity.as_ref().unwrap_or(told);
    let statement = Statement {
        state: state(trade.state),
        order_number: Comparison::compare(Some(&trade.out_trade_no), &payment.out_trade_no),
        app: app(ordered, told, trade),
        merchant: Comparison::compare(trade.merchant_id.as_deref(), ordered.merchant_id.as_str()),
        amount: Comparison::compare(trade.amount.map(Fen::value), payment.amount.value),
        currency: Comparison::compare(
            trade.currency.as_deref().or(ABSENT),
            payment.amount.currency.as_str(),
        ),
        has_transaction: trade.transaction_id.is_some(),
    };
    let signal = rules::judge(statement, if_closed)?;
    Ok(match (&trade.transaction_id, signal) {
        (Some(transaction_id), Signal::Captured | Signal::Refunded) => Update::Captured {
            transaction_id: transaction_id.clone(),
            paid_at: trade.paid_at.map(timestamp),
            is_refunded: signal == Signal::Refunded,
        },
        (_, signal) => Update::Plain(signal),
    })
}

/// The application that made the order, or another one of the same merchant that was told: WeChat
/// Pay names the first, Alipay the one that asks.
fn app(ordered: &Identity, told: &Identity, trade: &Trade) -> Comparison {
    let said = trade.app_id.as_deref();
    if said == Some(&told.app_id) && told.merchant_id == ordered.merchant_id {
        return Comparison::Same;
    }
    Comparison::compare(said, ordered.app_id.as_str())
}

/// The state of a trade in the words of the rules.
pub(crate) const fn state(state: gateways::TradeState) -> TradeState {
    use gateways::TradeState as G;
    match state {
        G::NotCreated => TradeState::NotCreated,
        G::AwaitingPayer => TradeState::AwaitingPayer,
        G::Paid => TradeState::Paid,
        G::Refunded => TradeState::Refunded,
        G::Closed => TradeState::Closed,
        G::Unknown => TradeState::Unknown,
    }
}

/// Absent means CNY for both gateways.
const ABSENT: Option<&str> = Some("CNY");

#[cfg(test)]
mod tests;
