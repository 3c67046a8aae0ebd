//! Notifications of both gateways over HTTP: forged, foreign, stale, changed, replayed.

use contract::{PaymentStatus, Refund, RefundStatus, Session, SessionStatus};
use http::StatusCode;
use serde_json::json;

use crate::bench::{Answer, Bench, Opened, code, payment_id, status};
use crate::dump::dump;
use crate::forger::{
    Forger, Message, WechatNotification, alipay_message, bench, forger, now_s, with,
};

/// The ordered amount: 128.00 yuan.
const FEN: i64 = 12_800;
/// Webhooks without a receiver: the written events are counted.
const WEBHOOKS: &str = "[webhooks]\nurl = \"http://127.0.0.1:9/\"\nsecret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"";

/// Returns a session with a waiting payment, and the payment's number at the gateway.
async fn waiting(bench: &Bench, method: &str) -> (Opened, String) {
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, method).await;
    assert_eq!(status(&started), PaymentStatus::RequiresAction);
    let sql = format!("SELECT out_trade_no FROM payments WHERE session_id = '{}'", session.id);
    (session, bench.shop.stored(&sql))
}

/// Sends each message, and checks that it is refused with this status and changes nothing.
async fn all_refused(bench: &Bench, code: u16, messages: Vec<(&str, Message)>) {
    let before = dump(&bench.shop.database);
    for (name, message) in messages {
        let answer = message.to(&bench.shop.base).await;
        assert_eq!(answer.status.as_u16(), code, "{name}: {}", answer.text());
        let fail: &[u8] = if message.path.ends_with("alipay") {
            b"fail"
        } else {
            "{\"code\":\"FAIL\",\"message\":\"失败\"}".as_bytes()
        };
        assert_eq!(&answer.body[..], fail, "{name}: it says no more than that");
        assert_eq!(dump(&bench.shop.database), before, "{name}: it changed something");
    }
}

/// Checks that the genuine message is accepted, so that the refusals were for their faults.
async fn taken(bench: &Bench, session: &Opened, genuine: &Message) {
    acknowledged(&genuine.to(&bench.shop.base).await);
    let document = bench.shop.session(session).await;
    assert_eq!(document.status, SessionStatus::Complete, "{document:?}");
}

#[track_caller]
fn acknowledged(answer: &Answer) {
    let is_taken = answer.status == StatusCode::NO_CONTENT
        || answer.status == StatusCode::OK && &answer.body[..] == b"success";
    assert!(is_taken, "{}", answer.text());
}

fn changed(
    notification: &WechatNotification,
    pointer: &str,
    value: serde_json::Value,
) -> WechatNotification {
    let mut notification = notification.clone();
    *notification.resource.pointer_mut(pointer).expect(pointer) = value;
    notification
}

fn without(notification: &WechatNotification, parent: &str, member: &str) -> WechatNotification {
    let mut notification = notification.clone();
    let parent = notification.resource.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    parent.remove(member).expect(member);
    notification
}

