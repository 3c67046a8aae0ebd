//! Paying from a phone's browser, inside WeChat, inside Alipay and by Alipay's framed code
//! (gateways.md A11, B5, B11, C1).

use contract::{Flow, NextAction, NextActionType, PaymentStatus, Session, SessionStatus};
use http::Method;
use sandbox::{DesktopFlow, Flows, MobileFlow};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, Opened, Shop, call, code, payment_id, status, unique};

const WECHAT: &str = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.49 Mobile";
const ALIPAY: &str = "Mozilla/5.0 (iPhone) AliApp(AP/10.5.90) AlipayClient/10.5.90";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1";
/// A return address on the host that the sandbox has registered for H5.
const BACK: &str = "http://127.0.0.1:8080/thanks?order=1";

async fn bench(flows: impl Into<Flows>) -> Bench {
    Bench::with(
        flows,
        "[server]\nallowed_origins = [\"https://shop.example\", \"http://127.0.0.1:8080\"]\n",
    )
    .await
}

fn body(method: &str, environment: &str, flow: Option<&str>) -> Value {
    let mut body =
        json!({ "payment_method": method, "environment": environment, "return_url": BACK });
    if let Some(flow) = flow {
        body["flow"] = json!(flow);
    }
    body
}

async fn start(shop: &Shop, session: &Opened, method: &str, environment: &str) -> Session {
    let answer = shop.try_start(session, &unique("key"), body(method, environment, None)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[track_caller]
fn action(session: &Session) -> NextAction {
    let payment = session.payment.as_ref().unwrap();
    assert_eq!(payment.status, PaymentStatus::RequiresAction, "{session:?}");
    payment.next_action.clone().unwrap()
}

#[track_caller]
fn url(session: &Session, kind: NextActionType) -> String {
    let action = action(session);
    assert_eq!(action.kind, kind, "{action:?}");
    action.url.unwrap()
}

pub(crate) async fn visit(url: &str, headers: &[(&str, &str)]) -> Answer {
    call(Method::GET, url.split('#').next().unwrap(), headers, "").await
}

/// Returns the address of a form on the page.
pub(crate) fn form(base: &str, page: &Answer, verb: &str) -> String {
    let text = page.text();
    let end = text.find(&format!("/{verb}\"")).unwrap_or_else(|| panic!("{text}"));
    let start = text[..end].rfind("action=\"").unwrap() + "action=\"".len();
    format!("{base}{}/{verb}", &text[start..end])
}

#[tokio::test]
async fn d21_h5_opens_the_app_and_returns_to_the_same_page() {
    let bench = bench(Flows::default()).await;
    let session = bench.shop.open().await;
    let started = start(&bench.shop, &session, "wechat_pay", "mobile_browser").await;
    assert_eq!(started.payment.as_ref().unwrap().flow, Flow::Redirect);
    let first = action(&started);
    let lives_ms = first.expires_at.unwrap().since_ms(started.server_time);
    assert!((299_000..=300_000).contains(&lives_ms), "five minutes: {lives_ms} ms");
    let address = url(&started, NextActionType::RedirectToUrl);
    assert!(address.contains("/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx"), "{address}");
    assert!(address.ends_with("&redirect_url=http%3A%2F%2F127.0.0.1%3A8080%2Fthanks%3Forder%3D1"));

    // A fresh address is for the same order, made identically.
    let answer = bench.shop.on_payment(&session, &payment_id(&started), "refresh").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let fresh = url(&answer.json(), NextActionType::RedirectToUrl);
    assert_ne!(fresh, address);
    assert_eq!(bench.orders().await.len(), 1);

    let headers = [("user-agent", SAFARI), ("referer", "http://127.0.0.1:8080/")];
    let page = visit(&fresh, &headers).await;
    assert!(page.text().contains("¥128.00"), "{}", page.text());
    let paid = call(Method::POST, &form(&bench.sandbox.base_url(), &page, "pay"), &[], "").await;
    assert_eq!((paid.status.as_u16(), paid.header("location")), (303, BACK));
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test]
async fn d21_a_return_to_another_host_is_omitted_because_it_breaks_the_page() {
    let bench = bench(Flows::default()).await;
    let session = bench.shop.open().await;
    let mut body = body("wechat_pay", "mobile_browser", None);
    body["return_url"] = json!("https://shop.example/thanks");
    let started: Session = bench.shop.try_start(&session, "k", body).await.json();
    let address = url(&started, NextActionType::RedirectToUrl);
    assert!(!address.contains("redirect_url"), "{address}");
}

#[tokio::test]
async fn an_h5_order_has_the_shoppers_address() {
    let more = "[server]\nallowed_origins = [\"http://127.0.0.1:8080\"]\n\
        trusted_proxies = [\"127.0.0.1\"]\n";
    let bench = Bench::with(Flows::default(), more).await;
    bench.faults(json!({ "h5_checks_client_ip": true })).await;
    for (forwarded, is_taken) in [("203.0.113.9", true), ("", false)] {
        let session = bench.shop.open().await;
        let authorization = format!("Bearer {}", session.secret);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", "k"),
            ("x-forwarded-for", forwarded),
        ];
        let headers = if is_taken { &headers[..] } else { &headers[..3] };
        let path = format!("{}/v1/checkout/sessions/{}/payments", bench.shop.base, session.id);
        let text = body("wechat_pay", "mobile_browser", None).to_string();
        let answer = call(Method::POST, &path, headers, &text).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let address = url(&answer.json(), NextActionType::RedirectToUrl);
        let visitor = [("user-agent", SAFARI), ("referer", "http://127.0.0.1:8080/")];
        let page = visit(&address, &visitor).await;
        assert_eq!(page.text().contains("¥128.00"), is_taken, "{}", page.text());
    }
}

/// Follows the wallet's authorization of the shopper; returns the callback's address.
async fn authorize(bench: &Bench, session: &Session, agent: &str, callback: &str) -> String {
    let address = url(session, NextActionType::RedirectToUrl);
    assert!(address.starts_with(&bench.sandbox.base_url()), "{address}");
    let answer = visit(&address, &[("user-agent", agent)]).await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    let location = answer.header("location").to_owned();
    assert!(location.starts_with(&format!("{}/v1/returns/{callback}?", bench.shop.base)));
    location
}

fn fields(session: &Session, kind: NextActionType) -> Value {
    let action = action(session);
    assert_eq!(action.kind, kind, "{action:?}");
    let fields = action.fields.into_iter().map(|field| (field.name, json!(field.value)));
    Value::Object(fields.collect())
}

async fn bridge(bench: &Bench, path: &str, params: &Value, decision: &str) -> Value {
    let url = format!("{}{path}", bench.sandbox.base_url());
    let body = json!({ "params": params, "decision": decision });
    let headers = [("content-type", "application/json")];
    let answer = call(Method::POST, &url, &headers, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn d24_inside_wechat_the_bridge_pays_once_the_payer_is_known() {
    let bench = bench(Flows::default()).await;
    let session = bench.shop.open().await;
    let started = start(&bench.shop, &session, "wechat_pay", "wechat").await;
    assert_eq!(started.payment.as_ref().unwrap().flow, Flow::Jsapi);
    assert!(bench.orders().await.is_empty(), "nothing is ordered before the payer is known");
    let callback = authorize(&bench, &started, WECHAT, "wechat_pay_oauth").await;
    let returned = call(Method::GET, &callback, &[("user-agent", WECHAT)], "").await;
    assert_eq!((returned.status.as_u16(), returned.header("location")), (303, BACK));

    let ready = bench.shop.session(&session).await;
    assert_eq!(payment_id(&ready), payment_id(&started));
    let params = fields(&ready, NextActionType::InvokeWechatJsapi);
    let mut names: Vec<&str> = params.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["appId", "nonceStr", "package", "paySign", "signType", "timeStamp"]);

    // The back button repeats the return: it changes nothing.
    let again = call(Method::GET, &callback, &[("user-agent", WECHAT)], "").await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, BACK));
    let same = bench.shop.session(&session).await;
    assert_eq!(fields(&same, NextActionType::InvokeWechatJsapi), params);
    assert_eq!(same.revision, ready.revision);

    // The bridge's result is no proof: the shopper canceled in the payment sheet first.
    let result = bridge(&bench, "/bridge/wechat_pay", &params, "cancel").await;
    assert_eq!(result["err_msg"], "get_brand_wcpay_request:cancel");
    assert_eq!(status(&bench.shop.session(&session).await), PaymentStatus::RequiresAction);
    let result = bridge(&bench, "/bridge/wechat_pay", &params, "ok").await;
    assert_eq!(result["err_msg"], "get_brand_wcpay_request:ok");
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test]
async fn d39_a_bridge_order_can_be_renewed_for_the_same_payer() {
    let bench = bench(Flows::default()).await;
    let session = bench.shop.open().await;
    let started = start(&bench.shop, &session, "wechat_pay", "wechat").await;
    let callback = authorize(&bench, &started, WECHAT, "wechat_pay_oauth").await;
    call(Method::GET, &callback, &[], "").await;
    let old = fields(&bench.shop.session(&session).await, NextActionType::InvokeWechatJsapi);
    let answer = bench.shop.on_payment(&session, &payment_id(&started), "refresh").await;
    let params = fields(&answer.json(), NextActionType::InvokeWechatJsapi);
    assert_ne!(params["package"], old["package"]);
    assert_eq!(bench.orders().await.len(), 1);
    bridge(&bench, "/bridge/wechat_pay", &params, "ok").await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test]
