//! Alipay on phones and in frames: wap pay, page pay by `qr_pay_mode`, OAuth, create, cancel, and the
//! app's bridge (gateways.md B5, B10, B11, G2.5, G2.6, G2.13, G2.14).

use std::collections::BTreeMap;

use sandbox::Running;
use serde_json::{Value, json};

use crate::support::{
    Answer, NOWHERE, alipay, alipay_params, alipay_send, alipay_signed, approve, canonical, encode,
    keys, listed, own, send, start, verifies,
};

const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1";
const ALIPAY: &str = "Mozilla/5.0 (iPhone) AliApp(AP/10.5.90) AlipayClient/10.5.90";

fn content(out_trade_no: &str, more: Value) -> Value {
    let mut content =
        json!({ "out_trade_no": out_trade_no, "total_amount": "128.00", "subject": "测试商品" });
    content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    content
}

async fn page_as(running: &Running, method: &str, content: &Value, agent: &str) -> Answer {
    let mut params = alipay_params(method, content);
    params.insert("return_url".into(), "http://127.0.0.1:8080/done".into());
    params.insert("notify_url".into(), NOWHERE.into());
    let params = alipay_signed(params);
    let url = format!("{}/gateway.do?{}", running.base_url(), encode(params.iter()));
    send("GET", &url, &[("user-agent", agent)], "").await
}

/// The cashier's address after a page method.
async fn cashier(running: &Running, method: &str, content: Value) -> String {
    let answer = page_as(running, method, &content, SAFARI).await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    format!("{}{}", running.base_url(), answer.header("location"))
}

fn wap(out_trade_no: &str) -> Value {
    let more = json!({ "product_code": "QUICK_WAP_WAY", "quit_url": "http://127.0.0.1:8080/cart" });
    content(out_trade_no, more)
}

fn framed(out_trade_no: &str, mode: &str) -> Value {
    let more = json!({ "product_code": "FAST_INSTANT_TRADE_PAY", "qr_pay_mode": mode });
    content(out_trade_no, more)
}

async fn token(running: &Running, code: &str) -> (String, Value) {
    let mut params = alipay_params("alipay.system.oauth.token", &Value::Null);
    params.remove("biz_content");
    params.insert("grant_type".into(), "authorization_code".into());
    params.insert("code".into(), code.into());
    let answer = alipay_send(running, &alipay_signed(params)).await;
    let whole: BTreeMap<String, Value> = serde_json::from_slice(&answer.body).unwrap();
    let (key, node) = whole.into_iter().find(|(key, _)| key != "sign").unwrap();
    (key, node)
}

async fn auth_code(running: &Running) -> String {
    let url = format!(
        "{}/oauth2/publicAppAuthorize.htm?app_id={}&scope=auth_base&state=s1.x&redirect_uri={}",
        running.base_url(),
        keys().alipay.app_id,
        "http%3A%2F%2F127.0.0.1%3A8080%2Fv1%2Freturns%2Falipay_oauth"
    );
    let elsewhere = send("GET", &url, &[("user-agent", SAFARI)], "").await;
    assert!(elsewhere.status == 200 && elsewhere.text().contains("登录支付宝"));
    let answer = send("GET", &url, &[("user-agent", ALIPAY)], "").await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    let location = answer.header("location");
    let query = location.strip_prefix("http://127.0.0.1:8080/v1/returns/alipay_oauth?").unwrap();
    let pairs: BTreeMap<String, String> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!((pairs["state"].as_str(), pairs["scope"].as_str()), ("s1.x", "auth_base"));
    pairs["auth_code"].clone()
}

async fn buyer(running: &Running) -> String {
    let code = auth_code(running).await;
    token(running, &code).await.1["user_id"].as_str().unwrap().to_owned()
}

async fn created(running: &Running, out_trade_no: &str) -> String {
    let buyer = buyer(running).await;
    let node =
        alipay(running, "alipay.trade.create", content(out_trade_no, json!({ "buyer_id": buyer })))
            .await;
    node["trade_no"].as_str().unwrap_or_else(|| panic!("{node}")).to_owned()
}

