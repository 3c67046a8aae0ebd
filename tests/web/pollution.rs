//! A page whose `Object.prototype` is polluted with data, as a careless merge of a query string
//! does: none of it may become an option, a payment or a link.

use js_sys::{Function, Object};
use opencashier::{Host, mount};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::test_page::*;

/// Every member that the widget reads, with a value that would be used.
const POLLUTION: &str = r#"{
    "id": "pay_evil", "status": "requires_action", "revision": 9, "amount": {"value":1,"currency":"CNY"},
    "value": 1, "currency": "CNY", "description": "evil", "merchant_name": "evil",
    "hosted_url": "https://evil.example/", "payment_methods": ["alipay"],
    "payment_method_options": [{"payment_method":"alipay","flows":["redirect"]}],
    "expires_at": "2026-11-23T00:00:01.000Z", "server_time": "2026-11-23T00:00:00.000Z",
    "payment": {"id":"pay_evil","payment_method":"wechat_pay","flow":"qr_code","status":"requires_action",
        "created_at":"2026-11-23T00:00:00.000Z",
        "next_action":{"type":"display_qr_code","data":"wxp://evil"}},
    "payment_method": "wechat_pay", "flow": "redirect", "flows": ["redirect"],
    "created_at": "2026-11-23T00:00:00.000Z", "failure_code": "gateway_rejected",
    "next_action": {"type":"display_qr_code","data":"wxp://evil"},
    "type": "display_qr_code", "data": "wxp://evil", "url": "https://openapi.alipay.com/evil",
    "fields": [{"name":"evil","value":"evil"}], "name": "evil", "refund": "succeeded",
    "code": "client_secret_invalid", "detail": "evil", "title": "evil", "retryable": false,
    "request_id": "req_evil", "err_msg": "get_brand_wcpay_request:ok", "resultCode": "9000",
    "clientSecret": "cs_evil_secret_evil", "apiBase": "https://evil.example", "apiOrigin": "https://evil.example",
    "environment": "wechat", "returnUrl": "https://evil.example/", "paymentMethods": ["alipay"],
    "paymentMethodOrder": ["wechat_pay"], "readOnly": true, "layout": "list", "showPayButton": false,
    "lang": "zh-Hans", "dir": "rtl", "texts": {"pay":"evil"}, "selected": "alipay", "body": "evil",
    "session": "{\"id\":\"cs_1\"}", "return_url": "https://evil.example/", "unknown": "evil"
}"#;

/// Not enumerable, because the WebDriver's own scripts run on this page, too, and enumerate.
const DEFINE: &str = "for (const [name, value] of Object.entries(members))
    Object.defineProperty(Object.prototype, name, { value, writable: true, configurable: true })";

/// Pollutes `Object.prototype` until it is dropped.
struct Pollution(Vec<JsValue>);

impl Pollution {
    fn new() -> Self {
        let members: Object = js_sys::JSON::parse(POLLUTION).unwrap().unchecked_into();
        let names = Object::keys(&members).iter().collect();
        let pollute = Function::new_with_args("members", DEFINE);
        pollute.call1(&JsValue::NULL, &members).unwrap();
        Self(names)
    }
}

impl Drop for Pollution {
    fn drop(&mut self) {
        let clean = Function::new_with_args("name", "delete Object.prototype[name]");
        for name in &self.0 {
            clean.call1(&JsValue::NULL, name).unwrap();
        }
    }
}

#[wasm_bindgen_test]
async fn absent_members_of_an_answer_stay_absent() {
    let page = TestPage::new();
    let pollution = Pollution::new();
    page.answer(&session(1, "open", ""));
    let widget = page.mount();
    page.settle().await;
    let (state, words, action) =
        (widget.state(), widget.text(), widget.get("form").get_attribute("action"));
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    page.answer(&session(2, "open", &payment("requires_action", "")));
    widget.click("[part~=primary]");
    page.settle().await;
    let (after, code, calls) = (widget.state(), widget.find("svg[role=img]"), page.calls());
    drop(pollution);

    assert_eq!(state, "selecting", "a polluted payment was shown");
    assert!(words.contains("Tea House") && words.contains("Pay ¥128.00"), "{words}");
    assert!(!words.contains("returned"), "a polluted refund was shown: {words}");
    assert_eq!(action.unwrap(), "https://shop.example/hosted");
    assert!(after != "awaiting" && code.is_none(), "a polluted next action was shown");
    assert!(calls.iter().all(|call| text(call, "url").starts_with(API)));
    let start = calls.iter().find(|call| text(call, "method") == "POST").unwrap();
    assert_eq!(
        text(start, "body"),
        r#"{"payment_method":"wechat_pay","environment":"desktop","flow":"qr_code"}"#
    );
    assert!(page.navigations().is_empty());
}