async fn inside_alipay_the_bridge_pays_the_trade_of_its_buyer() {
    for as_open_id in [false, true] {
        let bench = bench(Flows::default()).await;
        bench.faults(json!({ "alipay_open_id": as_open_id })).await;
        let session = bench.shop.open().await;
        let started = start(&bench.shop, &session, "alipay", "alipay").await;
        assert_eq!(started.payment.as_ref().unwrap().flow, Flow::Jsapi);
        let callback = authorize(&bench, &started, ALIPAY, "alipay_oauth").await;
        let returned = call(Method::GET, &callback, &[("user-agent", ALIPAY)], "").await;
        assert_eq!((returned.status.as_u16(), returned.header("location")), (303, BACK));
        let ready = bench.shop.session(&session).await;
        let params = fields(&ready, NextActionType::InvokeAlipayJsapi);
        assert_eq!(params.as_object().unwrap().len(), 1, "{params}");
        assert!(params["tradeNO"].as_str().unwrap().len() >= 16);
        let result = bridge(&bench, "/bridge/alipay", &params, "ok").await;
        assert_eq!(result["resultCode"], "9000");
        bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    }
}

#[tokio::test]
async fn a_forged_or_empty_return_never_redirects_elsewhere() {
    let bench = bench(Flows::default()).await;
    let session = bench.shop.open().await;
    let started = start(&bench.shop, &session, "wechat_pay", "wechat").await;
    let callback = authorize(&bench, &started, WECHAT, "wechat_pay_oauth").await;
    let (path, _) = callback.split_once('?').unwrap();
    let state = callback.split("state=").nth(1).unwrap().to_owned();
    let alipays = path.replace("wechat_pay_oauth", "alipay_oauth");

    // A state that is invalid, or of another wallet, shows nothing and redirects nowhere.
    let mut forged = state.clone();
    forged.replace_range(30..31, if &state[30..31] == "0" { "1" } else { "0" });
    for query in [
        format!("code=x&state={forged}"),
        "code=x&state=".to_owned(),
        "code=x".to_owned(),
        format!("code=x&state={}&redirect_uri=https://evil.example/", &state[1..]),
        format!("code=x&state={}", "é".repeat(60)),
    ] {
        let answer = call(Method::GET, &format!("{path}?{query}"), &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (404, ""), "{query}");
    }
    let answer = call(Method::GET, &format!("{alipays}?auth_code=x&state={state}"), &[], "").await;
    assert_eq!(answer.status, 404, "the other wallet's return");

    // A valid state with no code, an invalid code, or other parameters: back to the page, where
    // the shopper is asked again.
    for query in [
        format!("state={state}"),
        format!("code=&state={state}"),
        format!("code=wrong&state={state}"),
        format!("code=wrong&state={state}&return_url=https://evil.example/"),
    ] {
        let answer = call(Method::GET, &format!("{path}?{query}"), &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, BACK), "{query}");
        let now = bench.shop.session(&session).await;
        assert_eq!(action(&now).kind, NextActionType::RedirectToUrl);
    }
    // The valid callback still works.
    let returned = call(Method::GET, &callback, &[], "").await;
    assert_eq!(returned.status, 303);
    fields(&bench.shop.session(&session).await, NextActionType::InvokeWechatJsapi);
}

