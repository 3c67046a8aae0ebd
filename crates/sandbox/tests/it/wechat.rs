//! WeChat Pay: order, query, close, and how it refuses.

use serde_json::{Value, json};

use crate::support::{
    Credentials, NOWHERE, approve, is_wechat_signed, keys, native, native_code, own, scan, send,
    start, wechat, wechat_with,
};

const NATIVE: &str = "/v3/pay/transactions/native";

fn query_url(out_trade_no: &str) -> String {
    format!("/v3/pay/transactions/out-trade-no/{out_trade_no}?mchid={}", keys().wechat_pay.mchid)
}

fn close_url(out_trade_no: &str) -> String {
    format!("/v3/pay/transactions/out-trade-no/{out_trade_no}/close")
}

fn mchid_body() -> String {
    json!({ "mchid": keys().wechat_pay.mchid }).to_string()
}

#[tokio::test]
async fn an_order_is_queried_unpaid_then_paid() {
    let running = start().await;
    let answer = wechat(&running, "POST", NATIVE, native("ORDER_0001", NOWHERE).to_string()).await;
    assert_eq!(answer.status, 200);
    assert!(is_wechat_signed(&answer.headers, &answer.body));
    assert!(answer.header("request-id").ends_with("-0"));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let code = answer.json()["code_url"].as_str().unwrap().to_owned();
    assert_eq!(code.len(), "weixin://wxpay/bizpayurl?pr=".len() + 9);

    let answer = wechat(&running, "GET", &query_url("ORDER_0001"), "").await;
    assert!(is_wechat_signed(&answer.headers, &answer.body));
    let keys = keys().wechat_pay;
    let expected = json!({
        "amount": { "payer_currency": "CNY", "total": 12_800 }, "appid": keys.appid, "attach": "5_21",
        "mchid": keys.mchid, "out_trade_no": "ORDER_0001", "promotion_detail": [],
        "scene_info": { "device_id": "" }, "trade_state": "NOTPAY", "trade_state_desc": "订单未支付",
    });
    assert_eq!(answer.json(), expected);

    let paid = approve(&running, &code).await.json();
    let transaction_id = paid["transaction_id"].as_str().unwrap();
    assert!(transaction_id.len() == 28 && transaction_id.starts_with("42"), "{transaction_id}");

    let by_number = wechat(&running, "GET", &query_url("ORDER_0001"), "").await.json();
    let url = format!("/v3/pay/transactions/id/{transaction_id}?mchid={}", keys.mchid);
    assert_eq!(wechat(&running, "GET", &url, "").await.json(), by_number);
    assert_eq!(by_number["trade_state"], "SUCCESS");
    assert_eq!(by_number["trade_type"], "NATIVE");
    assert_eq!(by_number["amount"]["payer_total"], 12_800);
    assert!(by_number["success_time"].as_str().unwrap().ends_with("+08:00"));
    assert_eq!(by_number["payer"]["openid"].as_str().unwrap().len(), 28);
}

