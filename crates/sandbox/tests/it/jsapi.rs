//! WeChat Pay JSAPI: OAuth for the openid, the order, and the app's bridge (gateways.md A11.1, G1.11, G1.12).

use std::collections::BTreeMap;

use sandbox::Running;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::support::{Answer, NOWHERE, keys, listed, native, own, send, sign, start, wechat};

const JSAPI: &str = "/v3/pay/transactions/jsapi";
const WECHAT: &str = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.49 Mobile";

fn authorize_url(running: &Running, changes: &[(&str, &str)]) -> String {
    let appid = keys().wechat_pay.appid;
    let mut pairs = vec![
        ("appid", appid.as_str()),
        ("redirect_uri", "http://127.0.0.1:8080/v1/returns/wechat_pay_oauth"),
        ("response_type", "code"),
        ("scope", "snsapi_base"),
        ("state", "pay_1.signed-token"),
    ];
    for (name, value) in changes {
        pairs.iter_mut().find(|(known, _)| known == name).unwrap().1 = value;
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{}/connect/oauth2/authorize?{query}", running.base_url())
}

async fn authorize(url: &str) -> Answer {
    send("GET", url, &[("user-agent", WECHAT)], "").await
}

async fn code(running: &Running) -> String {
    let answer = authorize(&authorize_url(running, &[])).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    let location = answer.header("location");
    let query =
        location.strip_prefix("http://127.0.0.1:8080/v1/returns/wechat_pay_oauth?").unwrap();
    let pairs: BTreeMap<String, String> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(pairs["state"], "pay_1.signed-token");
    pairs["code"].clone()
}

async fn swap(running: &Running, code: &str, secret: &str) -> Value {
    let url = format!(
        "{}/sns/oauth2/access_token?appid={}&secret={secret}&code={code}&grant_type=authorization_code",
        running.base_url(),
        keys().wechat_pay.appid
    );
    send("GET", &url, &[], "").await.json()
}

async fn openid(running: &Running) -> String {
    let code = code(running).await;
    let answer = swap(running, &code, keys().wechat_pay.app_secret.expose()).await;
    answer["openid"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn order_body(out_trade_no: &str, openid: &str) -> Value {
    let mut body = native(out_trade_no, NOWHERE);
    body["payer"] = json!({ "openid": openid });
    body
}

async fn prepay(running: &Running, out_trade_no: &str) -> String {
    let body = order_body(out_trade_no, &openid(running).await);
    let answer = wechat(running, "POST", JSAPI, body.to_string()).await;
    answer.json()["prepay_id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// The parameters that the page passes to the bridge, correctly signed.
fn params(prepay_id: &str, at: i64) -> Value {
    let keys = keys().wechat_pay;
    let package = format!("prepay_id={prepay_id}");
    let message = format!("{}\n{at}\nnonce\n{package}\n", keys.appid);
    json!({
        "appId": keys.appid, "timeStamp": at.to_string(), "nonceStr": "nonce", "package": package,
        "signType": "RSA", "paySign": sign(keys.merchant_private_key.expose(), &message),
    })
}

fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

async fn invoke(running: &Running, params: &Value, decision: Value) -> Value {
    own(running, "/bridge/wechat_pay", json!({ "params": params, "decision": decision }))
        .await
        .json()
}

#[tokio::test]
async fn an_openid_is_given_for_a_code_used_once_within_five_minutes() {
    let running = start().await;
    let secret = keys().wechat_pay.app_secret;
    let first = code(&running).await;
    let answer = swap(&running, &first, secret.expose()).await;
    assert_eq!((&answer["expires_in"], &answer["scope"]), (&json!(7200), &json!("snsapi_base")));
    assert_eq!(answer["openid"].as_str().unwrap().len(), 28);
    assert_eq!(swap(&running, &first, secret.expose()).await["errcode"], 40163);
    assert_eq!(swap(&running, "nothing", secret.expose()).await["errcode"], 40029);
    let second = code(&running).await;
    assert_eq!(swap(&running, &second, "wrong").await["errcode"], 40125);
    own(&running, "/sandbox/clock", json!({ "advance_s": 300 })).await;
    assert_eq!(swap(&running, &second, secret.expose()).await["errcode"], 42003);
}

#[tokio::test]
async fn authorization_is_refused_in_the_real_words() {
    let running = start().await;
    let right = authorize_url(&running, &[]);
    let outside = send("GET", &right, &[("user-agent", "Safari")], "").await;
    assert!(outside.text().contains("请在微信客户端打开链接"), "{}", outside.text());
    for (changes, number) in [
        (vec![("appid", "wx0000000000000000")], "10013"),
        (vec![("redirect_uri", "https://shop.example/")], "10003"),
        (vec![("scope", "snsapi_all")], "10005"),
        (vec![("response_type", "token")], "10004"),
        (vec![("state", "a b")], "10006"),
    ] {
        let answer = authorize(&authorize_url(&running, &changes)).await;
        assert_eq!(answer.status, 200, "{changes:?}");
        assert!(answer.text().contains(number), "{changes:?}: {}", answer.text());
    }
    let long = "x".repeat(129);
    let answer = authorize(&authorize_url(&running, &[("state", &long)])).await;
    assert!(answer.text().contains("10006"));
    let swapped = right
        .replace("response_type=code&scope=snsapi_base", "scope=snsapi_base&response_type=code");
    assert!(authorize(&swapped).await.text().contains("10004"), "WeChat wants its own order");
}

#[tokio::test]
async fn a_jsapi_order_takes_only_a_known_openid() {
    let running = start().await;
    let strange = order_body("JSAPI_0001", "oSomebodyFromAnotherAppid000");
    let answer = wechat(&running, "POST", JSAPI, strange.to_string()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (500, &json!("OPENID_MISMATCH")));
    let answer = wechat(&running, "POST", JSAPI, native("JSAPI_0001", NOWHERE).to_string()).await;
    assert!(answer.json()["message"].as_str().unwrap().contains("/body/payer"), "{answer:?}");
    let first = prepay(&running, "JSAPI_0001").await;
    assert!(first.starts_with("wx20") && first.len() == 36, "{first}");
    assert_ne!(prepay(&running, "JSAPI_0001").await, first, "asked again: a fresh one");
    let codes = own(&running, "/sandbox/codes", Value::Null).await.json();
    assert_eq!(codes, json!([]), "nothing to scan");
}

#[tokio::test]
async fn the_bridge_asks_and_pays() {
    let running = start().await;
    let prepay_id = prepay(&running, "JSAPI_0002").await;
    let params = params(&prepay_id, now());
    let asked = invoke(&running, &params, Value::Null).await;
    assert_eq!(asked, json!({ "ask": { "amount": 12_800, "description": "测试商品 A+B" } }));
    let canceled = invoke(&running, &params, json!("cancel")).await;
    assert_eq!(canceled["err_msg"], "get_brand_wcpay_request:cancel");
    let failed = invoke(&running, &params, json!("fail")).await;
    assert_eq!(failed["err_msg"], "get_brand_wcpay_request:fail");
    assert_eq!(listed(&running, "JSAPI_0002").await["state"], "NOTPAY");
    let paid = invoke(&running, &params, json!("ok")).await;
    assert_eq!(paid, json!({ "err_msg": "get_brand_wcpay_request:ok" }));
    assert_eq!(listed(&running, "JSAPI_0002").await["state"], "SUCCESS");
    let again = invoke(&running, &params, json!("ok")).await;
    assert_eq!(again["err_desc"], "该订单已支付");
    assert_eq!(listed(&running, "JSAPI_0002").await["captures"], 1);
}

#[tokio::test]
async fn the_bridge_checks_what_the_page_gives_it() {
    let running = start().await;
    let prepay_id = prepay(&running, "JSAPI_0003").await;
    let right = params(&prepay_id, now());
    for name in ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"] {
        let mut bad = right.clone();
        bad.as_object_mut().unwrap().remove(name);
        let text = format!("调用支付JSAPI缺少参数：{name}");
        assert_eq!(invoke(&running, &bad, json!("ok")).await["err_desc"], text);
    }
    let with = |name: &str, value: Value| {
        let mut bad = right.clone();
        bad[name] = value;
        bad
    };
    let cases = [
        (with("timeStamp", json!(now())), "调用支付JSAPI缺少参数：timeStamp"),
        (with("nonceStr", json!("other")), "支付验证签名失败"),
        (with("paySign", json!("!")), "支付验证签名失败"),
        (with("signType", json!("MD5")), "signType错误"),
        (with("appId", json!("wx0000000000000000")), "appId与公众号不一致"),
        (params(&prepay_id, now() + 600), "timeStamp错误"),
        (params(&prepay_id, now() * 1000), "timeStamp错误"),
        (params("wx20240102030405nothing", now()), "prepay_id无效"),
    ];
    for (bad, text) in cases {
        assert_eq!(invoke(&running, &bad, json!("ok")).await["err_desc"], text, "{bad}");
    }
    own(&running, "/sandbox/faults", json!({ "phone_user": "somebody-else" })).await;
    assert_eq!(invoke(&running, &right, json!("ok")).await["err_desc"], "下单账号与支付账号不一致");
    own(&running, "/sandbox/faults", json!({ "phone_user": null })).await;
    own(&running, "/sandbox/clock", json!({ "advance_s": 7200 })).await;
    assert_eq!(invoke(&running, &right, json!("ok")).await["err_desc"], "订单已过期，请重新下单");
    assert_eq!(listed(&running, "JSAPI_0003").await["state"], "NOTPAY");
}

#[tokio::test]
async fn a_switch_answers_in_the_shoppers_place_and_may_lie() {
    let running = start().await;
    for (number, (answer, said, state)) in [
        ("ok", "ok", "SUCCESS"),
        ("cancel", "cancel", "NOTPAY"),
        ("fail", "fail", "NOTPAY"),
        ("ok_unpaid", "ok", "NOTPAY"),
        ("cancel_paid", "cancel", "SUCCESS"),
    ]
    .into_iter()
    .enumerate()
    {
        let out_trade_no = format!("JSAPI_1{number:03}");
        let prepay_id = prepay(&running, &out_trade_no).await;
        own(&running, "/sandbox/faults", json!({ "jsapi_answer": answer })).await;
        let result = invoke(&running, &params(&prepay_id, now()), Value::Null).await;
        assert_eq!(result["err_msg"], format!("get_brand_wcpay_request:{said}"));
        assert_eq!(listed(&running, &out_trade_no).await["state"], state, "{answer}");
    }
}

#[tokio::test]
async fn only_pages_of_this_machine_reach_the_bridge() {
    let running = start().await;
    let url = format!("{}/bridge/wechat_pay", running.base_url());
    let script = own(&running, "/bridge.js", Value::Null).await;
    assert!(script.text().contains(&format!("const BASE_URL = \"{}\"", running.base_url())));
    assert!(script.text().contains("const READY_MS = Number(200)"), "{}", script.text());
    own(&running, "/sandbox/faults", json!({ "bridge_ready_ms": 1500 })).await;
    let script = own(&running, "/bridge.js", Value::Null).await;
    assert!(script.text().contains("const READY_MS = Number(1500)"));

    let shop = "http://127.0.0.1:8080";
    let asked = send("OPTIONS", &url, &[("origin", shop)], "").await;
    assert!(asked.status.is_success());
    assert_eq!(asked.header("access-control-allow-origin"), shop);
    assert_eq!(asked.header("access-control-allow-headers"), "content-type");
    let body = json!({ "params": {} }).to_string();
    let kind = ("content-type", "application/json");
    let own_page = send("POST", &url, &[kind, ("origin", shop)], body.clone()).await;
    assert_eq!(own_page.header("access-control-allow-origin"), shop);
    let foreign = send("POST", &url, &[kind, ("origin", "https://evil.example")], body).await;
    assert_eq!(foreign.header("access-control-allow-origin"), "");
    assert_eq!(foreign.json()["err_desc"], "当前页面的URL未注册");
}
