//! Listeners, each on its own element. (OpenCashier's patch, see PATCH.md.)

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use super::Apply;
use crate::dom_bundle::BSubtree;
use crate::virtual_dom::{Listener, ListenerKind, Listeners};

/// The listeners that an element has now, in their order.
pub(super) type ListenerRegistration = Vec<EventListener>;

/// Is taken off its element when it is dropped.
#[derive(Debug)]
pub(super) struct EventListener {
    element: Element,
    kind: ListenerKind,
    /// The listener of the last render.
    current: Rc<RefCell<Rc<dyn Listener>>>,
    callback: Closure<dyn FnMut(JsValue)>,
}

impl EventListener {
    fn new(element: &Element, kind: ListenerKind, listener: Rc<dyn Listener>) -> Self {
        let current = Rc::new(RefCell::new(listener));
        let called = current.clone();
        let callback = Closure::new(move |event: JsValue| {
            // Not borrowed while it runs: what it does may draw anew.
            let listener = called.borrow().clone();
            listener.handle(event.unchecked_into());
        });
        let _ = element.add_event_listener_with_callback(
            kind.event_type(),
            callback.as_ref().unchecked_ref(),
        );
        Self {
            element: element.clone(),
            kind,
            current,
            callback,
        }
    }
}

impl Drop for EventListener {
    fn drop(&mut self) {
        let _ = self.element.remove_event_listener_with_callback(
            self.kind.event_type(),
            self.callback.as_ref().unchecked_ref(),
        );
    }
}

impl Apply for Listeners {
    type Bundle = ListenerRegistration;
    type Element = Element;

    fn apply(self, root: &BSubtree, el: &Self::Element) -> ListenerRegistration {
        let mut registered = Vec::new();
        self.apply_diff(root, el, &mut registered);
        registered
    }

    fn apply_diff(self, _root: &BSubtree, el: &Self::Element, bundle: &mut ListenerRegistration) {
        let mut place = 0;
        if let Self::Pending(pending) = &self {
            for listener in pending.iter().flatten() {
                let kind = listener.kind();
                match bundle.get(place) {
                    Some(old) if old.kind == kind => {
                        *old.current.borrow_mut() = listener.clone();
                    }
                    _ => {
                        bundle.truncate(place);
                        bundle.push(EventListener::new(el, kind, listener.clone()));
                    }
                }
                place += 1;
            }
        }
        bundle.truncate(place);
    }
}