#[tokio::test]
async fn forged_wechat_pay_notifications_change_nothing() {
    let (bench, forger) = (bench("").await, forger());
    let (session, number) = waiting(&bench, "wechat_pay").await;
    let notification = forger.wechat_paid(&number, FEN);
    let genuine = forger.wechat(&notification);
    let body = genuine.body.clone();
    let now = now_s().to_string();
    let forged = vec![
        ("another's key", forger.wechat_signed(&forger.other_key, &now, body.clone())),
        ("Alipay's key", forger.wechat_signed(&forger.alipay, &now, body.clone())),
        ("an unknown serial", genuine.clone().header("wechatpay-serial", "PUB_KEY_ID_0000000000")),
        ("the merchant's serial", {
            genuine.clone().header("wechatpay-serial", &forger.keys.wechat_pay.merchant_serial)
        }),
        ("no serial", genuine.clone().without("wechatpay-serial")),
        ("no signature", genuine.clone().without("wechatpay-signature")),
        ("an empty signature", genuine.clone().header("wechatpay-signature", "")),
        ("no base64", genuine.clone().header("wechatpay-signature", "!!!")),
        ("zeros", genuine.clone().header("wechatpay-signature", &"A".repeat(344))),
        ("a probe", {
            let signature = format!("WECHATPAY/SIGNTEST/{}", genuine.headers[3].1);
            genuine.clone().header("wechatpay-signature", &signature)
        }),
        ("another nonce", genuine.clone().header("wechatpay-nonce", "0")),
        ("no nonce", genuine.clone().without("wechatpay-nonce")),
        ("another scheme", {
            genuine.clone().header("wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM3")
        }),
        ("another body", genuine.clone().body(|body| body.replace("支付成功", "支付成败"))),
        ("a longer body", genuine.clone().body(|body| format!("{body}\n"))),
        ("no body", genuine.clone().body(|_| String::new())),
        ("another APIv3 key", {
            let body = forger.wechat_body(&notification, "0123456789abcdef0123456789abcdef");
            forger.wechat_signed(&forger.wechat, &now, body)
        }),
        ("another algorithm", {
            forger.wechat(&WechatNotification { algorithm: "AEAD_SM4_GCM", ..notification.clone() })
        }),
        ("another associated data", {
            let body = body
                .replace("\"associated_data\":\"transaction\"", "\"associated_data\":\"refund\"");
            assert_ne!(body, genuine.body);
            forger.wechat_signed(&forger.wechat, &now, body)
        }),
        ("a refund in a payment's clothes", {
            forger.wechat(&WechatNotification {
                event_type: "REFUND.SUCCESS",
                ..notification.clone()
            })
        }),
        ("signed garbage", forger.wechat_signed(&forger.wechat, &now, "{}".to_owned())),
    ];
    all_refused(&bench, 400, forged).await;
    taken(&bench, &session, &genuine).await;
}

#[tokio::test]
async fn stale_wechat_pay_notifications_change_nothing() {
    let (bench, forger) = (bench("").await, forger());
    let (session, number) = waiting(&bench, "wechat_pay").await;
    let body = forger.wechat(&forger.wechat_paid(&number, FEN)).body;
    let at = |time: &str| forger.wechat_signed(&forger.wechat, time, body.clone());
    let from_now = |seconds: i64| at(&(now_s() + seconds).to_string());
    let stale = vec![
        ("five minutes old", from_now(-301)),
        // A minute more than five: it is sent some time after it was made.
        ("more than five minutes ahead", from_now(360)),
        ("a day old", from_now(-86_400)),
        ("of 1970", at("0")),
        ("before 1970", at("-9223372036854775808")),
        ("of the end of time", at("9223372036854775807")),
        ("beyond it", at("9223372036854775808")),
        ("in milliseconds", at(&(now_s() * 1_000).to_string())),
        ("with a fraction", at(&format!("{}.0", now_s()))),
        ("in hexadecimal", at(&format!("0x{:x}", now_s()))),
        ("of no time", at("")),
        // Fresh time, old signature.
        (
            "renewed without the key",
            from_now(-400).header("wechatpay-timestamp", &now_s().to_string()),
        ),
    ];
    all_refused(&bench, 400, stale).await;
    taken(&bench, &session, &from_now(-240)).await;
}

