//! A widget in a shadow root, on a page under the test's control.

use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use opencashier::{Handle, Host, mount};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, HtmlElement, ShadowRoot, ShadowRootInit, ShadowRootMode};

/// The button "I’ve paid" of the code.
pub const PAID: &str = ".ways-out > button";
pub const SECRET: &str = "cs_1_secret_abc";
pub const API: &str = "https://shop.example/checkout";

/// The stubs of the page; the browser's own functions are restored when it is dropped.
pub struct TestPage(JsValue);

impl Drop for TestPage {
    fn drop(&mut self) {
        self.call("restore", &[]);
        stage().remove();
        storage().clear().unwrap();
        shared_storage().clear().unwrap();
    }
}

impl TestPage {
    pub fn new() -> Self {
        storage().clear().unwrap();
        shared_storage().clear().unwrap();
        let stubs =
            Function::new_no_args(include_str!("test_page.js")).call0(&JsValue::NULL).unwrap();
        let page = Self(stubs);
        page.call("install", &[]);
        page
    }

    fn call(&self, name: &str, arguments: &[JsValue]) -> JsValue {
        let function: Function = get(&self.0, name).dyn_into().unwrap();
        let list: js_sys::Array = arguments.iter().collect();
        function.apply(&self.0, &list).unwrap()
    }

