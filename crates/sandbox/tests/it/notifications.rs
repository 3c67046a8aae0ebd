//! Notifications as a merchant receives them.

use sandbox::Running;
use serde_json::{Value, json};

use crate::support::{
    NOWHERE, Receiver, Told, alipay_params, alipay_send, alipay_signed, approve, is_wechat_signed,
    keys, listed, native, native_code, node, open_resource, outcomes, own, read_alipay, start,
};

/// Opens a WeChat Pay payment notification's resource.
fn open(told: &Told) -> Value {
    let outer: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(outer["event_type"], "TRANSACTION.SUCCESS");
    open_resource(told)
}

async fn paid_wechat(running: &Running, out_trade_no: &str, notify_url: &str) {
    let code = native_code(running, &native(out_trade_no, notify_url)).await;
    assert_eq!(approve(running, &code).await.status, 200);
}

async fn paid_alipay(running: &Running, out_trade_no: &str, notify_url: &str) {
    let content = json!({
        "out_trade_no": out_trade_no, "total_amount": "0.10", "subject": "语雀\"空间\" 500人+规模",
        "body": "b", "passback_params": "a%3D1%26b",
    });
    let mut params = alipay_params("alipay.trade.precreate", &content);
    params.insert("notify_url".into(), notify_url.into());
    let answer = alipay_send(running, &alipay_signed(params)).await;
    let code = node(&answer, "alipay.trade.precreate").0["qr_code"].as_str().unwrap().to_owned();
    assert_eq!(approve(running, &code).await.status, 200);
}

#[tokio::test]
async fn wechat_pay_retries_until_the_merchant_says_ok() {
    let running = start().await;
    let mut receiver = Receiver::start(&[(500, "no"), (302, ""), (204, "")]).await;
    paid_wechat(&running, "NOTIFY_0001", &receiver.url).await;
    let (first, second, third) =
        (receiver.told().await, receiver.told().await, receiver.told().await);
    for told in [&first, &second, &third] {
        assert!(is_wechat_signed(&told.headers, &told.body));
        let resource = open(told);
        assert_eq!(resource["amount"]["total"], 12_800);
        assert_eq!(
            (&resource["trade_state"], &resource["attach"]),
            (&json!("SUCCESS"), &json!("5_21"))
        );
        assert_eq!(
            resource["transaction_id"],
            listed(&running, "NOTIFY_0001").await["transaction_id"]
        );
    }
    let id = |told: &Told| serde_json::from_slice::<Value>(&told.body).unwrap()["id"].clone();
    assert_eq!(id(&first), id(&third), "one event, one id");
    assert_ne!(
        first.headers["wechatpay-nonce"], second.headers["wechatpay-nonce"],
        "each try is freshly signed"
    );
    assert_eq!(outcomes(&running, "NOTIFY_0001", 3).await, ["refused", "refused", "delivered"]);
}

#[tokio::test]
async fn alipay_wants_exactly_success() {
    let running = start().await;
    let mut receiver = Receiver::start(&[(200, "\"success\""), (200, "success")]).await;
    paid_alipay(&running, "NOTIFY_0002", &receiver.url).await;
    let (first, second) =
        (read_alipay(&receiver.told().await), read_alipay(&receiver.told().await));
    assert_eq!(first["notify_id"], second["notify_id"]);
    assert_eq!(second["subject"], "语雀\"空间\" 500人+规模");
    assert_eq!(second["passback_params"], "a%3D1%26b", "still encoded");
    assert_eq!(second["fund_bill_list"], r#"[{"amount":"0.10","fundChannel":"ALIPAYACCOUNT"}]"#);
    assert_eq!(
        (second["trade_status"].as_str(), second["total_amount"].as_str()),
        ("TRADE_SUCCESS", "0.10")
    );
    assert_eq!(second["seller_id"], keys().alipay.seller_id);
    assert_eq!(outcomes(&running, "NOTIFY_0002", 2).await, ["refused", "delivered"]);
    let order = listed(&running, "NOTIFY_0002").await;
    assert_eq!(order["notifications"][0]["reply"], "\"success\"", "near misses are shown");
}

#[tokio::test]
async fn an_unreachable_merchant_is_tried_again() {
    let running = start().await;
    paid_wechat(&running, "NOTIFY_0003", NOWHERE).await;
    assert_eq!(
        outcomes(&running, "NOTIFY_0003", 3).await[..3],
        ["unreachable", "unreachable", "unreachable"]
    );
}

#[tokio::test]
async fn fault_switches_change_notifications() {
    let running = start().await;
    let mut receiver = Receiver::start(&[(200, "success")]).await;
    let set = async |faults: Value| {
        assert_eq!(own(&running, "/sandbox/faults", faults).await.status, 200)
    };

    set(json!({ "notification_wrong_amount": true })).await;
    paid_wechat(&running, "NOTIFY_0004", &receiver.url).await;
    assert_eq!(open(&receiver.told().await)["amount"]["total"], 12_801);
    paid_alipay(&running, "NOTIFY_0005", &receiver.url).await;
    assert_eq!(read_alipay(&receiver.told().await)["total_amount"], "0.11");

    set(json!({ "notification_wrong_amount": false, "duplicate_notifications": true })).await;
    paid_wechat(&running, "NOTIFY_0006", &receiver.url).await;
    assert_eq!(
        open(&receiver.told().await)["transaction_id"],
        open(&receiver.told().await)["transaction_id"]
    );

    set(json!({ "duplicate_notifications": false, "signtest_notification": true })).await;
    paid_wechat(&running, "NOTIFY_0007", &receiver.url).await;
    let told = receiver.told().await;
    assert!(!is_wechat_signed(&told.headers, &told.body));

    set(json!({ "drop_notifications": true })).await;
    paid_wechat(&running, "NOTIFY_0008", &receiver.url).await;
    assert_eq!(outcomes(&running, "NOTIFY_0008", 1).await, ["dropped"]);
}