#[tokio::test]
async fn checks_come_in_the_gateways_order() {
    let running = start().await;
    let right = Credentials::right();
    // Each case breaks all that is checked later, too.
    let bad_signature = Credentials { instead: Some("something else".into()), ..right.clone() };
    let bad_clock = Credentials { timestamp: right.timestamp - 301, ..bad_signature.clone() };
    let bad_serial = Credentials { serial_no: "0".repeat(40), ..bad_clock.clone() };
    let bad_mchid = Credentials { mchid: "1900000009".into(), ..bad_serial.clone() };
    let bad_scheme = Credentials { scheme: "WECHATPAY2-SM2-WITH-SM3".into(), ..bad_mchid.clone() };
    let header = |credentials: &Credentials| credentials.header("POST", NATIVE, b"not json");
    let syntax = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》";
    let cases: Vec<(String, u16, &str, &str)> = vec![
        (String::new(), 401, "SIGN_ERROR", "签名信息错误，验签失败"),
        ("Bearer abc".into(), 401, "SIGN_ERROR", "签名信息错误，验签失败"),
        ("WECHATPAY2-SM2-WITH-SM3 mchid=1".into(), 401, "SIGN_ERROR", syntax),
        ("WECHATPAY2-SHA256-RSA2048".into(), 401, "SIGN_ERROR", syntax),
        (header(&right).replace("nonce_str", "nonce"), 401, "SIGN_ERROR", syntax),
        (header(&right).replace(",timestamp", ", timestamp"), 401, "SIGN_ERROR", syntax),
        (header(&bad_scheme), 401, "SIGN_ERROR", "HTTP头Authorization认证类型不正确"),
        (
            header(&bad_mchid),
            400,
            "MCH_NOT_EXISTS",
            "商户号不存在，请检查Http头Authorization中的mchid",
        ),
        (
            header(&bad_serial),
            401,
            "SIGN_ERROR",
            "商户证书序列号有误。请使用签名私钥匹配的证书序列号",
        ),
        (
            header(&bad_clock),
            401,
            "SIGN_ERROR",
            "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟",
        ),
        (header(&bad_signature), 401, "SIGN_ERROR", "签名错误"),
        (header(&right), 400, "PARAM_ERROR", "请求体不是合法的JSON，请检查请求参数"),
    ];
    for (authorization, status, code, message) in cases {
        let answer = wechat_with(&running, "POST", NATIVE, "not json", &authorization).await;
        let body = answer.json();
        assert_eq!(answer.status, status, "{authorization}: {body}");
        assert_eq!(
            (body["code"].as_str(), body["message"].as_str()),
            (Some(code), Some(message)),
            "{authorization}"
        );
        assert!(answer.headers.get("wechatpay-signature").is_none(), "errors are not signed");
        let has_request_id = answer.headers.contains_key("request-id");
        assert_eq!(has_request_id, message != "签名信息错误，验签失败", "{authorization}");
    }
}

#[tokio::test]
async fn a_missing_user_agent_is_noticed_before_the_syntax() {
    let running = start().await;
    let url = format!("{}{NATIVE}", running.base_url());
    let headers =
        [("authorization", "WECHATPAY2-SHA256-RSA2048 x"), ("accept", "application/json")];
    let answer = send("POST", &url, &headers, "{}").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["message"], "Http头缺少Accept或User-Agent");
    let answer = send("POST", &url, &[], "{}").await;
    assert_eq!(answer.status, 401, "without credentials the 401 comes first");
}

