//! Cancelling (gateways.md B5.4).

use serde::Deserialize;

use super::response::{Verdict, malformed};
use super::{Client, wire};
use crate::GatewayError;

/// The outcome of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The trade was unpaid and is closed.
    Closed,
    /// The trade was paid and **the money goes back**, all of it.
    Refunded,
    /// There was no trade. It is not documented whether the code or page can still be paid: assume
    /// so until it expires.
    NotCreated,
    /// Alipay could not do it now: cancel again with the same number.
    TryAgain,
}

#[derive(Deserialize)]
struct CancelNode {
    out_trade_no: String,
    retry_flag: Option<String>,
    action: Option<String>,
}

impl Client {
    /// Cancels an order whose outcome is unclear: closes it if it is unpaid, refunds it if it is
    /// paid. **Money may move**; where that is not wanted, [close](Self::close). Within 24 h.
    ///
    /// # Errors
    /// See [`GatewayError`]. Cancelling again is safe.
    pub async fn cancel(&self, out_trade_no: &str) -> Result<CancelOutcome, GatewayError> {
        let answer =
            self.call("alipay.trade.cancel", wire::order_number(out_trade_no)?, None).await?;
        match answer.verdict()? {
            Verdict::Success(node) => {
                outcome(&node, out_trade_no).map_err(|what| malformed(what, None))
            }
            Verdict::TradeNotExist => Ok(CancelOutcome::NotCreated),
        }
    }
}

fn outcome(node: &str, out_trade_no: &str) -> Result<CancelOutcome, &'static str> {
    let node: CancelNode = serde_json::from_str(node).map_err(|_invalid| "not a cancellation")?;
    if node.out_trade_no != out_trade_no {
        return Err("another order than asked for");
    }
    match (node.retry_flag.as_deref(), node.action.as_deref()) {
        (Some("Y"), _) => Ok(CancelOutcome::TryAgain),
        (_, Some("close")) => Ok(CancelOutcome::Closed),
        (_, Some("refund")) => Ok(CancelOutcome::Refunded),
        (_, None | Some("")) => Ok(CancelOutcome::NotCreated),
        (_, Some(_)) => Err("an unknown action"),
    }
}
