//! True while the shopper can see the page, and the browser's events that change it.

use checkout::Event;
use gloo_events::EventListener;
use web_sys::EventTarget;
use yew::Callback;

/// Visible if the browser does not report it.
pub(crate) fn is_visible() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_none_or(|document| !document.hidden())
}

/// Reports [`Event::PageShown`] and [`Event::PageHidden`] while the listeners live.
pub(crate) fn listen(report: &Callback<Event>) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let Some(document) = window.document() else { return Vec::new() };
    let listener = |target: &EventTarget, name: &'static str, event: fn() -> Event| {
        let report = report.clone();
        EventListener::new(target, name, move |_| report.emit(event()))
    };
    vec![
        listener(&document, "visibilitychange", current),
        listener(&window, "focus", current),
        listener(&window, "pageshow", current),
        listener(&window, "online", current),
        listener(&window, "pagehide", || Event::PageHidden),
    ]
}

fn current() -> Event {
    if is_visible() { Event::PageShown } else { Event::PageHidden }
}
