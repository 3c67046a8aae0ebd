//! WeChat Pay H5: the order, and the page that its address leads to (gateways.md A11.2, G1.9).

use sandbox::Running;
use serde_json::{Value, json};

use crate::support::{Answer, NOWHERE, approve, listed, native, own, send, start, wechat};

const H5: &str = "/v3/pay/transactions/h5";
const SHOP: &str = "http://127.0.0.1:8080/";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1";
const EXPIRED: &str = "支付请求已失效，请重新发起支付";

fn h5(out_trade_no: &str) -> Value {
    let mut body = native(out_trade_no, NOWHERE);
    body["scene_info"] = json!({ "payer_client_ip": "203.0.113.9", "h5_info": { "type": "Wap" } });
    body
}

async fn order(running: &Running, body: &Value) -> Answer {
    wechat(running, "POST", H5, body.to_string()).await
}

async fn h5_url(running: &Running, out_trade_no: &str) -> String {
    let answer = order(running, &h5(out_trade_no)).await;
    answer.json()["h5_url"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

async fn visit(url: &str, referer: &str) -> Answer {
    visit_as(url, referer, SAFARI).await
}

async fn visit_as(url: &str, referer: &str, agent: &str) -> Answer {
    let mut headers = vec![("user-agent", agent)];
    if !referer.is_empty() {
        headers.push(("referer", referer));
    }
    send("GET", url, &headers, "").await
}

/// Returns the address that a page's button posts to.
fn form(running: &Running, page: &Answer, verb: &str) -> String {
    let end = page.text().find(&format!("/{verb}\"")).unwrap_or_else(|| panic!("{}", page.text()));
    let start = page.text()[..end].rfind("action=\"").unwrap() + "action=\"".len();
    format!("{}{}/{verb}", running.base_url(), &page.text()[start..end])
}

fn with_return(url: &str, return_url: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(format!("{url}&"));
    query.append_pair("redirect_url", return_url).finish()
}

#[tokio::test]
async fn an_h5_order_is_paid_on_its_page_and_the_browser_goes_back() {
    let running = start().await;
    let url = h5_url(&running, "H5_0001").await;
    let base = format!("{}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx", running.base_url());
    assert!(url.starts_with(&base) && url.contains("&package="), "{url}");

    let back = "http://127.0.0.1:8080/done?session=1";
    let page = visit(&with_return(&url, back), SHOP).await;
    assert!(page.text().contains("¥128.00"), "{}", page.text());
    assert!(
        page.text().contains(
            "<meta http-equiv=\"refresh\" content=\"5;url=http://127.0.0.1:8080/done?session=1\">"
        ),
        "{}",
        page.text()
    );
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"));

    for verb in ["fail", "cancel"] {
        let answer = send("POST", &form(&running, &page, verb), &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, back), "{verb}");
        assert_eq!(listed(&running, "H5_0001").await["state"], "NOTPAY", "{verb}");
    }
    let answer = send("POST", &form(&running, &page, "pay"), &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, back));
    let order = listed(&running, "H5_0001").await;
    assert_eq!((&order["state"], &order["captures"]), (&json!("SUCCESS"), &json!(1)));
    let query = format!(
        "/v3/pay/transactions/out-trade-no/H5_0001?mchid={}",
        crate::support::keys().wechat_pay.mchid
    );
    assert_eq!(wechat(&running, "GET", &query, "").await.json()["trade_type"], "MWEB");
    let again = send("POST", &form(&running, &page, "pay"), &[], "").await;
    assert!(again.text().contains("该订单已支付"), "nobody pays twice");
}

#[tokio::test]
async fn the_page_has_the_real_wording() {
    let running = start().await;
    let url = h5_url(&running, "H5_0002").await;
    let cases = [
        (url.clone(), "", SAFARI, "商家参数格式有误，请联系商家解决"),
        (url.clone(), "https://other.example/", SAFARI, "商家存在未配置的参数，请联系商家解决"),
        (
            with_return(&url, "http://localhost.example/"),
            SHOP,
            SAFARI,
            "商家存在未配置的参数，请联系商家解决",
        ),
        (
            with_return(&url, "javascript:alert(1)"),
            SHOP,
            SAFARI,
            "商家存在未配置的参数，请联系商家解决",
        ),
        (url.clone(), SHOP, "x MicroMessenger/8.0", "请在微信外打开订单，进行支付"),
        (url[..url.len() - 1].to_owned(), SHOP, SAFARI, "签名验证失败"),
        (url[..url.len() - 1].to_owned(), SHOP, "Android", "系统繁忙"),
    ];
    for (url, referer, agent, text) in cases {
        let page = visit_as(&url, referer, agent).await;
        assert!(page.text().contains(text), "{url} {referer} {agent}: {}", page.text());
        assert!(!page.text().contains("refresh"), "a refused page leads nowhere");
    }
    assert_eq!(listed(&running, "H5_0002").await["state"], "NOTPAY");
    assert!(visit(&url, SHOP).await.text().contains("¥128.00"), "none of that has used it up");
}