#[tokio::test]
async fn the_wap_cashier_pays_and_returns_or_goes_back() {
    let running = start().await;
    let url = cashier(&running, "alipay.trade.wap.pay", wap("WAP_0001")).await;
    assert_eq!(listed(&running, "WAP_0001").await["state"], "NOT_CREATED");
    let page = send("GET", &url, &[], "").await;
    assert!(page.text().contains("¥128.00") && page.text().contains("返回商家"));
    assert_eq!(listed(&running, "WAP_0001").await["state"], "WAIT_BUYER_PAY");
    let back = send("POST", &format!("{url}/back"), &[], "").await;
    assert_eq!(
        (back.status.as_u16(), back.header("location")),
        (302, "http://127.0.0.1:8080/cart")
    );
    assert_eq!(listed(&running, "WAP_0001").await["state"], "WAIT_BUYER_PAY");
    let paid = send("POST", &format!("{url}/pay"), &[], "").await;
    let query = paid.header("location").strip_prefix("http://127.0.0.1:8080/done?").unwrap();
    let pairs: BTreeMap<String, String> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(pairs["method"], "alipay.trade.wap.pay.return");
    let text = canonical(&pairs, &["sign", "sign_type"]);
    assert!(verifies(&keys().alipay.alipay_public_key, &text, &pairs["sign"]));
    assert_eq!(listed(&running, "WAP_0001").await["product"], "wap");
}

#[tokio::test]
async fn wap_pay_has_its_own_product_code_and_a_quit_url_of_this_machine() {
    let running = start().await;
    for (member, value) in [
        ("product_code", json!("FAST_INSTANT_TRADE_PAY")),
        ("product_code", Value::Null),
        ("quit_url", json!("https://shop.example/")),
        ("quit_url", json!("javascript:alert(1)")),
    ] {
        let mut bad = wap("WAP_0002");
        bad[member] = value;
        let answer = page_as(&running, "alipay.trade.wap.pay", &bad, SAFARI).await;
        assert!(answer.text().contains("ACQ.INVALID_PARAMETER"), "{member}: {}", answer.text());
    }
    let wechat =
        page_as(&running, "alipay.trade.wap.pay", &wap("WAP_0002"), "MicroMessenger").await;
    assert!(wechat.text().contains("已停止访问该网页"), "WeChat opens no page of Alipay's");
}

#[tokio::test]
async fn only_the_qr_modes_may_be_framed() {
    let running = start().await;
    for (number, mode) in ["0", "1", "3"].into_iter().enumerate() {
        let name = format!("FRAME_1{number}");
        let url = cashier(&running, "alipay.trade.page.pay", framed(&name, mode)).await;
        let page = send("GET", &url, &[], "").await;
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors http://127.0.0.1:* http://localhost:*;"),
            "{mode}: {policy}"
        );
        assert!(page.text().contains("<svg class=\"code\""), "{mode}");
        assert_eq!(listed(&running, &name).await["state"], "NOT_CREATED", "a code opens nothing");
    }
    let url = cashier(&running, "alipay.trade.page.pay", framed("FRAME_0002", "2")).await;
    let whole = send("GET", &url, &[], "").await;
    assert!(whole.header("content-security-policy").contains("frame-ancestors 'none'"));
    for bad in [framed("FRAME_0003", "4"), framed("FRAME_0003", "5")] {
        let answer = page_as(&running, "alipay.trade.page.pay", &bad, SAFARI).await;
        assert!(answer.text().contains("ACQ.INVALID_PARAMETER"), "{bad}");
    }
    let mut wide = framed("FRAME_0003", "4");
    wide["qrcode_width"] = json!("200");
    cashier(&running, "alipay.trade.page.pay", wide).await;
}

