//! Inside other apps: bridges, guides, frames, and the return to the page.

use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

use crate::test_page::*;

const BRIDGE: &str =
    r#""next_action":{"type":"invoke_wechat_jsapi","fields":[{"name":"appId","value":"wx1"}]},"#;
const WECHAT: &str = r#"{"environment":"wechat"}"#;

/// A widget inside an app, which has chosen a wallet and pressed "pay".
async fn paying(page: &TestPage, options: &str, method: &str, next: &str) -> Widget {
    page.answer(&session(1, "open", ""));
    let widget = page.mount_with(options, None);
    page.settle().await;
    widget.click(&format!("input[value={method}]"));
    if !next.is_empty() {
        page.answer(&session(2, "open", &payment("requires_action", next)));
    }
    page.settle().await;
    widget.click("[part~=primary]");
    page.settle().await;
    widget
}

#[wasm_bindgen_test]
async fn an_available_bridge_is_called_and_its_result_is_checked() {
    let page = TestPage::new();
    page.bridge(false);
    let widget = paying(&page, WECHAT, "wechat_pay", BRIDGE).await;
    assert_eq!((widget.state().as_str(), page.asked()), ("awaiting", 1));
    page.answer_bridge("ok");
    page.settle().await;
    assert_eq!(widget.state(), "confirming", "a bridge's result proves nothing");
    assert_eq!(page.count("POST", "/check"), 1);
}

