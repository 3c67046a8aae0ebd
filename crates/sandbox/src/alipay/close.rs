//! `alipay.trade.close` (gateways.md B5.4, G2.10).

use std::sync::Arc;

use serde_json::json;

use super::content::Content;
use super::params::Params;
use super::query::Named;
use super::reply::{Node, Refusal};
use crate::book::TradeState;
use crate::state::Shared;

/// Only a trade that waits for its buyer can be closed. One that no buyer has opened does not exist,
/// and its QR code stays payable.
pub(crate) fn close(shared: &Arc<Shared>, params: &Params) -> Result<Node, Refusal> {
    let content = Content::read(params)?;
    let mut book = shared.book();
    let now = shared.clock.now();
    book.alipay.settle(now);
    let named = Named::read(&content, &book.alipay)?;
    let Some(trade) = named.number.as_deref().and_then(|number| book.alipay.by_number(number))
    else {
        return Err(named.not_exist(false));
    };
    match &trade.state {
        TradeState::Unopened | TradeState::Lapsed => Err(named.not_exist(false)),
        TradeState::Success(..) | TradeState::Closed(_) => {
            let number = vec![("out_trade_no", json!(trade.out_trade_no))];
            Err(Refusal::business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法").with(number))
        }
        TradeState::Waiting(opened) => {
            let number = trade.out_trade_no.clone();
            let node = vec![("out_trade_no", json!(number)), ("trade_no", json!(opened.trade_no))];
            book.alipay.close(&number, now);
            Ok(node)
        }
    }
}