#[tokio::test]
async fn a_code_of_one_shopper_is_refused_for_another_payment() {
    let bench = bench(Flows::default()).await;
    let (first, second) = (bench.shop.open().await, bench.shop.open().await);
    let started = start(&bench.shop, &first, "wechat_pay", "wechat").await;
    let used = authorize(&bench, &started, WECHAT, "wechat_pay_oauth").await;
    call(Method::GET, &used, &[], "").await;
    let started = start(&bench.shop, &second, "wechat_pay", "wechat").await;
    let fresh = authorize(&bench, &started, WECHAT, "wechat_pay_oauth").await;
    let code = |url: &str| url.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let replayed = fresh.replace(&code(&fresh), &code(&used));
    let answer = call(Method::GET, &replayed, &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, BACK));
    let now = bench.shop.session(&second).await;
    assert_eq!(action(&now).kind, NextActionType::RedirectToUrl, "not paid by the first");
}

#[tokio::test]
async fn a_return_to_an_ended_payment_redirects_back_and_orders_nothing() {
    let bench = bench(Flows::default()).await;
    for (method, agent, name) in
        [("wechat_pay", WECHAT, "wechat_pay_oauth"), ("alipay", ALIPAY, "alipay_oauth")]
    {
        // Canceled, and then expired, while the shopper was with the wallet.
        for is_expired in [false, true] {
            let session = bench.shop.open().await;
            let environment = if method == "alipay" { "alipay" } else { "wechat" };
            let started = start(&bench.shop, &session, method, environment).await;
            let callback = authorize(&bench, &started, agent, name).await;
            if is_expired {
                let path = format!("/v1/checkout/sessions/{}/expire", session.id);
                assert_eq!(bench.shop.merchant(Method::POST, &path, "-", "").await.status, 200);
            } else {
                bench.shop.on_payment(&session, &payment_id(&started), "cancel").await;
            }
            let before = bench.shop.session(&session).await;
            for _ in 0..2 {
                let answer = call(Method::GET, &callback, &[("user-agent", agent)], "").await;
                assert_eq!((answer.status.as_u16(), answer.header("location")), (303, BACK));
            }
            let after = bench.shop.session(&session).await;
            assert_eq!((after.revision, after.status), (before.revision, before.status));
            assert!(after.payment.unwrap().next_action.is_none());
            let payers = "SELECT count(*) FROM payments WHERE payer IS NOT NULL";
            assert_eq!(bench.shop.stored::<u32>(payers), 0, "no payer was asked for");
        }
    }
    assert!(bench.orders().await.is_empty());
}

