//! The fault switches that no other chapter shows (gateways.md G1.16, G2.15), and the phone's sheet of them.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::support::{
    Credentials, NOWHERE, Receiver, alipay, alipay_params, alipay_send, alipay_signed, approve,
    keys, listed, native, native_code, node, open_resource, outcomes, own, read_alipay, scan,
    start, try_wechat, verifies, wechat, wechat_with,
};

const NATIVE: &str = "/v3/pay/transactions/native";
const PRECREATE: &str = "alipay.trade.precreate";

async fn set(running: &sandbox::Running, faults: Value) {
    let answer = own(running, "/sandbox/faults", faults).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// A precreated Alipay order whose events go to `notify_url`; answers its code.
async fn alipay_code(running: &sandbox::Running, number: &str, notify_url: &str) -> String {
    let content = json!({ "out_trade_no": number, "total_amount": "128.00", "subject": "茶" });
    let mut params = alipay_params(PRECREATE, &content);
    params.insert("notify_url".into(), notify_url.into());
    let answer = alipay_send(running, &alipay_signed(params)).await;
    node(&answer, PRECREATE).0["qr_code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_gateway_whose_clock_is_ahead_refuses_and_shows_its_time() {
    let running = start().await;
    set(&running, json!({ "clock_skew_s": 600 })).await;
    let body = native("SKEW_0001", NOWHERE).to_string();
    let refused = wechat(&running, "POST", NATIVE, body.clone()).await;
    assert_eq!(refused.status, 401);
    assert!(refused.json()["message"].as_str().unwrap().contains("不得超过5分钟"));
    let date = refused.header("date").to_owned();
    let mut right = Credentials::right();
    right.timestamp += 600;
    let later = OffsetDateTime::from_unix_timestamp(right.timestamp).unwrap();
    assert!(date.contains(&format!(" {} ", later.year())) && date.ends_with(" GMT"), "{date}");
    let hours = format!(" {:02}:", later.hour());
    let next = format!(" {:02}:", (later.hour() + 1) % 24);
    assert!(date.contains(&hours) || date.contains(&next), "{date}");
    let header = right.header("POST", NATIVE, body.as_bytes());
    let answer = wechat_with(&running, "POST", NATIVE, body, &header).await;
    assert_eq!(answer.status, 200, "by its own clock it is right");
    let sent_at: i64 = answer.header("wechatpay-timestamp").parse().unwrap();
    assert!(sent_at >= right.timestamp);
}

#[tokio::test]
async fn limited_gateways_do_nothing_and_dropped_answers_have_been_done() {
    let running = start().await;
    set(&running, json!({ "limited": true })).await;
    let body = native("LIMIT_0001", NOWHERE).to_string();
    let answer = wechat(&running, "POST", NATIVE, body.clone()).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["code"]),
        (429, &json!("FREQUENCY_LIMITED"))
    );
    let content = json!({ "out_trade_no": "LIMIT_0001", "total_amount": "1.00", "subject": "茶" });
    assert_eq!(alipay(&running, PRECREATE, content).await["code"], "40005");
    assert_eq!(own(&running, "/sandbox/orders", Value::Null).await.json(), json!([]));
    set(&running, json!({ "limited": false, "drop_answers": true })).await;
    assert!(try_wechat(&running, "POST", NATIVE, body).await.is_err());
    assert_eq!(listed(&running, "LIMIT_0001").await["state"], "NOTPAY");
}

#[tokio::test]
async fn the_notification_may_come_before_the_answer() {
    let running = start().await;
    let mut shop = Receiver::start(&[(200, "success")]).await;
    set(&running, json!({ "notify_before_answer": true })).await;
    let body = native("EARLY_0001", &shop.url).to_string();
    let answer = wechat(&running, "POST", NATIVE, body).await;
    assert_eq!(answer.status, 200);
    // It has been notified already: the answer does not wait.
    assert_eq!(listed(&running, "EARLY_0001").await["notifications"][0]["outcome"], "delivered");
    assert_eq!(open_resource(&shop.told().await)["out_trade_no"], "EARLY_0001");
    alipay_code(&running, "EARLY_0002", &shop.url).await;
    assert_eq!(listed(&running, "EARLY_0002").await["notifications"][0]["outcome"], "delivered");
}