#[wasm_bindgen_test]
async fn a_member_that_must_be_there_is_missing() {
    for (missing, reason) in [
        (r#""hosted_url":"https://shop.example/hosted","#, "missing field `hosted_url`"),
        (r#""merchant_name":"Tea House","#, "missing field `merchant_name`"),
        (r#""value":12800,"#, "missing field `value`"),
        (r#""id":"cs_1","#, "missing field `id`"),
    ] {
        let page = TestPage::new();
        let answer = session(1, "open", "").replace(missing, "");
        assert_ne!(answer, session(1, "open", ""));
        for _ in 0..8 {
            page.answer(&answer);
        }
        let pollution = Pollution::new();
        let widget = page.mount();
        page.settle().await;
        page.advance(30_000.0).await;
        let state = widget.state();
        drop(pollution);
        assert_eq!(state, "unavailable");
        let error = page.events("load-error").pop().unwrap();
        assert!(error.contains("answer_unreadable") && error.contains(reason), "{error}");
    }
}

#[wasm_bindgen_test]
async fn absent_options_stay_absent() {
    let page = TestPage::new();
    page.answer(&session(1, "open", ""));
    // An object with a prototype.
    let options = Object::assign(&Object::new(), strict(r#"{"layout":"tabs"}"#).unchecked_ref());
    let container = document().create_element("div").unwrap();
    stage().append_child(&container).unwrap();
    let pollution = Pollution::new();
    let handle = mount(container.clone(), page.host(), &options, None).unwrap();
    page.settle().await;
    let html = container.inner_html();
    drop(pollution);
    assert!(html.contains(r#"lang="en""#) && html.contains(r#"data-layout="tabs""#), "{html}");
    assert!(html.contains("Pay ¥128.00") && !html.contains("checked"), "{html}");
    assert!(html.find("alipay") < html.find("wechat_pay"), "{html}");
    assert!(page.calls().iter().all(|call| text(call, "url").starts_with(API)));
    handle.unmount();
    page.settle().await;
}

#[wasm_bindgen_test]
fn options_that_must_be_there_are_missing() {
    for name in ["clientSecret", "apiBase", "apiOrigin", "environment", "lang", "dir", "texts"] {
        let options = Object::assign(&Object::new(), strict("{}").unchecked_ref());
        js_sys::Reflect::delete_property(&options, &name.into()).unwrap();
        let container = document().create_element("div").unwrap();
        let host: Host = Object::new().unchecked_into();
        let pollution = Pollution::new();
        let refused = mount(container, host, &options, None);
        drop(pollution);
        let reason = refused.err().unwrap().as_string().unwrap();
        assert_eq!(reason, format!("missing field `{name}`"));
    }
}

#[wasm_bindgen_test]
async fn an_error_answer_takes_nothing_from_the_prototype() {
    let page = TestPage::new();
    let problem = r#"{"status":401,"code":"client_secret_invalid"}"#;
    for _ in 0..8 {
        page.answer_with(&format!(
            r#"{{"text":{},"status":401,"type":"application/problem+json"}}"#,
            quoted(problem)
        ));
    }
    let pollution = Pollution::new();
    let widget = page.mount();
    page.settle().await;
    page.advance(30_000.0).await;
    let state = widget.state();
    drop(pollution);
    assert_eq!(state, "unavailable");
    let error = page.events("load-error").pop().unwrap();
    assert!(error.contains("answer_failed") && !error.contains("evil"), "{error}");
}
