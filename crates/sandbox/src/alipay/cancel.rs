//! `alipay.trade.cancel`: closes what is unpaid, refunds what is paid; money moves (gateways.md B5.4,
//! G2.10). A code that nobody has scanned stays payable: there is no trade to cancel.

use std::sync::Arc;

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::content::Content;
use super::params::Params;
use super::query::Named;
use super::reply::{Node, Refusal};
use crate::book::{Opened, Refund, RefundState, Trade, TradeState};
use crate::state::Shared;
use crate::wallet::Wallet;
use crate::{clock, refund as refund_task};

pub(crate) fn cancel(shared: &Arc<Shared>, params: &Params) -> Result<Node, Refusal> {
    let content = Content::read(params)?;
    let now = shared.clock.now();
    let faults = shared.faults().clone();
    let mut book = shared.book();
    book.alipay.settle(now);
    let named = Named::read(&content, &book.alipay)?;
    let number = named.number.clone();
    let Some(trade) = number.as_deref().and_then(|number| book.alipay.by_number(number)) else {
        return Ok(named.nothing_to_cancel());
    };
    match &trade.state {
        TradeState::Unopened | TradeState::Lapsed => Ok(named.nothing_to_cancel()),
        TradeState::Closed(opened) => Ok(answer(trade, opened, "close")),
        TradeState::Waiting(opened) => {
            let node = answer(trade, opened, "close");
            let number = trade.out_trade_no.clone();
            book.alipay.close(&number, now);
            Ok(node)
        }
        TradeState::Success(opened, paid_at) => {
            if faults.alipay_finished {
                return Err(Refusal::business("ACQ.TRADE_HAS_FINISHED", "交易已完结"));
            }
            if now > clock::after(*paid_at, CANCELABLE) {
                return Err(Refusal::business("ACQ.TRADE_CANCEL_TIME_OUT", "超过撤销时间范围"));
            }
            if faults.refund_not_enough {
                let text = "商户的支付宝账户中无足够的资金进行撤销";
                return Err(Refusal::business("ACQ.SELLER_BALANCE_NOT_ENOUGH", text));
            }
            let node = answer(trade, opened, "refund");
            let left = trade.total.saturating_sub(trade.refunds.reserved());
            if left == 0 {
                return Ok(node);
            }
            let (out_trade_no, refund) = (trade.out_trade_no.clone(), whole(trade, left, now));
            let refund_number = refund.number.clone();
            book.alipay.add_refund(&out_trade_no, refund);
            book.alipay.settle(now);
            drop(book);
            refund_task::follow(shared, Wallet::Alipay, &out_trade_no, &refund_number, now);
            Ok(node)
        }
    }
}

/// The refund of all that is left, under the trade's own number.
fn whole(trade: &Trade, amount: i64, now: OffsetDateTime) -> Refund {
    Refund {
        number: trade.out_trade_no.clone(),
        id: None,
        amount,
        notify_url: None,
        created_at: now,
        state: RefundState::Processing,
        due: now,
        end: RefundState::Success,
        done_at: None,
        sum_by_then: 0,
        attempts: Vec::new(),
    }
}

fn answer(trade: &Trade, opened: &Opened, action: &str) -> Node {
    vec![
        ("action", json!(action)),
        ("out_trade_no", json!(trade.out_trade_no)),
        ("retry_flag", json!("N")),
        ("trade_no", json!(opened.trade_no)),
    ]
}

/// The time after its payment in which a trade can be cancelled.
const CANCELABLE: Duration = Duration::hours(24);