#[tokio::test]
async fn a_payment_may_be_notified_after_its_refund() {
    let running = start().await;
    let mut shop = Receiver::start(&[(200, "success")]).await;
    set(&running, json!({ "payment_told_last": true })).await;
    let code = alipay_code(&running, "LAST_0001", &shop.url).await;
    approve(&running, &code).await;
    let refund = json!({ "out_trade_no": "LAST_0001", "refund_amount": "128.00" });
    alipay(&running, "alipay.trade.refund", refund).await;
    let first = read_alipay(&shop.told().await);
    assert_eq!(first["trade_status"], "TRADE_CLOSED");
    let second = read_alipay(&shop.told().await);
    assert_eq!(second["trade_status"], "TRADE_SUCCESS");
}

#[tokio::test]
async fn alipays_notifications_may_name_others_and_write_amounts_short() {
    let running = start().await;
    let mut shop = Receiver::start(&[(200, "success")]).await;
    set(&running, json!({ "alipay_other_seller": true, "alipay_short_amount": true })).await;
    let code = alipay_code(&running, "OTHER_0001", &shop.url).await;
    approve(&running, &code).await;
    let told = read_alipay(&shop.told().await);
    assert_ne!(told["seller_id"], keys().alipay.seller_id);
    assert_eq!(told["total_amount"], "128.0");
}

#[tokio::test]
async fn alipay_may_sign_by_a_wrong_key() {
    let running = start().await;
    let mut shop = Receiver::start(&[(200, "success")]).await;
    set(&running, json!({ "alipay_wrong_key": true })).await;
    let content = json!({ "out_trade_no": "WRONG_0001", "total_amount": "1.00", "subject": "茶" });
    let mut params = alipay_params(PRECREATE, &content);
    params.insert("notify_url".into(), shop.url.clone());
    let answer = alipay_send(&running, &alipay_signed(params)).await;
    let (made, is_signed) = node(&answer, PRECREATE);
    assert!(!is_signed && made["code"] == "10000");
    approve(&running, made["qr_code"].as_str().unwrap()).await;
    let pairs: std::collections::BTreeMap<String, String> =
        form_urlencoded::parse(&shop.told().await.body).into_owned().collect();
    let text = crate::support::canonical(&pairs, &["sign", "sign_type"]);
    assert!(!verifies(&keys().alipay.alipay_public_key, &text, &pairs["sign"]));
}

#[tokio::test]
async fn alipays_payments_may_be_finished_and_buyers_open_ids() {
    let running = start().await;
    let mut shop = Receiver::start(&[(200, "success")]).await;
    set(&running, json!({ "alipay_finished": true, "alipay_open_id": true })).await;
    let code = alipay_code(&running, "FINISH_0001", &shop.url).await;
    approve(&running, &code).await;
    let told = read_alipay(&shop.told().await);
    assert_eq!(told["trade_status"], "TRADE_FINISHED");
    assert!(told.contains_key("buyer_open_id") && !told.contains_key("buyer_id"));
    let named = json!({ "out_trade_no": "FINISH_0001" });
    let query = alipay(&running, "alipay.trade.query", named.clone()).await;
    assert_eq!(query["trade_status"], "TRADE_FINISHED");
    assert_eq!(query["buyer_open_id"], told["buyer_open_id"].as_str());
    let refund =
        json!({ "out_trade_no": "FINISH_0001", "refund_amount": "1.00", "out_request_no": "1" });
    assert_eq!(
        alipay(&running, "alipay.trade.refund", refund).await["sub_code"],
        "ACQ.TRADE_HAS_FINISHED"
    );
    assert_eq!(
        alipay(&running, "alipay.trade.cancel", named).await["sub_code"],
        "ACQ.TRADE_HAS_FINISHED"
    );
}

#[tokio::test]
async fn notifications_may_be_sent_later() {
    let running = start().await;
    let shop = Receiver::start(&[(200, "")]).await;
    set(&running, json!({ "notify_delay_ms": 60_000 })).await;
    let code = native_code(&running, &native("LATER_0001", &shop.url)).await;
    approve(&running, &code).await;
    set(&running, json!({ "notify_delay_ms": 0 })).await;
    let code = native_code(&running, &native("LATER_0002", &shop.url)).await;
    approve(&running, &code).await;
    outcomes(&running, "LATER_0002", 1).await;
    assert_eq!(listed(&running, "LATER_0001").await["notifications"], json!([]));
}

