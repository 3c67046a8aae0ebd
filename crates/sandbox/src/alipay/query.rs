//! `alipay.trade.query` (gateways.md B5.3).

use std::sync::Arc;

use serde_json::json;

use super::content::{self, Content};
use super::params::Params;
use super::reply::{Node, Refusal};
use crate::book::{Opened, Trades};
use crate::faults::Faults;
use crate::keys::AlipayKeys;
use crate::state::Shared;
use crate::{clock, wallet};

/// By `trade_no`, or by `out_trade_no` if that is all there is. What no buyer has opened does not exist.
pub(crate) fn query(shared: &Arc<Shared>, params: &Params) -> Result<Node, Refusal> {
    let content = Content::read(params)?;
    let faults = shared.faults().clone();
    let mut book = shared.book();
    book.alipay.settle(shared.clock.now());
    let named = Named::read(&content, &book.alipay)?;
    let trade = named.number.as_deref().and_then(|number| book.alipay.by_number(number));
    let Some((trade, opened, status)) =
        trade.and_then(|trade| Some((trade, trade.opened()?, trade.trade_status()?)))
    else {
        return Err(named.not_exist(true));
    };
    let paid_at = trade.paid_at();
    // Like many real accounts, this one leaves all amounts but the total at zero, so that no client
    // compares them.
    let mut node: Node =
        vec![("buyer_logon_id", json!(BUYER_LOGON_ID)), ("buyer_pay_amount", json!("0.00"))];
    let names = ("buyer_user_id", "buyer_open_id");
    let (name, number) = buyer(&shared.keys.alipay, &faults, opened, names);
    node.push((name, json!(number)));
    if paid_at.is_some() {
        node.push(("buyer_user_type", json!("PRIVATE")));
        let bill =
            json!([{ "amount": content::yuan(trade.total), "fund_channel": "ALIPAYACCOUNT" }]);
        node.push(("fund_bill_list", bill));
    }
    node.extend([
        ("invoice_amount", json!("0.00")),
        ("out_trade_no", json!(trade.out_trade_no)),
        ("point_amount", json!("0.00")),
        ("receipt_amount", json!("0.00")),
    ]);
    if let Some(at) = paid_at {
        node.push(("send_pay_date", json!(clock::alipay(at))));
    }
    node.extend([
        ("total_amount", json!(content::yuan(trade.total))),
        ("trade_no", json!(opened.trade_no)),
        ("trade_status", json!(shown(&faults, status))),
    ]);
    Ok(node)
}

/// The buyer, by the first name as a number, or by the second as an open id.
pub(crate) fn buyer(
    keys: &AlipayKeys,
    faults: &Faults,
    opened: &Opened,
    names: (&'static str, &'static str),
) -> (&'static str, String) {
    if faults.alipay_open_id {
        (names.1, wallet::open_id(&keys.app_id, &opened.user))
    } else {
        (names.0, opened.buyer_id.clone())
    }
}

/// The state, as the fault switches let the gateway report it.
pub(crate) fn shown(faults: &Faults, status: &'static str) -> &'static str {
    match status {
        "TRADE_SUCCESS" if faults.alipay_finished => "TRADE_FINISHED",
        status => status,
    }
}

/// The trade that a query or close names.
pub(crate) struct Named {
    /// The merchant's number of the trade, if it is known.
    pub(crate) number: Option<String>,
    out_trade_no: Option<String>,
}

impl Named {
    /// `trade_no` takes precedence over `out_trade_no`; one of them is required.
    pub(crate) fn read(content: &Content, trades: &Trades) -> Result<Self, Refusal> {
        let out_trade_no = content.out_trade_no()?.map(str::to_owned);
        match content.text("trade_no", 64)? {
            Some(trade_no) => Ok(Self { number: trades.number_of(trade_no), out_trade_no }),
            None if out_trade_no.is_none() => {
                Err(Refusal::parameter("out_trade_no和trade_no不能同时为空"))
            }
            None => Ok(Self { number: out_trade_no.clone(), out_trade_no }),
        }
    }

    /// A cancel's answer if there is no trade: success, with no action taken.
    pub(crate) fn nothing_to_cancel(self) -> Node {
        let number = self.out_trade_no.map(|number| ("out_trade_no", json!(number)));
        number.into_iter().chain([("retry_flag", json!("N"))]).collect()
    }

    /// `ACQ.TRADE_NOT_EXIST`; a query's answer adds four amounts of zero.
    pub(crate) fn not_exist(self, with_amounts: bool) -> Refusal {
        let number = self.out_trade_no.map(|number| ("out_trade_no", json!(number)));
        let zero = |name| with_amounts.then(|| (name, json!("0.00")));
        let members = [
            zero("buyer_pay_amount"),
            zero("invoice_amount"),
            number,
            zero("point_amount"),
            zero("receipt_amount"),
        ];
        Refusal::business("ACQ.TRADE_NOT_EXIST", "交易不存在")
            .with(members.into_iter().flatten().collect())
    }
}

/// The buyer's account as merchants see it: masked.
pub(crate) const BUYER_LOGON_ID: &str = "wal***@example.com";