/// Issue 18, row 5: every way in which a bridge's answer can differ from what is expected.
#[wasm_bindgen_test]
async fn a_bridge_that_answers_in_another_form_is_understood() {
    for (answer, state) in [
        (r#"{"resultCode":9000}"#, "confirming"),
        (r#"{"resultCode":"9000","memo":5}"#, "confirming"),
        (r#"{"err_msg":"get_brand_wcpay_request:ok","err_desc":{}}"#, "confirming"),
    ] {
        let page = TestPage::new();
        page.bridge(false);
        let widget = paying(&page, WECHAT, "wechat_pay", BRIDGE).await;
        page.answer_bridge_with(answer);
        page.settle().await;
        assert_eq!(widget.state(), state, "{answer}");
    }
    for (answer, reason) in [
        (r#"{"err_msg":"get_brand_wcpay_request:fail","err_desc":"no rights"}"#, "fail no rights"),
        (r#"{"resultCode":4000,"memo":"busy"}"#, "4000 busy"),
        ("null", ""),
        ("[]", ""),
    ] {
        let page = TestPage::new();
        page.bridge(false);
        let widget = paying(&page, WECHAT, "wechat_pay", BRIDGE).await;
        page.answer_bridge_with(answer);
        page.settle().await;
        assert!(page.events("error")[0].contains(reason), "{answer}: {}", page.events("error")[0]);
        assert!(widget.text().contains("The wallet couldn’t be opened here."), "{answer}");
    }
}

#[wasm_bindgen_test]
async fn an_answer_of_a_bridge_that_cannot_be_read_is_reported() {
    let page = TestPage::new();
    page.bridge(false);
    let widget = paying(&page, WECHAT, "wechat_pay", BRIDGE).await;
    page.answer_bridge_unreadably();
    page.settle().await;
    assert!(page.events("error")[0].contains("wallet_error"), "{}", page.events("error")[0]);
    assert!(widget.text().contains("The wallet couldn’t be opened here."));
}

#[wasm_bindgen_test]
async fn a_bridge_that_throws_is_reported_with_its_words() {
    let page = TestPage::new();
    page.broken_bridge();
    let widget = paying(&page, WECHAT, "wechat_pay", BRIDGE).await;
    assert!(page.events("error")[0].contains("no permission"), "{}", page.events("error")[0]);
    assert!(widget.text().contains("The wallet couldn’t be opened here."));
}

#[wasm_bindgen_test]
async fn a_late_bridge_is_awaited() {
    for is_heard in [true, false] {
        let page = TestPage::new();
        let widget = paying(&page, WECHAT, "wechat_pay", BRIDGE).await;
        assert_eq!(page.asked(), 0);
        page.advance(1_000.0).await;
        page.bridge(is_heard);
        // Without its event, one more look-up before the timeout.
        page.advance(2_500.0).await;
        assert_eq!((widget.state().as_str(), page.asked()), ("awaiting", 1), "{is_heard}");
        page.advance(10_000.0).await;
        assert_eq!(page.asked(), 1, "called twice");
    }
}

#[wasm_bindgen_test]
async fn a_missing_bridge_is_reported() {
    let page = TestPage::new();
    let widget = paying(&page, WECHAT, "wechat_pay", BRIDGE).await;
    page.advance(2_900.0).await;
    assert!(page.events("error").is_empty());
    page.advance(200.0).await;
    assert!(page.events("error")[0].contains(r#""type":"wallet_error""#));
    assert!(widget.text().contains("The wallet couldn’t be opened here."));
    assert_eq!(page.count("POST", "/check"), 1, "only the backend knows");
}

#[wasm_bindgen_test]
async fn after_a_dismissed_sheet_the_button_pays() {
    let page = TestPage::new();
    page.bridge(false);
    let widget = paying(&page, WECHAT, "wechat_pay", BRIDGE).await;
    page.answer(&session(2, "open", &payment("requires_action", BRIDGE)));
    page.answer_bridge("cancel");
    page.settle().await;
    assert_eq!((widget.state().as_str(), page.asked()), ("awaiting", 0));
    widget.click("[part=primary]");
    page.settle().await;
    assert_eq!(page.asked(), 1);
}

#[wasm_bindgen_test]
async fn after_sign_in_the_bridge_is_called_without_a_press() {
    let page = TestPage::new();
    page.bridge(false);
    storage().set_item("opencashier.left.cs_1", "1").unwrap();
    page.answer(&session(2, "open", &payment("requires_action", BRIDGE)));
    let widget = page.mount_with(WECHAT, None);
    page.settle().await;
    assert_eq!((widget.state().as_str(), page.asked()), ("awaiting", 1));
    assert_eq!(storage().get_item("opencashier.left.cs_1").unwrap(), None);
    widget.handle.unmount();
    page.settle().await;

    page.answer(&session(2, "open", &payment("requires_action", BRIDGE)));
    let again = page.mount_with(WECHAT, None);
    page.settle().await;
    assert_eq!(
        (again.state().as_str(), page.asked()),
        ("confirming", 1),
        "only once automatically"
    );
}

#[wasm_bindgen_test]
async fn alipay_in_wechat_is_explained_and_the_link_can_be_copied() {
    let page = TestPage::new();
    let widget = paying(&page, WECHAT, "alipay", "").await;
    assert_eq!(widget.state(), "guiding");
    assert_eq!(widget.get("h2").text_content().unwrap(), "Alipay can’t be opened in this app");
    assert!(widget.text().contains("Open in browser"));
    assert_eq!(page.count("POST", "/payments"), 0, "nothing is started before it is explained");
    let there = widget.get("a[part=primary]");
    let link = "https://shop.example/hosted?wallet=alipay";
    assert_eq!(there.get_attribute("href").unwrap(), link);
    assert_eq!(there.get_attribute("target").unwrap(), "_top");
    let field: HtmlInputElement = widget.get("[data-link]").unchecked_into();
    assert!(field.read_only());
    assert_eq!(field.value(), link);
    widget.click(".copy button");
    page.settle().await;
    assert_eq!(page.copied(), link);
    assert_eq!(widget.get("[role=status]").text_content().unwrap(), "Link copied");
}

#[wasm_bindgen_test]
async fn a_guide_leads_to_the_code_for_another_phone_and_to_the_other_wallet() {
    let page = TestPage::new();
    let widget = paying(&page, r#"{"environment":"alipay"}"#, "wechat_pay", "").await;
    assert_eq!(widget.state(), "guiding");
    widget.click("[part=quiet]");
    page.settle().await;
    assert_eq!(widget.state(), "selecting");
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    widget.click("[part~=primary]");
    page.settle().await;
    page.advance(100.0).await;
    page.answer(&session(2, "open", &payment("requires_action", QR)));
    widget.click(".actions > button[part=primary]");
    page.settle().await;
    assert_eq!(widget.state(), "awaiting");
    let start = page.calls().into_iter().find(|call| text(call, "method") == "POST").unwrap();
    let body: wasm_bindgen::JsValue = js_sys::JSON::parse(&text(&start, "body")).unwrap();
    assert_eq!(text(&body, "flow"), "qr_code");
    assert_eq!(text(&body, "environment"), "alipay");
    assert!(widget.text().contains("on another phone"), "{}", widget.text());
}

#[wasm_bindgen_test]
async fn the_flows_that_a_session_allows_are_used() {
    let page = TestPage::new();
    let options =
        r#""payment_method_options":[{"payment_method":"wechat_pay","flows":["redirect"]}],"#;
    page.answer(&session(1, "open", options));
    let widget = page.mount_with(WECHAT, None);
    page.settle().await;
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    widget.click("[part~=primary]");
    page.settle().await;
    assert_eq!(widget.state(), "guiding");
    assert!(widget.find(".actions > [part=secondary]").is_none(), "there is no code to show");
}

#[wasm_bindgen_test]
async fn a_frame_shows_the_gateways_page_in_a_sandbox() {
    let page = TestPage::new();
    // A local port without a listener: nothing is loaded.
    let url = "http://127.0.0.1:9/gateway.do?biz_content=%7B%22qr_pay_mode%22%3A%224%22%7D";
    let next = format!(r#""next_action":{{"type":"display_frame","url":"{url}"}},"#);
    let loopback = r#"{"apiOrigin":"http://127.0.0.1:8"}"#;
    let widget = paying(&page, loopback, "wechat_pay", &next).await;
    let frame = widget.get("iframe");
    let attribute = |name: &str| frame.get_attribute(name).unwrap();
    assert_eq!(attribute("src"), url);
    let allowed =
        "allow-scripts allow-same-origin allow-forms allow-top-navigation-by-user-activation";
    assert_eq!(attribute("sandbox"), allowed);
    assert!(attribute("title").starts_with("QR code"));
}

#[wasm_bindgen_test]
async fn on_a_phone_a_button_opens_the_code_in_the_app() {
    let page = TestPage::new();
    let app = "alipays://platformapi/startapp?saId=10000007&qrcode=https%3A%2F%2Fqr.alipay.com%2Fx";
    let next = format!(
        r#""next_action":{{"type":"display_qr_code","data":"https://qr.alipay.com/x","url":"{app}"}},"#
    );
    let phone = r#"{"environment":"mobile_browser","flow":"qr_code"}"#;
    let widget = paying(&page, phone, "wechat_pay", &next).await;
    assert!(page.events("before-redirect").is_empty(), "the app opens only by a press");
    assert!(widget.find("svg[role=img]").is_some());
    widget.click(".actions > [part=primary]");
    page.settle().await;
    assert_eq!(page.events("before-redirect").len(), 1);
    assert_eq!(page.navigations(), [app]);
    page.advance(2_300.0).await;
    assert!(widget.text().contains("didn’t open"), "{}", widget.text());
    assert!(widget.find("svg[role=img]").is_some(), "the code is still there");
}
