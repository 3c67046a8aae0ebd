//! The stream and the focus wait until the code is painted.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::test_page::*;

/// A widget that has the code, which the browser has not painted. "Pay" had the focus.
async fn with_unpainted_code(page: &TestPage) -> Widget {
    let widget = page.selecting().await;
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    page.hold_paint();
    page.answer(&session(2, "open", &payment("requires_action", QR)));
    widget.get("[part~=primary]").focus().unwrap();
    widget.click("[part~=primary]");
    page.settle().await;
    widget
}

#[wasm_bindgen_test]
async fn the_code_is_painted_before_the_stream_is_opened_and_the_focus_moved() {
    let page = TestPage::new();
    let widget = with_unpainted_code(&page).await;
    assert!(widget.find("svg[role=img]").is_some());
    assert_eq!(page.count("GET", "/events"), 0);
    assert!(widget.root.active_element().is_none());

    page.paint().await;
    assert_eq!(page.count("GET", "/events"), 1);
    assert_eq!(widget.root.active_element().unwrap().text_content().unwrap(), "Scan with WeChat");
}

#[wasm_bindgen_test]
async fn a_page_that_is_hidden_before_the_paint_opens_no_stream() {
    let page = TestPage::new();
    let widget = with_unpainted_code(&page).await;
    page.hide(true);
    page.settle().await;
    page.paint().await;
    assert_eq!((widget.state().as_str(), page.count("GET", "/events")), ("awaiting", 0));

    page.answer(&session(2, "open", &payment("requires_action", QR)));
    page.hide(false);
    page.settle().await;
    page.paint().await;
    assert_eq!(page.count("GET", "/events"), 1);
}

#[wasm_bindgen_test]
async fn a_widget_that_is_unmounted_before_the_paint_opens_no_stream() {
    let page = TestPage::new();
    let widget = with_unpainted_code(&page).await;
    drop(widget);
    page.settle().await;
    page.paint().await;
    assert_eq!((page.count("GET", "/events"), page.timers(), page.listeners()), (0, 0, 0));
}
