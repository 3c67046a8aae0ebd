//! Alipay: precreate, query, close, page.pay with its cashier, and how the gateway refuses.

use std::collections::BTreeMap;

use sandbox::Running;
use serde_json::{Value, json};

use crate::support::{
    Answer, NOWHERE, alipay, alipay_params, alipay_send, alipay_signed, approve, canonical, encode,
    keys, node, own, scan, send, start, verifies,
};

const PRECREATE: &str = "alipay.trade.precreate";
const QUERY: &str = "alipay.trade.query";
const CLOSE: &str = "alipay.trade.close";
const PAGE_PAY: &str = "alipay.trade.page.pay";

fn content(out_trade_no: &str) -> Value {
    json!({ "out_trade_no": out_trade_no, "total_amount": "128.00", "subject": "测试商品 A+B" })
}

async fn qr_code(running: &Running, out_trade_no: &str) -> String {
    alipay(running, PRECREATE, content(out_trade_no)).await["qr_code"].as_str().unwrap().to_owned()
}

async fn status(running: &Running, out_trade_no: &str) -> Value {
    let node = alipay(running, QUERY, json!({ "out_trade_no": out_trade_no })).await;
    if node["code"] == "10000" { node["trade_status"].clone() } else { node["sub_code"].clone() }
}

#[tokio::test]
async fn a_precreated_order_is_a_trade_only_once_scanned() {
    let running = start().await;
    let node = alipay(&running, PRECREATE, content("ORDER_0001")).await;
    let code = node["qr_code"].as_str().unwrap();
    assert!(code.starts_with("https://qr.alipay.com/ba") && code.len() == 42, "{code}");
    assert!(node.get("trade_no").is_none());

    let expected = json!({
        "code": "40004", "msg": "Business Failed", "sub_code": "ACQ.TRADE_NOT_EXIST", "sub_msg": "交易不存在",
        "buyer_pay_amount": "0.00", "invoice_amount": "0.00", "out_trade_no": "ORDER_0001",
        "point_amount": "0.00", "receipt_amount": "0.00",
    });
    assert_eq!(alipay(&running, QUERY, json!({ "out_trade_no": "ORDER_0001" })).await, expected);
    let closed = alipay(&running, CLOSE, json!({ "out_trade_no": "ORDER_0001" })).await;
    assert_eq!(closed["sub_code"], "ACQ.TRADE_NOT_EXIST");

    assert_eq!(scan(&running, code).await.status, 200, "the code is still payable");
    assert_eq!(status(&running, "ORDER_0001").await, "WAIT_BUYER_PAY");
    approve(&running, code).await;
    let paid = alipay(&running, QUERY, json!({ "out_trade_no": "ORDER_0001" })).await;
    assert_eq!(
        (&paid["trade_status"], &paid["total_amount"]),
        (&json!("TRADE_SUCCESS"), &json!("128.00"))
    );
    assert_eq!(
        paid["fund_bill_list"],
        json!([{ "amount": "128.00", "fund_channel": "ALIPAYACCOUNT" }])
    );
    let trade_no = paid["trade_no"].as_str().unwrap();
    assert_eq!(trade_no.len(), 28);
    let other = json!({ "trade_no": trade_no, "out_trade_no": "ANOTHER" });
    assert_eq!(alipay(&running, QUERY, other).await["out_trade_no"], "ORDER_0001", "trade_no wins");
}

