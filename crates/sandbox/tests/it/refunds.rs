//! Refunds at both gateways, their ends, and the books that list them.

use sandbox::Running;
use serde_json::{Value, json};

use crate::support::{
    Credentials, NOWHERE, Receiver, alipay, alipay_params, alipay_send, alipay_signed, approve,
    is_wechat_signed, keys, listed, native, native_code, node, open_resource, own, read_alipay,
    scan, send, start, wechat, wechat_with,
};

const REFUNDS: &str = "/v3/refund/domestic/refunds";
const REFUND: &str = "alipay.trade.refund";
const REFUND_QUERY: &str = "alipay.trade.fastpay.refund.query";

/// Refunds at WeChat Pay stay `PROCESSING` for an hour of the sandbox's clock.
async fn slow() -> Running {
    let running = start().await;
    own(&running, "/sandbox/faults", json!({ "refund_delay_ms": 3_600_000 })).await;
    running
}

async fn an_hour_later(running: &Running) {
    own(running, "/sandbox/clock", json!({ "advance_s": 3600 })).await;
}

async fn paid_wechat(running: &Running, out_trade_no: &str) -> Value {
    let code = native_code(running, &native(out_trade_no, NOWHERE)).await;
    approve(running, &code).await.json()
}

fn wish(out_trade_no: &str, number: &str, refund: i64) -> Value {
    json!({
        "out_trade_no": out_trade_no, "out_refund_no": number, "reason": "商品已售完",
        "amount": { "refund": refund, "total": 12_800, "currency": "CNY" },
    })
}

/// The status, `status` or `code` of the answer, and the answer.
async fn refund(running: &Running, wish: &Value) -> (u16, String, Value) {
    let answer = wechat(running, "POST", REFUNDS, wish.to_string()).await;
    assert_eq!(is_wechat_signed(&answer.headers, &answer.body), answer.status == 200);
    let body = answer.json();
    let word = body["status"].as_str().or(body["code"].as_str()).unwrap().to_owned();
    (answer.status.as_u16(), word, body)
}

async fn refund_status(running: &Running, number: &str) -> Value {
    let answer = wechat(running, "GET", &format!("{REFUNDS}/{number}"), "").await.json();
    if answer["status"].is_null() { answer["code"].clone() } else { answer["status"].clone() }
}

async fn trade_state(running: &Running, out_trade_no: &str) -> Value {
    let mchid = keys().wechat_pay.mchid;
    let url = format!("/v3/pay/transactions/out-trade-no/{out_trade_no}?mchid={mchid}");
    wechat(running, "GET", &url, "").await.json()["trade_state"].clone()
}

async fn paid_alipay(running: &Running, out_trade_no: &str, notify_url: &str) {
    let content =
        json!({ "out_trade_no": out_trade_no, "total_amount": "128.00", "subject": "茶" });
    let mut params = alipay_params("alipay.trade.precreate", &content);
    params.insert("notify_url".into(), notify_url.into());
    let answer = alipay_send(running, &alipay_signed(params)).await;
    let code = node(&answer, "alipay.trade.precreate").0["qr_code"].as_str().unwrap().to_owned();
    assert_eq!(approve(running, &code).await.status, 200);
}

async fn alipay_refund(running: &Running, out_trade_no: &str, number: &str, amount: &str) -> Value {
    let content = json!({
        "out_trade_no": out_trade_no, "out_request_no": number, "refund_amount": amount,
        "refund_reason": "退货",
    });
    alipay(running, REFUND, content).await
}

async fn alipay_status(running: &Running, out_trade_no: &str) -> Value {
    let content = json!({ "out_trade_no": out_trade_no });
    alipay(running, "alipay.trade.query", content).await["trade_status"].clone()
}

