//! The element, as this side sees it: something that dispatches events.

use js_sys::{Function, Object};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::Window;

/// The one type of what JavaScript calls, for one piece of glue. What it is called with may be
/// nothing.
pub(crate) type Handler = Closure<dyn FnMut(JsValue)>;

#[wasm_bindgen]
extern "C" {
    /// Anything with `emit(name, detail, cancelable)`; the element in production.
    #[derive(Clone)]
    pub type Host;

    /// Caught, because a listener that throws must not unwind through Wasm.
    #[wasm_bindgen(method, catch, js_name = emit)]
    fn emit_unsafely(
        this: &Host,
        name: &str,
        detail: &JsValue,
        cancelable: bool,
    ) -> Result<JsValue, JsValue>;

    /// Runs `turn` while no other tab of this origin runs one under the same name: at once
    /// where nobody does, and after a second whatever the others do.
    #[wasm_bindgen(method, catch, js_name = inTurn)]
    fn in_turn_unsafely(this: &Host, name: &str, turn: &JsValue) -> Result<(), JsValue>;

    /// Copies `text` and then calls `done`, or else selects the field that shows it.
    #[wasm_bindgen(method, catch, js_name = copy)]
    fn copy_unsafely(this: &Host, text: &str, done: &JsValue) -> Result<(), JsValue>;

    /// Calls `then` so many milliseconds after what is on the page has been painted, or after a
    /// little while where nothing is painted.
    #[wasm_bindgen(method, catch, js_name = painted)]
    fn painted_unsafely(this: &Host, wait_ms: u32, then: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: JsValue;

    // As in `js_sys::Reflect`, but the name goes over as a text: a call and a slot less for each
    // of the some 60 members that are read before the selector is there.
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = get)]
    fn read(object: &JsValue, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = set)]
    fn write(object: &JsValue, name: &str, value: &JsValue) -> Result<bool, JsValue>;
}

impl Host {
    /// Dispatches `cashier-<name>`.
    pub(crate) fn emit(&self, name: &str, detail: &JsValue) {
        // What a listener throws is the page's, and the browser has reported it.
        self.emit_unsafely(name, detail, false).ok();
    }

    /// Runs `turn` once, when it is this tab's turn.
    pub(crate) fn in_turn(&self, name: &str, turn: impl FnOnce() + 'static) {
        let turn = once(Box::new(move |_| turn()));
        or_now(self.in_turn_unsafely(name, &turn), &turn);
    }

    /// Copies `text`; `done` is called if it is in the clipboard.
    pub(crate) fn copy(&self, text: &str, done: impl FnOnce() + 'static) {
        // A page that holds its own host cannot copy; the text is there to be read.
        self.copy_unsafely(text, &once(Box::new(move |_| done()))).ok();
    }

    /// Runs `then` so many milliseconds after what is on the page has been painted.
    pub(crate) fn painted(&self, wait_ms: u32, then: impl FnOnce() + 'static) {
        let then = once(Box::new(move |_| then()));
        or_now(self.painted_unsafely(wait_ms, &then), &then);
    }

    /// Dispatches a cancelable `cashier-<name>` and says whether nobody prevented it.
    pub(crate) fn allows(&self, name: &str, detail: &JsValue) -> bool {
        let answer = self.emit_unsafely(name, detail, true);
        answer.ok().and_then(|answer| answer.as_bool()).unwrap_or(true)
    }
}

/// Calls `then` at once if the host cannot be asked: a page may hold its own, with less in it.
fn or_now(asked: Result<(), JsValue>, then: &JsValue) {
    if asked.is_err() {
        then.unchecked_ref::<Function>().call0(&JsValue::NULL).ok();
    }
}

/// What JavaScript calls once, if ever; frees itself then.
pub(crate) fn once(then: Box<dyn FnOnce(JsValue)>) -> JsValue {
    Closure::once_into_js(then)
}

/// The page's global object.
pub(crate) fn global() -> JsValue {
    GLOBAL.with(JsValue::clone)
}

/// The page's window: there are elements only where there is one.
pub(crate) fn window() -> Window {
    global().unchecked_into()
}

/// A plain object of the given members.
pub(crate) fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // Setting a member of a fresh plain object cannot fail.
        write(&object, name, value).ok();
    }
    object.into()
}

/// The member `name`, unless it is absent, null or cannot be read.
pub(crate) fn member(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = read(object, name).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}
