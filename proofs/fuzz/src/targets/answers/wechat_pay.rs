//! WeChat Pay's answers: a body, and a signature over it in the headers (gateways.md A6).

use std::time::{SystemTime, UNIX_EPOCH};

use gateways::{RefundState, TradeState};
use serde_json::Value;

use super::{Call, NUMBER, REFUND_NUMBER, Said, framed, stage};
use crate::document::{changed, fen, text};
use crate::input::Input;
use crate::keys::{KEY_ID, keys};
use crate::targets::wechat_pay::edit;

pub(super) fn check(input: &mut Input<'_>) {
    let call = Call::pick(input);
    let example = match call {
        Call::Order => r#"{"code_url":"weixin://wxpay/bizpayurl?pr=1"}"#,
        Call::Query => QUERIED,
        Call::Close => "{}",
        Call::Refund | Call::QueryRefund => REFUNDED,
    };
    let status = input.pick(&[200, 200, 200, 200, 204, 202, 400, 401, 403, 404, 429, 500]);
    let is_signed = !input.one_in(6);
    let damage = input.bytes(12);
    let body = changed(if status < 300 { example } else { PROBLEM }, input);
    let mut sent = body.clone();
    let mut changes = Input::new(damage);
    while !changes.is_empty() {
        edit(&mut sent, &mut changes);
    }
    // The signature is over the body that arrives: with this status there is none.
    let body = if status == 204 { Vec::new() } else { body };
    let reply = framed(status, &headers(&body, is_signed), &sent);
    let Ok(said) = stage().wechat_pay(call, reply) else { return };
    let arrived = if status == 204 { Vec::new() } else { sent };
    let shown = String::from_utf8_lossy(&arrived);
    let document: Value = serde_json::from_slice(&arrived).unwrap_or(Value::Null);
    let is_missing = match &said {
        Said::Trade(trade) => trade.state == TradeState::NotCreated,
        Said::Refund(refund) => refund.state == RefundState::NotFound,
        Said::Code(_) | Said::Closed => false,
    };
    if is_missing {
        assert!(status >= 400 && document.get("code").is_some_and(Value::is_string), "{shown}");
        return;
    }
    assert!(matches!(status, 200 | 204), "believed, {status}: {shown}");
    assert!(is_signed && arrived == body, "believed without a signature: {shown}");
    compare(&said, &document);
}

fn compare(said: &Said, document: &Value) {
    // serde also reads an array as a struct's members in their order; this second reader does not.
    let nothing = Value::Null;
    let amount = document.get("amount").unwrap_or(&nothing);
    if amount.is_array() {
        return;
    }
    match said {
        Said::Code(code_url) => assert_eq!(text(document, "code_url"), Ok(Some(code_url.as_str()))),
        Said::Trade(trade) => {
            assert_eq!(trade.out_trade_no, NUMBER);
            assert_eq!(text(document, "out_trade_no"), Ok(Some(NUMBER)));
            assert_eq!(trade.amount.map(gateways::Fen::value), fen(amount, "total").ok().flatten());
            let is_paid = text(document, "trade_state") == Ok(Some("SUCCESS"));
            assert_eq!(trade.state == TradeState::Paid, is_paid, "{document}");
        }
        Said::Refund(refund) => {
            assert_eq!(refund.out_refund_no, REFUND_NUMBER);
            assert_eq!(text(document, "out_refund_no"), Ok(Some(REFUND_NUMBER)));
            let is_done = text(document, "status") == Ok(Some("SUCCESS"));
            assert_eq!(refund.state == RefundState::Succeeded, is_done, "{document}");
            assert_eq!(
                refund.amount.map(gateways::Fen::value),
                fen(amount, "refund").ok().flatten()
            );
        }
        Said::Closed => {}
    }
}

fn headers(body: &[u8], is_signed: bool) -> Vec<(String, String)> {
    // The client uses the real clock.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (timestamp, nonce) = (now.to_string(), "593BEC0C930BF1AFEB40B4A08C8FB242");
    let message = [format!("{timestamp}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
    let signature = if is_signed { keys().sign(&message) } else { "AAAA".to_owned() };
    [
        ("Wechatpay-Timestamp", timestamp),
        ("Wechatpay-Nonce", nonce.to_owned()),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Serial", KEY_ID.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

const QUERIED: &str = r#"{"mchid":"1900007291","appid":"wxd678efh567hg6787","out_trade_no":"ORDER_0001","transaction_id":"42","trade_state":"SUCCESS","success_time":"2026-11-23T08:00:00+08:00","amount":{"total":100,"currency":"CNY"}}"#;
const REFUNDED: &str = r#"{"refund_id":"43","out_refund_no":"RE_0001","transaction_id":"42","out_trade_no":"ORDER_0001","status":"SUCCESS","amount":{"total":100,"refund":40,"currency":"CNY"}}"#;
const PROBLEM: &str = r#"{"code":"ORDER_NOT_EXIST","message":"x"}"#;
