//! The screens and their actions.

use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

use crate::test_page::*;

#[wasm_bindgen_test]
async fn both_wallets_look_equal_and_none_is_picked() {
    let page = TestPage::new();
    let widget = page.selecting().await;
    let rows = widget.all("label.method");
    let names: Vec<_> =
        widget.all(".name").iter().map(|name| name.text_content().unwrap()).collect();
    assert_eq!(names, ["Alipay", "WeChat Pay"]);
    // The same markup but for the value, the name and the drawing.
    let shape = |index: usize| {
        let row = &rows[index];
        let inner = row.query_selector_all("*").unwrap();
        let tags = (0..inner.length()).map(|index| inner.get(index).unwrap().node_name());
        (row.class_name(), row.get_attribute("part"), tags.collect::<Vec<_>>())
    };
    assert_eq!(shape(0), shape(1));
    let kinds: Vec<_> = widget
        .all("[part=mark]")
        .iter()
        .map(|mark| mark.get_attribute("data-kind").unwrap())
        .collect();
    assert_eq!(kinds, ["alipay", "wechat-pay"], "the styles colour them by this");
    let radios = widget.all("fieldset input[type=radio]");
    assert_eq!(radios.len(), 2);
    for radio in radios {
        let radio: HtmlInputElement = radio.unchecked_into();
        assert!(!radio.checked());
        assert_eq!(radio.name(), "wallet");
    }
    assert_eq!(widget.get("legend").text_content().unwrap(), "Choose how to pay");
    assert_eq!(widget.get(".amount").text_content().unwrap(), "¥128.00");
    assert_eq!(widget.get(".merchant").text_content().unwrap(), "Tea House");
    assert_eq!(widget.get(".description").text_content().unwrap(), "Tea");
    assert_eq!(widget.get("[part=root]").get_attribute("lang").unwrap(), "en");
    assert!(widget.find("[style]").is_none(), "a style attribute is against strict policies");
}

#[wasm_bindgen_test]
async fn the_order_and_layout_are_the_pages() {
    let page = TestPage::new();
    page.answer(&session(1, "open", ""));
    let order = r#"{"paymentMethodOrder":["wechat_pay"],"layout":"tabs"}"#;
    let widget = page.mount_with(order, None);
    page.settle().await;
    let names: Vec<_> =
        widget.all(".name").iter().map(|name| name.text_content().unwrap()).collect();
    assert_eq!(names, ["WeChat Pay", "Alipay"]);
    assert!(widget.find("fieldset[data-layout=tabs]").is_some());

    let chinese = format!(
        r#"{{"layout":"list","lang":"zh-Hans","paymentMethods":["alipay"],"texts":{CHINESE}}}"#
    );
    let options = strict(&chinese);
    widget.handle.update(&options).unwrap();
    page.settle().await;
    assert_eq!(widget.get(".name").text_content().unwrap(), "支付宝");
    assert_eq!(widget.get("[part~=primary]").text_content().unwrap(), "支付 ¥128.00");
    assert_eq!(widget.get("[part=root]").get_attribute("lang").unwrap(), "zh-Hans");
}

