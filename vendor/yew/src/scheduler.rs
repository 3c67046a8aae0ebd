//! This module contains a scheduler: one queue for all apps of the page, emptied at the end of
//! the micro task queue, always the most urgent stage first.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::JsValue;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(handler: &JsValue);
}

/// What is to be done with a component, the most urgent first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Destroy,
    Create,
    FirstRender,
    FirstRendered,
    Update,
    Render,
    Rendered,
}

/// A component that can be worked on.
pub(crate) trait Runnable {
    /// Does what the stage asks for.
    fn run(self: Rc<Self>, stage: Stage);
}

type Queue = Vec<(Stage, Rc<dyn Runnable>)>;

thread_local! {
    static QUEUE: RefCell<Queue> = const { RefCell::new(Vec::new()) };
    static START: Closure<dyn FnMut(JsValue)> = Closure::new(|_| start_now());
}

/// Queues what is to be done, unless it is queued already.
pub(crate) fn push(stage: Stage, component: Rc<dyn Runnable>) {
    let is_first = QUEUE.with(|queue| {
        let mut queue = queue.borrow_mut();
        let is_first = queue.is_empty();
        let is_known =
            queue.iter().any(|(known, other)| *known == stage && Rc::ptr_eq(other, &component));
        if !is_known {
            queue.push((stage, component));
        }
        is_first
    });
    // We delay the start of the scheduler to the end of the micro task queue.
    // So any messages that needs to be queued can be queued.
    if is_first {
        START.with(|start| queue_microtask(start.as_ref()));
    }
}

/// Execute any pending work
pub(crate) fn start_now() {
    while let Some((stage, component)) = QUEUE.with(|queue| pop(&mut queue.borrow_mut())) {
        component.run(stage);
    }
}

/// The earliest of the most urgent.
fn pop(queue: &mut Queue) -> Option<(Stage, Rc<dyn Runnable>)> {
    let mut first = 0;
    let mut urgent = queue.first()?.0;
    for (index, (stage, _)) in queue.iter().enumerate() {
        if *stage < urgent {
            (first, urgent) = (index, *stage);
        }
    }
    Some(queue.remove(first))
}

/// Flush all pending scheduler work, ensuring all rendering and lifecycle callbacks complete.
///
/// Use this in tests after mounting or updating a component to ensure all rendering has
/// completed before making assertions.
#[cfg(feature = "test")]
pub async fn flush() {
    start_now();
}
