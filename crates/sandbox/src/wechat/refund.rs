//! `POST /v3/refund/domestic/refunds` and its query (gateways.md A10, G1.15).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::call::Call;
use super::notify::RECEIVED_BY;
use super::order;
use super::order::fields::{GOODS_ID, GOODS_NAME, UNIT_PRICE, WECHATPAY_GOODS_ID};
use super::reply::{Failure, Reply};
use super::schema::{self, Field, Kind, may, must};
use crate::book::{Order, Orders, Paid, Refund, RefundState};
use crate::chaos::Fault;
use crate::state::Shared;
use crate::wallet::Wallet;
use crate::{clock, random, refund as refund_task};

/// Accepts a refund; a repeated number returns the state of the first one.
pub(crate) fn refund(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    let request = schema::parse(&call.body, FIELDS)?;
    let wanted = Wanted::read(&request)?;
    let now = shared.clock.now();
    let faults = shared.faults().clone();
    let mut book = shared.book();
    book.wechat.settle(now);
    let (order, paid) = wanted.order(&book.wechat)?;
    if let Some(known) = book.wechat.by_refund(&wanted.number) {
        let refund = known.refunds.find(&wanted.number).ok_or_else(not_exist)?;
        let same = known.out_trade_no == order.out_trade_no
            && (refund.amount, known.total) == (wanted.amount, wanted.total);
        if !same {
            return Err(invalid("订单金额或退款金额与之前请求不一致，请核实后再试"));
        }
        return Ok(Reply::Json(view(order, paid, refund)));
    }
    if wanted.total != order.total {
        return Err(invalid("订单金额与支付时不一致，请核实后再试"));
    }
    if wanted.amount > order.total.saturating_sub(order.refunds.reserved()) {
        return Err(invalid("申请退款金额超过订单可退金额，请核实后再试"));
    }
    if now > clock::after(paid.at, REFUNDABLE) {
        return Err(invalid("订单已经超过可退款的最大期限"));
    }
    if order.refunds.count() >= MAX_REFUNDS {
        return Err(invalid("订单部分退款次数超过限制"));
    }
    if faults.wechat_refunds_spaced && is_too_early(shared, order, now) {
        return Err(Failure::limited());
    }
    if faults.refund_not_enough || call.fault == Some(Fault::NotEnough) {
        let message = "基本账户余额不足，请充值后重新发起";
        return Err(Failure::new(StatusCode::FORBIDDEN, "NOT_ENOUGH", BUSINESS, message));
    }
    let refund = Refund {
        number: wanted.number.clone(),
        id: Some(format!(
            "503{}{}{}",
            random::digits(8),
            clock::date_digits(now),
            random::digits(10)
        )),
        amount: wanted.amount,
        notify_url: wanted.notify_url,
        created_at: now,
        state: RefundState::Processing,
        due: refund_task::usual_end(shared, now, faults.refund_delay_ms),
        end: match call.fault {
            Some(Fault::Abnormal) => RefundState::Abnormal,
            Some(Fault::Closed) => RefundState::Closed,
            _ => faults.refund_outcome,
        },
        done_at: None,
        sum_by_then: 0,
        attempts: Vec::new(),
    };
    let answer = view(order, paid, &refund);
    let (out_trade_no, due) = (order.out_trade_no.clone(), refund.due);
    book.wechat.add_refund(&out_trade_no, refund);
    drop(book);
    refund_task::follow(shared, Wallet::WechatPay, &out_trade_no, &wanted.number, due);
    Ok(Reply::Json(answer))
}

/// `GET …/{out_refund_no}`: the refund's state. Direct merchants send no query string.
pub(crate) fn query(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    let given = form_urlencoded::parse(call.query.as_deref().unwrap_or_default().as_bytes());
    let unknown: Vec<String> = given.map(|(name, _)| format!("/query/{name}")).collect();
    if !unknown.is_empty() {
        return Err(schema::undefined(unknown));
    }
    let number = call.segment(5);
    check_number(&number)?;
    let mut book = shared.book();
    book.wechat.settle(shared.clock.now());
    let order = book.wechat.by_refund(&number).ok_or_else(not_exist)?;
    let refund = order.refunds.find(&number).ok_or_else(not_exist)?;
    let paid = order.paid().ok_or_else(not_exist)?;
    Ok(Reply::Json(view(order, paid, refund)))
}

/// True if the order's last refund is less than a minute old, by the scaled clock.
fn is_too_early(shared: &Shared, order: &Order, now: OffsetDateTime) -> bool {
    let spacing = REFUND_SPACING / shared.notifier.speed();
    let last = order.refunds.iter().map(|refund| refund.created_at).max();
    last.is_some_and(|last| now < clock::after(last, spacing))
}

/// The content of a refund request, checked beyond the schema.
struct Wanted {
    transaction_id: Option<String>,
    out_trade_no: Option<String>,
    number: String,
    /// In fen.
    amount: i64,
    /// The order's amount as the merchant states it, in fen.
    total: i64,
    notify_url: Option<String>,
}

