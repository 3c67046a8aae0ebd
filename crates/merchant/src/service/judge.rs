//! Compares what a gateway says with our order, for [`rules::judge`].

use gateways::{Fen, Trade};

use crate::clock::timestamp;
use crate::db::apply::Update;
use crate::db::payments::PaymentRow;
use crate::rules::{self, Comparison, Ending, Mismatch, Signal, Statement, TradeState};
use crate::wallets::Identity;

/// What a verified trade, of a notification or of a query's answer, means for the payment.
pub(crate) fn judge(
    payment: &PaymentRow,
    us: &Identity,
    trade: &Trade,
    if_closed: Ending,
) -> Result<Update, Mismatch> {
    let statement = Statement {
        state: state(trade.state),
        order_number: Comparison::compare(Some(&trade.out_trade_no), &payment.out_trade_no),
        app: app(payment, us, trade),
        merchant: Comparison::compare(
            trade.merchant_id.as_deref(),
            payment.merchant_id.as_deref().unwrap_or(&us.merchant_id),
        ),
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

/// The application that made the order, or the present one of the same merchant: WeChat Pay names
/// the first, Alipay the one that asks.
fn app(payment: &PaymentRow, us: &Identity, trade: &Trade) -> Comparison {
    let said = trade.app_id.as_deref();
    let is_stored = said.is_some() && said == payment.app_id.as_deref();
    if is_stored { Comparison::Same } else { Comparison::compare(said, us.app_id.as_str()) }
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