#[tokio::test]
async fn a_signature_error_shows_what_the_gateway_verified() {
    let running = start().await;
    let credentials =
        Credentials { instead: Some("something else".into()), ..Credentials::right() };
    let body = r#"{"amount":{"total":1}}"#;
    let authorization = credentials.header("POST", NATIVE, body.as_bytes());
    let answer = wechat_with(&running, "POST", NATIVE, body, &authorization).await;
    let head =
        format!("POST\n{NATIVE}\n{}\n593BEC0C930BF1AFEB40B4A08C8FB242\n", credentials.timestamp);
    let detail = json!({
        "detail": { "issue": "sign not match" },
        "field": "signature",
        "location": "authorization",
        "sign_information": {
            "method": "POST",
            "sign_message_length": head.len() + body.len() + 1,
            "truncated_sign_message": format!("{head}{{\"amount\n"),
            "url": NATIVE,
        },
    });
    assert_eq!(
        answer.json(),
        json!({ "code": "SIGN_ERROR", "detail": detail, "message": "签名错误" })
    );
    assert!(
        answer.text().starts_with(r#"{"code":"SIGN_ERROR","detail":"#),
        "members come alphabetically"
    );
    assert!(answer.header("request-id").ends_with("-268443699"));
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let running = start().await;
    let undefined = "请求中含有未在API文档中定义的参数";
    let cases: Vec<(&str, Value, &str)> = vec![
        (
            "/appid",
            Value::Null,
            "输入源“/body/appid”映射到字段“公众号ID”必填性规则校验失败，此字段为必填项",
        ),
        (
            "/amount/total",
            json!(0),
            "输入源“/body/amount/total”映射到数值字段“总金额”规则校验失败，值低于最小值 1",
        ),
        (
            "/amount/total",
            json!("100"),
            "无法将JSON输入源“/body/amount/total”映射到目标字段“总金额”中，此字段需要一个合法的64位有符号整数",
        ),
        (
            "/amount/total",
            json!(1.5),
            "无法将JSON输入源“/body/amount/total”映射到目标字段“总金额”中，此字段需要一个合法的64位有符号整数",
        ),
        (
            "/out_trade_no",
            json!("1"),
            "输入源“/body/out_trade_no”映射到值字段“商户订单号”字符串规则校验失败，字节数 1，小于最小值 6",
        ),
        (
            "/out_trade_no",
            json!("ORDER 0001"),
            "输入源“/body/out_trade_no”映射到值字段“商户订单号”字符串规则校验失败，只能是数字、大小写字母_-|*",
        ),
        (
            "/description",
            json!("测".repeat(43)),
            "输入源“/body/description”映射到值字段“商品描述”字符串规则校验失败，字节数 129，大于最大值 127",
        ),
        ("/payer", json!({ "openid": "o1" }), undefined),
        (
            "/scene_info",
            json!({ "payer_client_ip": "192.0.2.1", "h5_info": { "type": "Wap" } }),
            undefined,
        ),
        ("/amount", json!({ "total": 1, "payer_total": 1 }), undefined),
        ("/mchid", json!("1900000009"), "http header中的mchid与post payload中的mchid不匹配"),
        ("/appid", json!("wx0000000000000000"), "appid和mch_id不匹配，请检查后再试"),
        (
            "/notify_url",
            json!("http://shop.example/notify"),
            "输入源“/body/notify_url”映射到值字段“通知地址”字符串规则校验失败，应为不带参数的完整URL（沙箱只接受本机http地址）",
        ),
        (
            "/time_expire",
            json!("2030-01-01 00:00:00"),
            "输入源“/body/time_expire”映射到值字段“交易结束时间”字符串规则校验失败，不符合RFC3339标准格式",
        ),
        (
            "/amount",
            json!({ "total": 1, "currency": "USD" }),
            "输入源“/body/amount/currency”映射到值字段“货币类型”字符串规则校验失败，只支持CNY",
        ),
        (
            "/scene_info",
            json!({ "device_id": "1" }),
            "输入源“/body/scene_info/payer_client_ip”映射到字段“用户终端IP”必填性规则校验失败，此字段为必填项",
        ),
    ];
    for (pointer, value, message) in cases {
        let mut body = native("STRICT_0001", NOWHERE);
        set(&mut body, pointer, value);
        let answer = wechat(&running, "POST", NATIVE, body.to_string()).await;
        assert_eq!(answer.status, 400, "{pointer}");
        assert_eq!(answer.json()["message"], message, "{pointer}");
    }
}

/// Sets a member; null takes it away.
fn set(body: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name);
    } else {
        parent.insert(name.into(), value);
    }
}

#[tokio::test]
async fn unknown_members_are_named_by_their_whole_path() {
    let running = start().await;
    let mut body = native("STRICT_0001", NOWHERE);
    set(&mut body, "/payer", json!({ "openid": "o1" }));
    set(&mut body, "/amount/refund", json!(1));
    let answer = wechat(&running, "POST", NATIVE, body.to_string()).await;
    let expected =
        json!({ "location": null, "value": ["/body/amount/refund", "/body/payer/openid"] });
    assert_eq!(answer.json()["detail"], expected);
}

#[tokio::test]
async fn the_same_order_again_gets_a_new_code_and_the_old_one_stops() {
    let running = start().await;
    let body = native("AGAIN_0001", NOWHERE);
    let old = native_code(&running, &body).await;
    let new = native_code(&running, &body).await;
    assert_ne!(old, new);
    assert_eq!(scan(&running, &old).await.json()["code"], "code_superseded");
    assert_eq!(scan(&running, &new).await.status, 200);

    let mut changed = body.clone();
    set(&mut changed, "/amount/total", json!(12_801));
    let answer = wechat(&running, "POST", NATIVE, changed.to_string()).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["code"], "OUT_TRADE_NO_USED");

    assert_eq!(approve(&running, &new).await.status, 200);
    let answer = wechat(&running, "POST", NATIVE, body.to_string()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!("ORDERPAID")));
    assert_eq!(approve(&running, &new).await.json()["code"], "order_paid", "nobody pays twice");
}

