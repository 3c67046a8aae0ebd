//! Seeded faults, each as a merchant meets it.

use sandbox::Running;
use serde_json::{Value, json};

use crate::support::{
    NOWHERE, Receiver, Told, alipay, alipay_params, alipay_send, alipay_signed, approve,
    is_wechat_signed, keys, listed, native, native_code, node, outcomes, own, scan, send, start,
    try_wechat, wechat,
};

const NATIVE: &str = "/v3/pay/transactions/native";
const CLOSE: &str = "alipay.trade.close";

async fn next(running: &Running, kind: &str, fault: &str) {
    let settings = json!({
        "next": { kind: { fault: 1 } }, "late_ms": 30, "notify_delay_ms": 30, "notify_hold_ms": 5000,
    });
    let answer = own(running, "/sandbox/chaos", settings).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn query_url(out_trade_no: &str) -> String {
    format!("/v3/pay/transactions/out-trade-no/{out_trade_no}?mchid={}", keys().wechat_pay.mchid)
}

async fn is_known(running: &Running, number: &str) -> bool {
    wechat(running, "GET", &query_url(number), "").await.status == 200
}

#[tokio::test]
async fn a_dropped_call_is_done_or_not() {
    let running = start().await;
    for (fault, done) in [("drop_before", false), ("drop_after", true)] {
        let number = format!("CHAOS_{fault}");
        next(&running, "order", fault).await;
        let body = native(&number, NOWHERE).to_string();
        let answer = try_wechat(&running, "POST", NATIVE, body).await;
        assert!(answer.is_err(), "{fault}: {answer:?}");
        assert_eq!(is_known(&running, &number).await, done, "{fault}");
    }
}

#[tokio::test]
async fn a_truncated_answer_is_no_answer() {
    let running = start().await;
    next(&running, "order", "truncated").await;
    let body = native("CHAOS_0001", NOWHERE).to_string();
    assert!(try_wechat(&running, "POST", NATIVE, body).await.is_err());
    assert!(is_known(&running, "CHAOS_0001").await);
}

#[tokio::test]
async fn errors_come_before_or_after_the_work() {
    let running = start().await;
    let cases = [
        ("error_before", 500, "SYSTEM_ERROR", false),
        ("error_after", 500, "SYSTEM_ERROR", true),
        ("limited", 429, "FREQUENCY_LIMITED", false),
    ];
    for (fault, status, code, done) in cases {
        let number = format!("CHAOS_{fault}");
        next(&running, "order", fault).await;
        let answer = wechat(&running, "POST", NATIVE, native(&number, NOWHERE).to_string()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (status, &json!(code)));
        assert!(!is_wechat_signed(&answer.headers, &answer.body));
        assert_eq!(is_known(&running, &number).await, done, "{fault}");
    }
}

#[tokio::test]
async fn answers_come_late_wrong_or_as_a_page() {
    let running = start().await;
    native_code(&running, &native("CHAOS_0002", NOWHERE)).await;
    let ask = async || wechat(&running, "GET", &query_url("CHAOS_0002"), "").await;
    next(&running, "query", "bad_signature").await;
    let answer = ask().await;
    assert_eq!(answer.json()["out_trade_no"], "CHAOS_0002");
    assert!(!is_wechat_signed(&answer.headers, &answer.body));
    next(&running, "query", "html").await;
    assert!(ask().await.text().starts_with("<!doctype html>"));
    next(&running, "query", "late").await;
    let start = std::time::Instant::now();
    let answer = ask().await;
    assert!(start.elapsed().as_millis() >= 30 && is_wechat_signed(&answer.headers, &answer.body));
    let answer = ask().await;
    assert!(is_wechat_signed(&answer.headers, &answer.body), "only the next one was meant");
    let shown = own(&running, "/sandbox/chaos", Value::Null).await.json();
    assert_eq!(shown["injected"], json!({ "query": { "late": 1 } }));
}

#[tokio::test]
async fn alipay_has_its_own_error_codes() {
    let running = start().await;
    let close = async |fault: &str, number: &str| {
        let content = json!({ "out_trade_no": number, "total_amount": "1.00", "subject": "茶" });
        let code = alipay(&running, "alipay.trade.precreate", content).await["qr_code"].clone();
        scan(&running, code.as_str().unwrap()).await;
        next(&running, "close", fault).await;
        let params = alipay_signed(alipay_params(CLOSE, &json!({ "out_trade_no": number })));
        let (node, is_signed) = node(&alipay_send(&running, &params).await, CLOSE);
        // Both spellings of "unknown" come.
        let word = match node.get("sub_code").unwrap_or(&node["code"]) {
            unknown if unknown == "aop.unknow-error" || unknown == "ACQ.SYSTEM_ERROR" => {
                json!("unknown")
            }
            word => word.clone(),
        };
        let state = listed(&running, number).await["state"].clone();
        (word, is_signed, state)
    };
    let (waiting, closed) = (json!("WAIT_BUYER_PAY"), json!("TRADE_CLOSED"));
    for (fault, number, word, is_signed, state) in [
        ("error_before", "CHAOS_A", "unknown", true, &waiting),
        ("error_after", "CHAOS_B", "unknown", true, &closed),
        ("limited", "CHAOS_C", "isv.app-call-limited", true, &waiting),
        ("bad_signature", "CHAOS_D", "10000", false, &closed),
    ] {
        assert_eq!(close(fault, number).await, (json!(word), is_signed, state.clone()), "{fault}");
    }
}

#[tokio::test]
async fn refunds_have_faults_of_their_own() {
    let running = start().await;
    own(&running, "/sandbox/faults", json!({ "refund_delay_ms": 0 })).await;
    let code = native_code(&running, &native("CHAOS_0003", NOWHERE)).await;
    approve(&running, &code).await;
    for (fault, word) in
        [("not_enough", "NOT_ENOUGH"), ("abnormal", "ABNORMAL"), ("closed", "CLOSED")]
    {
        next(&running, "refund", fault).await;
        let wish = json!({
            "out_trade_no": "CHAOS_0003", "out_refund_no": fault,
            "amount": { "refund": 1, "total": 12_800, "currency": "CNY" },
        });
        let first = wechat(&running, "POST", "/v3/refund/domestic/refunds", wish.to_string()).await;
        let url = format!("/v3/refund/domestic/refunds/{fault}");
        let then = wechat(&running, "GET", &url, "").await.json();
        let got = if fault == "not_enough" { &first.json()["code"] } else { &then["status"] };
        assert_eq!(got, word);
    }
}

async fn pay(running: &Running, number: &str, url: &str) {
    let code = native_code(running, &native(number, url)).await;
    assert_eq!(approve(running, &code).await.status, 200);
}

fn id(told: &Told) -> Value {
    serde_json::from_slice::<Value>(&told.body).unwrap()["id"].clone()
}

#[tokio::test]
async fn notifications_are_lost_repeated_delayed_or_signed_wrongly() {
    let running = start().await;
    let mut receiver = Receiver::start(&[(200, "")]).await;
    next(&running, "notify", "lost").await;
    pay(&running, "CHAOS_0004", &receiver.url).await;
    assert_eq!(outcomes(&running, "CHAOS_0004", 1).await, ["dropped"]);
    for fault in ["repeated", "concurrent"] {
        next(&running, "notify", fault).await;
        pay(&running, &format!("CHAOS_{fault}"), &receiver.url).await;
        let (one, other) = (receiver.told().await, receiver.told().await);
        assert_eq!(id(&one), id(&other), "{fault}");
    }
    next(&running, "notify", "delayed").await;
    let start = std::time::Instant::now();
    pay(&running, "CHAOS_0005", &receiver.url).await;
    receiver.told().await;
    assert!(start.elapsed().as_millis() >= 30);

    let mut strict = Receiver::start(&[(401, "no"), (200, "")]).await;
    next(&running, "notify", "bad_signature").await;
    pay(&running, "CHAOS_0006", &strict.url).await;
    let (first, second) = (strict.told().await, strict.told().await);
    assert!(!is_wechat_signed(&first.headers, &first.body));
    assert!(is_wechat_signed(&second.headers, &second.body), "the retry is right");
}

#[tokio::test]
async fn a_refund_may_be_notified_before_its_payment() {
    let running = start().await;
    let mut receiver = Receiver::start(&[(200, "success")]).await;
    next(&running, "notify", "reordered").await;
    let content = json!({ "out_trade_no": "CHAOS_0007", "total_amount": "1.00", "subject": "茶" });
    let mut params = alipay_params("alipay.trade.precreate", &content);
    params.insert("notify_url".into(), receiver.url.clone());
    let answer = alipay_send(&running, &alipay_signed(params)).await;
    let code = node(&answer, "alipay.trade.precreate").0["qr_code"].as_str().unwrap().to_owned();
    approve(&running, &code).await;
    let refund =
        json!({ "out_trade_no": "CHAOS_0007", "out_request_no": "A", "refund_amount": "1.00" });
    assert_eq!(alipay(&running, "alipay.trade.refund", refund).await["fund_change"], "Y");
    let statuses = [receiver.told().await, receiver.told().await].map(|told| {
        let told = crate::support::read_alipay(&told);
        (told["trade_status"].clone(), told.contains_key("refund_fee"))
    });
    assert_eq!(statuses, [("TRADE_CLOSED".into(), true), ("TRADE_SUCCESS".into(), false)]);
}

#[tokio::test]
async fn a_seed_repeats_its_faults() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let running = start().await;
        let rates = json!({ "error_before": 300, "limited": 300 });
        let settings = json!({ "seed": 5, "key": "description", "per_mille": { "order": rates.clone(), "query": rates } });
        own(&running, "/sandbox/chaos", settings).await;
        let mut statuses = Vec::new();
        for turn in 0..15 {
            // The number differs between the runs, the description does not.
            let number = format!("SEED_{}_{turn}", runs.len());
            let mut body = native(&number, NOWHERE);
            body["description"] = json!(format!("shopper {turn}"));
            let order = wechat(&running, "POST", NATIVE, body.to_string()).await.status.as_u16();
            let query = wechat(&running, "GET", &query_url(&number), "").await.status.as_u16();
            statuses.push((order, query));
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    let orders: Vec<u16> = runs[0].iter().map(|(order, _)| *order).collect();
    assert!([200, 429, 500].iter().all(|status| orders.contains(status)), "{orders:?}");
}

#[tokio::test]
async fn impossible_chaos_is_refused_and_all_is_forgotten_on_request() {
    let running = start().await;
    let off = own(&running, "/sandbox/chaos", Value::Null).await.json();
    assert_eq!(
        off,
        json!({
            "seed": 0, "key": "number", "per_mille": {}, "next": {}, "late_ms": 0,
            "notify_delay_ms": 0, "notify_hold_ms": 0, "injected": {},
        })
    );
    next(&running, "query", "html").await;
    let on = own(&running, "/sandbox/chaos", Value::Null).await.json();
    let cases = [
        (json!({ "per_mille": { "query": { "lost": 1 } } }), "invalid_chaos"),
        (json!({ "per_mille": { "query": { "html": 600, "late": 401 } } }), "invalid_chaos"),
        (json!({ "late_ms": 60_001 }), "invalid_chaos"),
        (json!({ "per_mille": { "query": { "fire": 1 } } }), "invalid_body"),
        (json!({ "per_mille": { "login": { "late": 1 } } }), "invalid_body"),
        (json!({ "more": 1 }), "invalid_body"),
    ];
    for (bad, code) in cases {
        let answer = own(&running, "/sandbox/chaos", bad).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!(code)));
    }
    assert_eq!(own(&running, "/sandbox/chaos", Value::Null).await.json(), on);
    let url = format!("{}/sandbox/chaos", running.base_url());
    assert_eq!(send("DELETE", &url, &[], "").await.status, 204);
    assert_eq!(own(&running, "/sandbox/chaos", Value::Null).await.json(), off);
}