#[tokio::test]
async fn a_wechat_pay_refund_is_processed_and_then_done() {
    let running = slow().await;
    let paid = paid_wechat(&running, "REFUND_0001").await;
    let (status, _, first) = refund(&running, &wish("REFUND_0001", "R-1", 800)).await;
    let refund_id = first["refund_id"].as_str().unwrap().to_owned();
    assert!(refund_id.len() == 29 && refund_id.starts_with("503"), "{refund_id}");
    let expected = json!({
        "amount": {
            "currency": "CNY", "discount_refund": 0, "from": [], "payer_refund": 800,
            "payer_total": 12_800, "refund": 800, "settlement_refund": 800,
            "settlement_total": 12_800, "total": 12_800,
        },
        "channel": "ORIGINAL", "create_time": first["create_time"], "funds_account": "AVAILABLE",
        "out_refund_no": "R-1", "out_trade_no": "REFUND_0001", "promotion_detail": [],
        "refund_id": refund_id, "status": "PROCESSING", "transaction_id": paid["transaction_id"],
        "user_received_account": "支付用户零钱",
    });
    assert_eq!((status, &first), (200, &expected));
    assert_eq!(trade_state(&running, "REFUND_0001").await, "SUCCESS", "nothing went back yet");

    an_hour_later(&running).await;
    let done = wechat(&running, "GET", &format!("{REFUNDS}/R-1"), "").await;
    assert!(is_wechat_signed(&done.headers, &done.body));
    assert_eq!(done.json()["status"], "SUCCESS");
    assert!(done.json()["success_time"].as_str().unwrap().ends_with("+08:00"));
    assert_eq!(trade_state(&running, "REFUND_0001").await, "REFUND", "partial counts too");
    let books = listed(&running, "REFUND_0001").await;
    assert_eq!(books["state"], "REFUND");
    assert_eq!(
        json!([books["gateway"], books["captures"], books["captured"], books["refunded"]]),
        json!(["wechat_pay", 1, 12_800, 800])
    );
    let listed = &books["refunds"][0];
    assert_eq!(
        json!([listed["number"], listed["refund_id"], listed["amount"], listed["state"]]),
        json!(["R-1", refund_id, 800, "SUCCESS"])
    );
}

#[tokio::test]
async fn the_same_number_is_the_same_refund() {
    let running = slow().await;
    let paid = paid_wechat(&running, "REFUND_0002").await;
    let (_, _, first) = refund(&running, &wish("REFUND_0002", "R-2", 800)).await;
    let (_, _, again) = refund(&running, &wish("REFUND_0002", "R-2", 800)).await;
    assert_eq!(again, first);
    let mut by_id = wish("REFUND_0002", "R-2", 800);
    by_id.as_object_mut().unwrap().remove("out_trade_no");
    by_id["transaction_id"] = paid["transaction_id"].clone();
    assert_eq!(refund(&running, &by_id).await.2, first, "either name of the order will do");
    let (status, code, body) = refund(&running, &wish("REFUND_0002", "R-2", 801)).await;
    assert_eq!((status, code.as_str()), (400, "INVALID_REQUEST"));
    assert_eq!(body["message"], "订单金额或退款金额与之前请求不一致，请核实后再试");

    paid_wechat(&running, "REFUND_0003").await;
    let (status, code, _) = refund(&running, &wish("REFUND_0003", "R-2", 800)).await;
    assert_eq!((status, code.as_str()), (400, "INVALID_REQUEST"), "unique per merchant");
    an_hour_later(&running).await;
    let (_, word, _) = refund(&running, &wish("REFUND_0002", "R-2", 800)).await;
    assert_eq!(word, "SUCCESS", "a repetition tells how far it is");
    assert_eq!(listed(&running, "REFUND_0002").await["refunded"], 800);
    assert_eq!(listed(&running, "REFUND_0003").await["refunds"], json!([]));
}

#[tokio::test]
async fn no_more_goes_back_than_was_taken() {
    let running = slow().await;
    paid_wechat(&running, "REFUND_0004").await;
    assert_eq!(refund(&running, &wish("REFUND_0004", "R-4a", 12_000)).await.0, 200);
    let (status, code, _) = refund(&running, &wish("REFUND_0004", "R-4b", 801)).await;
    assert_eq!((status, code.as_str()), (400, "INVALID_REQUEST"), "what is processed is reserved");
    assert_eq!(refund(&running, &wish("REFUND_0004", "R-4b", 800)).await.0, 200);
    assert_eq!(refund(&running, &wish("REFUND_0004", "R-4c", 1)).await.0, 400);
    an_hour_later(&running).await;
    let books = listed(&running, "REFUND_0004").await;
    assert_eq!(json!([books["captured"], books["refunded"]]), json!([12_800, 12_800]));
    let mut other_total = wish("REFUND_0004", "R-4d", 1);
    other_total["amount"]["total"] = json!(12_801);
    assert_eq!(refund(&running, &other_total).await.1, "INVALID_REQUEST");
}