#[tokio::test]
async fn a_payment_without_a_payer_ends_without_a_gateway_call() {
    let bench = bench(Flows::default()).await;
    bench.faults(json!({ "down": true })).await;
    let session = bench.shop.open().await;
    let started = start(&bench.shop, &session, "wechat_pay", "wechat").await;
    let answer = bench.shop.on_payment(&session, &payment_id(&started), "cancel").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let now: Session = answer.json();
    assert_eq!((now.status, status(&now)), (SessionStatus::Open, PaymentStatus::Canceled));
}

#[tokio::test]
async fn an_order_that_fails_after_the_return_is_made_by_the_next_one() {
    let bench = bench(Flows::default()).await;
    let session = bench.shop.open().await;
    let started = start(&bench.shop, &session, "alipay", "alipay").await;
    let callback = authorize(&bench, &started, ALIPAY, "alipay_oauth").await;
    bench.faults(json!({ "down": true })).await;
    let answer = call(Method::GET, &callback, &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, BACK));
    let now = bench.shop.session(&session).await;
    assert_eq!(action(&now).kind, NextActionType::RedirectToUrl, "there is a way on");
    bench.faults(json!({ "down": false })).await;
    call(Method::GET, &callback, &[], "").await;
    fields(&bench.shop.session(&session).await, NextActionType::InvokeAlipayJsapi);
}