#[tokio::test]
async fn foreign_wechat_pay_notifications_change_nothing() {
    let (bench, forger) = (bench("").await, forger());
    let (session, number) = waiting(&bench, "wechat_pay").await;
    let (_, of_alipay) = waiting(&bench, "alipay").await;
    let notification = forger.wechat_paid(&number, FEN);
    let signed = |notification: WechatNotification| forger.wechat(&notification);
    let foreign = vec![
        ("another merchant", signed(changed(&notification, "/mchid", json!("1900000002")))),
        ("another app", signed(changed(&notification, "/appid", json!("wx0000000000000000")))),
        ("no merchant", signed(changed(&notification, "/mchid", json!("")))),
        ("no app", signed(changed(&notification, "/appid", json!("")))),
        (
            "another order",
            signed(changed(&notification, "/out_trade_no", json!("OC0000000000000000000000"))),
        ),
        ("an order of Alipay's", signed(forger.wechat_paid(&of_alipay, FEN))),
        (
            "an order in lower case",
            signed(changed(&notification, "/out_trade_no", json!(number.to_lowercase()))),
        ),
        ("an order with a wildcard", signed(changed(&notification, "/out_trade_no", json!("OC%")))),
        ("paid without a number", signed(changed(&notification, "/transaction_id", json!("")))),
        ("a refund of nobody's", {
            signed(WechatNotification {
                event_type: "REFUND.SUCCESS",
                resource: json!({
                    "mchid": forger.keys.wechat_pay.mchid, "out_trade_no": number,
                    "transaction_id": "4200", "out_refund_no": "OR1", "refund_id": "50",
                    "refund_status": "SUCCESS", "success_time": "2026-11-23T10:34:56+08:00",
                    "user_received_account": "招商银行信用卡0403",
                    "amount": { "total": FEN, "refund": FEN, "payer_total": FEN, "payer_refund": FEN },
                }),
                ..notification.clone()
            })
        }),
    ];
    all_refused(&bench, 404, foreign).await;
    taken(&bench, &session, &signed(notification.clone())).await;
}

#[tokio::test]
async fn wechat_pay_notifications_with_another_amount_change_nothing() {
    let (bench, forger) = (bench("").await, forger());
    let (session, number) = waiting(&bench, "wechat_pay").await;
    let notification = forger.wechat_paid(&number, FEN);
    let total = |value| forger.wechat(&changed(&notification, "/amount/total", value));
    let refused = vec![
        ("a fen more", total(json!(FEN + 1))),
        ("a fen less", total(json!(FEN - 1))),
        ("one fen", total(json!(1))),
        ("nothing", total(json!(0))),
        ("yuan for fen", total(json!(128))),
        ("no total", forger.wechat(&without(&notification, "/amount", "total"))),
        ("no amount", forger.wechat(&without(&notification, "", "amount"))),
        ("dollars", forger.wechat(&changed(&notification, "/amount/currency", json!("USD")))),
        ("small letters", forger.wechat(&changed(&notification, "/amount/currency", json!("cny")))),
    ];
    all_refused(&bench, 404, refused).await;
    let malformed = vec![
        ("below nothing", total(json!(-FEN))),
        ("a fraction", total(json!(12_800.5))),
        ("a text", total(json!("12800"))),
        ("beyond 64 bits", total(json!(u64::MAX))),
    ];
    all_refused(&bench, 400, malformed).await;
    taken(&bench, &session, &forger.wechat(&notification)).await;
}

#[tokio::test]
async fn forged_alipay_notifications_change_nothing() {
    let (bench, forger) = (bench("").await, forger());
    let (session, number) = waiting(&bench, "alipay").await;
    let pairs = forger.alipay_paid(&number, "128.00");
    let genuine = forger.alipay(&pairs);
    let more = |text: &str| genuine.clone().body(|body| format!("{body}&{text}"));
    let forged = vec![
        ("another's key", forger.alipay_signed(&forger.other_key, &pairs)),
        ("WeChat Pay's key", forger.alipay_signed(&forger.wechat, &pairs)),
        ("unsigned", alipay_message(&pairs)),
        ("an empty signature", alipay_message(&with(&pairs, &[("sign", "")]))),
        ("no base64", alipay_message(&with(&pairs, &[("sign", "!!!")]))),
        ("zeros", alipay_message(&with(&pairs, &[("sign", &"A".repeat(344))]))),
        ("SHA-1", genuine.clone().body(|body| body.replace("RSA2", "RSA"))),
        ("another amount", genuine.clone().body(|body| body.replace("128.00", "1.00"))),
        ("another order", genuine.clone().body(|body| body.replace(&number, "OC1"))),
        ("one more parameter", more("passback_params=x")),
        ("a parameter twice", more("total_amount=1.00")),
        ("the signature twice", more("sign=AAAA")),
        ("cut short", genuine.clone().body(|body| body.replace("&version=1.0", ""))),
        (
            "a name in a value",
            genuine.clone().body(|body| body.replace("&trade_status=", "%26trade_status%3D")),
        ),
        ("bytes that are no text", more("body=%ff%fe")),
        ("nothing", genuine.clone().body(|_| String::new())),
        ("JSON", genuine.clone().body(|_| "{\"trade_status\":\"TRADE_SUCCESS\"}".to_owned())),
    ];
    all_refused(&bench, 400, forged).await;
    taken(&bench, &session, &genuine).await;
}