    /// Queues this session as the answer to the next request.
    pub fn answer(&self, session: &str) -> &Self {
        self.answer_with(&format!(r#"{{"text":{}}}"#, quoted(session)))
    }

    /// Queues the answer to the next request: `{text, status, type, headers}` or `{reason}`.
    pub fn answer_with(&self, answer: &str) -> &Self {
        let answers: js_sys::Array = get(&self.0, "answers").dyn_into().unwrap();
        answers.push(&js_sys::JSON::parse(answer).unwrap());
        self
    }

    pub fn prevent(&self, event: &str) {
        let prevented: js_sys::Set = get(&self.0, "prevented").dyn_into().unwrap();
        prevented.add(&event.into());
    }

    pub fn response(&self, session: &str) -> Promise {
        Promise::resolve(&self.call("response", &[session.into()]))
    }

    /// Queues the next stream; the closure pushes a chunk.
    pub fn stream(&self) -> impl Fn(&[u8]) {
        let push: Function = self.call("stream", &[]).dyn_into().unwrap();
        move |chunk| {
            push.call1(&JsValue::NULL, &Uint8Array::from(chunk)).unwrap();
        }
    }

    /// The next stream is read by another script of the page.
    pub fn taken_stream(&self) {
        self.call("takenStream", &[]);
    }

    /// Settles promises, bodies and renders without advancing the clock.
    pub async fn settle(&self) {
        for _ in 0..6 {
            let task: Promise = self.call("task", &[]).dyn_into().unwrap();
            JsFuture::from(task).await.unwrap();
            yew::scheduler::flush().await;
        }
    }

    /// Advances the clock and settles after each timer.
    pub async fn advance(&self, ms: f64) {
        let until = self.call("after", &[ms.into()]);
        while self.call("step", std::slice::from_ref(&until)).is_truthy() {
            self.settle().await;
        }
        self.settle().await;
    }

    /// Holds all paints until [`TestPage::paint`].
    pub fn hold_paint(&self) {
        self.call("holdPaint", &[]);
    }

    /// Paints once and settles the callbacks that waited for it.
    pub async fn paint(&self) {
        self.call("paint", &[]);
        self.settle().await;
    }

    pub fn hide(&self, is_hidden: bool) {
        self.call("hide", &[is_hidden.into()]);
    }

    /// Installs WeChat's bridge, with or without its "ready" event.
    pub fn bridge(&self, has_event: bool) {
        self.call("bridge", &[has_event.into()]);
    }

    /// The number of unanswered bridge calls.
    pub fn asked(&self) -> u32 {
        get(&self.0, "bridgeCalls").dyn_into::<js_sys::Array>().unwrap().length()
    }

    /// The bridge answers `ok`, `cancel` or `fail`.
    pub fn answer_bridge(&self, result: &str) {
        self.call("answerBridge", &[result.into()]);
    }

    pub fn answer_bridge_with(&self, json: &str) {
        self.call("answerBridgeWith", &[json.into()]);
    }

    pub fn answer_bridge_unreadably(&self) {
        self.call("answerBridgeUnreadably", &[]);
    }

    pub fn broken_bridge(&self) {
        self.call("brokenBridge", &[]);
    }

    /// The browser allows no copying from now on.
    pub fn forbid_copy(&self) {
        Reflect::set(&self.0, &"canCopy".into(), &false.into()).unwrap();
    }

    /// The copied text.
    pub fn copied(&self) -> String {
        text(&self.0, "copied")
    }

    pub fn calls(&self) -> Vec<JsValue> {
        let calls: js_sys::Array = get(&self.0, "calls").dyn_into().unwrap();
        calls.iter().collect()
    }

    /// The requests of a kind, as `POST /payments`.
    pub fn count(&self, method: &str, path_end: &str) -> usize {
        let is_meant = |call: &&JsValue| {
            text(call, "method") == method && text(call, "url").ends_with(path_end)
        };
        self.calls().iter().filter(is_meant).count()
    }

    pub fn timers(&self) -> u32 {
        get(&self.0, "timers").dyn_into::<js_sys::Map>().unwrap().size()
    }

    pub fn listeners(&self) -> u32 {
        get(&self.0, "listeners").dyn_into::<js_sys::Set>().unwrap().size()
    }

    /// The details of the events of that name, as JSON.
    pub fn events(&self, name: &str) -> Vec<String> {
        let events: js_sys::Array = get(&self.0, "events").dyn_into().unwrap();
        let named = events.iter().filter(|event| text(event, "name") == name);
        named.map(|event| js_sys::JSON::stringify(&get(&event, "detail")).unwrap().into()).collect()
    }

    /// The name of the last event.
    pub fn last_event(&self) -> String {
        let events: js_sys::Array = get(&self.0, "events").dyn_into().unwrap();
        text(&events.iter().last().unwrap(), "name")
    }

    /// The number of events before the first of that name.
    pub fn first_event(&self, name: &str) -> Option<usize> {
        let events: js_sys::Array = get(&self.0, "events").dyn_into().unwrap();
        events.iter().position(|event| text(&event, "name") == name)
    }

    /// The addresses of the window's navigations.
    pub fn navigations(&self) -> Vec<String> {
        let navigations: js_sys::Array = get(&self.0, "navigations").dyn_into().unwrap();
        navigations.iter().map(|url| url.as_string().unwrap()).collect()
    }

    /// Another tab holds the lock until [`TestPage::release_lock`].
    pub fn hold_lock(&self) {
        self.call("holdLock", &[]);
    }

    /// The other tab releases the lock.
    pub fn release_lock(&self) {
        self.call("releaseLock", &[]);
    }

    /// Calls `listener` at each event of that name.
    pub fn listen(&self, name: &str, listener: impl FnMut() + 'static) {
        let listener = Closure::<dyn FnMut()>::new(listener).into_js_value();
        self.call("listen", &[name.into(), listener]);
    }

    /// Mounts a widget without options of its own.
    pub fn mount(&self) -> Widget {
        self.mount_with("{}", None)
    }

    pub fn mount_with(&self, options: &str, prefetched: Option<Promise>) -> Widget {
        let element = document().create_element("div").unwrap();
        stage().append_child(&element).unwrap();
        let root = element.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open)).unwrap();
        let container = document().create_element("div").unwrap();
        root.append_child(&container).unwrap();
        let handle = mount(container.clone(), self.host(), &strict(options), prefetched).unwrap();
        Widget { handle: Rc::new(handle), container, root }
    }

    pub fn host(&self) -> Host {
        self.call("host", &[]).unchecked_into()
    }

    /// Mounts a widget and answers it with a session to pay.
    pub async fn selecting(&self) -> Widget {
        self.answer(&session(1, "open", ""));
        let widget = self.mount();
        self.settle().await;
        widget
    }

    /// Mounts a widget that shows a code of WeChat Pay.
    pub async fn awaiting(&self) -> Widget {
        let widget = self.selecting().await;
        widget.click("input[value=wechat_pay]");
        self.answer(&session(2, "open", &payment("requires_action", QR)));
        self.settle().await;
        widget.click("[part~=primary]");
        self.settle().await;
        assert_eq!(widget.state(), "awaiting");
        widget
    }
}

