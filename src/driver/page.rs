//! Whether the page is there to be seen, and what brings it back.

use checkout::Event;
use wasm_bindgen::JsCast;
use web_sys::EventTarget;
use yew::Callback;

use crate::host::{Handler, window};

/// A listener that is taken off when it is dropped.
pub(crate) struct Listener {
    target: EventTarget,
    kind: &'static str,
    handler: Handler,
}

impl Listener {
    pub(crate) fn new(target: &EventTarget, kind: &'static str, handler: Handler) -> Self {
        // Fails only for a target that is none.
        target.add_event_listener_with_callback(kind, handler.as_ref().unchecked_ref()).ok();
        Self { target: target.clone(), kind, handler }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.handler.as_ref().unchecked_ref();
        self.target.remove_event_listener_with_callback(self.kind, callback).ok();
    }
}

/// Whether the shopper can see the page. A page that cannot say is taken for seen.
pub(crate) fn is_visible() -> bool {
    window().document().is_none_or(|document| !document.hidden())
}

/// What the machine is told of that.
pub(crate) fn visibility() -> Event {
    if is_visible() { Event::PageShown } else { Event::PageHidden }
}

/// Reports [`Event::PageShown`] and [`Event::PageHidden`] as long as the guards live.
pub(crate) fn listen(report: &Callback<Event>) -> Vec<Listener> {
    let mut listeners = Vec::with_capacity(5);
    let window = window();
    let Some(document) = window.document() else { return listeners };
    for kind in ["visibilitychange", "focus", "pageshow", "online", "pagehide"] {
        let target: &EventTarget =
            if kind == "visibilitychange" { document.as_ref() } else { window.as_ref() };
        let report = report.clone();
        let is_end = kind == "pagehide";
        let handler = Handler::new(move |_event| {
            report.emit(if is_end { Event::PageHidden } else { visibility() });
        });
        listeners.push(Listener::new(target, kind, handler));
    }
    listeners
}