#[tokio::test]
async fn wechats_codes_are_for_the_camera_alone() {
    let running = start().await;
    let code = native_code(&running, &native("PRESS_0001", NOWHERE)).await;
    let by = |by: &str| own(&running, "/sandbox/scan", json!({ "code": code, "by": by }));
    assert_eq!(by("long_press").await.json()["detail"], "该商户暂不支持通过长按识别二维码完成支付");
    assert_eq!(by("album").await.json()["detail"], "暂不支持通过从相册识别二维码完成支付");
    assert_eq!(by("camera").await.status, 200);
    assert_eq!(by("telepathy").await.status, 400);
    let code = alipay_code(&running, "PRESS_0002", NOWHERE).await;
    let pressed = own(&running, "/sandbox/scan", json!({ "code": code, "by": "long_press" })).await;
    assert_eq!(pressed.status, 200, "Alipay reads its own any way");
}

#[tokio::test]
async fn a_link_into_the_app_carries_its_code() {
    let running = start().await;
    let code = alipay_code(&running, "LINK_0001", NOWHERE).await;
    let mut link = form_urlencoded::Serializer::new(
        "alipays://platformapi/startapp?saId=10000007&".to_owned(),
    );
    let link = link.append_pair("qrcode", &code).finish();
    assert_eq!(scan(&running, &link).await.json()["out_trade_no"], "LINK_0001");
    assert_eq!(approve(&running, &link).await.json()["state"], "TRADE_SUCCESS");
    let other = link.replace("platformapi", "elsewhere");
    assert_eq!(scan(&running, &other).await.json()["code"], "code_unknown");
}

#[tokio::test]
async fn every_switch_is_in_words_on_the_phone() {
    let running = start().await;
    let sheet = own(&running, "/phone-settings.js", Value::Null).await;
    let off = own(&running, "/sandbox/faults/off", Value::Null).await.json();
    assert_eq!(own(&running, "/sandbox/faults", Value::Null).await.json(), off);
    for name in off.as_object().unwrap().keys() {
        assert!(sheet.text().contains(&format!("[\"{name}\", ")), "{name}");
    }
}

#[tokio::test]
async fn switches_take_only_what_makes_sense() {
    let running = start().await;
    for bad in [
        json!({ "clock_skew_s": 86_401 }),
        json!({ "clock_skew_s": -86_401 }),
        json!({ "notify_delay_ms": 60_001 }),
        json!({ "bridge_ready_ms": 60_001 }),
        json!({ "phone_user": "" }),
        json!({ "h5_domain": "x".repeat(65) }),
        json!({ "wechat_trust": "none" }),
        json!({ "jsapi_answer": "maybe" }),
        json!({ "bill_fault": "burn" }),
        json!({ "wechat_no_auth": ["app"] }),
    ] {
        let answer = own(&running, "/sandbox/faults", bad.clone()).await;
        assert_eq!(answer.json()["code"], "invalid_faults", "{bad}");
    }
}

#[tokio::test]
async fn d09_alipay_may_notify_of_unpaid_trades() {
    let running = start().await;
    let mut shop = Receiver::start(&[(200, "success")]).await;
    set(&running, json!({ "alipay_tells_waiting": true, "alipay_tells_closed": true })).await;
    let code = alipay_code(&running, "UNPAID_0001", &shop.url).await;
    scan(&running, &code).await;
    let waiting = read_alipay(&shop.told().await);
    assert_eq!(waiting["trade_status"], "WAIT_BUYER_PAY");
    assert_eq!(waiting["total_amount"], "128.00");
    for of_payments in ["gmt_payment", "fund_bill_list", "receipt_amount", "gmt_close"] {
        assert!(!waiting.contains_key(of_payments), "{of_payments}");
    }
    scan(&running, &code).await;
    let named = json!({ "out_trade_no": "UNPAID_0001" });
    alipay(&running, "alipay.trade.close", named).await;
    let closed = read_alipay(&shop.told().await);
    assert_eq!(closed["trade_status"], "TRADE_CLOSED", "one word of the opening");
    assert!(closed.contains_key("gmt_close") && !closed.contains_key("refund_fee"));
    assert_ne!(closed["notify_id"], waiting["notify_id"]);

    // By its time-out, without a call.
    let code = alipay_code(&running, "UNPAID_0002", &shop.url).await;
    scan(&running, &code).await;
    assert_eq!(read_alipay(&shop.told().await)["trade_status"], "WAIT_BUYER_PAY");
    own(&running, "/sandbox/clock", json!({ "advance_s": 4 * 3600 })).await;
    let lapsed = read_alipay(&shop.told().await);
    assert_eq!(lapsed["out_trade_no"], "UNPAID_0002");
    assert_eq!(lapsed["trade_status"], "TRADE_CLOSED");
    outcomes(&running, "UNPAID_0002", 2).await;
}