#[tokio::test]
async fn closing_answers_a_signed_nothing_as_often_as_asked() {
    let running = start().await;
    let body = native("CLOSE_0001", NOWHERE);
    let code = native_code(&running, &body).await;
    for _ in 0..2 {
        let answer = wechat(&running, "POST", &close_url("CLOSE_0001"), mchid_body()).await;
        assert_eq!(answer.status, 204);
        assert!(answer.body.is_empty() && is_wechat_signed(&answer.headers, b""));
        assert!(answer.headers.get("content-type").is_none());
    }
    assert_eq!(scan(&running, &code).await.json()["code"], "order_closed");
    let queried = wechat(&running, "GET", &query_url("CLOSE_0001"), "").await.json();
    assert_eq!(
        (&queried["trade_state"], &queried["trade_state_desc"]),
        (&json!("CLOSED"), &json!("订单已关闭"))
    );
    let answer = wechat(&running, "POST", NATIVE, body.to_string()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!("ORDER_CLOSED")));
}

#[tokio::test]
async fn an_unknown_number_is_closed_with_204_or_by_switch_refused() {
    let running = start().await;
    let answer = wechat(&running, "POST", &close_url("CLOSE_0003"), mchid_body()).await;
    assert_eq!(answer.status, 204);
    own(&running, "/sandbox/faults", json!({ "wechat_close_unknown_404": true })).await;
    let answer = wechat(&running, "POST", &close_url("CLOSE_0003"), mchid_body()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (404, &json!("ORDER_NOT_EXIST")));
}

