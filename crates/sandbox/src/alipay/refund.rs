//! `alipay.trade.refund` and `alipay.trade.fastpay.refund.query` (gateways.md B5.4, B7, G2.10).

use std::sync::Arc;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::content::{self, Content};
use super::params::Params;
use super::query::{self, BUYER_LOGON_ID, Named};
use super::reply::{Node, Refusal};
use crate::book::{Opened, Refund, RefundState, Trade, TradeState};
use crate::chaos::Fault;
use crate::faults::DepositBack;
use crate::state::Shared;
use crate::wallet::Wallet;
use crate::{clock, refund as refund_task};

/// Refunds. A repeated number moves no money, which `fund_change` reports.
pub(crate) fn refund(
    shared: &Arc<Shared>,
    params: &Params,
    fault: Option<Fault>,
) -> Result<Node, Refusal> {
    let content = Content::read(params)?;
    let amount = content::fen(content.required("refund_amount", 11)?)
        .filter(|amount| *amount >= 1)
        .ok_or_else(|| Refusal::parameter("refund_amount"))?;
    content.text("refund_reason", 256)?;
    let number = content.text("out_request_no", 64)?;
    let now = shared.clock.now();
    let faults = shared.faults().clone();
    let mut book = shared.book();
    book.alipay.settle(now);
    let named = Named::read(&content, &book.alipay)?;
    let Some(trade) = named.number.as_deref().and_then(|number| book.alipay.by_number(number))
    else {
        return Err(named.not_exist(false));
    };
    let (opened, paid_at) = match &trade.state {
        TradeState::Unopened | TradeState::Lapsed => return Err(named.not_exist(false)),
        TradeState::Waiting(_) => return Err(refused("TRADE_STATUS_ERROR", "交易状态不合法")),
        TradeState::Closed(_) => return Err(refused("TRADE_HAS_CLOSE", "交易已经关闭")),
        TradeState::Success(opened, paid_at) => (opened, *paid_at),
    };
    let number = match number {
        Some(number) => number,
        None if amount == trade.total => &trade.out_trade_no,
        None => return Err(Refusal::parameter("out_request_no")),
    };
    match trade.refunds.find(number) {
        Some(known) if known.amount != amount => {
            return Err(refused("DISCORDANT_REPEAT_REQUEST", "不一致的请求"));
        }
        // A refund that Alipay dropped silently is tried again.
        Some(known) if known.state != RefundState::Closed => {
            return Ok(answer(shared, &content, trade, opened, known, false));
        }
        _ => {}
    }
    if trade.is_refunded() {
        return Err(refused("TRADE_HAS_CLOSE", "交易已经关闭"));
    }
    if amount > trade.total.saturating_sub(trade.refunds.reserved()) {
        return Err(refused("REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"));
    }
    if faults.alipay_finished || now > clock::after(paid_at, REFUNDABLE) {
        return Err(refused("TRADE_HAS_FINISHED", "交易已完结"));
    }
    if faults.refund_not_enough || fault == Some(Fault::NotEnough) {
        return Err(refused("SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"));
    }
    let due = match fault {
        Some(Fault::Abnormal | Fault::Closed) => {
            refund_task::usual_end(shared, now, faults.refund_delay_ms)
        }
        _ => refund_task::usual_end(shared, now, Some(faults.alipay_refund_delay_ms)),
    };
    let refund = Refund {
        number: number.to_owned(),
        id: None,
        amount,
        notify_url: None,
        created_at: now,
        state: RefundState::Processing,
        due,
        // Alipay has no abnormal refund: such a refund is only slow.
        end: match fault {
            Some(Fault::Closed) => RefundState::Closed,
            _ => RefundState::Success,
        },
        done_at: None,
        sum_by_then: 0,
        attempts: Vec::new(),
    };
    let (number, out_trade_no) = (number.to_owned(), trade.out_trade_no.clone());
    book.alipay.add_refund(&out_trade_no, refund);
    book.alipay.settle(now);
    let answer = book.alipay.by_number(&out_trade_no).and_then(|trade| {
        let refund = trade.refunds.find(&number)?;
        let moved = refund.state == RefundState::Success;
        Some(answer(shared, &content, trade, trade.opened()?, refund, moved))
    });
    drop(book);
    refund_task::follow(shared, Wallet::Alipay, &out_trade_no, &number, due);
    Ok(answer.unwrap_or_default())
}