impl Wanted {
    fn read(request: &Value) -> Result<Self, Failure> {
        let owned =
            |pointer: &str| request.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let fen = |pointer: &str| request.pointer(pointer).and_then(Value::as_i64);
        let number = owned("/out_refund_no").unwrap_or_default();
        check_number(&number)?;
        let (transaction_id, out_trade_no) = (owned("/transaction_id"), owned("/out_trade_no"));
        if transaction_id.is_none() && out_trade_no.is_none() {
            return Err(schema::missing("/body/transaction_id", "微信支付订单号", "body"));
        }
        let notify_url = owned("/notify_url");
        notify_url.as_deref().map_or(Ok(()), order::check_notify_url)?;
        if let Some(currency) = owned("/amount/currency").filter(|currency| currency != "CNY") {
            let path = "/body/amount/currency";
            return Err(schema::malformed(path, "退款币种", "只支持CNY", &currency));
        }
        if let Some(account) = owned("/funds_account").filter(|account| account != "AVAILABLE") {
            let path = "/body/funds_account";
            return Err(schema::malformed(path, "退款资金来源", "只支持AVAILABLE", &account));
        }
        Ok(Self {
            transaction_id,
            out_trade_no,
            number,
            amount: fen("/amount/refund").unwrap_or_default(),
            total: fen("/amount/total").unwrap_or_default(),
            notify_url,
        })
    }

    /// The paid order. If both numbers are given, they must belong to the same order.
    fn order<'a>(&self, orders: &'a Orders) -> Result<(&'a Order, &'a Paid), Failure> {
        let found = match (&self.transaction_id, &self.out_trade_no) {
            (Some(id), number) => orders
                .by_transaction(id)
                .filter(|order| number.as_ref().is_none_or(|number| *number == order.out_trade_no)),
            (None, Some(number)) => orders.by_number(number),
            (None, None) => None,
        };
        found.and_then(|order| Some((order, order.paid()?))).ok_or_else(|| {
            Failure::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", UNKNOWN, "订单不存在")
        })
    }
}

/// The refund as both calls answer it.
fn view(order: &Order, paid: &Paid, refund: &Refund) -> Value {
    let mut value = json!({
        "amount": {
            "currency": "CNY", "discount_refund": 0, "from": [],
            "payer_refund": refund.amount, "payer_total": order.total, "refund": refund.amount,
            "settlement_refund": refund.amount, "settlement_total": order.total, "total": order.total,
        },
        "channel": "ORIGINAL",
        "create_time": clock::wechat(refund.created_at),
        "funds_account": "AVAILABLE",
        "out_refund_no": refund.number,
        "out_trade_no": order.out_trade_no,
        "promotion_detail": [],
        "refund_id": refund.id,
        "status": refund.state.word(),
        "transaction_id": paid.transaction_id,
        "user_received_account": RECEIVED_BY,
    });
    if let (Value::Object(members), RefundState::Success, Some(at)) =
        (&mut value, refund.state, refund.done_at)
    {
        members.insert("success_time".into(), json!(clock::wechat(at)));
    }
    value
}

fn check_number(number: &str) -> Result<(), Failure> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*@".contains(&byte);
    if number.len() <= 64 && number.bytes().all(legal) {
        return Ok(());
    }
    let rule = "只能是数字、大小写字母_-|*@，不超过64个字节";
    Err(schema::malformed("/body/out_refund_no", "商户退款单号", rule, number))
}

fn invalid(message: &str) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", BUSINESS, message)
}

fn not_exist() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", UNKNOWN, "退款单不存在")
}

/// The documented members of a refund (gateways.md A10).
static FIELDS: &[Field] = &[
    may("transaction_id", "微信支付订单号", Kind::Text(1, 32)),
    may("out_trade_no", "商户订单号", Kind::Text(6, 32)),
    must("out_refund_no", "商户退款单号", Kind::Text(1, 64)),
    may("reason", "退款原因", Kind::Text(1, 80)),
    may("notify_url", "退款结果回调url", Kind::Text(1, 256)),
    may("funds_account", "退款资金来源", Kind::Text(1, 32)),
    must("amount", "金额信息", Kind::Object(AMOUNT)),
    may("goods_detail", "退款商品", Kind::Objects(GOODS)),
];

static AMOUNT: &[Field] = &[
    must("refund", "退款金额", Kind::Integer(1)),
    must("total", "原订单金额", Kind::Integer(1)),
    must("currency", "退款币种", Kind::Text(1, 16)),
    may("from", "退款出资账户及金额", Kind::Objects(FROM)),
];

static FROM: &[Field] = &[
    must("account", "出资账户类型", Kind::Text(1, 32)),
    must("amount", "出资金额", Kind::Integer(1)),
];

static GOODS: &[Field] = &[
    GOODS_ID,
    WECHATPAY_GOODS_ID,
    GOODS_NAME,
    UNIT_PRICE,
    must("refund_amount", "商品退款金额", Kind::Integer(1)),
    must("refund_quantity", "商品退货数量", Kind::Integer(1)),
];

/// The time after its payment in which an order can be refunded (gateways.md A10).
const REFUNDABLE: Duration = Duration::days(365);
const MAX_REFUNDS: usize = 50;
/// The least time between two refunds of one order (gateways.md A10).
const REFUND_SPACING: Duration = Duration::minutes(1);
/// Suffixes of `Request-ID`: illegal parameter for want of a documented one, and does not exist.
const BUSINESS: u32 = super::reply::ILLEGAL_PARAMETER;
const UNKNOWN: u32 = 268_512_771;
