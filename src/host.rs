//! The element, as this side sees it: it dispatches events and lends what only a page's script
//! can do.

use contract::{Amount, Timestamp};
use js_sys::Function;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// An object with the methods below; `www/run.js` makes it. A method that throws or is missing
    /// never stops the checkout.
    #[derive(Clone, Debug)]
    pub type Host;

    /// Dispatches `cashier-<name>`. Returns false if it is cancelable and was prevented.
    #[wasm_bindgen(method, catch, js_name = emit)]
    fn try_emit(
        this: &Host,
        name: &str,
        detail: &JsValue,
        cancelable: bool,
    ) -> Result<JsValue, JsValue>;

    /// Called once, as soon as the first screen is in the container.
    #[wasm_bindgen(method, catch, js_name = shown)]
    fn try_shown(this: &Host) -> Result<(), JsValue>;

    /// Writes a message for the developer to the console, once for each message.
    #[wasm_bindgen(method, catch, js_name = log)]
    fn try_log(this: &Host, code: &str, message: &str) -> Result<(), JsValue>;

    /// Calls `callback` while no other tab of this origin holds the lock of that name, and after
    /// a second in any case.
    #[wasm_bindgen(method, catch, js_name = withTabLock)]
    fn try_with_tab_lock(this: &Host, name: &str, callback: &JsValue) -> Result<(), JsValue>;

    /// Copies `text`, or else selects the field that shows it; then calls `done` with true if it is
    /// in the clipboard.
    #[wasm_bindgen(method, catch, js_name = copy)]
    fn try_copy(this: &Host, text: &str, done: &JsValue) -> Result<(), JsValue>;

    /// Calls `callback` after the next paint.
    #[wasm_bindgen(method, catch, js_name = afterPaint)]
    fn try_after_paint(this: &Host, callback: &JsValue) -> Result<(), JsValue>;

    /// Formats a decimal number of major units, such as `128.00`, with its currency.
    #[wasm_bindgen(method, catch, js_name = formatAmount)]
    fn try_format_amount(this: &Host, value: &str, currency: &str) -> Result<JsValue, JsValue>;

    /// Formats a moment, in milliseconds of the Unix epoch, in a language and the shopper's time
    /// zone.
    #[wasm_bindgen(method, catch, js_name = formatTime)]
    fn try_format_time(this: &Host, unix_ms: f64, lang: &str) -> Result<JsValue, JsValue>;
}

impl Host {
    /// Dispatches `cashier-<name>`.
    pub(crate) fn emit(&self, name: &str, detail: &JsValue) {
        // An exception is the page's own, and the browser has reported it.
        self.try_emit(name, detail, false).ok();
    }

    /// Dispatches a cancelable `cashier-<name>`. True if no listener prevented it.
    pub(crate) fn allows(&self, name: &str, detail: &JsValue) -> bool {
        let answer = self.try_emit(name, detail, true);
        answer.ok().and_then(|answer| answer.as_bool()).unwrap_or(true)
    }

    /// Reports that the first screen is in the container.
    pub(crate) fn shown(&self) {
        self.try_shown().ok();
    }

    /// Writes a message for the developer to the console, once for each message.
    pub(crate) fn log(&self, code: &str, message: &str) {
        self.try_log(code, message).ok();
    }

    /// Runs `callback` once, under the lock that the shopper's tabs share.
    pub(crate) fn with_tab_lock(&self, name: &str, callback: impl FnOnce() + 'static) {
        let callback = Closure::once_into_js(callback);
        if self.try_with_tab_lock(name, &callback).is_err() {
            call_now(&callback);
        }
    }

    /// Copies `text`; `done` gets true if it is in the clipboard.
    pub(crate) fn copy(&self, text: &str, done: impl FnOnce(bool) + 'static) {
        // A host that cannot copy leaves the text to be read.
        self.try_copy(text, &Closure::once_into_js(done)).ok();
    }

    /// Runs `callback` once, after the next paint.
    pub(crate) fn after_paint(&self, callback: impl FnOnce() + 'static) {
        let callback = Closure::once_into_js(callback);
        if self.try_after_paint(&callback).is_err() {
            call_now(&callback);
        }
    }

    /// Formats an amount in the shopper's language.
    pub(crate) fn format_amount(&self, amount: Amount) -> String {
        let (value, currency) = (amount.to_text(), amount.currency);
        let text = self.try_format_amount(&value, currency.as_str()).ok();
        text.and_then(|text| text.as_string())
            .unwrap_or_else(|| format!("{}\u{a0}{value}", currency.as_str()))
    }

    /// Formats a moment in the shopper's language and time zone.
    pub(crate) fn format_time(&self, moment: Timestamp, lang: &str) -> Option<String> {
        self.try_format_time(moment.unix_ms() as f64, lang).ok()?.as_string()
    }
}

fn call_now(callback: &JsValue) {
    callback.unchecked_ref::<Function>().call0(&JsValue::NULL).ok();
}
