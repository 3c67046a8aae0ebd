//! Mount and unmount without leaks, and several widgets on one page.

use std::rc::Rc;

use opencashier::{Handle, Host, mount};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::test_page::*;

#[wasm_bindgen_test]
async fn nothing_survives_an_unmount() {
    let page = TestPage::new();
    let push = page.stream();
    let widget = page.awaiting().await;
    widget.click(PAID); // A request that is never answered.
    page.settle().await;
    assert!(page.timers() > 0 && page.listeners() > 0);
    let calls = page.calls().len();
    let events = page.events("state-change").len();
    widget.handle.unmount();
    page.settle().await;

    assert_eq!((page.timers(), page.listeners()), (0, 0));
    assert_eq!(widget.container.child_element_count(), 0);
    let open: Vec<_> = page
        .calls()
        .into_iter()
        .filter(|call| {
            let url = text(call, "url");
            url.ends_with("/events") || url.ends_with("/check")
        })
        .collect();
    assert_eq!(open.len(), 2);
    assert!(open.iter().all(|call| get(call, "isAborted").is_truthy()));
    let _ = push;
    page.advance(600_000.0).await;
    assert_eq!(page.calls().len(), calls, "a request after unmount");
    assert_eq!(page.events("state-change").len(), events, "an event after unmount");
    // Later calls of the page do nothing.
    widget.handle.confirm();
    widget.handle.cancel();
    widget.handle.focus();
    widget.handle.unmount();
    page.settle().await;
    assert_eq!(page.calls().len(), calls);
}

#[wasm_bindgen_test]
async fn unmounting_before_the_first_answer_is_clean() {
    let page = TestPage::new();
    let widget = page.mount();
    widget.handle.unmount();
    page.settle().await;
    assert_eq!((page.timers(), page.listeners()), (0, 0));
    let widget = page.mount();
    page.settle().await;
    widget.handle.unmount();
    page.settle().await;
    assert_eq!((page.timers(), page.listeners()), (0, 0));
    assert!(page.calls().iter().all(|call| get(call, "isAborted").is_truthy()));
}