#[tokio::test]
async fn a_framed_code_is_paid_by_the_phone_or_in_the_frame() {
    let running = start().await;
    let url = cashier(&running, "alipay.trade.page.pay", framed("FRAME_0004", "1")).await;
    let codes = own(&running, "/sandbox/codes", Value::Null).await.json();
    approve(&running, codes[0]["code"].as_str().unwrap()).await;
    let page = send("GET", &url, &[], "").await;
    assert!(page.text().contains("支付成功"), "{}", page.text());
    assert!(page.text().contains("target=\"_top\""), "the way out of the frame");
    assert!(!page.text().contains("refresh"), "nothing more to wait for");

    let url = cashier(&running, "alipay.trade.page.pay", framed("FRAME_0005", "1")).await;
    let page = send("GET", &url, &[], "").await;
    assert!(page.text().contains("target=\"_top\"") && page.text().contains("content=\"2;url="));
    let paid = send("POST", &format!("{url}/pay"), &[], "").await;
    assert!(paid.header("location").starts_with("http://127.0.0.1:8080/done?"));
}

#[tokio::test]
async fn an_auth_code_names_the_buyer_once() {
    let running = start().await;
    let code = auth_code(&running).await;
    let (key, node) = token(&running, &code).await;
    assert_eq!(key, "alipay_system_oauth_token_response");
    assert!(node.get("code").is_none() && node["access_token"].is_string(), "{node}");
    let user_id = node["user_id"].as_str().unwrap();
    assert!(user_id.starts_with("2088") && user_id.len() == 16);
    let (key, node) = token(&running, &code).await;
    assert_eq!((key.as_str(), &node["sub_code"]), ("error_response", &json!("isv.code-invalid")));
    let late = auth_code(&running).await;
    own(&running, "/sandbox/clock", json!({ "advance_s": 300 })).await;
    assert_eq!(token(&running, &late).await.1["sub_code"], "isv.code-invalid");
    own(&running, "/sandbox/faults", json!({ "alipay_open_id": true })).await;
    let node = token(&running, &auth_code(&running).await).await.1;
    let open_id = node["open_id"].as_str().unwrap();
    assert!(node.get("user_id").is_none());
    let with = json!({ "buyer_open_id": open_id, "product_code": "JSAPI_PAY", "op_app_id": keys().alipay.app_id });
    let node = alipay(&running, "alipay.trade.create", content("OPENID_01", with)).await;
    assert_eq!(node["code"], "10000", "{node}");
    for (app, code) in [(json!("2021000000000009"), "10000"), (Value::Null, "40004")] {
        let mut with = json!({ "op_buyer_open_id": open_id, "product_code": "JSAPI_PAY" });
        if !app.is_null() {
            with["op_app_id"] = app;
        }
        let node = alipay(&running, "alipay.trade.create", content("OPENID_02", with)).await;
        assert_eq!(node["code"], code, "{node}");
    }
}

#[tokio::test]
async fn a_created_trade_exists_at_once_and_is_one_buyers() {
    let running = start().await;
    let trade_no = created(&running, "CREATE_0001").await;
    assert_eq!(listed(&running, "CREATE_0001").await["state"], "WAIT_BUYER_PAY");
    assert_eq!(created(&running, "CREATE_0001").await, trade_no, "asked again: the same trade");
    let create =
        |more: Value| alipay(&running, "alipay.trade.create", content("CREATE_0001", more));
    assert_eq!(create(json!({})).await["sub_code"], "ACQ.INVALID_PARAMETER");
    assert_eq!(
        create(json!({ "buyer_id": "2088999999999999" })).await["sub_code"],
        "ACQ.INVALID_PARAMETER"
    );
    assert_eq!(
        create(json!({ "buyer_id": keys().alipay.seller_id })).await["sub_code"],
        "ACQ.BUYER_SELLER_EQUAL"
    );
    let jsapi = json!({ "buyer_id": buyer(&running).await, "product_code": "JSAPI_PAY" });
    assert_eq!(create(jsapi).await["trade_no"], trade_no.as_str(), "op_app_id is optional");
    own(&running, "/sandbox/faults", json!({ "phone_user": "somebody-else" })).await;
    let other = buyer(&running).await;
    assert_eq!(create(json!({ "buyer_id": other })).await["sub_code"], "ACQ.TRADE_BUYER_NOT_MATCH");
}

async fn trade_pay(running: &Running, trade_no: &str, decision: Value) -> Value {
    let body = json!({ "params": { "tradeNO": trade_no }, "decision": decision });
    own(running, "/bridge/alipay", body).await.json()
}

