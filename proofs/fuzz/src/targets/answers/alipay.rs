//! Alipay's answers: a node, and a signature over its text (gateways.md B4).

use gateways::{RefundState, TradeState};
use serde_json::Value;

use super::{Call, NUMBER, REFUND_NUMBER, Said, framed, stage};
use crate::document::{changed, text};
use crate::input::Input;
use crate::keys::keys;
use crate::reference::minor_units;
use crate::targets::wechat_pay::edit;

pub(super) fn check(input: &mut Input<'_>) {
    let call = Call::pick(input);
    let (method, example) = match call {
        Call::Order => ("alipay_trade_precreate_response", PRECREATED),
        Call::Query => ("alipay_trade_query_response", QUERIED),
        Call::Close => ("alipay_trade_close_response", CLOSED),
        Call::Refund => ("alipay_trade_refund_response", REFUNDED),
        Call::QueryRefund => ("alipay_trade_fastpay_refund_query_response", REFUND_QUERIED),
    };
    let name = if input.one_in(8) { "error_response" } else { method };
    let status = input.pick(&[200, 200, 200, 200, 200, 202, 302, 404, 429, 500]);
    let is_signed = !input.one_in(6);
    let mut damage = input.bytes(12);
    let node = changed(if input.one_in(4) { MISSING } else { example }, input);
    let mut body = Vec::new();
    body.extend_from_slice(format!("{{\"{name}\": ").as_bytes());
    body.extend_from_slice(&node);
    if is_signed {
        body.extend_from_slice(format!(",\"sign\":\"{}\"", keys().sign(&node)).as_bytes());
    }
    body.push(b'}');
    let mut changes = Input::new(core::mem::take(&mut damage));
    while !changes.is_empty() {
        edit(&mut body, &mut changes);
    }
    let Ok(said) = stage().alipay(call, framed(status, &[], &body)) else { return };
    let shown = String::from_utf8_lossy(&body);
    assert!(is_signed && status == 200, "believed, {status}: {shown}");
    // The signed node survived the changes, so the result must equal it.
    let node: Value = serde_json::from_slice(&node).unwrap_or(Value::Null);
    compare(&said, &node);
}

fn compare(said: &Said, node: &Value) {
    let code = text(node, "code").ok().flatten().unwrap_or_default();
    // With its family as a prefix, or without (`ACQ.`, `aop.ACQ.`).
    let sub_code = text(node, "sub_code").ok().flatten().unwrap_or_default();
    let reason = sub_code.rsplit('.').next().unwrap_or_default();
    let is_missing = code == "40004" && reason == "TRADE_NOT_EXIST";
    assert!(is_missing || code == "10000", "believed as {said:?}: {node}");
    match said {
        Said::Code(qr_code) => {
            assert_eq!(text(node, "qr_code"), Ok(Some(qr_code.as_str())));
            assert_eq!(text(node, "out_trade_no"), Ok(Some(NUMBER)));
        }
        Said::Trade(trade) if trade.state == TradeState::NotCreated => assert!(is_missing),
        Said::Trade(trade) => {
            assert_eq!(text(node, "out_trade_no"), Ok(Some(NUMBER)));
            assert_eq!(trade.out_trade_no, NUMBER);
            let amount = text(node, "total_amount").expect("a text or nothing");
            let amount = amount.filter(|amount| !amount.is_empty());
            let total = amount.map(|amount| minor_units(amount, 2));
            assert_eq!(trade.amount.map(|amount| Some(amount.value())), total, "{node}");
            let status = text(node, "trade_status").ok().flatten();
            let is_paid = matches!(status, Some("TRADE_SUCCESS" | "TRADE_FINISHED"));
            assert_eq!(trade.state == TradeState::Paid, is_paid, "{node}");
        }
        Said::Refund(refund) => {
            assert_eq!(refund.out_refund_no, REFUND_NUMBER);
            let is_done = text(node, "refund_status") == Ok(Some("REFUND_SUCCESS"))
                || text(node, "fund_change") == Ok(Some("Y"));
            assert!(refund.state != RefundState::Succeeded || is_done && !is_missing, "{node}");
        }
        Said::Closed => {}
    }
}

const PRECREATED: &str = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","qr_code":"https://qr.alipay.com/bavh4wjlxf12tper3a"}"#;
const QUERIED: &str = r#"{"code":"10000","msg":"Success","buyer_logon_id":"159****5620","out_trade_no":"ORDER_0001","send_pay_date":"2026-11-27 15:45:57","total_amount":"1.00","trade_no":"42","trade_status":"TRADE_SUCCESS"}"#;
const CLOSED: &str =
    r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","trade_no":"42"}"#;
const REFUNDED: &str = r#"{"code":"10000","msg":"Success","fund_change":"Y","out_trade_no":"ORDER_0001","refund_fee":"0.40","trade_no":"42"}"#;
const REFUND_QUERIED: &str = r#"{"code":"10000","msg":"Success","out_request_no":"RE_0001","out_trade_no":"ORDER_0001","refund_amount":"0.40","refund_status":"REFUND_SUCCESS","total_amount":"1.00","trade_no":"42"}"#;
const MISSING: &str =
    r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"x"}"#;
