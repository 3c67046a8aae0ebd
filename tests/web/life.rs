//! Coming and going: what a widget leaves behind, and several at once.

use opencashier::{Host, mount};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::*;

#[wasm_bindgen_test]
async fn nothing_survives_an_unmount() {
    let bench = Bench::new();
    let push = bench.stream();
    let widget = bench.awaiting().await;
    widget.click("[part=secondary]"); // A request that is never answered.
    bench.settle().await;
    assert!(bench.timers() > 0 && bench.listeners() > 0);
    let calls = bench.calls().len();
    let events = bench.events("state-change").len();
    widget.handle.unmount();
    bench.settle().await;

    assert_eq!((bench.timers(), bench.listeners()), (0, 0));
    assert_eq!(widget.container.child_element_count(), 0);
    let open: Vec<_> = bench
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
    bench.advance(600_000.0).await;
    assert_eq!(bench.calls().len(), calls, "asked after it was gone");
    assert_eq!(bench.events("state-change").len(), events, "told after it was gone");
    // Whatever the page still calls does nothing.
    widget.handle.confirm();
    widget.handle.cancel();
    widget.handle.focus();
    widget.handle.unmount();
    bench.settle().await;
    assert_eq!(bench.calls().len(), calls);
}

#[wasm_bindgen_test]
async fn unmounting_before_the_first_answer_is_clean() {
    let bench = Bench::new();
    // What was prepared and taken off before it was begun is never begun.
    let before = bench.calls().len();
    let never = bench.prepare("{}", None);
    never.handle.unmount();
    while never.handle.proceed() {}
    bench.settle().await;
    assert_eq!((bench.timers(), bench.listeners()), (0, 0));
    assert_eq!((bench.calls().len(), never.container.child_element_count()), (before, 0));
    let widget = bench.mount();
    widget.handle.unmount();
    bench.settle().await;
    assert_eq!((bench.timers(), bench.listeners()), (0, 0));
    let widget = bench.mount();
    bench.settle().await;
    widget.handle.unmount();
    bench.settle().await;
    assert_eq!((bench.timers(), bench.listeners()), (0, 0));
    assert!(bench.calls().iter().all(|call| get(call, "isAborted").is_truthy()));
}

#[wasm_bindgen_test]
async fn two_widgets_do_not_know_each_other() {
    let bench = Bench::new();
    let first = bench.selecting().await;
    let second = bench.selecting().await;
    first.click("input[value=alipay]");
    second.click("input[value=wechat_pay]");
    bench.settle().await;
    let picked = |widget: &Widget| {
        let radio: web_sys::HtmlInputElement = widget.get("input:checked").unchecked_into();
        radio.value()
    };
    assert_eq!((picked(&first).as_str(), picked(&second).as_str()), ("alipay", "wechat_pay"));
    first.handle.unmount();
    bench.answer(&session(2, "open", &payment("requires_action", QR)));
    bench.settle().await;
    second.click("[part~=primary]");
    bench.settle().await;
    assert_eq!(second.state(), "awaiting");
    assert_eq!(first.container.child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn options_that_are_not_strict_are_refused_not_a_panic() {
    let bench = Bench::new();
    let container = document().create_element("div").unwrap();
    for (more, name) in [
        (r#"{"clientSecret":"sk_live"}"#, "clientSecret"),
        (r#"{"apiBase":"javascript:alert(1)"}"#, "apiBase"),
        (r#"{"apiOrigin":7}"#, "apiOrigin"),
    ] {
        let host: Host = js_sys::Object::new().unchecked_into();
        let refused = mount(container.clone(), host, strict(more), texts(), None);
        assert_eq!(refused.err().unwrap().as_string().unwrap(), name);
    }
    let widget = bench.selecting().await;
    assert!(widget.handle.update(&strict(r#"{"apiBase":""}"#)).is_err());
    bench.settle().await;
    assert_eq!(widget.state(), "selecting");
}

#[wasm_bindgen_test]
async fn a_host_that_throws_does_not_stop_the_checkout() {
    let bench = Bench::new();
    bench.answer(&session(1, "open", ""));
    let container = document().create_element("div").unwrap();
    stage().append_child(&container).unwrap();
    let host = js_sys::Function::new_no_args("return { emit() { throw 1 } }");
    let host: Host = host.call0(&wasm_bindgen::JsValue::NULL).unwrap().unchecked_into();
    let handle = mount(container.clone(), host, strict("{}"), texts(), None).unwrap();
    while handle.proceed() {}
    bench.settle().await;
    assert!(container.query_selector("[data-state=selecting]").unwrap().is_some());
    handle.unmount();
    bench.settle().await;
}

#[wasm_bindgen_test]
async fn storage_that_is_full_of_nonsense_is_passed_over() {
    let bench = Bench::new();
    for value in ["", "alipay", "alipay ", "cash key", "wechat_pay a\u{e4}b"] {
        storage().set_item("opencashier.intent.cs_1", value).unwrap();
        shared_storage().set_item("opencashier.intent.cs_1", value).unwrap();
        let widget = bench.selecting().await;
        assert!(widget.find("input:checked").is_none(), "{value:?}");
        widget.handle.unmount();
        bench.settle().await;
    }
}

#[wasm_bindgen_test]
async fn a_page_that_is_shown_or_hidden_before_the_start_is_known_for_that() {
    let bench = Bench::new();
    bench.hide(true);
    let shown = bench.prepare("{}", None);
    assert!(shown.handle.proceed());
    bench.hide(false);
    // Being shown asks anew.
    bench.answer(&session(1, "open", &payment("requires_action", QR)));
    bench.answer(&session(1, "open", &payment("requires_action", QR)));
    while shown.handle.proceed() {}
    bench.settle().await;
    assert_eq!((shown.state().as_str(), bench.count("GET", "/events")), ("awaiting", 1));

    let hidden = bench.prepare("{}", None);
    assert!(hidden.handle.proceed());
    bench.hide(true);
    bench.answer(&session(1, "open", &payment("requires_action", QR)));
    while hidden.handle.proceed() {}
    bench.settle().await;
    assert_eq!((hidden.state().as_str(), bench.count("GET", "/events")), ("awaiting", 1));
}