#[tokio::test]
async fn trade_pay_asks_pays_and_answers_by_switch() {
    let running = start().await;
    let trade_no = created(&running, "TRADEPAY_1").await;
    let asked = trade_pay(&running, &trade_no, Value::Null).await;
    assert_eq!(asked["ask"]["amount"], 12_800);
    assert_eq!(trade_pay(&running, &trade_no, json!("cancel")).await["resultCode"], "6001");
    assert_eq!(trade_pay(&running, &trade_no, json!("ok")).await["resultCode"], "9000");
    assert_eq!(trade_pay(&running, &trade_no, json!("ok")).await["resultCode"], "4000", "paid");
    assert_eq!(trade_pay(&running, "2024", Value::Null).await["resultCode"], "4000");
    for (answer, code, state) in [
        ("ok", "9000", "TRADE_SUCCESS"),
        ("processing", "8000", "TRADE_SUCCESS"),
        ("unknown", "6004", "WAIT_BUYER_PAY"),
        ("unknown_paid", "6004", "TRADE_SUCCESS"),
        ("cancel", "6001", "WAIT_BUYER_PAY"),
        ("fail", "4000", "WAIT_BUYER_PAY"),
        ("ok_unpaid", "9000", "WAIT_BUYER_PAY"),
        ("cancel_paid", "6001", "TRADE_SUCCESS"),
    ] {
        let number = format!("TRADEPAY_{answer}");
        let trade_no = created(&running, &number).await;
        own(&running, "/sandbox/faults", json!({ "tradepay_answer": answer })).await;
        assert_eq!(trade_pay(&running, &trade_no, Value::Null).await["resultCode"], code);
        assert_eq!(listed(&running, &number).await["state"], state, "{answer}");
    }
    let trade_no = created(&running, "TRADEPAY_2").await;
    own(&running, "/sandbox/faults", json!({ "tradepay_answer": "ok", "phone_user": "other" }))
        .await;
    assert_eq!(trade_pay(&running, &trade_no, Value::Null).await["resultCode"], "4000");
    assert_eq!(listed(&running, "TRADEPAY_2").await["state"], "WAIT_BUYER_PAY");
}

#[tokio::test]
async fn cancel_closes_what_is_unpaid_and_refunds_what_is_paid() {
    let running = start().await;
    let cancel = |number: &'static str| {
        alipay(&running, "alipay.trade.cancel", json!({ "out_trade_no": number }))
    };
    let nothing = cancel("CANCEL_0000").await;
    assert_eq!((&nothing["code"], &nothing["retry_flag"]), (&json!("10000"), &json!("N")));
    assert!(nothing.get("action").is_none() && nothing.get("trade_no").is_none(), "{nothing}");

    let trade_no = created(&running, "CANCEL_0001").await;
    let closed = cancel("CANCEL_0001").await;
    assert_eq!((&closed["action"], &closed["trade_no"]), (&json!("close"), &json!(trade_no)));
    assert_eq!(listed(&running, "CANCEL_0001").await["state"], "TRADE_CLOSED");
    assert_eq!(cancel("CANCEL_0001").await["action"], "close");

    let trade_no = created(&running, "CANCEL_0002").await;
    trade_pay(&running, &trade_no, json!("ok")).await;
    let part =
        json!({ "out_trade_no": "CANCEL_0002", "refund_amount": "28.00", "out_request_no": "R1" });
    alipay(&running, "alipay.trade.refund", part).await;
    for _ in 0..2 {
        assert_eq!(cancel("CANCEL_0002").await["action"], "refund");
        let order = listed(&running, "CANCEL_0002").await;
        assert_eq!((&order["refunded"], &order["captures"]), (&json!(12_800), &json!(1)));
    }

    let trade_no = created(&running, "CANCEL_0003").await;
    trade_pay(&running, &trade_no, json!("ok")).await;
    own(&running, "/sandbox/clock", json!({ "advance_s": 86_401 })).await;
    assert_eq!(cancel("CANCEL_0003").await["sub_code"], "ACQ.TRADE_CANCEL_TIME_OUT");
    assert_eq!(listed(&running, "CANCEL_0003").await["refunded"], 0);
}
