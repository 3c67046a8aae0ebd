//! Requests, and the handling of valid and invalid answers.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::test_page::*;

#[wasm_bindgen_test]
async fn a_start_is_one_request_with_key_and_secret_in_headers() {
    let page = TestPage::new();
    let widget = page.selecting().await;
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    for _ in 0..7 {
        widget.click("[part~=primary]");
    }
    widget.handle.confirm();
    page.settle().await;
    assert_eq!(page.count("POST", "/v1/checkout/sessions/cs_1/payments"), 1);
    assert_eq!(widget.state(), "starting");
    let call = page.calls().pop().unwrap();
    assert_eq!(
        text(&call, "url"),
        "https://shop.example/checkout/v1/checkout/sessions/cs_1/payments"
    );
    let headers = get(&call, "headers");
    assert_eq!(text(&headers, "authorization"), "Bearer cs_1_secret_abc");
    assert_eq!(text(&headers, "content-type"), "application/json");
    assert_eq!(text(&headers, "idempotency-key").len(), 36);
    assert_eq!(
        text(&call, "body"),
        r#"{"payment_method":"wechat_pay","environment":"desktop","flow":"qr_code"}"#
    );
    assert_eq!(page.events("submit"), [r#"{"paymentMethod":"wechat_pay"}"#]);
    assert!(page.calls().iter().all(|call| !text(call, "url").contains("secret")));
}

#[wasm_bindgen_test]
async fn queued_presses_do_not_press_the_next_screens_buttons() {
    let page = TestPage::new();
    page.answer(&session(1, "open", ""));
    let widget = page.mount_with(r#"{"environment":"alipay"}"#, None);
    page.settle().await;
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    for _ in 0..7 {
        widget.handle.confirm();
    }
    page.settle().await;
    assert_eq!((widget.state().as_str(), page.count("POST", "")), ("guiding", 0));
    assert_eq!(page.events("submit").len(), 1);
}

#[wasm_bindgen_test]
async fn a_prevented_submit_starts_nothing() {
    let page = TestPage::new();
    let widget = page.selecting().await;
    widget.click("input[value=alipay]");
    page.prevent("submit");
    page.settle().await;
    widget.click("[part~=primary]");
    page.settle().await;
    assert_eq!(page.events("submit").len(), 1);
    assert_eq!((page.count("POST", ""), widget.state().as_str()), (0, "selecting"));
}

#[wasm_bindgen_test]
async fn the_key_outlives_a_reload_and_not_the_payment() {
    let page = TestPage::new();
    let key = || {
        let call = page.calls().into_iter().rfind(|call| text(call, "method") == "POST").unwrap();
        text(&get(&call, "headers"), "idempotency-key")
    };
    let widget = page.selecting().await;
    widget.click("input[value=wechat_pay]");
    page.settle().await;
    widget.click("[part~=primary]");
    page.settle().await;
    let first = key();
    widget.handle.unmount();
    page.settle().await;

    let widget = page.selecting().await;
    page.answer(&session(2, "complete", &payment("succeeded", "")));
    widget.click("[part~=primary]");
    page.settle().await;
    assert_eq!(key(), first, "the wallet was still picked, and the intent is the same");
    assert_eq!(widget.state(), "succeeded");
    assert_eq!(storage().length().unwrap(), 0, "a concluded intent is removed");
    assert_eq!(shared_storage().length().unwrap(), 0, "by every tab");
}

#[wasm_bindgen_test]
async fn an_intent_of_another_tab_is_continued_with_its_key() {
    for (theirs, is_shared) in [("wechat_pay key_theirs", true), ("alipay key_theirs", false)] {
        let page = TestPage::new();
        let widget = page.selecting().await;
        // Pressed in the other tab after this one was loaded.
        shared_storage().set_item("opencashier.intent.cs_1", theirs).unwrap();
        widget.click("input[value=wechat_pay]");
        page.settle().await;
        widget.click("[part~=primary]");
        page.settle().await;
        let call = page.calls().into_iter().rfind(|call| text(call, "method") == "POST").unwrap();
        let key = text(&get(&call, "headers"), "idempotency-key");
        assert_eq!(key == "key_theirs", is_shared, "{theirs}: {key}");
        widget.handle.unmount();
        page.settle().await;
    }
}

#[wasm_bindgen_test]
async fn the_page_receives_events() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    assert_eq!(page.events("ready"), [r#"{"paymentMethods":["alipay","wechat_pay"]}"#]);
    assert_eq!(
        page.events("state-change"),
        [
            r#"{"from":"loading","to":"selecting","reason":"session_loaded"}"#,
            r#"{"from":"selecting","to":"starting","reason":"confirmed"}"#,
            r#"{"from":"starting","to":"awaiting","reason":"payment_started"}"#,
        ]
    );
    assert_eq!(
        page.events("action-handled"),
        [r#"{"action":"qr-code-loaded"}"#, r#"{"action":"status-waiting"}"#]
    );
    page.answer(&session(3, "canceled", ""));
    widget.handle.cancel();
    page.settle().await;
    assert_eq!(page.count("POST", "/payments/pay_1/cancel"), 1);
    assert_eq!(page.events("cancel").len(), 1);
}

/// Answers of a backend, a proxy or a patched fetch to the first read.
#[wasm_bindgen_test]
async fn bad_answers_are_typed_errors_and_a_screen() {
    let cut = quoted(&session(1, "open", "")[..200]);
    let wrong_type = quoted(&session(1, "open", "").replace("12800", "128.5"));
    let problem = |kind: &str, code: &str| {
        quoted(&format!(
            r#"{{"type":"urn:opencashier:problem:{kind}","title":"t","status":401,"detail":"d",
                "code":"{code}","retryable":false,"request_id":"req_7"}}"#
        ))
    };
    let refused = problem("authentication_error", "client_secret_invalid");
    for (answer, kind, code) in [
        (
            r#"{"text":"<html>Log in</html>","type":"text/html"}"#.to_owned(),
            "api_error",
            "answer_unreadable",
        ),
        (format!(r#"{{"text":{cut}}}"#), "api_error", "answer_unreadable"),
        (format!(r#"{{"text":{wrong_type}}}"#), "api_error", "answer_unreadable"),
        (r#"{"text":"[]"}"#.to_owned(), "api_error", "answer_unreadable"),
        (r#"{"text":"null"}"#.to_owned(), "api_error", "answer_unreadable"),
        (r#"{"text":""}"#.to_owned(), "api_error", "answer_unreadable"),
        (r#"{"text":"oops","status":500}"#.to_owned(), "api_error", "answer_failed"),
        (
            r#"{"text":"<html>","status":502,"type":"application/problem+json"}"#.to_owned(),
            "api_error",
            "answer_failed",
        ),
        // Only a problem document proves that the secret was refused.
        (r#"{"text":"","status":401}"#.to_owned(), "api_error", "answer_failed"),
        (
            format!(
                r#"{{"text":{refused},"status":401,"type":"application/problem+json; charset=utf-8"}}"#
            ),
            "authentication_error",
            "client_secret_invalid",
        ),
        (r#"{"reason":"a text"}"#.to_owned(), "api_connection_error", "connection_failed"),
        (r#"{"reason":null}"#.to_owned(), "api_connection_error", "connection_failed"),
        (r#"{"reason":{"name":"odd"}}"#.to_owned(), "api_connection_error", "connection_failed"),
    ] {
        let page = TestPage::new();
        for _ in 0..8 {
            page.answer_with(&answer);
        }
        let widget = page.mount();
        page.settle().await;
        page.advance(30_000.0).await;
        assert_eq!(widget.state(), "unavailable", "{answer}");
        let told = page.events("load-error").pop().unwrap();
        assert!(told.contains(&format!(r#""type":"{kind}","code":"{code}""#)), "{answer}: {told}");
        assert!(told.contains(&format!(r#"ERRORS.md#{code}""#)), "{told}");
        assert_eq!(widget.get("h2").text_content().unwrap(), "Checkout is not available");
        if code == "client_secret_invalid" {
            assert!(told.contains(r#""requestId":"req_7""#), "{told}");
            assert!(widget.text().contains("Reference: req_7"));
            assert_eq!(page.calls().len(), 1, "a refused secret is not retried");
        }
    }
}

#[wasm_bindgen_test]
async fn a_wrong_answer_is_logged_with_its_member_before_the_retries() {
    let whole = session(1, "open", "");
    for (answer, logged) in [
        (
            whole.replace(r#""revision":1,"#, ""),
            "answer_unreadable: the answer is not the merchant API's JSON (missing field `revision`)",
        ),
        (
            whole.replace(r#""open""#, r#""paid""#),
            "value_unknown: status has a value that this widget does not know",
        ),
    ] {
        let page = TestPage::new();
        page.answer(&answer);
        let _widget = page.mount();
        page.settle().await;
        assert_eq!(page.events("log"), [format!("{logged:?}")]);
        assert_eq!(page.calls().len(), 1);
    }
}

#[wasm_bindgen_test]
async fn a_lost_connection_is_shown_and_recovered() {
    let page = TestPage::new();
    let widget = page.awaiting().await;
    page.answer_with(r#"{"reason":"offline"}"#);
    widget.click(PAID);
    page.settle().await;
    assert_eq!(widget.get(".banner").text_content().unwrap(), "No connection. Reconnecting…");
    page.answer(&session(3, "complete", &payment("succeeded", "")));
    page.advance(3_000.0).await;
    assert_eq!(widget.state(), "succeeded");
    assert!(widget.find(".banner").is_none());
}

#[wasm_bindgen_test]
async fn retry_after_is_kept() {
    let page = TestPage::new();
    page.answer_with(r#"{"text":"","status":503,"headers":{"Retry-After":"9"}}"#);
    let widget = page.mount();
    page.settle().await;
    page.advance(8_900.0).await;
    assert_eq!(page.calls().len(), 1);
    page.answer(&session(1, "open", ""));
    page.advance(200.0).await;
    assert_eq!(widget.state(), "selecting");
}

#[wasm_bindgen_test]
async fn what_the_loader_fetched_is_used_once() {
    let page = TestPage::new();
    let widget = page.mount_with("{}", Some(page.response(&session(1, "open", ""))));
    page.settle().await;
    assert_eq!(widget.state(), "selecting");
    assert!(page.calls().is_empty());
}

#[wasm_bindgen_test]
async fn a_failed_prefetch_is_retried() {
    let page = TestPage::new();
    let rejected = Promise::reject(&JsValue::from_str("not an Error"));
    let widget = page.mount_with("{}", Some(rejected));
    page.settle().await;
    page.answer(&session(1, "open", ""));
    page.advance(2_000.0).await;
    assert_eq!((widget.state().as_str(), page.calls().len()), ("selecting", 1));
}

#[wasm_bindgen_test]
async fn the_stream_delivers_the_outcome_in_any_chunks() {
    let page = TestPage::new();
    let push = page.stream();
    let widget = page.awaiting().await;
    let call =
        page.calls().into_iter().find(|call| text(call, "url").ends_with("/events")).unwrap();
    assert_eq!(text(&get(&call, "headers"), "authorization"), "Bearer cs_1_secret_abc");
    assert_eq!(text(&get(&call, "headers"), "accept"), "text/event-stream");
    let complete = session(3, "complete", &payment("succeeded", "")).replace('\n', "");
    let complete = complete.replace("Tea House", "茶馆");
    let event = format!(": beat\n\nid: e3\nevent: session.updated\ndata: {complete}\n\n");
    let cut = event.find("茶").unwrap() + 1;
    push(&event.as_bytes()[..cut]);
    page.settle().await;
    assert_eq!(widget.state(), "awaiting");
    push(&event.as_bytes()[cut..]);
    page.settle().await;
    assert_eq!(widget.state(), "succeeded");
    assert_eq!(widget.get(".merchant").text_content().unwrap(), "茶馆");
}

#[wasm_bindgen_test]
async fn an_event_of_the_stream_that_cannot_be_read_is_logged_and_the_session_is_polled() {
    let whole = session(3, "complete", &payment("succeeded", "")).replace('\n', "");
    for (name, data, reason) in [
        ("", whole.clone(), "missing: event: session.updated"),
        (
            "event: session.updated\n",
            whole.replace(r#""revision":3,"#, ""),
            "missing field `revision`",
        ),
        ("event: session.updated\n", "<html>".to_owned(), "the answer is not JSON"),
    ] {
        let page = TestPage::new();
        let push = page.stream();
        let widget = page.awaiting().await;
        push(format!("event: newer\ndata: {{}}\n\n{name}data: {data}\n\n").as_bytes());
        page.settle().await;
        let logged =
            format!("answer_unreadable: the answer is not the merchant API's JSON ({reason})");
        assert_eq!(page.events("log"), [format!("{logged:?}")]);
        page.answer(&whole);
        page.advance(10_000.0).await;
        assert_eq!(widget.state(), "succeeded");
    }
}

#[wasm_bindgen_test]
async fn a_stream_that_another_script_reads_is_logged_and_the_session_is_polled() {
    let page = TestPage::new();
    page.taken_stream();
    let widget = page.awaiting().await;
    let logged = &page.events("log")[0];
    assert!(logged.contains("the answer has no body to read"), "{logged}");
    page.answer(&session(3, "complete", &payment("succeeded", "")));
    page.advance(10_000.0).await;
    assert_eq!(widget.state(), "succeeded");
}

#[wasm_bindgen_test]
async fn a_redirect_is_offered_to_the_page_first() {
    let page = TestPage::new();
    page.prevent("before-redirect");
    let widget = page.selecting().await;
    widget.click("input[value=wechat_pay]");
    let next = r#""next_action":{"type":"redirect_to_url","url":"https://wx.tenpay.com/pay?x=1"},"#;
    page.answer(&session(2, "open", &payment("requires_action", next)));
    page.settle().await;
    widget.click("[part~=primary]");
    page.settle().await;
    assert_eq!(page.events("before-redirect"), [r#"{"url":"https://wx.tenpay.com/pay?x=1"}"#]);
    assert_eq!(widget.get("h2").text_content().unwrap(), "Continue in WeChat Pay");
    widget.click("[part=primary]");
    page.settle().await;
    assert_eq!(page.events("before-redirect").len(), 2);
}

#[wasm_bindgen_test]
async fn a_redirect_to_an_unknown_host_is_refused() {
    let page = TestPage::new();
    let next = r#""next_action":{"type":"redirect_to_url","url":"https://evil.example/"},"#;
    page.answer(&session(2, "open", &payment("requires_action", next)));
    let widget = page.mount();
    page.settle().await;
    assert_eq!(widget.state(), "unavailable");
    assert!(page.events("before-redirect").is_empty());
    assert!(page.events("error")[0].contains(r#""code":"next_action_refused""#));
}

#[wasm_bindgen_test]
async fn a_preloaded_session_is_shown_before_it_is_read() {
    let page = TestPage::new();
    let given = format!(r#"{{"session":{:?}}}"#, session(1, "open", ""));
    let widget = page.mount_with(&given, None);
    page.settle().await;
    assert_eq!((widget.state().as_str(), page.count("GET", "/cs_1")), ("selecting", 1));

    // An invalid session is ignored.
    let other = page.mount_with(r#"{"session":"{\"id\":1}"}"#, None);
    page.settle().await;
    assert_eq!(other.state(), "loading");
}
