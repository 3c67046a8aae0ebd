//! Identifies the call and the order of a request before it is checked.

use http::request::Parts;
use http::{Method, header};
use serde_json::Value;

use crate::alipay::params::{Params, is_form};
use crate::chaos::{Chaos, Kind};
use crate::state::Shared;
use crate::wallet::Wallet;

/// A request at one of the gateways.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) kind: Kind,
    pub(crate) wallet: Wallet,
    pub(crate) out_trade_no: String,
    /// Alipay's `method`; empty at WeChat Pay.
    pub(crate) method: String,
}

/// `None` if the request names no order or no known call.
pub(crate) fn identify(shared: &Shared, parts: &Parts, body: &[u8]) -> Option<Call> {
    if parts.uri.path() == "/gateway.do" {
        return alipay(shared, parts, body);
    }
    let segments: Vec<&str> = parts.uri.path().trim_start_matches('/').split('/').collect();
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, out_trade_no) = match (&parts.method, segments.as_slice()) {
        (&Method::POST, ["v3", "pay", "transactions", "native" | "h5" | "jsapi"]) => {
            let number = text("out_trade_no");
            shared.chaos().describe(&number, &text("description"));
            (Kind::Order, number)
        }
        (&Method::GET, ["v3", "pay", "transactions", "out-trade-no", number]) => {
            (Kind::Query, decoded(number))
        }
        (&Method::GET, ["v3", "pay", "transactions", "id", id]) => {
            (Kind::Query, number_of_transaction(shared, &decoded(id)))
        }
        (&Method::POST, ["v3", "pay", "transactions", "out-trade-no", number, "close"]) => {
            (Kind::Close, decoded(number))
        }
        (&Method::POST, ["v3", "refund", "domestic", "refunds"]) => {
            let number = match text("out_trade_no") {
                number if number.is_empty() => {
                    number_of_transaction(shared, &text("transaction_id"))
                }
                number => number,
            };
            shared.chaos().name_refund(&text("out_refund_no"), &number);
            (Kind::Refund, number)
        }
        (&Method::GET, ["v3", "refund", "domestic", "refunds", number]) => {
            (Kind::RefundQuery, Chaos::order_of_refund(&shared.chaos(), &decoded(number)))
        }
        _ => return None,
    };
    Some(Call { kind, wallet: Wallet::WechatPay, out_trade_no, method: String::new() })
}

fn alipay(shared: &Shared, parts: &Parts, body: &[u8]) -> Option<Call> {
    let form: &[u8] = if is_form(parts.headers.get(header::CONTENT_TYPE)) { body } else { b"" };
    let params = Params::merge(parts.uri.query().unwrap_or_default(), form);
    let method = params.get("method")?.to_owned();
    let kind = match method.as_str() {
        "alipay.trade.precreate" | "alipay.trade.create" => Kind::Order,
        "alipay.trade.page.pay" | "alipay.trade.wap.pay" => Kind::Page,
        "alipay.trade.query" => Kind::Query,
        "alipay.trade.close" | "alipay.trade.cancel" => Kind::Close,
        "alipay.trade.refund" => Kind::Refund,
        "alipay.trade.fastpay.refund.query" => Kind::RefundQuery,
        _ => return None,
    };
    let content: Value = serde_json::from_str(params.get("biz_content")?).ok()?;
    let text = |name: &str| content.get(name).and_then(Value::as_str);
    let by_trade_no = || shared.book().alipay.number_of(text("trade_no")?);
    let out_trade_no = text("out_trade_no").map(str::to_owned).or_else(by_trade_no)?;
    if let (Kind::Order | Kind::Page, Some(subject)) = (kind, text("subject")) {
        shared.chaos().describe(&out_trade_no, subject);
    }
    Some(Call { kind, wallet: Wallet::Alipay, out_trade_no, method })
}

fn number_of_transaction(shared: &Shared, id: &str) -> String {
    shared.book().wechat.by_transaction(id).map_or(id, |order| &order.out_trade_no).to_owned()
}

fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
