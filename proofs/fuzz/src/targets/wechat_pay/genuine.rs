//! Messages that the platform has signed, with any content: both readers must agree.

use gateways::{NotificationError, RefundState, TradeState};
use serde_json::Value;

use super::{Message, body};
use crate::document::{changed, fen, text};
use crate::input::Input;

pub(super) const PAYMENT: &str = r#"{"mchid":"1900007291","appid":"wxd678efh567hg6787","out_trade_no":"ORDER_0001","transaction_id":"42","trade_type":"NATIVE","trade_state":"SUCCESS","bank_type":"CMC","success_time":"2026-11-23T08:00:00+08:00","amount":{"total":100,"payer_total":1,"currency":"CNY"}}"#;
pub(super) const REFUND: &str = r#"{"mchid":"1900007291","out_trade_no":"ORDER_0001","transaction_id":"42","out_refund_no":"RE_0001","refund_id":"43","refund_status":"SUCCESS","success_time":"2026-11-23T08:00:00+08:00","amount":{"total":100,"refund":40,"payer_total":100,"payer_refund":40}}"#;

pub(super) fn check(input: &mut Input<'_>) {
    let is_refund = input.flag();
    let event_type = match input.below(8) {
        7 => input.text(30),
        _ if is_refund => "REFUND.SUCCESS".to_owned(),
        _ => "TRANSACTION.SUCCESS".to_owned(),
    };
    let associated_data = input.text(16);
    let plain = if input.one_in(3) {
        input.rest().to_vec()
    } else {
        changed(if is_refund { REFUND } else { PAYMENT }, input)
    };
    let read = Message::signed(body(&event_type, &plain, &associated_data)).read();
    for refused in [read.payment.as_ref().err(), read.refund.as_ref().err()].into_iter().flatten() {
        let is_about_the_content = matches!(
            refused,
            NotificationError::Malformed(_)
                | NotificationError::AboutRefund { .. }
                | NotificationError::NotAboutRefund { .. }
        );
        assert!(is_about_the_content, "a genuine message was refused: {refused}");
    }
    assert!(!(read.payment.is_ok() && read.refund.is_ok()), "read as payment and refund at once");
    let document = serde_json::from_slice::<Value>(&plain).unwrap_or(Value::Null);
    if let Ok(notification) = &read.payment {
        assert_eq!(notification.id, "EV-1");
        assert_eq!(notification.event_type, event_type);
        assert_eq!(notification.trade.is_some(), event_type == "TRANSACTION.SUCCESS");
    }
    if event_type == "TRANSACTION.SUCCESS" {
        let trade = read.payment.ok().and_then(|notification| notification.trade);
        payment(&document, trade.as_ref());
    }
    if let Ok(notification) = &read.refund {
        refund(&document, &notification.refund);
    }
}

fn payment(document: &Value, trade: Option<&gateways::Trade>) {
    // serde also reads an array as a struct's members in their order; this second reader does not.
    if !document.is_object() || document.get("amount").is_some_and(Value::is_array) {
        return;
    }
    let nothing = Value::Object(serde_json::Map::new());
    let amount = document.get("amount").filter(|amount| !amount.is_null()).unwrap_or(&nothing);
    let must = |name| text(document, name)?.ok_or(());
    let expected = || {
        let optional = [text(document, "transaction_id")?, text(document, "success_time")?];
        if !amount.is_object() {
            return Err(());
        }
        Ok::<_, ()>((
            [must("appid")?, must("mchid")?, must("out_trade_no")?, must("trade_state")?],
            optional,
            (fen(amount, "total")?, text(amount, "currency")?),
        ))
    };
    let expected = expected().ok();
    let Some(trade) = trade else {
        // Duplicate members are refused, too; the second reader takes the last one, and no JSON
        // writer produces them.
        let again = document.to_string();
        let is_refused = Message::signed(body("TRANSACTION.SUCCESS", again.as_bytes(), "")).read();
        assert_eq!(is_refused.payment.is_ok(), expected.is_some(), "{document}");
        return;
    };
    let Some((names, [transaction_id, _], (total, currency))) = expected else {
        panic!("{document} was read as {trade:?}");
    };
    let said = [trade.app_id.as_deref(), trade.merchant_id.as_deref(), Some(&*trade.out_trade_no)];
    assert_eq!(said.as_slice(), names.map(Some).get(..3).unwrap_or_default());
    assert_eq!(trade.transaction_id.as_deref(), transaction_id.filter(|id| !id.is_empty()));
    assert_eq!(trade.amount.map(gateways::Fen::value), total);
    assert_eq!(trade.currency.as_deref(), currency.filter(|code| !code.is_empty()));
    assert_eq!(trade.state == TradeState::Paid, names.last() == Some(&"SUCCESS"), "{document}");
    assert_eq!(trade.state == TradeState::Refunded, names.last() == Some(&"REFUND"));
}

fn refund(document: &Value, refund: &gateways::Refund) {
    if !document.is_object() || document.get("amount").is_some_and(Value::is_array) {
        return;
    }
    assert_eq!(text(document, "out_trade_no"), Ok(Some(refund.out_trade_no.as_str())));
    assert_eq!(text(document, "out_refund_no"), Ok(Some(refund.out_refund_no.as_str())));
    let amount = document.get("amount").unwrap_or(&Value::Null);
    assert_eq!(fen(amount, "refund"), Ok(refund.amount.map(gateways::Fen::value)), "{document}");
    let is_done = text(document, "refund_status") == Ok(Some("SUCCESS"));
    assert_eq!(refund.state == RefundState::Succeeded, is_done, "{document}");
}