#[tokio::test]
async fn an_h5_address_lives_five_minutes_and_is_renewed_by_the_same_order() {
    let running = start().await;
    let old = h5_url(&running, "H5_0003").await;
    let new = h5_url(&running, "H5_0003").await;
    assert!(visit(&old, SHOP).await.text().contains(EXPIRED), "superseded");
    own(&running, "/sandbox/clock", json!({ "advance_s": 299 })).await;
    let page = visit(&new, SHOP).await;
    assert!(page.text().contains("¥128.00"));
    let later = h5_url(&running, "H5_0004").await;
    own(&running, "/sandbox/clock", json!({ "advance_s": 300 })).await;
    assert!(visit(&later, SHOP).await.text().contains(EXPIRED));
    let answer = send("POST", &form(&running, &page, "pay"), &[], "").await;
    assert_eq!(answer.status, 200, "the app may take its time: {answer:?}");
    assert_eq!(listed(&running, "H5_0003").await["state"], "SUCCESS");
}

#[tokio::test]
async fn an_opened_h5_order_waits_on_the_phone() {
    let running = start().await;
    let url = h5_url(&running, "H5_0005").await;
    let codes = own(&running, "/sandbox/codes", Value::Null).await.json();
    assert_eq!(codes, json!([]), "no browser has opened it");
    visit(&url, SHOP).await;
    let codes = own(&running, "/sandbox/codes", Value::Null).await.json();
    assert_eq!(codes[0]["out_trade_no"], "H5_0005");
    let paid = approve(&running, codes[0]["code"].as_str().unwrap()).await.json();
    assert_eq!((&paid["state"], &paid["product"]), (&json!("SUCCESS"), &json!("h5")));
}

#[tokio::test]
async fn switches_make_the_page_stay_or_stricter() {
    let running = start().await;
    let url = with_return(&h5_url(&running, "H5_0006").await, "http://127.0.0.1:8080/done");
    own(&running, "/sandbox/faults", json!({ "h5_stays": true })).await;
    assert!(!visit(&url, SHOP).await.text().contains("refresh"));
    own(&running, "/sandbox/faults", json!({ "h5_domain": "shop.example" })).await;
    assert!(visit(&url, SHOP).await.text().contains("商家存在未配置的参数"));
    own(&running, "/sandbox/faults", json!({ "h5_domain": null, "h5_checks_client_ip": true }))
        .await;
    let mut local = h5("H5_0007");
    local["scene_info"]["payer_client_ip"] = json!("127.0.0.1");
    let url = order(&running, &local).await.json()["h5_url"].as_str().unwrap().to_owned();
    assert!(visit(&url, SHOP).await.text().contains("由于商家传入的H5交易参数有误"));
    own(&running, "/sandbox/faults", json!({ "h5_checks_client_ip": false })).await;
    assert!(visit(&url, SHOP).await.text().contains("¥128.00"));
    own(&running, "/sandbox/faults", json!({ "phone_user": "somebody-else" })).await;
    let page = visit(&url, SHOP).await;
    assert!(page.text().contains("签名验证失败"), "a second account: {}", page.text());
}

#[tokio::test]
async fn an_h5_order_needs_its_scene_and_no_payer() {
    let running = start().await;
    let refused = |body: Value| {
        let running = &running;
        async move {
            let answer = order(running, &body).await;
            assert_eq!(answer.status, 400, "{answer:?}");
            answer.json()
        }
    };
    let body = refused(native("H5_0008", NOWHERE)).await;
    assert!(body["message"].as_str().unwrap().contains("/body/scene_info"), "{body}");
    let mut no_h5 = h5("H5_0008");
    no_h5["scene_info"].as_object_mut().unwrap().remove("h5_info");
    let body = refused(no_h5).await;
    assert!(body["message"].as_str().unwrap().contains("/body/scene_info/h5_info"), "{body}");
    for (pointer, value) in [
        ("/scene_info/h5_info/type", json!("wap")),
        ("/scene_info/payer_client_ip", json!("localhost")),
        ("/amount/total", json!("12800")),
        ("/amount/total", json!(0)),
    ] {
        let mut bad = h5("H5_0008");
        *bad.pointer_mut(pointer).unwrap() = value;
        assert_eq!(refused(bad).await["code"], "PARAM_ERROR", "{pointer}");
    }
    let mut payer = h5("H5_0008");
    payer["payer"] = json!({ "openid": "o123" });
    let body = refused(payer).await;
    assert_eq!(body["detail"], json!({ "location": null, "value": ["/body/payer/openid"] }));

    h5_url(&running, "H5_0008").await;
    let other = wechat(
        &running,
        "POST",
        "/v3/pay/transactions/native",
        native("H5_0008", NOWHERE).to_string(),
    )
    .await;
    assert_eq!((other.status.as_u16(), &other.json()["code"]), (403, &json!("OUT_TRADE_NO_USED")));
    own(&running, "/sandbox/faults", json!({ "wechat_no_auth": ["h5"] })).await;
    let answer = order(&running, &h5("H5_0009")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (403, &json!("NO_AUTH")));
}
