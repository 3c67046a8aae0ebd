//! Notifications and returns that the platform signs at test time.

use proptest::prelude::*;
use time::macros::datetime;

use super::client;
use crate::alipay::Client;
use crate::url_text::encode;
use crate::{NotificationError, TradeState, test_keys};

const PAID: &[(&str, &str)] = &[
    ("app_id", "2021000000000001"),
    ("gmt_payment", "2026-11-22 20:00:00"),
    ("notify_id", "n1"),
    ("out_trade_no", "ORDER_0001"),
    ("passback_params", ""),
    ("seller_id", "2088000000000001"),
    ("subject", "\"A\" & B=C + 50%"),
    ("total_amount", "1.00"),
    ("trade_no", "42"),
    ("trade_status", "TRADE_SUCCESS"),
];

/// A signed form of sorted members, some replaced or added.
fn form(changes: &[(&str, &str)]) -> String {
    let mut members: Vec<(&str, &str)> = PAID
        .iter()
        .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name))
        .copied()
        .collect();
    members.extend(changes);
    members.sort_unstable();
    let signed: Vec<String> = members
        .iter()
        .filter(|(name, value)| !value.is_empty() && *name != "sign_type")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let signature = test_keys::platform().sign(signed.join("&").as_bytes());
    let encoded: Vec<String> =
        members.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("sign={}&{}", encode(&signature), encoded.join("&"))
}

fn alipay() -> &'static Client {
    static CLIENT: std::sync::OnceLock<Client> = std::sync::OnceLock::new();
    CLIENT.get_or_init(|| client("http://127.0.0.1:9"))
}

#[test]
fn every_state_has_a_meaning_and_unknown_ones_do_not_fail() {
    for (word, expected) in [
        ("WAIT_BUYER_PAY", TradeState::AwaitingPayer),
        ("TRADE_SUCCESS", TradeState::Paid),
        ("TRADE_FINISHED", TradeState::Paid),
        ("TRADE_CLOSED", TradeState::Closed),
        ("TRADE_PENDING", TradeState::Unknown),
    ] {
        let notification =
            alipay().notification(form(&[("trade_status", word)]).as_bytes()).unwrap();
        assert_eq!(notification.trade.state, expected, "{word}");
        assert_eq!(notification.trade.paid_at, Some(datetime!(2026-11-22 20:00:00 +8)));
    }
}

/// D34: they come to the same address as payments.
#[test]
fn d34_refund_events_are_told_apart() {
    for (changes, expected) in [
        (&[][..], false),
        (&[("refund_fee", "0.00")], false),
        (&[("refund_fee", "0.50"), ("gmt_refund", "2026-11-22 21:00:00.320")], true),
        (&[("trade_status", "TRADE_CLOSED"), ("refund_fee", "1.00")], true),
        (&[("gmt_refund", "2026-11-22 21:00:00.320")], true),
    ] {
        let notification = alipay().notification(form(changes).as_bytes()).unwrap();
        assert_eq!(notification.is_refund_event, expected, "{changes:?}");
    }
}

#[test]
fn a_blank_may_be_written_as_plus() {
    let body = form(&[]).replace("%20", "+");
    assert!(alipay().notification(body.as_bytes()).is_ok());
}

/// D8: what frameworks do to forms before a merchant sees them. Only the raw body verifies.
#[test]
fn d08_a_damaged_form_is_not_verified() {
    let bills = r#"[{"amount":"1.00","fundChannel":"ALIPAYACCOUNT"}]"#;
    let subject = r"A+B \ = &";
    let sound = form(&[("fund_bill_list", bills), ("subject", subject)]);
    assert!(alipay().notification(sound.as_bytes()).is_ok());
    for (damage, from, to) in [
        ("escaped for HTML", "%22", "%26quot%3B"),
        ("backslashes removed", "%5C", ""),
        ("decoded twice", "%2B", "+"),
        ("trimmed", "%20%3D", "%3D"),
        ("a route's parameter added", "&app_id=", "&id=7&app_id="),
        ("a member removed", "&trade_no=42", ""),
    ] {
        let damaged = sound.replace(from, to);
        assert_ne!(damaged, sound, "{damage}");
        let refused = alipay().notification(damaged.as_bytes());
        assert_eq!(refused, Err(NotificationError::BadSignature), "{damage}");
    }
}

#[test]
fn what_is_not_alipays_is_refused_by_cause() {
    use NotificationError::{BadSignature, Malformed, MissingHeader};
    let refused = |body: &str| alipay().notification(body.as_bytes()).unwrap_err();
    let sound = form(&[]);
    assert_eq!(refused(""), MissingHeader("sign"));
    assert_eq!(refused(sound.split_once('&').unwrap().1), MissingHeader("sign"));
    assert_eq!(refused(&sound.replace("ORDER_0001", "ORDER_0002")), BadSignature);
    assert_eq!(refused(&format!("{sound}&refund_fee=1.00")), BadSignature);
    assert_eq!(
        refused(&format!("{sound}&trade_status=TRADE_CLOSED")),
        Malformed("a parameter occurs twice")
    );
    assert_eq!(refused("sign=%%%&a=b"), BadSignature);
    assert_eq!(refused(&form(&[("sign_type", "RSA")])), BadSignature);
    assert_eq!(refused(&form(&[("total_amount", "1.001")])), Malformed("an unreadable amount"));
    for name in ["notify_id", "trade_status", "out_trade_no"] {
        assert_eq!(refused(&form(&[(name, "")])), Malformed(name));
    }
}

#[test]
fn a_return_proves_who_came_back() {
    let query = form(&[
        ("method", "alipay.trade.page.pay.return"),
        ("sign_type", "RSA2"),
        ("trade_status", ""),
    ]);
    for query in [query.clone(), format!("?{query}")] {
        let returned = alipay().verify_return(&query).unwrap();
        assert_eq!(
            (returned.out_trade_no.as_str(), returned.trade_no.as_str()),
            ("ORDER_0001", "42")
        );
        assert_eq!(returned.total.value(), 100);
    }
    assert_eq!(
        alipay().verify_return(&query.replace("total_amount=1.00", "total_amount=2.00")),
        Err(NotificationError::BadSignature)
    );
}

proptest! {
    #[test]
    fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(alipay().notification(&body).is_err());
    }

    #[test]
    fn no_form_panics(text in "(sign|sign_type|total_amount|[a-z%&=+]){0,9}=?\\PC{0,40}") {
        prop_assert!(alipay().notification(text.as_bytes()).is_err());
        prop_assert!(alipay().verify_return(&text).is_err());
    }
}

#[test]
fn two_signed_parameters_cannot_be_passed_off_as_one() {
    let genuine = form(&[("gmt_refund", "2026-11-23 09:00:00.000"), ("refund_fee", "1.00")]);
    assert!(alipay().notification(genuine.as_bytes()).unwrap().is_refund_event);
    for (two, one) in [
        // Inside the value before, and inside a name.
        ("&gmt_refund=2026", "%26gmt_refund%3D2026"),
        ("&refund_fee=1.00&seller_id=", "&refund_fee%3D1.00%26seller_id="),
    ] {
        let forged = genuine.replace(two, one);
        assert_ne!(forged, genuine);
        let refused = alipay().notification(forged.as_bytes()).unwrap_err();
        assert!(matches!(refused, NotificationError::Malformed(_)), "{refused:?}");
    }
}