#[tokio::test]
async fn a_switch_refuses_to_close_an_unpaid_order() {
    let running = start().await;
    native_code(&running, &native("CLOSE_0004", NOWHERE)).await;
    for (error, status, code) in
        [("user_paying", 202, "USER_PAYING"), ("trade_error", 403, "TRADE_ERROR")]
    {
        own(&running, "/sandbox/faults", json!({ "wechat_close_error": error })).await;
        let answer = wechat(&running, "POST", &close_url("CLOSE_0004"), mchid_body()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (status, &json!(code)));
        assert!(!is_wechat_signed(&answer.headers, &answer.body));
        let queried = wechat(&running, "GET", &query_url("CLOSE_0004"), "").await.json();
        assert_eq!(queried["trade_state"], "NOTPAY");
    }
    own(&running, "/sandbox/faults", json!({ "wechat_close_error": null })).await;
    let answer = wechat(&running, "POST", &close_url("CLOSE_0004"), mchid_body()).await;
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn a_query_may_lack_the_appid() {
    let running = start().await;
    native_code(&running, &native("QUERY_0009", NOWHERE)).await;
    let queried = wechat(&running, "GET", &query_url("QUERY_0009"), "").await.json();
    assert_eq!(queried["appid"], keys().wechat_pay.appid);
    own(&running, "/sandbox/faults", json!({ "wechat_without_appid": true })).await;
    let queried = wechat(&running, "GET", &query_url("QUERY_0009"), "").await.json();
    assert!(queried.get("appid").is_none(), "{queried}");
}

#[tokio::test]
async fn addresses_and_tags_have_up_to_256_characters() {
    let running = start().await;
    let address = |length: usize| format!("{NOWHERE}{:x>1$}", "", length - NOWHERE.len());
    for (number, length, status) in [("LENGTH_0001", 256, 200), ("LENGTH_0002", 257, 400)] {
        let mut body = native(number, &address(length));
        body["goods_tag"] = json!("t".repeat(256));
        let answer = wechat(&running, "POST", NATIVE, body.to_string()).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn a_paid_order_is_not_closed() {
    let running = start().await;
    let code = native_code(&running, &native("CLOSE_0002", NOWHERE)).await;
    approve(&running, &code).await;
    let answer = wechat(&running, "POST", &close_url("CLOSE_0002"), mchid_body()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!("ORDERPAID")));
}

#[tokio::test]
async fn a_query_wants_the_callers_mchid_and_a_known_number() {
    let running = start().await;
    let answer = wechat(&running, "GET", &query_url("NOBODY_0001"), "").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (404, &json!("ORDER_NOT_EXIST")));
    for query in ["", "?mchid=", "?mchid=1900000009", "?mchid=1900000001&x=1"] {
        let url = format!("/v3/pay/transactions/out-trade-no/NOBODY_0001{query}");
        let answer = wechat(&running, "GET", &url, "").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (400, &json!("PARAM_ERROR")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_escaped_number_is_signed_as_sent_and_read_decoded() {
    let running = start().await;
    native_code(&running, &native("PIPE|*_-01", NOWHERE)).await;
    let answer = wechat(&running, "GET", &query_url("PIPE%7C*_-01"), "").await;
    assert_eq!(answer.json()["out_trade_no"], "PIPE|*_-01");
}

#[tokio::test]
async fn codes_and_orders_expire() {
    let running = start().await;
    let plain = native_code(&running, &native("EXPIRE_0001", NOWHERE)).await;
    let mut body = native("EXPIRE_0002", NOWHERE);
    set(&mut body, "/time_expire", json!("2015-05-20T13:29:35+08:00"));
    let short = native_code(&running, &body).await;

    assert_eq!(
        scan(&running, &short).await.status,
        200,
        "too early an expiry is raised to a minute"
    );
    own(&running, "/sandbox/clock", json!({ "advance_s": 61 })).await;
    assert_eq!(approve(&running, &short).await.json()["code"], "code_expired");
    assert_eq!(scan(&running, &plain).await.status, 200);
    own(&running, "/sandbox/clock", json!({ "advance_s": 7200 })).await;
    assert_eq!(approve(&running, &plain).await.json()["code"], "code_expired");

    let renewed = native_code(&running, &native("EXPIRE_0001", NOWHERE)).await;
    assert_eq!(scan(&running, &renewed).await.status, 200, "the order outlives its code");
    own(&running, "/sandbox/clock", json!({ "advance_s": 7 * 24 * 3600 })).await;
    let queried = wechat(&running, "GET", &query_url("EXPIRE_0001"), "").await.json();
    assert_eq!(queried["trade_state"], "CLOSED", "unpaid orders are closed after seven days");
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_with_nothing() {
    let running = start().await;
    for (method, path, status) in [
        ("GET", "/v3/pay/transactions/nothing", 404),
        ("GET", "/", 404),
        ("GET", NATIVE, 405),
        ("DELETE", "/v3/pay/transactions/id/1", 405),
        ("GET", "/v3/pay/transactions/out-trade-no/1/close", 405),
    ] {
        let answer = wechat(&running, method, path, "").await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (status, 0), "{method} {path}");
    }
}

#[tokio::test]
async fn garbage_is_refused_and_never_harms() {
    let running = start().await;
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let garbage: [&[u8]; 9] = [
        b"",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b"{",
        b"{\"amount\":[{\"total\":{}}]}",
        b"{\"amount\":{\"total\":123456789012345678901234567890}}",
        b"\"\\ud800\"",
        deep.as_bytes(),
    ];
    for body in garbage {
        for url in [NATIVE.to_owned(), close_url("%FF%00")] {
            let answer = wechat(&running, "POST", &url, body.to_vec()).await;
            assert_eq!(answer.status, 400, "{body:?}");
            let answer =
                wechat_with(&running, "POST", &url, body.to_vec(), "WECHATPAY2-\u{e9}\"=,").await;
            assert_eq!(answer.status, 401, "{body:?}");
        }
    }
    assert_eq!(own(&running, "/healthz", Value::Null).await.text(), "ok");
}

#[tokio::test]
async fn fault_switches_change_the_answers() {
    let running = start().await;
    own(&running, "/sandbox/faults", json!({ "wechat_next_status": 500 })).await;
    let body = native("FAULT_0001", NOWHERE).to_string();
    let answer = wechat(&running, "POST", NATIVE, body.clone()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (500, &json!("SYSTEM_ERROR")));
    let queried = wechat(&running, "GET", &query_url("FAULT_0001"), "").await;
    assert_eq!(
        queried.json()["trade_state"],
        "NOTPAY",
        "the order was accepted, and the switch acts once"
    );

    own(&running, "/sandbox/faults", json!({ "signtest_response": true })).await;
    let answer = wechat(&running, "GET", &query_url("FAULT_0001"), "").await;
    assert!(answer.header("wechatpay-signature").starts_with("WECHATPAY/SIGNTEST/"));
    assert!(!is_wechat_signed(&answer.headers, &answer.body));

    own(&running, "/sandbox/faults", json!({ "down": true })).await;
    assert_eq!(wechat(&running, "POST", NATIVE, body).await.status, 503);
}