#[tokio::test]
async fn foreign_alipay_notifications_change_nothing() {
    let (bench, forger) = (bench("").await, forger());
    let (session, number) = waiting(&bench, "alipay").await;
    let (_, of_wechat) = waiting(&bench, "wechat_pay").await;
    let pairs = forger.alipay_paid(&number, "128.00");
    let but = |changes: &[(&str, &str)]| forger.alipay(&with(&pairs, changes));
    let foreign = vec![
        ("another app", but(&[("app_id", "2021000000000002")])),
        ("another seller", but(&[("seller_id", "2088000000000002")])),
        ("no app", but(&[("app_id", "")])),
        ("no seller", but(&[("seller_id", "")])),
        ("another order", but(&[("out_trade_no", "OC0000000000000000000000")])),
        ("an order of WeChat Pay's", but(&[("out_trade_no", &of_wechat)])),
        ("paid without a number", but(&[("trade_no", "")])),
        ("a fen more", but(&[("total_amount", "128.01")])),
        ("a fen less", but(&[("total_amount", "127.99")])),
        ("a fen", but(&[("total_amount", "0.01")])),
        ("no amount", but(&[("total_amount", "")])),
    ];
    all_refused(&bench, 404, foreign).await;
    let malformed = vec![
        ("below nothing", but(&[("total_amount", "-128.00")])),
        ("an exponent", but(&[("total_amount", "1.28e2")])),
        ("half a fen", but(&[("total_amount", "128.005")])),
        ("wide digits", but(&[("total_amount", "１２８.00")])),
        ("no order", but(&[("out_trade_no", "")])),
        ("no state", but(&[("trade_status", "")])),
    ];
    all_refused(&bench, 400, malformed).await;
    taken(&bench, &session, &forger.alipay(&pairs)).await;
}

#[tokio::test]
async fn a_genuine_notification_of_another_product_is_acknowledged_and_changes_nothing() {
    let (bench, forger) = (bench("").await, forger());
    let (_, number) = waiting(&bench, "wechat_pay").await;
    let before = dump(&bench.shop.database);
    // Its resource says "paid".
    let message = forger.wechat(&WechatNotification {
        event_type: "PAYSCORE.USER_PAID",
        ..forger.wechat_paid(&number, FEN)
    });
    acknowledged(&message.to(&bench.shop.base).await);
    assert_eq!(dump(&bench.shop.database), before);
}

#[tokio::test]
async fn a_genuine_refund_event_of_an_unpaid_trade_pays_nothing_and_is_sent_again() {
    let (bench, forger) = (bench("").await, forger());
    let (_, number) = waiting(&bench, "alipay").await;
    let paid = forger.alipay_paid(&number, "128.00");
    let before = dump(&bench.shop.database);
    // It repeats the trade's state and must not pay it (gateways.md B9). That nothing was paid
    // contradicts it: Alipay's query may be behind.
    for refund in [("refund_fee", "1.00"), ("gmt_refund", "2026-11-23 10:40:00.123")] {
        let message = forger.alipay(&with(&paid, &[refund]));
        let answer = message.to(&bench.shop.base).await;
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (503, &b"fail"[..]));
        assert_eq!(dump(&bench.shop.database), before, "{}", message.body);
    }
}