#[tokio::test]
async fn concurrent_refunds_never_exceed_what_was_taken() {
    let running = slow().await;
    paid_wechat(&running, "REFUND_0005").await;
    let wishes: Vec<Value> =
        (0..8).map(|n| wish("REFUND_0005", &format!("R-5-{n}"), 5000)).collect();
    let all = wishes.iter().map(|wish| refund(&running, wish));
    let answers = futures_joined(all).await;
    assert_eq!(answers.iter().filter(|(status, ..)| *status == 200).count(), 2);
}

async fn futures_joined<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in waiting.iter_mut().filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(ready) = future.as_mut().poll(context) {
                *output = Some(ready);
            }
        }
        if waiting.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting.into_iter().map(|(_, output)| output.unwrap()).collect()
}

#[tokio::test]
async fn what_cannot_be_refunded_does_not_exist() {
    let running = slow().await;
    native_code(&running, &native("REFUND_0006", NOWHERE)).await;
    for number in ["REFUND_0006", "REFUND_NONE"] {
        let (status, code, _) = refund(&running, &wish(number, "R-6", 1)).await;
        assert_eq!((status, code.as_str()), (404, "RESOURCE_NOT_EXISTS"), "{number}");
    }
    assert_eq!(refund_status(&running, "R-6").await, "RESOURCE_NOT_EXISTS");
}

#[tokio::test]
async fn refund_bodies_are_read_strictly() {
    let running = slow().await;
    paid_wechat(&running, "REFUND_0007").await;
    let broken: [(&str, Value); 9] = [
        ("/out_refund_no", json!("R 7")),
        ("/out_refund_no", json!("x".repeat(65))),
        ("/reason", json!("退".repeat(27))),
        ("/amount/refund", json!(0)),
        ("/amount/refund", json!("800")),
        ("/amount/currency", json!("USD")),
        ("/notify_url", json!("http://127.0.0.1:9/notify?a=1")),
        ("/funds_account", json!("SOMEWHERE")),
        ("/out_trade_no", json!(null)),
    ];
    for (pointer, value) in broken {
        let mut body = wish("REFUND_0007", "R-7", 800);
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        let (status, code, _) = refund(&running, &body).await;
        assert_eq!((status, code.as_str()), (400, "PARAM_ERROR"), "{pointer}");
    }
    let mut unknown = wish("REFUND_0007", "R-7", 800);
    unknown["refund_status"] = json!("SUCCESS");
    unknown["amount"]["payer_refund"] = json!(800);
    let (_, _, body) = refund(&running, &unknown).await;
    let value = json!(["/body/amount/payer_refund", "/body/refund_status"]);
    assert_eq!(body["detail"], json!({ "location": null, "value": value }));
    let answer = wechat(&running, "GET", &format!("{REFUNDS}/R-7?mchid=1900000001"), "").await;
    assert_eq!(answer.json()["code"], "PARAM_ERROR", "direct merchants send no query");
    assert_eq!(listed(&running, "REFUND_0007").await["refunds"], json!([]));
}

#[tokio::test]
async fn the_refund_api_checks_headers_first() {
    let running = slow().await;
    let url = format!("{}{REFUNDS}", running.base_url());
    let answer = send("POST", &url, &[], "{}").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["message"], "Http头缺少Accept或User-Agent");
    let answer = wechat_with(&running, "POST", REFUNDS, "{}", "").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (401, &json!("SIGN_ERROR")));
    assert!(answer.headers.contains_key("request-id"));
    let bad = Credentials { instead: Some("something else".into()), ..Credentials::right() };
    let answer =
        wechat_with(&running, "POST", REFUNDS, "{}", &bad.header("POST", REFUNDS, b"{}")).await;
    assert_eq!(answer.json()["message"], "签名错误");
    let bad = Credentials { mchid: "1900000009".into(), ..Credentials::right() };
    let answer =
        wechat_with(&running, "POST", REFUNDS, "{}", &bad.header("POST", REFUNDS, b"{}")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (404, &json!("MCH_NOT_EXISTS")));
}