#[tokio::test]
async fn d22_alipays_phone_page_returns_and_its_back_button_leads_to_the_shop() {
    let bench = bench(Flows::default()).await;
    bench.faults(json!({ "drop_notifications": true })).await;
    for environment in ["mobile_browser", "taobao"] {
        let session = bench.shop.open().await;
        let started = start(&bench.shop, &session, "alipay", environment).await;
        let address = url(&started, NextActionType::RedirectToUrl);
        assert!(address.contains("alipay.trade.wap.pay"), "{address}");
        let cashier = visit(&address, &[("user-agent", SAFARI)]).await;
        assert_eq!(cashier.status, 302, "{}", cashier.text());
        let cashier = format!("{}{}", bench.sandbox.base_url(), cashier.header("location"));
        let page = visit(&cashier, &[("user-agent", SAFARI)]).await;
        let quit =
            call(Method::POST, &form(&bench.sandbox.base_url(), &page, "back"), &[], "").await;
        assert_eq!(quit.header("location"), BACK, "quit_url");
        let paid =
            call(Method::POST, &form(&bench.sandbox.base_url(), &page, "pay"), &[], "").await;
        let back = paid.header("location").to_owned();
        assert!(back.starts_with(&format!("{}/v1/returns/alipay?", bench.shop.base)), "{back}");
        let returned = call(Method::GET, &back, &[], "").await;
        assert_eq!((returned.status.as_u16(), returned.header("location")), (303, BACK));
        assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Complete);
    }
}