#[tokio::test]
async fn refund_notifications_of_other_refunds_change_nothing() {
    let (bench, forger) = (bench("").await, forger());
    bench.faults(json!({ "refund_delay_ms": 3_600_000 })).await;
    let (session, number) = waiting(&bench, "wechat_pay").await;
    let (_, other) = waiting(&bench, "wechat_pay").await;
    let waits = bench.shop.session(&session).await;
    bench.approve(&code(&waits)).await;
    let answer = bench.shop.on_payment(&session, &payment_id(&waits), "check").await;
    assert_eq!(answer.json::<Session>().status, SessionStatus::Complete);
    let body =
        json!({ "payment_id": payment_id(&waits), "amount": { "value": 800, "currency": "CNY" } });
    let refund: Refund = bench.shop.refund("k", body).await.json();
    bench.shop.wait_for_attempts(1).await;
    let refund_number: String = bench.shop.stored("SELECT out_refund_no FROM refunds");
    let notification = WechatNotification {
        event_type: "REFUND.SUCCESS",
        resource: json!({
            "mchid": forger.keys.wechat_pay.mchid, "out_trade_no": number,
            "transaction_id": "42", "out_refund_no": refund_number, "refund_id": "50",
            "refund_status": "SUCCESS", "success_time": "2026-11-23T10:34:56+08:00",
            "user_received_account": "支付用户零钱",
            "amount": { "total": FEN, "refund": 800, "payer_total": FEN, "payer_refund": 800 },
        }),
        ..forger.wechat_paid(&number, FEN)
    };
    let genuine = forger.wechat(&notification);
    let other_key = {
        let body = forger.wechat_body(&notification, forger.keys.wechat_pay.api_v3_key.expose());
        forger.wechat_signed(&forger.other_key, &now_s().to_string(), body)
    };
    let old = (now_s() - 301).to_string();
    for (name, status, message) in [
        ("another's key", 400, other_key),
        ("an hour ago", 400, genuine.clone().header("wechatpay-timestamp", &old)),
        ("a payment's name", 400, {
            forger.wechat(&WechatNotification {
                event_type: "TRANSACTION.SUCCESS",
                ..notification.clone()
            })
        }),
        (
            "another merchant",
            400,
            forger.wechat(&changed(&notification, "/mchid", json!("1900000099"))),
        ),
        (
            "another amount",
            404,
            forger.wechat(&changed(&notification, "/amount/refund", json!(801))),
        ),
        (
            "another order of ours",
            404,
            forger.wechat(&changed(&notification, "/out_trade_no", json!(other))),
        ),
    ] {
        let answer = message.to(&bench.shop.base).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {}", answer.text());
        assert_eq!(bench.shop.stored::<String>("SELECT status FROM refunds"), "pending", "{name}");
    }
    for _ in 0..2 {
        acknowledged(&genuine.to(&bench.shop.base).await);
        assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
    }
    // A refund with a final status does not change any more.
    let closed = changed(&notification, "/refund_status", json!("CLOSED"));
    let closed =
        WechatNotification { event_type: "REFUND.CLOSED", id: "EV-closed".to_owned(), ..closed };
    acknowledged(&forger.wechat(&closed).to(&bench.shop.base).await);
    assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM refunds"), 1);
    // A refund of our order under a number that is not ours was made in the console (B5), if its
    // gateway has it.
    let elsewhere = changed(&notification, "/out_refund_no", json!("RE_X"));
    let made = "SELECT count(*) FROM refunds WHERE reason = 'made_elsewhere'";
    assert_eq!(forger.wechat(&elsewhere).to(&bench.shop.base).await.status, 404);
    assert_eq!(bench.shop.stored::<u32>(made), 0);
    bench.faults(json!({ "refund_delay_ms": 0, "drop_notifications": true })).await;
    bench.refund_in_console(&number, "RE_X", 800).await;
    for _ in 0..2 {
        acknowledged(&forger.wechat(&elsewhere).to(&bench.shop.base).await);
    }
    assert_eq!(bench.shop.stored::<u32>(made), 1);
}

