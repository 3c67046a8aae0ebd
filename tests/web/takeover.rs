//! The takeover from the prerendered selector, as the loader expects it.

use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

use crate::test_page::*;

#[wasm_bindgen_test]
async fn the_first_screen_is_reported_once_and_before_all_events() {
    let page = TestPage::new();
    let widget = page.mount();
    page.settle().await;
    assert_eq!(widget.state(), "loading");
    assert!(page.events("shown").is_empty(), "the loader shows the same while it loads");
    drop(widget);
    page.settle().await;

    page.answer(&session(1, "open", ""));
    let widget = page.mount();
    page.settle().await;
    widget.click("input[value=alipay]");
    page.settle().await;
    assert_eq!((page.events("shown").len(), page.first_event("shown")), (1, Some(0)));
    assert!(page.first_event("ready") > Some(0));
}

#[wasm_bindgen_test]
async fn a_shop_that_cannot_be_reached_at_first_is_shown() {
    let page = TestPage::new();
    page.answer_with(r#"{"reason":"offline"}"#);
    let widget = page.mount();
    page.settle().await;
    assert_eq!((widget.state().as_str(), page.events("shown").len()), ("loading", 1));
    assert!(widget.text().contains("No connection. Reconnecting…"));
}

#[wasm_bindgen_test]
async fn a_press_during_the_takeover_is_performed() {
    let page = TestPage::new();
    let preloaded =
        format!(r#"{{"session":{},"selected":"alipay"}}"#, quoted(&session(1, "open", "")));
    let widget = page.mount_with(&preloaded, None);
    let handle = std::rc::Rc::clone(&widget.handle);
    page.answer(&session(1, "open", ""));
    page.answer(&session(2, "open", &payment("requires_action", QR)));
    for _ in 0..7 {
        handle.confirm();
    }
    page.settle().await;
    assert_eq!(page.count("POST", "/payments"), 1);
    assert_eq!(widget.state(), "awaiting");
    let names = ["shown", "ready", "change", "submit"].map(|name| page.first_event(name));
    assert!(names.is_sorted() && names[0].is_some(), "{names:?}");
}

#[wasm_bindgen_test]
async fn the_picked_wallet_stays_picked() {
    let page = TestPage::new();
    page.answer(&session(1, "open", ""));
    let widget = page.mount_with(r#"{"selected":"wechat_pay"}"#, None);
    page.settle().await;
    let picked: HtmlInputElement = widget.get("input:checked").unchecked_into();
    assert_eq!(picked.value(), "wechat_pay");
    let row = widget.get("[part~=selected]");
    assert_eq!(row.get_attribute("data-method").unwrap(), "wechat_pay");
    assert_eq!(page.events("change"), [r#"{"paymentMethod":"wechat_pay"}"#]);
}

#[wasm_bindgen_test]
async fn the_form_leads_to_the_hosted_page_with_the_wallet() {
    let page = TestPage::new();
    let widget = page.selecting().await;
    let form = widget.get("form.selector");
    for (name, value) in
        [("method", "get"), ("target", "_top"), ("action", "https://shop.example/hosted")]
    {
        assert_eq!(form.get_attribute(name).as_deref(), Some(value));
    }
    assert!(form.has_attribute("novalidate"));
    let button = widget.get("button[type=submit]");
    assert_eq!(button.get_attribute("data-slot").unwrap(), "pay");
    let details: Vec<_> =
        widget.all(".detail").iter().map(|detail| detail.has_attribute("hidden")).collect();
    assert_eq!(details, [true, true]);
    drop(widget);

    page.answer(
        &session(1, "open", "").replace("https://shop.example/hosted", "javascript:alert(1)"),
    );
    let widget = page.mount();
    page.settle().await;
    assert!(!widget.get("form.selector").has_attribute("action"));
}

#[wasm_bindgen_test]
async fn details_belong_to_the_layout() {
    for (layout, selector, count) in [
        ("accordion", ".method > .detail", 2),
        ("tabs", ".methods > .detail[data-method]", 2),
        ("list", ".detail", 0),
    ] {
        let page = TestPage::new();
        page.answer(&session(1, "open", ""));
        let widget = page.mount_with(&format!(r#"{{"layout":"{layout}"}}"#), None);
        page.settle().await;
        widget.click("input[value=alipay]");
        page.settle().await;
        assert_eq!(widget.all(selector).len(), count, "{layout}");
        assert_eq!(widget.all(".detail").len(), count, "{layout}");
        assert_eq!(widget.all(".detail:not([hidden])").len(), count / 2, "{layout}");
    }
}

#[wasm_bindgen_test]
async fn a_press_is_shown_as_busy_until_it_is_performed() {
    let page = TestPage::new();
    page.hold_lock();
    let widget = page.selecting().await;
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    let button = widget.get("button[type=submit]");
    assert!(!button.has_attribute("aria-busy"));
    widget.click("button[type=submit]");
    page.settle().await;
    assert_eq!(button.get_attribute("aria-busy").unwrap(), "true");
    assert_eq!(button.get_attribute("part").unwrap(), "pay-button primary busy");
    // The picked one keeps the focus.
    let is_disabled = |name| widget.get(name).has_attribute("disabled");
    assert!(is_disabled("input[value=alipay]") && !is_disabled("input[value=wechat_pay]"));
    page.answer(&session(2, "open", &payment("requires_action", QR)));
    page.release_lock();
    page.settle().await;
    assert_eq!(widget.state(), "awaiting");
}