#[tokio::test]
async fn a_shop_that_routes_by_the_fragment_is_paid_on_a_phone_and_returned_to_its_route() {
    let bench = bench(Flows::default()).await;
    let route = "http://127.0.0.1:8080/#/pay/42";
    let long = format!("http://127.0.0.1:8080/pay?utm={}#/pay/42", "x".repeat(500));
    for (return_url, is_quit_known) in [(route, true), (&*long, false)] {
        let session = bench.shop.open().await;
        let mut body = body("alipay", "mobile_browser", Some("redirect"));
        body["return_url"] = json!(return_url);
        let answer = bench.shop.try_start(&session, &unique("key"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let address = url(&answer.json(), NextActionType::RedirectToUrl);
        assert_eq!(address.contains("quit_url"), is_quit_known, "{address}");
        let cashier = visit(&address, &[("user-agent", SAFARI)]).await;
        let cashier = format!("{}{}", bench.sandbox.base_url(), cashier.header("location"));
        let page = visit(&cashier, &[("user-agent", SAFARI)]).await;
        let paid =
            call(Method::POST, &form(&bench.sandbox.base_url(), &page, "pay"), &[], "").await;
        let returned = call(Method::GET, paid.header("location"), &[], "").await;
        assert_eq!((returned.status.as_u16(), returned.header("location")), (303, return_url));
    }
}

#[tokio::test]
async fn d25_a_cashiers_address_is_framed_or_redirected_to_and_never_a_code() {
    let bench = bench(DesktopFlow::PageFrame).await;
    let session = bench.shop.open().await;
    let started = start(&bench.shop, &session, "alipay", "desktop").await;
    assert_eq!(started.payment.as_ref().unwrap().flow, Flow::QrCode);
    let address = url(&started, NextActionType::DisplayFrame);
    assert!(address.contains("alipay.trade.page.pay") && address.contains("qr_pay_mode"));
    assert_eq!(action(&started).data, None);
    let asked = body("alipay", "desktop", Some("redirect"));
    let session = bench.shop.open().await;
    let started: Session = bench.shop.try_start(&session, "k", asked).await.json();
    let address = url(&started, NextActionType::RedirectToUrl);
    assert!(!address.contains("qr_pay_mode"), "{address}");
}

#[tokio::test]
async fn d26_a_code_may_carry_the_address_that_opens_it_on_this_phone() {
    let flows = Flows { desktop: DesktopFlow::Precreate, mobile: MobileFlow::PrecreateLink };
    let bench = bench(flows).await;
    let session = bench.shop.open().await;
    let started = start(&bench.shop, &session, "alipay", "mobile_browser").await;
    let address = url(&started, NextActionType::DisplayQrCode);
    assert!(
        address.starts_with("alipays://platformapi/startapp?saId=10000007&qrcode=https%3A%2F%2F"),
        "{address}"
    );
    bench.approve(&code(&started)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test]
async fn d23_an_unusable_product_in_an_app_is_refused_and_another_phone_can_scan() {
    let bench = bench(Flows::default()).await;
    for (method, environment) in [
        ("alipay", "wechat"),
        ("wechat_pay", "alipay"),
        ("wechat_pay", "taobao"),
        ("alipay", "wechat_mini_program"),
        ("wechat_pay", "wechat_mini_program"),
    ] {
        let session = bench.shop.open().await;
        let answer =
            bench.shop.try_start(&session, &unique("k"), body(method, environment, None)).await;
        answer.problem(400, "flow_unavailable");
        let asked = body(method, environment, Some("qr_code"));
        let answer = bench.shop.try_start(&session, &unique("k"), asked).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!code(&answer.json()).is_empty());
    }
}

#[tokio::test]
async fn d28_a_session_opened_in_another_browser_continues_there() {
    let bench = bench(Flows::default()).await;
    let session = bench.shop.open().await;
    let desktop = start(&bench.shop, &session, "wechat_pay", "desktop").await;
    let phone = start(&bench.shop, &session, "wechat_pay", "mobile_browser").await;
    assert_ne!(payment_id(&phone), payment_id(&desktop), "another product, another number");
    url(&phone, NextActionType::RedirectToUrl);
    let orders = bench.orders().await;
    assert_eq!((&orders[0]["state"], &orders[1]["state"]), (&json!("CLOSED"), &json!("NOTPAY")));
    // In the same environment it is the same payment.
    let again = start(&bench.shop, &session, "wechat_pay", "mobile_browser").await;
    assert_eq!(payment_id(&again), payment_id(&phone));
    // A payment in between is found by the close.
    let (session, code) = {
        let session = bench.shop.open().await;
        let started = start(&bench.shop, &session, "wechat_pay", "desktop").await;
        (session, code(&started))
    };
    bench.faults(json!({ "drop_notifications": true })).await;
    bench.approve(&code).await;
    let now = start(&bench.shop, &session, "wechat_pay", "wechat").await;
    assert_eq!(now.status, SessionStatus::Complete, "{now:?}");
}

#[tokio::test]
async fn sessions_list_the_flows_of_the_contracts() {
    let bench = bench(Flows::default()).await;
    let session = bench.shop.open().await;
    let options = bench.shop.session(&session).await.payment_method_options;
    let offered: Vec<_> = options.into_iter().map(|one| (one.payment_method, one.flows)).collect();
    let all = vec![Flow::QrCode, Flow::Redirect, Flow::Jsapi];
    assert_eq!(
        offered,
        [(contract::PaymentMethod::Alipay, all.clone()), (contract::PaymentMethod::WechatPay, all)]
    );
}