/// One mounted widget.
pub struct Widget {
    pub handle: Rc<Handle>,
    pub container: Element,
    pub root: ShadowRoot,
}

impl Drop for Widget {
    fn drop(&mut self) {
        self.handle.unmount();
    }
}

impl Widget {
    pub fn find(&self, selector: &str) -> Option<HtmlElement> {
        let found = self.container.query_selector(selector).unwrap();
        found.map(JsCast::unchecked_into)
    }

    pub fn get(&self, selector: &str) -> HtmlElement {
        self.find(selector).unwrap_or_else(|| panic!("no {selector} in {}", self.text()))
    }

    pub fn all(&self, selector: &str) -> Vec<Element> {
        let found = self.container.query_selector_all(selector).unwrap();
        (0..found.length()).map(|index| found.get(index).unwrap().unchecked_into()).collect()
    }

    pub fn click(&self, selector: &str) {
        self.get(selector).click();
    }

    pub fn text(&self) -> String {
        self.container.text_content().unwrap_or_default()
    }

    pub fn state(&self) -> String {
        self.get("[part=root]").get_attribute("data-state").unwrap()
    }
}

pub const QR: &str =
    r#""next_action":{"type":"display_qr_code","data":"weixin://wxpay/bizpayurl?pr=AbCdEf"},"#;

/// A payment of WeChat Pay; `more` is JSON members with a comma at the end.
pub fn payment(status: &str, more: &str) -> String {
    format!(
        r#""payment":{{"id":"pay_1","payment_method":"wechat_pay","flow":"qr_code","status":"{status}",{more}
            "created_at":"2026-11-23T00:00:00.000Z"}},"#
    )
}

/// A session of ¥128.00 that may be paid for half an hour.
pub fn session(revision: u32, status: &str, payment: &str) -> String {
    format!(
        r#"{{"id":"cs_1","status":"{status}","revision":{revision},"amount":{{"value":12800,"currency":"CNY"}},
            "description":"Tea","merchant_name":"Tea House","payment_methods":["alipay","wechat_pay"],{payment}
            "expires_at":"2026-11-23T00:30:00.000Z","server_time":"2026-11-23T00:00:00.000Z",
            "hosted_url":"https://shop.example/hosted","later":[1,{{"a":1.5}}]}}"#
    )
}

pub fn quoted(text: &str) -> String {
    js_sys::JSON::stringify(&text.into()).unwrap().into()
}

/// The strict options, with JSON members of `more` over them.
pub fn strict(more: &str) -> JsValue {
    let usual = format!(
        r#"{{"clientSecret":"{SECRET}","apiBase":"{API}","apiOrigin":"https://shop.example",
            "environment":"desktop","layout":"accordion","lang":"en","dir":"ltr","texts":{ENGLISH}}}"#
    );
    let parse = |json: &str| js_sys::JSON::parse(json).unwrap().unchecked_into::<Object>();
    // Without a prototype, as the loader passes them.
    let options = Object::create(JsValue::NULL.unchecked_ref());
    Object::assign(&options, &parse(&usual));
    Object::assign(&options, &parse(more));
    let texts = Reflect::get(&options, &"texts".into()).unwrap();
    Reflect::set(&options, &"texts".into(), &Object::entries(texts.unchecked_ref())).unwrap();
    options.into()
}

/// The texts that are shipped.
pub const ENGLISH: &str = include_str!("../../www/locales/en.json");
pub const CHINESE: &str = include_str!("../../www/locales/zh-Hans.json");

pub fn document() -> Document {
    web_sys::window().unwrap().document().unwrap()
}

/// The container of one test's widgets.
pub fn stage() -> Element {
    document().get_element_by_id("stage").unwrap_or_else(|| {
        let stage = document().create_element("div").unwrap();
        stage.set_id("stage");
        document().body().unwrap().append_child(&stage).unwrap();
        stage
    })
}

pub fn storage() -> web_sys::Storage {
    web_sys::window().unwrap().session_storage().unwrap().unwrap()
}

/// The storage that all tabs of the origin share.
pub fn shared_storage() -> web_sys::Storage {
    web_sys::window().unwrap().local_storage().unwrap().unwrap()
}

pub fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

pub fn text(object: &JsValue, name: &str) -> String {
    get(object, name).as_string().unwrap_or_default()
}