#[wasm_bindgen_test]
async fn a_pick_is_reported_and_a_missing_pick_is_explained() {
    let page = TestPage::new();
    let widget = page.selecting().await;
    widget.click("[part~=primary]");
    page.settle().await;
    assert_eq!(widget.get(".notice").text_content().unwrap(), "Choose a wallet first.");
    assert_eq!(page.count("POST", ""), 0);
    let group = widget.get("fieldset[role=radiogroup]");
    let notice = group.get_attribute("aria-describedby").unwrap();
    assert_eq!(widget.get(".notice").id(), notice);
    assert_eq!(group.get_attribute("aria-invalid").as_deref(), Some("true"));
    let focused = widget.root.active_element().unwrap();
    assert_eq!(focused, widget.all("input[type=radio]")[0], "and not the legend");
    assert_eq!(widget.get("[role=status]").text_content().unwrap(), "Choose a wallet first.");
    widget.click("input[value=alipay]");
    page.settle().await;
    assert!(widget.find(".notice").is_none());
    assert!(!group.has_attribute("aria-invalid") && !group.has_attribute("aria-describedby"));
    assert_eq!(page.events("change"), [r#"{"paymentMethod":"alipay"}"#]);
    assert_eq!(
        widget.get(".detail:not([hidden])").text_content().unwrap(),
        "You’ll confirm the payment in Alipay."
    );
    assert!(widget.get("input[value=alipay]").unchecked_into::<HtmlInputElement>().checked());
}

#[wasm_bindgen_test]
async fn the_code_is_drawn_with_its_quiet_zone_and_texts() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    let svg = widget.get(".qr svg");
    assert_eq!(svg.get_attribute("role").unwrap(), "img");
    assert_eq!(
        svg.get_attribute("aria-label").unwrap(),
        "QR code: scan it with WeChat to pay ¥128.00 to Tea House"
    );
    assert_eq!(svg.namespace_uri().unwrap(), "http://www.w3.org/2000/svg");
    let path = widget.get(".qr path").get_attribute("d").unwrap();
    let side: i32 =
        svg.get_attribute("viewBox").unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    for run in path.split('M').skip(1) {
        let (position, rest) = run.split_once('h').unwrap();
        let (x, y) = position.split_once(' ').unwrap();
        let length: i32 = rest.split_once('v').unwrap().0.parse().unwrap();
        let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
        assert!(x >= 4 && y >= 4 && x + length <= side - 4 && y < side - 4, "{run}");
    }
    assert_eq!(widget.get("h2").text_content().unwrap(), "Scan with WeChat");
    let text = widget.text();
    for words in [
        "Confirm the payment of ¥128.00 to Tea House.",
        "I’ve paid",
        "Pay another way",
        "Cancel payment",
    ] {
        assert!(text.contains(words), "{words:?} in {text}");
    }
    assert!(!text.contains("Long-pressing"), "there is nothing to press on a desktop");
}

#[wasm_bindgen_test]
async fn the_selector_stays_while_a_payment_starts() {
    let page = TestPage::new();
    let widget = page.selecting().await;
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    let pay = widget.get("[data-slot=pay]");
    pay.focus().unwrap();
    pay.click(); // A request that is never answered.
    page.settle().await;
    assert_eq!(widget.state(), "starting");
    assert_eq!(widget.get("[data-slot=pay]"), pay, "another button would lose the focus");
    assert_eq!(widget.root.active_element().as_ref(), Some(pay.as_ref()));
    assert_eq!(pay.get_attribute("aria-busy").as_deref(), Some("true"));
    assert_eq!(widget.get(".cover").text_content().unwrap(), "Contacting WeChat Pay…");
    assert!(widget.find("input[value=alipay]:disabled").is_some());
    assert!(widget.find(".ways-out").is_none());
    page.advance(4_500.0).await;
    assert!(widget.text().contains("This is taking longer than usual."));
    widget.click(".ways-out > button");
    page.settle().await;
    assert_eq!(widget.state(), "selecting");
    assert!(widget.find(".cover, [aria-busy], input:disabled").is_none());
}

/// Presses a button that starts a payment, which is never answered, and then turns away.
async fn stays_while_a_payment_starts(page: &TestPage, widget: &Widget, selector: &str) {
    let shown = widget.get("h2");
    let button = widget.get(selector);
    button.focus().unwrap();
    button.click();
    page.settle().await;
    assert_eq!((widget.state().as_str(), page.count("POST", "/payments")), ("starting", 1));
    assert_eq!((widget.get("h2"), widget.find("fieldset")), (shown, None), "the screen stays");
    assert_eq!(widget.root.active_element().as_ref(), Some(button.as_ref()));
    assert_eq!(button.get_attribute("aria-busy").as_deref(), Some("true"));
    assert!(widget.get("[role=status]").text_content().unwrap().starts_with("Contacting"));
    page.advance(4_500.0).await;
    assert!(widget.text().contains("This is taking longer than usual."));
    let switch = widget.all(".ways-out > button:not(:disabled)").pop().unwrap();
    switch.unchecked_into::<web_sys::HtmlElement>().click();
    page.settle().await;
    assert_eq!(widget.state(), "selecting");
    assert!(widget.find("[aria-busy], :disabled").is_none());
}

#[wasm_bindgen_test]
async fn the_guide_stays_while_its_code_is_started() {
    let page = TestPage::new();
    page.answer(&session(1, "open", ""));
    let widget = page.mount_with(r#"{"environment":"wechat"}"#, None);
    page.settle().await;
    widget.click("input[value=alipay]");
    page.settle().await;
    widget.click("[part~=primary]");
    page.settle().await;
    assert_eq!(widget.state(), "guiding");
    page.advance(100.0).await;
    stays_while_a_payment_starts(&page, &widget, ".actions > [part=secondary]").await;
}

#[wasm_bindgen_test]
async fn a_payment_started_elsewhere_stays_while_another_is_started() {
    let page = TestPage::new();
    let next = r#""next_action":{"type":"invoke_wechat_jsapi","fields":[]},"#;
    let started = payment("requires_action", next).replace(r#""qr_code""#, r#""jsapi""#);
    page.answer(&session(2, "open", &started)).answer(&session(2, "open", &started));
    let widget = page.mount();
    page.settle().await;
    assert!(widget.text().contains("You started this payment in another app or browser."));
    stays_while_a_payment_starts(&page, &widget, ".actions > [part=primary]").await;
}

#[wasm_bindgen_test]
async fn a_start_is_shown_where_the_page_has_its_own_button() {
    let page = TestPage::new();
    page.answer(&session(1, "open", ""));
    let widget = page.mount_with(r#"{"showPayButton":false}"#, None);
    page.settle().await;
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    assert!(widget.find(".waiting").is_none());
    widget.handle.confirm();
    page.settle().await;
    assert_eq!(widget.get(".waiting").text_content().unwrap(), "Contacting WeChat Pay…");
}

#[wasm_bindgen_test]
async fn without_scanning_the_address_can_be_copied_or_opened() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    let link = "https://shop.example/hosted";
    assert_eq!(widget.get("summary").text_content().unwrap(), "Can’t scan the code?");
    let how = "Open this link on the phone that has WeChat.";
    assert_eq!(widget.get("details .text").text_content().unwrap(), how);
    assert!(widget.find("details a").is_none(), "on a computer the page shows the same code");
    let button = widget.get("details button");
    button.click();
    page.settle().await;
    assert_eq!(page.copied(), link);
    assert_eq!(button.text_content().unwrap(), "✓ Link copied");
    page.advance(2_100.0).await;
    assert_eq!(button.text_content().unwrap(), "Copy link");
}

#[wasm_bindgen_test]
async fn a_link_that_the_browser_does_not_copy_is_copied_by_hand() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    page.forbid_copy();
    widget.click("details button");
    page.settle().await;
    let how = "Select and copy the link yourself.";
    assert_eq!(widget.get("details .notice").text_content().unwrap(), how);
    assert_eq!(widget.get("[role=status]").text_content().unwrap(), how);
    assert_eq!(widget.get("details button").text_content().unwrap(), "Copy link");
}

#[wasm_bindgen_test]
async fn a_pressed_refresh_button_keeps_the_focus_until_the_code_is_there() {
    let page = TestPage::new();
    let widget = page.selecting().await;
    widget.click("input[value=wechat_pay]");
    let next = QR.replace("\"data\"", r#""expires_at":"2026-11-23T00:00:01.000Z","data""#);
    page.answer(&session(2, "open", &payment("requires_action", &next)));
    page.settle().await;
    widget.click("[part~=primary]");
    page.settle().await;
    page.answer_with(r#"{"text":"","status":500}"#);
    page.advance(1_100.0).await;
    let failed = "We couldn’t get a new code. Please try again.";
    assert_eq!(widget.get("[role=status]").text_content().unwrap(), failed);
    let refresh = widget.get(".qr-over button");
    assert!(!refresh.has_attribute("aria-busy"));
    refresh.focus().unwrap();
    refresh.click(); // A request that is never answered.
    page.settle().await;
    let posts = page.count("POST", "/refresh");
    assert_eq!(widget.get(".qr-over button"), refresh);
    assert_eq!(refresh.get_attribute("aria-busy").as_deref(), Some("true"));
    assert_eq!(widget.root.active_element().as_ref(), Some(refresh.as_ref()));
    refresh.click();
    page.settle().await;
    assert_eq!(page.count("POST", "/refresh"), posts, "a second press does nothing");
    page.advance(20_000.0).await;
    page.answer(&session(3, "open", &payment("requires_action", QR)));
    widget.get(".qr-over button").click();
    page.settle().await;
    assert!(widget.find(".qr-over").is_none());
    let focused = widget.root.active_element().unwrap();
    assert_eq!(focused, *widget.get("h2"), "the button is gone");
}

#[wasm_bindgen_test]
async fn a_canceled_payment_says_until_when_the_order_can_be_paid() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    page.answer(&session(3, "open", &payment("canceled", "")));
    widget.click(".ways-out > button:last-child");
    page.settle().await;
    assert_eq!(widget.state(), "canceled");
    assert!(widget.text().contains("You can pay until 00:30 en."), "{}", widget.text());
    let page = TestPage::new();
    page.answer(&session(1, "canceled", ""));
    let widget = page.mount();
    page.settle().await;
    assert!(!widget.text().contains("until"), "{}", widget.text());
}

#[wasm_bindgen_test]
async fn a_checkout_that_is_no_longer_valid_leads_back_and_can_be_tried_again() {
    let refused = quoted(
        r#"{"type":"urn:opencashier:problem:authentication_error","title":"t","status":401,
            "detail":"d","code":"client_secret_invalid","retryable":false,"request_id":"req_7"}"#,
    );
    let refused = format!(r#"{{"text":{refused},"status":401,"type":"application/problem+json"}}"#);
    let page = TestPage::new();
    page.answer_with(&refused);
    let widget = page.mount_with(r#"{"shopUrl":"https://shop.example/cart"}"#, None);
    page.settle().await;
    let names = |widget: &Widget| {
        let controls = widget.all("button, a");
        controls.iter().map(|control| control.text_content().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(widget.state(), "unavailable");
    assert_eq!(names(&widget), ["Back to the shop", "Try again"]);
    widget.click("button");
    page.settle().await;
    assert_eq!(page.calls().len(), 2);

    // In the middle of a payment its page is known.
    let page = TestPage::new();
    let widget = page.awaiting().await;
    page.answer_with(&refused);
    widget.click(PAID);
    page.settle().await;
    assert_eq!(widget.state(), "unavailable");
    assert_eq!(names(&widget), ["Try again", "Pay on the shop’s payment page"]);
}

#[wasm_bindgen_test]
async fn a_countdown_warns_near_its_end() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    let urgency = || widget.get(".countdown").get_attribute("data-urgency");
    assert_eq!(urgency(), None);
    page.advance(1_501_000.0).await;
    assert_eq!(urgency().as_deref(), Some("soon"));
    page.advance(240_000.0).await;
    assert_eq!(urgency().as_deref(), Some("last"));
}

#[wasm_bindgen_test]
async fn on_a_phone_a_text_warns_of_long_pressing() {
    let page = TestPage::new();
    page.answer(&session(2, "open", &payment("requires_action", QR)));
    let widget = page.mount_with(r#"{"environment":"mobile_browser"}"#, None);
    page.settle().await;
    assert!(widget.text().contains("Long-pressing the code doesn’t work in WeChat."));
    let link = widget.get("details a").get_attribute("href");
    assert_eq!(link.as_deref(), Some("https://shop.example/hosted"), "it opens the wallet there");
}

#[wasm_bindgen_test]
async fn the_countdown_uses_the_servers_time_and_ticks_only_while_visible() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    let shown = || widget.get(".countdown b").text_content().unwrap();
    assert_eq!(shown(), "30:00");
    page.advance(61_500.0).await;
    assert_eq!(shown(), "28:58");
    page.hide(true);
    page.settle().await;
    let (calls, timers) = (page.calls().len(), page.timers());
    page.advance(120_000.0).await;
    assert_eq!((shown().as_str(), page.calls().len()), ("28:58", calls), "no tick while hidden");
    assert!(timers <= 1, "only the machine's own deadline may be left: {timers}");
    page.hide(false);
    page.settle().await;
    assert_eq!(shown(), "26:58");
}

#[wasm_bindgen_test]
async fn a_second_of_the_countdown_renders_nothing_else() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    let field: HtmlInputElement = widget.get("input[data-link]").dyn_into().unwrap();
    // A render would write the link again.
    field.set_value("changed");
    page.advance(1_500.0).await;
    assert_eq!(widget.get(".countdown b").text_content().as_deref(), Some("29:58"));
    assert_eq!(field.value(), "changed");
}

#[wasm_bindgen_test]
async fn success_is_shown_only_for_a_complete_session() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    page.answer(&session(3, "open", &payment("succeeded", "")));
    widget.click(PAID);
    page.settle().await;
    assert_eq!(widget.state(), "confirming");
    assert!(page.events("payment-completed").is_empty());
    page.answer(&session(4, "complete", &payment("succeeded", "")));
    page.advance(4_000.0).await;
    assert_eq!(widget.state(), "succeeded");
    assert!(widget.text().contains("You paid ¥128.00 to Tea House with WeChat Pay."));
    assert!(widget.find("[part=summary]").is_none(), "the receipt has the order");
    let shown = |selector: &str| widget.get(selector).text_content().unwrap();
    assert_eq!((shown(".amount"), shown(".merchant")), ("¥128.00".into(), "Tea House".into()));
    assert_eq!(shown(".paid-with"), "WeChat Pay");
    assert!(widget.find("a").is_none(), "this page is the shop's");
    assert_eq!(
        page.events("payment-completed"),
        [r#"{"sessionId":"cs_1","paymentId":"pay_1","paymentMethod":"wechat_pay"}"#]
    );
}

#[wasm_bindgen_test]
async fn the_focus_follows_the_screen_only_from_inside() {
    let page = TestPage::new();
    let widget = page.selecting().await;
    assert!(widget.root.active_element().is_none(), "loading took the page's focus");
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    page.answer(&session(2, "open", &payment("requires_action", QR)));
    widget.get("[part~=primary]").focus().unwrap();
    widget.click("[part~=primary]");
    page.settle().await;
    assert_eq!(widget.root.active_element().unwrap().text_content().unwrap(), "Scan with WeChat");

    let elsewhere = document().create_element("button").unwrap();
    stage().append_child(&elsewhere).unwrap();
    elsewhere.clone().unchecked_into::<web_sys::HtmlElement>().focus().unwrap();
    page.answer(&session(3, "complete", &payment("succeeded", "")));
    widget.click(PAID);
    page.settle().await;
    assert_eq!(widget.state(), "succeeded");
    assert_eq!(document().active_element(), Some(elsewhere));
}

#[wasm_bindgen_test]
async fn the_live_region_announces_changes() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    let region = widget.all("[aria-live]");
    assert_eq!(region.len(), 1);
    assert!(region[0].text_content().unwrap().starts_with("QR code: scan it with WeChat"));
    page.answer(&session(3, "open", &payment("requires_action", QR)));
    widget.click(PAID);
    page.settle().await;
    assert!(region[0].text_content().unwrap().starts_with("We haven’t received your payment yet."));
    assert!(region[0].is_connected(), "all screens must keep the same region");
}

#[wasm_bindgen_test]
async fn every_final_screen_offers_an_action() {
    for (status, payment, state, words) in [
        ("expired", String::new(), "expired", "See this order on the shop’s page"),
        ("canceled", String::new(), "canceled", "See this order on the shop’s page"),
        ("open", payment("failed", r#""failure_code":"gateway_rejected","#), "failed", "Try again"),
    ] {
        let page = TestPage::new();
        let widget = page.awaiting().await;
        page.answer(&session(3, status, &payment));
        widget.click(PAID);
        page.settle().await;
        assert_eq!(widget.state(), state);
        assert!(widget.text().contains(words), "{state}: {}", widget.text());
        let link = widget.get("a").get_attribute("href").unwrap();
        assert_eq!(link, "https://shop.example/hosted");
    }
}

#[wasm_bindgen_test]
async fn what_is_over_leads_back_to_the_shop() {
    let options = r#"{"shopUrl":"https://shop.example/thanks"}"#;
    for status in ["complete", "expired", "canceled"] {
        let page = TestPage::new();
        page.answer(&session(1, status, &payment("succeeded", "")));
        let widget = page.mount_with(options, None);
        page.settle().await;
        let link = widget.get("a[part=primary]");
        assert_eq!(link.get_attribute("href").as_deref(), Some("https://shop.example/thanks"));
        assert_eq!(link.text_content().unwrap(), "Back to the shop");
    }
    let page = TestPage::new();
    page.answer(&session(1, "complete", &payment("succeeded", "")));
    let widget = page.mount_with(r#"{"shopUrl":"myshop://thanks"}"#, None);
    page.settle().await;
    assert!(widget.find("a").is_none(), "only a web address is a link");
}

#[wasm_bindgen_test]
async fn a_hosted_url_that_is_not_http_is_not_linked() {
    let page = TestPage::new();
    let session =
        session(1, "expired", "").replace("https://shop.example/hosted", "javascript:alert(1)");
    page.answer(&session);
    let widget = page.mount();
    page.settle().await;
    assert_eq!(widget.state(), "expired");
    assert!(widget.find("a").is_none());
}

#[wasm_bindgen_test]
async fn a_read_only_widget_starts_nothing() {
    let page = TestPage::new();
    page.answer(&session(1, "open", ""));
    let widget = page.mount_with(r#"{"readOnly":true}"#, None);
    page.settle().await;
    widget.handle.confirm();
    page.settle().await;
    assert!(widget.find("[part~=primary]").is_none());
    assert_eq!(page.count("POST", ""), 0);
    assert!(page.events("submit").is_empty());
}
