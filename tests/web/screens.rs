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
    widget.click("input[value=alipay]");
    page.settle().await;
    assert!(widget.find(".notice").is_none());
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
    for words in
        ["You’re paying ¥128.00 to Tea House.", "I’ve paid", "Use another wallet", "Cancel payment"]
    {
        assert!(text.contains(words), "{words:?} in {text}");
    }
    assert!(!text.contains("Long-pressing"), "there is nothing to press on a desktop");
}

#[wasm_bindgen_test]
async fn on_a_phone_a_text_warns_of_long_pressing() {
    let page = TestPage::new();
    page.answer(&session(2, "open", &payment("requires_action", QR)));
    let widget = page.mount_with(r#"{"environment":"mobile_browser"}"#, None);
    page.settle().await;
    assert!(widget.text().contains("Long-pressing the code doesn’t work in WeChat."));
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
async fn success_is_shown_only_for_a_complete_session() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    page.answer(&session(3, "open", &payment("succeeded", "")));
    widget.click("[part=secondary]");
    page.settle().await;
    assert_eq!(widget.state(), "confirming");
    assert!(page.events("payment-completed").is_empty());
    page.answer(&session(4, "complete", &payment("succeeded", "")));
    page.advance(4_000.0).await;
    assert_eq!(widget.state(), "succeeded");
    assert!(widget.text().contains("You paid ¥128.00 to Tea House with WeChat Pay."));
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
    widget.click("[part=secondary]");
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
    widget.click("[part=secondary]");
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
        widget.click("[part=secondary]");
        page.settle().await;
        assert_eq!(widget.state(), state);
        assert!(widget.text().contains(words), "{state}: {}", widget.text());
        let link = widget.get("a").get_attribute("href").unwrap();
        assert_eq!(link, "https://shop.example/hosted");
    }
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
