//! Listeners of an element, each on the element itself: taken off when it is dropped.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};

use crate::virtual_dom::Listener;

/// The type of all closures of the widget that take something, for one piece of glue.
type Handler = Closure<dyn FnMut(JsValue)>;

pub(super) struct BListener {
    element: Element,
    name: &'static str,
    /// What listens now; each render brings another.
    current: Rc<RefCell<Rc<dyn Listener>>>,
    handler: Handler,
}

impl BListener {
    fn new(element: &Element, listener: Rc<dyn Listener>) -> Self {
        let name = listener.kind().type_name();
        let current = Rc::new(RefCell::new(listener));
        let heard = current.clone();
        let handler = Handler::new(move |event: JsValue| {
            // Not borrowed while it runs.
            let listener = heard.borrow().clone();
            listener.handle(event.unchecked_into::<Event>());
        });
        let callback = handler.as_ref().unchecked_ref();
        element.add_event_listener_with_callback(name, callback).expect("cannot listen");
        Self { element: element.clone(), name, current, handler }
    }
}

impl Drop for BListener {
    fn drop(&mut self) {
        let callback = self.handler.as_ref().unchecked_ref();
        drop(self.element.remove_event_listener_with_callback(self.name, callback));
    }
}

/// Gives what listens already to the new listeners, and begins or ends what is left over.
pub(super) fn reconcile(
    element: &Element,
    new: &[Option<Rc<dyn Listener>>],
    old: &mut Vec<BListener>,
) {
    let mut kept = 0;
    for listener in new.iter().flatten() {
        match old.get(kept) {
            Some(known) if known.name == listener.kind().type_name() => {
                *known.current.borrow_mut() = listener.clone();
            }
            _ => {
                old.truncate(kept);
                old.push(BListener::new(element, listener.clone()));
            }
        }
        kept += 1;
    }
    old.truncate(kept);
}