/// Sends a message until the backend is not too busy for it, as a gateway does.
async fn repeated_while_busy(message: &Message, base: &str) -> Answer {
    loop {
        let answer = message.to(base).await;
        if answer.status != StatusCode::SERVICE_UNAVAILABLE {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_notifications_have_one_effect() {
    let forger = forger();
    for method in ["wechat_pay", "alipay"] {
        let bench = bench(WEBHOOKS).await;
        let (session, number) = waiting(&bench, method).await;
        // The same bytes, the same event signed again, and the same payment as another event.
        let signed: Vec<Message> = replays(&forger, method, &number);
        let tasks: Vec<_> = (0..40)
            .map(|index| {
                let (message, base) = (signed[index % 4].clone(), bench.shop.base.clone());
                tokio::spawn(async move { repeated_while_busy(&message, &base).await })
            })
            .collect();
        for task in tasks {
            acknowledged(&task.await.unwrap());
        }
        let done = bench.shop.session(&session).await;
        assert_eq!(done.status, SessionStatus::Complete);
        let after = dump(&bench.shop.database);
        for message in signed.iter().chain(&signed) {
            acknowledged(&message.to(&bench.shop.base).await);
        }
        assert_eq!(bench.shop.session(&session).await.revision, done.revision);
        assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM notifications"), 2);
        assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM outbox"), 1, "one webhook");
        assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM refunds"), 0);
        let later = dump(&bench.shop.database);
        for table in ["sessions", "payments", "idempotency", "refunds", "notifications"] {
            assert_eq!(later[table], after[table], "{table}");
        }
    }
}

#[tokio::test]
async fn one_transaction_pays_one_order() {
    let forger = forger();
    for method in ["wechat_pay", "alipay"] {
        let bench = bench("").await;
        let (first, number) = waiting(&bench, method).await;
        let (second, other) = waiting(&bench, method).await;
        taken(&bench, &first, &paid_by(&forger, method, &number, "4200001")).await;
        // Correctly signed, but impossible: the same transaction for another order.
        let again = paid_by(&forger, method, &other, "4200001").to(&bench.shop.base).await;
        assert_eq!(again.status, 404, "{}", again.text());
        assert_eq!(bench.shop.session(&second).await.status, SessionStatus::Open);
    }
}

fn replays(forger: &Forger, method: &str, number: &str) -> Vec<Message> {
    if method == "alipay" {
        let pairs = forger.alipay_paid(number, "128.00");
        let one = forger.alipay(&pairs);
        let resent = forger.alipay(&with(&pairs, &[("notify_time", "2026-11-23 10:38:57")]));
        let other = forger.alipay(&with(&pairs, &[("notify_id", "20261123002221")]));
        return vec![one.clone(), one, resent, other];
    }
    let notification = forger.wechat_paid(number, FEN);
    let one = forger.wechat(&notification);
    let other = WechatNotification { id: "EV-other".to_owned(), ..notification.clone() };
    vec![one.clone(), one, forger.wechat(&notification), forger.wechat(&other)]
}

fn paid_by(forger: &Forger, method: &str, number: &str, transaction: &str) -> Message {
    if method == "alipay" {
        return forger
            .alipay(&with(&forger.alipay_paid(number, "128.00"), &[("trade_no", transaction)]));
    }
    let notification = forger.wechat_paid(number, FEN);
    forger.wechat(&changed(&notification, "/transaction_id", json!(transaction)))
}