#[tokio::test]
async fn the_end_of_a_wechat_pay_refund_is_notified_until_acknowledged() {
    let running = start().await;
    let ends =
        [("SUCCESS", "退款成功", 800), ("ABNORMAL", "退款异常", 0), ("CLOSED", "退款关闭", 0)];
    for (end, summary, refunded) in ends {
        own(&running, "/sandbox/faults", json!({ "refund_outcome": end, "refund_delay_ms": 0 }))
            .await;
        let number = format!("REFUND_{end}");
        let mut receiver = Receiver::start(&[(500, "no"), (200, "")]).await;
        let paid = paid_wechat(&running, &number).await;
        let mut body = wish(&number, &format!("R-{end}"), 800);
        body["notify_url"] = json!(receiver.url);
        assert_eq!(refund(&running, &body).await.1, "PROCESSING");
        let (first, second) = (receiver.told().await, receiver.told().await);
        for told in [&first, &second] {
            assert!(is_wechat_signed(&told.headers, &told.body));
            let outer: Value = serde_json::from_slice(&told.body).unwrap();
            assert_eq!(
                json!([outer["event_type"], outer["summary"], outer["resource"]["original_type"]]),
                json!([format!("REFUND.{end}"), summary, "refund"])
            );
            let mut resource = open_resource(told);
            let time = resource.as_object_mut().unwrap().remove("success_time");
            assert_eq!(time.is_some(), end == "SUCCESS");
            let expected = json!({
                "amount": { "payer_refund": 800, "payer_total": 12_800, "refund": 800, "total": 12_800 },
                "mchid": keys().wechat_pay.mchid, "out_refund_no": format!("R-{end}"),
                "out_trade_no": number, "refund_id": resource["refund_id"], "refund_status": end,
                "transaction_id": paid["transaction_id"], "user_received_account": "支付用户零钱",
            });
            assert_eq!(resource, expected);
        }
        assert_eq!(refund_status(&running, &format!("R-{end}")).await, end);
        let books = listed(&running, &number).await;
        assert_eq!(
            json!([books["refunded"], books["refunds"][0]["state"]]),
            json!([refunded, end])
        );
        let (status, ..) = refund(&running, &wish(&number, "R-rest", 12_800)).await;
        assert_eq!(status == 200, end == "CLOSED", "{end}: only a closed one frees its amount");
        own(&running, "/sandbox/faults", json!({ "refund_outcome": "SUCCESS" })).await;
    }
}

#[tokio::test]
async fn a_second_refund_within_a_minute_may_be_too_early() {
    let options = sandbox::Options { keys: Some(keys()), ..sandbox::Options::default() };
    let running = sandbox::Sandbox::start(options).await.unwrap();
    own(&running, "/sandbox/faults", json!({ "wechat_refunds_spaced": true })).await;
    paid_wechat(&running, "REFUND_0020").await;
    paid_wechat(&running, "REFUND_0021").await;
    assert_eq!(refund(&running, &wish("REFUND_0020", "S-1", 800)).await.0, 200);
    let (status, code, _) = refund(&running, &wish("REFUND_0020", "S-2", 800)).await;
    assert_eq!((status, code.as_str()), (429, "FREQUENCY_LIMITED"));
    assert_eq!(refund(&running, &wish("REFUND_0020", "S-1", 800)).await.0, 200, "the same refund");
    assert_eq!(refund(&running, &wish("REFUND_0021", "S-3", 800)).await.0, 200, "another order");
    own(&running, "/sandbox/clock", json!({ "advance_s": 60 })).await;
    assert_eq!(refund(&running, &wish("REFUND_0020", "S-2", 800)).await.0, 200);
}

#[tokio::test]
async fn alipay_says_what_a_bank_made_of_a_refund_if_it_is_asked() {
    let running = start().await;
    paid_alipay(&running, "REFUND_0022", NOWHERE).await;
    alipay_refund(&running, "REFUND_0022", "B-1", "8.00").await;
    let asked = async |options: Value| {
        let content = json!({
            "out_trade_no": "REFUND_0022", "out_request_no": "B-1", "query_options": options,
        });
        alipay(&running, REFUND_QUERY, content).await["deposit_back_info"].clone()
    };
    assert_eq!(asked(json!([])).await, Value::Null);
    let info = asked(json!(["deposit_back_info"])).await;
    assert_eq!(info, json!({ "has_deposit_back": "false" }));
    for (state, word) in [("processing", "P"), ("success", "S"), ("failed", "F")] {
        own(&running, "/sandbox/faults", json!({ "alipay_deposit_back": state })).await;
        let info = asked(json!(["deposit_back_info"])).await;
        assert_eq!(
            json!([info["has_deposit_back"], info["dback_status"], info["dback_amount"]]),
            json!(["true", word, "8.00"])
        );
        assert_eq!(info["bank_ack_time"].is_null(), state == "processing");
    }
}

