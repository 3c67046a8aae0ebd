//! Timers that end when they are dropped, and the one behind the machine's deadlines.

use checkout::{Event, Millis};
use wasm_bindgen::prelude::*;
use yew::Callback;

use super::clock;
use crate::host::Handler;

/// Browsers hold the wait in 31 bits; waking early does no harm.
const LONGEST_WAIT_MS: u64 = 0x7fff_ffff;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &JsValue, wait_ms: u32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// Does something once, unless it is dropped before.
pub(crate) struct Timeout {
    id: JsValue,
    _handler: Handler,
}

impl Timeout {
    pub(crate) fn new(wait_ms: u32, handler: Handler) -> Self {
        Self { id: set_timeout(handler.as_ref(), wait_ms), _handler: handler }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// Reports [`Event::Tick`] at a deadline, unless it is dropped or set anew before.
#[derive(Default)]
pub(crate) struct Alarm {
    timeout: Option<Timeout>,
}

impl Alarm {
    /// Sets the alarm anew even for the same deadline: a browser may have fired it early.
    pub(crate) fn set(&mut self, deadline: Option<Millis>, report: &Callback<Event>) {
        self.timeout = deadline.map(|at| {
            let wait_ms = at.0.saturating_sub(clock::now().0).min(LONGEST_WAIT_MS);
            let report = report.clone();
            let wait_ms = u32::try_from(wait_ms).unwrap_or(u32::MAX);
            Timeout::new(wait_ms, Handler::new(move |_| report.emit(Event::Tick)))
        });
    }
}