#[tokio::test]
async fn answers_escape_slashes_unless_told_otherwise() {
    let running = start().await;
    let params = alipay_signed(alipay_params(PRECREATE, &content("ORDER_0002")));
    let answer = alipay_send(&running, &params).await;
    assert!(
        answer
            .text()
            .starts_with(r#"{"alipay_trade_precreate_response":{"code":"10000","msg":"Success","#)
    );
    assert!(
        answer.text().contains(r#""qr_code":"https:\/\/qr.alipay.com\/ba"#),
        "{}",
        answer.text()
    );
    assert!(node(&answer, PRECREATE).1);
    own(&running, "/sandbox/faults", json!({ "alipay_plain_slashes": true })).await;
    let answer = alipay_send(&running, &params).await;
    assert!(answer.text().contains(r#""qr_code":"https://qr.alipay.com/ba"#), "{}", answer.text());
    assert!(node(&answer, PRECREATE).1);
}

#[tokio::test]
async fn escaped_slashes_may_be_signed_as_plain_ones() {
    let running = start().await;
    own(&running, "/sandbox/faults", json!({ "alipay_signs_plain_slashes": true })).await;
    let params = alipay_signed(alipay_params(PRECREATE, &content("ORDER_0012")));
    let answer = alipay_send(&running, &params).await;
    assert!(answer.text().contains(r#""qr_code":"https:\/\/qr.alipay.com\/ba"#));
    assert!(!node(&answer, PRECREATE).1, "not over the text as it is");
    let plain = Answer { body: answer.text().replace("\\/", "/").into(), ..answer };
    assert!(node(&plain, PRECREATE).1);
}

#[tokio::test]
async fn only_a_waiting_trade_is_closed() {
    let running = start().await;
    let code = qr_code(&running, "CLOSE_0001").await;
    scan(&running, &code).await;
    let node = alipay(&running, CLOSE, json!({ "out_trade_no": "CLOSE_0001" })).await;
    assert_eq!((&node["code"], &node["out_trade_no"]), (&json!("10000"), &json!("CLOSE_0001")));
    assert_eq!(status(&running, "CLOSE_0001").await, "TRADE_CLOSED");
    let again = alipay(&running, CLOSE, json!({ "out_trade_no": "CLOSE_0001" })).await;
    assert_eq!(
        (&again["sub_code"], &again["sub_msg"], &again["out_trade_no"]),
        (&json!("ACQ.TRADE_STATUS_ERROR"), &json!("交易状态不合法"), &json!("CLOSE_0001"))
    );
    assert_eq!(scan(&running, &code).await.json()["code"], "order_closed");
    let precreated = alipay(&running, PRECREATE, content("CLOSE_0001")).await;
    assert_eq!(precreated["sub_code"], "ACQ.TRADE_HAS_CLOSE");
}

#[tokio::test]
async fn the_same_number_must_keep_its_terms() {
    let running = start().await;
    let first = qr_code(&running, "SAME_0001").await;
    let second = qr_code(&running, "SAME_0001").await;
    assert_ne!(first, second);
    let mut other = content("SAME_0001");
    other["total_amount"] = json!("128.01");
    assert_eq!(alipay(&running, PRECREATE, other).await["sub_code"], "ACQ.CONTEXT_INCONSISTENT");
    assert_eq!(approve(&running, &first).await.status, 200, "nothing voids the first code");
    assert_eq!(approve(&running, &second).await.json()["code"], "order_paid");
    assert_eq!(
        alipay(&running, PRECREATE, content("SAME_0001")).await["sub_code"],
        "ACQ.TRADE_HAS_SUCCESS"
    );
}

#[tokio::test]
async fn contents_are_checked() {
    let running = start().await;
    for (member, value) in [
        ("out_trade_no", json!("")),
        ("out_trade_no", json!("有")),
        ("out_trade_no", json!("x".repeat(65))),
        ("total_amount", json!(128)),
        ("total_amount", json!("0.00")),
        ("total_amount", json!("1.001")),
        ("total_amount", json!("100000000.01")),
        ("subject", Value::Null),
        ("subject", json!("a/b")),
        ("subject", json!("字".repeat(257))),
        ("product_code", json!("FAST_INSTANT_TRADE_PAY")),
        ("timeout_express", json!("1.5h")),
        ("time_expire", json!("2030-01-01")),
        ("time_expire", json!("2100-01-01 00:00:00")),
        ("qr_code_timeout_express", json!("x")),
        ("passback_params", json!("a=b&c")),
    ] {
        let mut bad = content("CHECK_0001");
        bad[member] = value.clone();
        let node = alipay(&running, PRECREATE, bad).await;
        assert_eq!(node["sub_code"], "ACQ.INVALID_PARAMETER", "{member} {value}");
    }
    let mut late = content("CHECK_0001");
    late["time_expire"] = json!("2020-01-01 00:00:00");
    let node = alipay(&running, PRECREATE, late).await;
    assert_eq!(node["sub_code"], "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR");
    let node = alipay(&running, QUERY, json!({})).await;
    assert_eq!(node["sub_code"], "ACQ.INVALID_PARAMETER");
}

/// Sends params signed after `change`; answers code, sub_code and whether the answer is signed.
async fn refused(
    running: &Running,
    change: impl FnOnce(&mut BTreeMap<String, String>),
) -> (Value, bool) {
    let mut params = alipay_params(QUERY, &json!({ "out_trade_no": "X" }));
    change(&mut params);
    if !params.contains_key("sign") {
        params = alipay_signed(params);
    }
    let answer = alipay_send(running, &params).await;
    let method = params.get("method").cloned().unwrap_or_else(|| "error".into());
    let (node, is_signed) = node(&answer, &method);
    (json!([node["code"], node["sub_code"]]), is_signed)
}

#[tokio::test]
async fn common_parameters_are_checked_in_order() {
    let running = start().await;
    let set = |name: &'static str, value: &'static str| {
        move |params: &mut BTreeMap<String, String>| {
            params.insert(name.into(), value.into());
        }
    };
    let no = |name: &'static str| {
        move |params: &mut BTreeMap<String, String>| {
            params.remove(name);
        }
    };
    let unsigned = |code: &str, sub_code: &str| (json!([code, sub_code]), false);
    let signed = |code: &str, sub_code: &str| (json!([code, sub_code]), true);

    assert_eq!(refused(&running, no("app_id")).await, unsigned("40001", "isv.missing-app-id"));
    let everything_wrong = |params: &mut BTreeMap<String, String>| {
        params.insert("app_id".into(), "2021000000000009".into());
        params.insert("sign".into(), "x".into());
        params.remove("timestamp");
    };
    assert_eq!(refused(&running, everything_wrong).await, unsigned("40002", "isv.invalid-app-id"));
    assert_eq!(refused(&running, no("method")).await, unsigned("40001", "isv.missing-method"));
    assert_eq!(
        refused(&running, no("sign_type")).await,
        unsigned("40001", "isv.missing-signature-type")
    );
    assert_eq!(
        refused(&running, set("sign", "")).await,
        unsigned("40001", "isv.missing-signature")
    );
    assert_eq!(
        refused(&running, no("timestamp")).await,
        unsigned("40001", "isv.missing-timestamp")
    );
    assert_eq!(refused(&running, no("version")).await, unsigned("40001", "isv.missing-version"));
    let wrong_time = set("timestamp", "2020-01-01 00:00:00");
    assert_eq!(refused(&running, wrong_time).await, signed("40002", "isv.invalid-timestamp"));
    assert_eq!(
        refused(&running, set("charset", "gbk")).await,
        signed("40002", "isv.invalid-charset")
    );
    assert_eq!(
        refused(&running, set("sign_type", "RSA")).await,
        signed("40002", "isv.invalid-signature-type")
    );
    assert_eq!(
        refused(&running, set("sign", "AAAA")).await,
        signed("40002", "isv.invalid-signature")
    );
    assert_eq!(
        refused(&running, set("method", "alipay.no.such")).await,
        signed("40002", "isv.invalid-method")
    );
    let later = set("method", "alipay.trade.pay");
    assert_eq!(refused(&running, later).await, signed("40006", "isv.insufficient-isv-permissions"));
    assert_eq!(
        refused(&running, set("biz_content", "[1]")).await,
        signed("40002", "isv.illegal-json")
    );
    assert_eq!(
        refused(&running, no("biz_content")).await,
        signed("40004", "ACQ.INVALID_PARAMETER")
    );
}

#[tokio::test]
async fn a_signature_error_shows_the_gateways_own_text() {
    let running = start().await;
    let mut params = alipay_params(QUERY, &json!({ "out_trade_no": "X" }));
    params.insert("return_url".into(), String::new());
    let text = canonical(&params, &["sign"]);
    params.insert("sign".into(), "AAAA".into());
    let (node, is_signed) = node(&alipay_send(&running, &params).await, QUERY);
    assert!(is_signed);
    let expected = format!(
        "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：{}",
        text.replace('&', "&amp;")
    );
    assert_eq!(node["sub_msg"], expected);
}

#[tokio::test]
async fn charset_belongs_into_the_query() {
    let running = start().await;
    let form = |params: &BTreeMap<String, String>| encode(params.iter());
    let url = format!("{}/gateway.do", running.base_url());
    let kind = [("content-type", "application/x-www-form-urlencoded")];

    let wide = alipay_signed(alipay_params(PRECREATE, &content("CHARSET_1")));
    let answer = send("POST", &url, &kind, form(&wide)).await;
    let (refusal, _) = node(&answer, PRECREATE);
    assert_eq!(
        refusal["sub_msg"],
        "验签出错，请确认charset参数放在了URL查询字符串中且各参数值使用charset参数指示的字符集编码"
    );
    let answer = send("GET", &format!("{url}?{}", form(&wide)), &[], "").await;
    assert_eq!(node(&answer, PRECREATE).0["code"], "10000", "all in the query of a GET is fine");
}

#[tokio::test]
async fn codes_and_trades_time_out() {
    let running = start().await;
    let plain = qr_code(&running, "TIME_0001").await;
    let mut short = content("TIME_0002");
    short["timeout_express"] = json!("5m");
    let short = alipay(&running, PRECREATE, short).await["qr_code"].as_str().unwrap().to_owned();
    let mut waits = content("TIME_0003");
    waits["timeout_express"] = json!("5m");
    let waits = alipay(&running, PRECREATE, waits).await["qr_code"].as_str().unwrap().to_owned();
    scan(&running, &waits).await;
    own(&running, "/sandbox/clock", json!({ "advance_s": 301 })).await;
    assert_eq!(approve(&running, &short).await.json()["code"], "code_expired");
    assert_eq!(status(&running, "TIME_0002").await, "ACQ.TRADE_NOT_EXIST");
    assert_eq!(approve(&running, &waits).await.json()["code"], "order_closed");
    assert_eq!(status(&running, "TIME_0003").await, "TRADE_CLOSED");
    own(&running, "/sandbox/clock", json!({ "advance_s": 7000 })).await;
    assert_eq!(
        approve(&running, &plain).await.json()["code"],
        "code_expired",
        "two hours, whatever the trade's end"
    );
}

async fn cashier(running: &Running, out_trade_no: &str, return_url: &str) -> Answer {
    let mut content = content(out_trade_no);
    content["product_code"] = json!("FAST_INSTANT_TRADE_PAY");
    let mut params = alipay_params(PAGE_PAY, &content);
    params.insert("return_url".into(), return_url.into());
    params.insert("notify_url".into(), NOWHERE.into());
    let params = alipay_signed(params);
    send("GET", &format!("{}/gateway.do?{}", running.base_url(), encode(params.iter())), &[], "")
        .await
}

#[tokio::test]
async fn the_cashier_creates_the_trade_takes_the_money_and_returns_signed() {
    let running = start().await;
    let answer = cashier(&running, "PAGE_0001", "http://127.0.0.1:8080/done?session=1").await;
    assert_eq!(answer.status, 302);
    assert_eq!(
        status(&running, "PAGE_0001").await,
        "ACQ.TRADE_NOT_EXIST",
        "nobody has opened the cashier"
    );
    let page_url = format!("{}{}", running.base_url(), answer.header("location"));

    let page = send("GET", &page_url, &[], "").await;
    assert!(
        page.text().contains("¥128.00") && page.text().contains("测试商品 A+B"),
        "{}",
        page.text()
    );
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:* http://localhost:*;"),
        "{policy}"
    );
    assert_eq!(status(&running, "PAGE_0001").await, "WAIT_BUYER_PAY");
    for way in ["cancel", "leave"] {
        assert_eq!(send("POST", &format!("{page_url}/{way}"), &[], "").await.status, 200);
        assert_eq!(status(&running, "PAGE_0001").await, "WAIT_BUYER_PAY", "{way}");
    }

    let back = send("POST", &format!("{page_url}/pay"), &[], "").await;
    assert_eq!(back.status, 302);
    assert_eq!(status(&running, "PAGE_0001").await, "TRADE_SUCCESS");
    let query =
        back.header("location").strip_prefix("http://127.0.0.1:8080/done?session=1&").unwrap();
    let pairs: BTreeMap<String, String> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let text = canonical(&pairs, &["sign", "sign_type"]);
    assert!(verifies(&keys().alipay.alipay_public_key, &text, &pairs["sign"]));
    assert_eq!(pairs["method"], "alipay.trade.page.pay.return");
    assert_eq!(
        (pairs["total_amount"].as_str(), pairs["out_trade_no"].as_str()),
        ("128.00", "PAGE_0001")
    );
    assert!(!pairs.contains_key("trade_status"));

    let again = send("POST", &format!("{page_url}/pay"), &[], "").await;
    assert!(again.status == 200 && again.text().contains("already paid"), "nobody pays twice");
}

#[tokio::test]
async fn a_refused_page_is_html() {
    let running = start().await;
    let mut params = alipay_params(PAGE_PAY, &content("PAGE_0002"));
    params.insert("app_id".into(), "2021000000000009".into());
    let params = alipay_signed(params);
    let url = format!("{}/gateway.do?{}", running.base_url(), encode(params.iter()));
    let answer = send("GET", &url, &[], "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("<title>调试错误</title>"), "{}", answer.text());
    assert!(answer.text().contains("调试错误，请回到请求来源地，重新发起请求。"));
    assert!(answer.text().contains("错误代码 invalid-app-id 错误原因: 无效的AppID参数"));

    let answer = cashier(&running, "PAGE_0003", "https://shop.example/done").await;
    assert!(answer.text().contains("return_url"), "only loopback shops are returned to");
    let answer =
        send("GET", &format!("{}/alipay/cashier/nothing", running.base_url()), &[], "").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn an_unknown_outcome_has_taken_effect() {
    let running = start().await;
    let code = qr_code(&running, "FAULT_0001").await;
    scan(&running, &code).await;
    own(&running, "/sandbox/faults", json!({ "alipay_next_unknown": true })).await;
    let node = alipay(&running, CLOSE, json!({ "out_trade_no": "FAULT_0001" })).await;
    assert_eq!((&node["code"], &node["sub_code"]), (&json!("20000"), &json!("aop.unknow-error")));
    assert_eq!(status(&running, "FAULT_0001").await, "TRADE_CLOSED");
}

#[tokio::test]
async fn garbage_is_refused_and_never_harms() {
    let running = start().await;
    let url = format!("{}/gateway.do", running.base_url());
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    for body in [
        &b""[..],
        b"\xff=%FF&%",
        b"app_id",
        b"=&=&&",
        b"method=alipay.trade.page.pay&app_id=%00<script>",
    ] {
        assert_eq!(send("POST", &url, &kind, body.to_vec()).await.status, 200, "{body:?}");
    }
    for text in [
        "{",
        "null",
        "{\"out_trade_no\":{}}",
        "{\"out_trade_no\":\"\\u0000\"}",
        "{\"total_amount\":\"1..\"}",
    ] {
        let mut params = alipay_params(PRECREATE, &Value::Null);
        params.insert("biz_content".into(), text.into());
        let (node, is_signed) =
            node(&alipay_send(&running, &alipay_signed(params)).await, PRECREATE);
        assert!(is_signed && node["code"] != "10000", "{text}");
    }
}