#[tokio::test]
async fn an_empty_balance_refuses_until_it_is_filled() {
    let running = start().await;
    paid_wechat(&running, "REFUND_0008").await;
    paid_alipay(&running, "REFUND_0009", NOWHERE).await;
    own(&running, "/sandbox/faults", json!({ "refund_not_enough": true })).await;
    let (status, code, _) = refund(&running, &wish("REFUND_0008", "R-8", 800)).await;
    assert_eq!((status, code.as_str()), (403, "NOT_ENOUGH"));
    let node = alipay_refund(&running, "REFUND_0009", "R-9", "8.00").await;
    assert_eq!(node["sub_code"], "ACQ.SELLER_BALANCE_NOT_ENOUGH");
    own(&running, "/sandbox/faults", json!({ "refund_not_enough": false })).await;
    assert_eq!(refund(&running, &wish("REFUND_0008", "R-8", 800)).await.0, 200);
    assert_eq!(alipay_refund(&running, "REFUND_0009", "R-9", "8.00").await["fund_change"], "Y");
}

#[tokio::test]
async fn alipay_refunds_at_once_and_closes_the_trade_with_the_last_fen() {
    let running = start().await;
    paid_alipay(&running, "REFUND_0010", NOWHERE).await;
    let first = alipay_refund(&running, "REFUND_0010", "A-1", "28.00").await;
    assert_eq!(
        json!([first["code"], first["fund_change"], first["refund_fee"], first["send_back_fee"]]),
        json!(["10000", "Y", "28.00", null])
    );
    let content = json!({
        "out_trade_no": "REFUND_0010", "out_request_no": "A-1", "refund_amount": "28.00",
        "query_options": ["refund_detail_item_list"],
    });
    assert_eq!(alipay(&running, REFUND, content).await["send_back_fee"], "0.00", "none this time");
    assert_eq!(alipay_status(&running, "REFUND_0010").await, "TRADE_SUCCESS");
    let again = alipay_refund(&running, "REFUND_0010", "A-1", "28").await;
    assert_eq!(
        json!([again["fund_change"], again["refund_fee"], again["trade_no"]]),
        json!(["N", "28.00", first["trade_no"]])
    );
    for (number, amount, code) in [
        ("A-1", "28.01", "ACQ.DISCORDANT_REPEAT_REQUEST"),
        ("A-2", "100.01", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
        ("A-2", "0.00", "ACQ.INVALID_PARAMETER"),
        ("A-2", "1.001", "ACQ.INVALID_PARAMETER"),
        ("", "1.00", "ACQ.INVALID_PARAMETER"),
    ] {
        let node = alipay_refund(&running, "REFUND_0010", number, amount).await;
        assert_eq!(node["sub_code"], code, "{number} {amount}");
    }
    let rest = alipay_refund(&running, "REFUND_0010", "A-2", "100.00").await;
    assert_eq!(json!([rest["fund_change"], rest["refund_fee"]]), json!(["Y", "128.00"]));
    assert_eq!(alipay_status(&running, "REFUND_0010").await, "TRADE_CLOSED");
    let more = alipay_refund(&running, "REFUND_0010", "A-3", "0.01").await;
    assert_eq!(more["sub_code"], "ACQ.TRADE_HAS_CLOSE");
    let again = alipay_refund(&running, "REFUND_0010", "A-2", "100.00").await;
    assert_eq!(json!([again["fund_change"], again["refund_fee"]]), json!(["N", "128.00"]));
    let books = listed(&running, "REFUND_0010").await;
    assert_eq!(
        json!([books["gateway"], books["state"], books["captured"], books["refunded"]]),
        json!(["alipay", "TRADE_CLOSED", 12_800, 12_800])
    );
    assert_eq!(books["refunds"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn alipay_reports_a_refund_only_once_it_is_done() {
    let running = start().await;
    own(&running, "/sandbox/faults", json!({ "alipay_refund_delay_ms": 3_600_000 })).await;
    paid_alipay(&running, "REFUND_0011", NOWHERE).await;
    let ask = async |number: &str| {
        let content = json!({ "out_trade_no": "REFUND_0011", "out_request_no": number });
        alipay(&running, REFUND_QUERY, content).await
    };
    let node = alipay_refund(&running, "REFUND_0011", "A-1", "128.00").await;
    assert_eq!(json!([node["fund_change"], node["refund_fee"]]), json!(["N", "0.00"]));
    assert!(ask("A-1").await.get("refund_status").is_none());
    assert_eq!(ask("A-2").await, json!({ "code": "10000", "msg": "Success" }), "unknown number");
    an_hour_later(&running).await;
    let done = ask("A-1").await;
    assert_eq!(
        json!([done["refund_status"], done["refund_amount"], done["total_amount"]]),
        json!(["REFUND_SUCCESS", "128.00", "128.00"])
    );
    assert_eq!(alipay_status(&running, "REFUND_0011").await, "TRADE_CLOSED");
    let content = json!({ "out_trade_no": "NONE", "out_request_no": "A-1" });
    assert_eq!(alipay(&running, REFUND_QUERY, content).await["sub_code"], "ACQ.TRADE_NOT_EXIST");
}

#[tokio::test]
async fn only_a_paid_alipay_trade_is_refunded() {
    let running = start().await;
    let content =
        json!({ "out_trade_no": "REFUND_0012", "total_amount": "128.00", "subject": "茶" });
    let code = alipay(&running, "alipay.trade.precreate", content).await["qr_code"].clone();
    let sub_code =
        async || alipay_refund(&running, "REFUND_0012", "A-1", "1.00").await["sub_code"].clone();
    assert_eq!(sub_code().await, "ACQ.TRADE_NOT_EXIST", "no buyer has come");
    scan(&running, code.as_str().unwrap()).await;
    assert_eq!(sub_code().await, "ACQ.TRADE_STATUS_ERROR");
    alipay(&running, "alipay.trade.close", json!({ "out_trade_no": "REFUND_0012" })).await;
    assert_eq!(sub_code().await, "ACQ.TRADE_HAS_CLOSE");
}

#[tokio::test]
async fn alipay_notifies_of_refunds_at_the_payments_address() {
    let running = start().await;
    let mut receiver = Receiver::start(&[(200, "success")]).await;
    paid_alipay(&running, "REFUND_0013", &receiver.url).await;
    let payment = read_alipay(&receiver.told().await);
    assert!(!payment.contains_key("refund_fee"));
    alipay_refund(&running, "REFUND_0013", "A-1", "28.00").await;
    let partial = read_alipay(&receiver.told().await);
    alipay_refund(&running, "REFUND_0013", "A-2", "100.00").await;
    let full = read_alipay(&receiver.told().await);
    for (told, number, fee, status) in
        [(&partial, "A-1", "28.00", "TRADE_SUCCESS"), (&full, "A-2", "128.00", "TRADE_CLOSED")]
    {
        assert_eq!(told["out_biz_no"], number);
        assert_eq!(told["refund_fee"], fee, "the sum of all");
        assert_eq!(told["trade_status"], status);
        assert_eq!(told["total_amount"], "128.00");
        assert_eq!(told["gmt_refund"].len(), "2024-01-02 03:04:05.320".len());
        assert_ne!(told["notify_id"], payment["notify_id"]);
    }
}

#[tokio::test]
async fn staff_refund_in_the_console_once_and_not_more_than_was_paid() {
    let running = start().await;
    own(&running, "/sandbox/faults", json!({ "refund_delay_ms": 0 })).await;
    paid_wechat(&running, "ORDER_1").await;
    paid_alipay(&running, "ORDER_2", NOWHERE).await;
    for order in ["ORDER_1", "ORDER_2"] {
        let refund = |number: &str, amount: i64| {
            let body = json!({ "out_trade_no": order, "number": number, "amount": amount });
            own(&running, "/sandbox/refund", body)
        };
        let first = refund("CONSOLE-1", 100).await;
        assert_eq!((first.status.as_u16(), &first.json()["refunded"]), (200, &json!(100)));
        assert_eq!(refund("CONSOLE-1", 100).await.json()["refunded"], 100, "the same number");
        assert_eq!(refund("CONSOLE-2", 12_701).await.status, 409, "more than is left");
        assert_eq!(refund("CONSOLE-2", 0).await.status, 409);
    }
    let unknown = json!({ "out_trade_no": "ORDER_3", "number": "CONSOLE-1", "amount": 1 });
    assert_eq!(own(&running, "/sandbox/refund", unknown).await.status, 409);
}
