//! Compares what a gateway says with our order, for [`rules::judge`].

use gateways::{Fen, Trade};

use crate::clock::timestamp;
use crate::db::apply::News;
use crate::db::payments::PaymentRow;
use crate::rules::{self, Ending, Mismatch, Said, Signal, Statement};
use crate::wallets::Identity;

/// What a verified trade, of a notification or of a query's answer, means for the payment.
pub(crate) fn judge(
    payment: &PaymentRow,
    us: &Identity,
    trade: &Trade,
    if_closed: Ending,
) -> Result<News, Mismatch> {
    let statement = Statement {
        state: trade.state,
        order_number: Said::compare(Some(&trade.out_trade_no), &payment.out_trade_no),
        app: Said::compare(trade.app_id.as_deref(), us.app_id.as_str()),
        merchant: Said::compare(trade.merchant_id.as_deref(), us.merchant_id.as_str()),
        amount: Said::compare(trade.amount.map(Fen::value), payment.amount.value),
        currency: Said::compare(
            trade.currency.as_deref().or(ABSENT),
            payment.amount.currency.as_str(),
        ),
        has_transaction: trade.transaction_id.is_some(),
    };
    let signal = rules::judge(statement, if_closed)?;
    Ok(match (&trade.transaction_id, signal) {
        (Some(transaction_id), Signal::Captured) => News::Captured {
            transaction_id: transaction_id.clone(),
            paid_at: trade.paid_at.map(timestamp),
        },
        (_, signal) => News::Plain(signal),
    })
}

/// Absent means CNY for both gateways.
const ABSENT: Option<&str> = Some("CNY");

#[cfg(test)]
mod tests;
