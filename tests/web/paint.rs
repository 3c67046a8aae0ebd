//! What the shopper sees comes first: all else waits until it is painted.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::*;

/// A widget whose session came with the page, and whose selector the browser has not painted.
async fn with_unpainted_selector(bench: &Bench) -> Widget {
    bench.hold_paint();
    let given = format!(r#"{{"session":{}}}"#, quoted(&session(1, "open", "")));
    let widget = bench.mount_with(&given, None);
    bench.settle().await;
    widget
}

/// A widget that has the code, which the browser has not painted. "Pay" had the focus.
async fn with_unpainted_code(bench: &Bench) -> Widget {
    let widget = bench.selecting().await;
    widget.click("input[value=wechat_pay]");
    bench.settle().await;
    bench.hold_paint();
    bench.answer(&session(2, "open", &payment("requires_action", QR)));
    widget.get("[part~=primary]").focus().unwrap();
    widget.click("[part~=primary]");
    bench.settle().await;
    widget
}

#[wasm_bindgen_test]
async fn nothing_is_seen_asked_or_told_until_the_last_part_of_the_start() {
    let bench = Bench::new();
    let widget = bench.prepare("{}", None);
    for _ in 0..2 {
        assert!(widget.handle.proceed());
        bench.settle().await;
        widget.handle.confirm();
        widget.handle.cancel();
        bench.hide(true);
        bench.hide(false);
        bench.settle().await;
        assert_eq!((widget.container.child_element_count(), bench.calls().len()), (0, 0));
        assert_eq!(bench.events("state-change").len() + bench.events("error").len(), 0);
    }
    bench.answer(&session(1, "open", ""));
    assert!(!widget.handle.proceed());
    bench.settle().await;
    assert_eq!((widget.state().as_str(), bench.calls().len()), ("selecting", 1));
    // There is no part after the last.
    assert!(!widget.handle.proceed());
    bench.settle().await;
    assert_eq!((widget.state().as_str(), bench.calls().len()), ("selecting", 1));
}

#[wasm_bindgen_test]
async fn the_selector_is_painted_before_anything_else_is_done() {
    let bench = Bench::new();
    let widget = with_unpainted_selector(&bench).await;
    assert_eq!(widget.state(), "selecting");
    assert_eq!((bench.calls().len(), bench.events("ready").len()), (0, 0));

    bench.answer(&session(1, "open", ""));
    bench.paint().await;
    assert_eq!((bench.calls().len(), bench.events("ready").len()), (1, 1));
    // The rehearsal, which nobody hears of.
    let before = (bench.timers(), widget.text());
    bench.paint().await;
    assert_eq!((bench.timers(), widget.text()), before);
    assert_eq!((bench.calls().len(), widget.state().as_str()), (1, "selecting"));
}

#[wasm_bindgen_test]
async fn a_shopper_who_is_faster_than_the_paint_pays_once() {
    let bench = Bench::new();
    let widget = with_unpainted_selector(&bench).await;
    bench.answer(&session(1, "open", ""));
    bench.answer(&session(2, "open", &payment("requires_action", QR)));
    widget.click("input[value=wechat_pay]");
    bench.settle().await;
    widget.click("[part~=primary]");
    bench.settle().await;
    assert_eq!(widget.state(), "awaiting");
    assert_eq!((bench.count("POST", "/payments"), bench.events("ready").len()), (1, 1));
    let names = ["ready", "change", "submit"].map(|name| bench.first_event(name));
    assert!(names.is_sorted(), "{names:?}");
}

#[wasm_bindgen_test]
async fn the_code_is_painted_before_the_stream_is_opened_and_the_focus_moved() {
    let bench = Bench::new();
    let widget = with_unpainted_code(&bench).await;
    assert!(widget.find("svg[role=img]").is_some());
    assert_eq!(bench.count("GET", "/events"), 0);
    assert!(widget.root.active_element().is_none());

    bench.paint().await;
    assert_eq!(bench.count("GET", "/events"), 1);
    assert_eq!(widget.root.active_element().unwrap().text_content().unwrap(), "Scan with WeChat");
}

#[wasm_bindgen_test]
async fn a_page_that_is_hidden_before_the_paint_opens_no_stream() {
    let bench = Bench::new();
    let widget = with_unpainted_code(&bench).await;
    bench.hide(true);
    bench.settle().await;
    bench.paint().await;
    assert_eq!((widget.state().as_str(), bench.count("GET", "/events")), ("awaiting", 0));

    bench.answer(&session(2, "open", &payment("requires_action", QR)));
    bench.hide(false);
    bench.settle().await;
    bench.paint().await;
    assert_eq!(bench.count("GET", "/events"), 1);
}

#[wasm_bindgen_test]
async fn a_widget_that_is_gone_before_its_paint_does_nothing() {
    let bench = Bench::new();
    let widget = with_unpainted_selector(&bench).await;
    drop(widget);
    bench.settle().await;
    bench.paint().await;
    assert_eq!((bench.calls().len(), bench.timers(), bench.listeners()), (0, 0, 0));
}