/// Returns the state of a refund: `refund_status` only if the money went back, and an empty answer
/// for an unknown refund.
pub(crate) fn query(shared: &Arc<Shared>, params: &Params) -> Result<Node, Refusal> {
    let content = Content::read(params)?;
    let number = content.required("out_request_no", 64)?;
    let deposit = shared.faults().alipay_deposit_back;
    let mut book = shared.book();
    book.alipay.settle(shared.clock.now());
    let named = Named::read(&content, &book.alipay)?;
    let trade = named.number.as_deref().and_then(|number| book.alipay.by_number(number));
    let Some((trade, opened)) = trade.and_then(|trade| Some((trade, trade.opened()?))) else {
        return Err(named.not_exist(false));
    };
    let Some(refund) = trade.refunds.find(number) else { return Ok(Node::new()) };
    let mut node = Node::new();
    if let Some(at) = refund.done_at.filter(|_| content.lists("query_options", "deposit_back_info"))
    {
        node.push(("deposit_back_info", deposit_back(deposit, refund.amount, at)));
    }
    node.extend([
        ("out_request_no", json!(refund.number)),
        ("out_trade_no", json!(trade.out_trade_no)),
        ("refund_amount", json!(content::yuan(refund.amount))),
    ]);
    if refund.state == RefundState::Success {
        node.push(("refund_status", json!("REFUND_SUCCESS")));
    }
    node.extend([
        ("total_amount", json!(content::yuan(trade.total))),
        ("trade_no", json!(opened.trade_no)),
    ]);
    if let Some(at) = refund.done_at.filter(|_| content.lists("query_options", "gmt_refund_pay")) {
        node.push(("gmt_refund_pay", json!(clock::alipay(at))));
    }
    Ok(node)
}

/// The state of a refund at a bank (gateways.md B5.4); a refund to the balance has none.
fn deposit_back(deposit: Option<DepositBack>, amount: i64, sent_at: OffsetDateTime) -> Value {
    let Some(deposit) = deposit else { return json!({ "has_deposit_back": "false" }) };
    let (status, is_answered) = match deposit {
        DepositBack::Processing => ("P", false),
        DepositBack::Success => ("S", true),
        DepositBack::Failed => ("F", true),
    };
    let mut info = json!({
        "dback_amount": content::yuan(amount), "dback_status": status, "has_deposit_back": "true",
    });
    if let (Value::Object(members), true) = (&mut info, is_answered) {
        members.insert("bank_ack_time".into(), json!(clock::alipay(sent_at)));
    }
    info
}

/// `refund_fee` is the sum of all refunds of the trade so far.
fn answer(
    shared: &Shared,
    content: &Content,
    trade: &Trade,
    opened: &Opened,
    refund: &Refund,
    moved: bool,
) -> Node {
    let names = ("buyer_user_id", "buyer_open_id");
    let (name, number) = query::buyer(&shared.keys.alipay, &shared.faults(), opened, names);
    let mut node: Node = vec![
        ("buyer_logon_id", json!(BUYER_LOGON_ID)),
        (name, json!(number)),
        ("fund_change", json!(if moved { "Y" } else { "N" })),
    ];
    if let Some(at) = refund.done_at {
        node.push(("gmt_refund_pay", json!(clock::alipay(at))));
    }
    node.extend([
        ("out_trade_no", json!(trade.out_trade_no)),
        ("refund_fee", json!(content::yuan(trade.refunds.refunded()))),
    ]);
    if content.lists("query_options", "refund_detail_item_list") {
        let sent_back = content::yuan(if moved { refund.amount } else { 0 });
        node.push(("send_back_fee", json!(sent_back)));
    }
    node.push(("trade_no", json!(opened.trade_no)));
    node
}

fn refused(code: &str, text: &str) -> Refusal {
    Refusal::business(&format!("ACQ.{code}"), text)
}

/// The time after its payment in which a trade can be refunded (gateways.md B5.4).
const REFUNDABLE: Duration = Duration::days(365);