#[wasm_bindgen_test]
async fn two_widgets_are_independent() {
    let page = TestPage::new();
    let first = page.selecting().await;
    let second = page.selecting().await;
    first.click("input[value=alipay]");
    second.click("input[value=wechat_pay]");
    page.settle().await;
    let picked = |widget: &Widget| {
        let radio: web_sys::HtmlInputElement = widget.get("input:checked").unchecked_into();
        radio.value()
    };
    assert_eq!((picked(&first).as_str(), picked(&second).as_str()), ("alipay", "wechat_pay"));
    first.handle.unmount();
    page.answer(&session(2, "open", &payment("requires_action", QR)));
    page.settle().await;
    second.click("[part~=primary]");
    page.settle().await;
    assert_eq!(second.state(), "awaiting");
    assert_eq!(first.container.child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn options_that_are_not_strict_are_refused_not_a_panic() {
    let page = TestPage::new();
    let container = document().create_element("div").unwrap();
    for (more, name) in [
        (r#"{"clientSecret":"sk_live"}"#, "clientSecret"),
        (r#"{"apiBase":"javascript:alert(1)"}"#, "apiBase"),
        (r#"{"apiOrigin":7}"#, "invalid type"),
        (r#"{"layout":"circle"}"#, "circle"),
    ] {
        let host: Host = js_sys::Object::new().unchecked_into();
        let refused = mount(container.clone(), host, &strict(more), None);
        let reason = refused.err().unwrap().as_string().unwrap();
        assert!(reason.contains(name), "{reason}");
    }
    let widget = page.selecting().await;
    assert!(widget.handle.update(&strict(r#"{"apiBase":""}"#)).is_err());
    page.settle().await;
    assert_eq!(widget.state(), "selecting");
}

#[wasm_bindgen_test]
async fn a_host_that_throws_does_not_stop_the_checkout() {
    let page = TestPage::new();
    page.answer(&session(1, "open", ""));
    let container = document().create_element("div").unwrap();
    stage().append_child(&container).unwrap();
    let host = js_sys::Function::new_no_args("return { emit() { throw 1 } }");
    let host: Host = host.call0(&wasm_bindgen::JsValue::NULL).unwrap().unchecked_into();
    let handle = mount(container.clone(), host, &strict("{}"), None).unwrap();
    page.settle().await;
    assert!(container.query_selector("[data-state=selecting]").unwrap().is_some());
    handle.unmount();
    page.settle().await;
}

#[wasm_bindgen_test]
async fn unreadable_storage_is_ignored() {
    let page = TestPage::new();
    for value in ["", "alipay", "alipay ", "cash key", "wechat_pay a\u{e4}b"] {
        storage().set_item("opencashier.intent.cs_1", value).unwrap();
        shared_storage().set_item("opencashier.intent.cs_1", value).unwrap();
        let widget = page.selecting().await;
        assert!(widget.find("input:checked").is_none(), "{value:?}");
        widget.handle.unmount();
        page.settle().await;
    }
}

#[wasm_bindgen_test]
async fn a_page_that_is_hidden_at_first_follows_the_payment_once_it_is_shown() {
    let page = TestPage::new();
    page.hide(true);
    page.answer(&session(1, "open", &payment("requires_action", QR)));
    let widget = page.mount();
    page.settle().await;
    assert_eq!((widget.state().as_str(), page.count("GET", "/events")), ("awaiting", 0));
    page.answer(&session(1, "open", &payment("requires_action", QR)));
    page.hide(false);
    page.settle().await;
    assert_eq!(page.count("GET", "/events"), 1);
}

/// Unmounts the widget as soon as an event of that name is dispatched.
fn unmount_on(page: &TestPage, name: &str, handle: &Rc<Handle>) {
    let handle = Rc::clone(handle);
    page.listen(name, move || handle.unmount());
}

#[wasm_bindgen_test]
async fn a_listener_that_unmounts_ends_the_effects_of_its_event() {
    for name in ["ready", "state-change", "change", "submit", "action-handled"] {
        let page = TestPage::new();
        let widget = page.mount();
        unmount_on(&page, name, &widget.handle);
        page.answer(&session(1, "open", ""));
        page.settle().await;
        page.advance(5_000.0).await;
        if widget.find("input[value=wechat_pay]").is_some() {
            widget.click("input[value=wechat_pay]");
            page.answer(&session(2, "open", &payment("requires_action", QR)));
            page.settle().await;
        }
        if widget.find("[part~=primary]").is_some() {
            widget.click("[part~=primary]");
            page.settle().await;
        }
        assert_eq!(page.events(name).len(), 1, "{name}");
        let (calls, last) = (page.calls().len(), page.last_event());
        page.advance(60_000.0).await;
        assert_eq!((page.calls().len(), page.timers(), page.listeners()), (calls, 0, 0), "{name}");
        assert_eq!((last, page.last_event()), (name.to_owned(), name.to_owned()));
        assert_eq!(widget.container.child_element_count(), 0, "{name}");
        if name == "submit" {
            assert_eq!(page.count("POST", ""), 0);
        }
    }
}

const REDIRECT: &str =
    r#""next_action":{"type":"redirect_to_url","url":"https://wx.tenpay.com/pay?x=1"},"#;

#[wasm_bindgen_test]
async fn an_unmounted_checkout_does_not_navigate() {
    for (name, is_asked) in [("state-change", 0), ("before-redirect", 1), ("", 1)] {
        let page = TestPage::new();
        let widget = page.selecting().await;
        widget.click("input[value=wechat_pay]");
        page.answer(&session(2, "open", &payment("requires_action", REDIRECT)));
        page.settle().await;
        let handle = Rc::clone(&widget.handle);
        let container = widget.container.clone();
        page.listen(name, move || {
            // The state before: the event of "starting" is not prevented.
            if container.query_selector("[data-state=starting]").unwrap().is_some() {
                handle.unmount();
            }
        });
        widget.click("[part~=primary]");
        page.settle().await;
        assert_eq!(page.events("before-redirect").len(), is_asked, "{name:?}");
        assert_eq!(page.navigations().len(), usize::from(name.is_empty()), "{name:?}");
    }
}

#[wasm_bindgen_test]
async fn a_tab_lock_that_comes_after_the_unmount_mints_no_key() {
    let page = TestPage::new();
    page.hold_lock();
    let widget = page.selecting().await;
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    widget.click("[part~=primary]");
    page.settle().await;
    widget.handle.unmount();
    page.release_lock();
    page.settle().await;
    assert_eq!((page.count("POST", ""), shared_storage().length().unwrap()), (0, 0));
}
