//! Futures that wait for promises, without the queue, wakers and errors of a full executor:
//! a task runs at once, and goes on whenever the promise that it waits for has settled.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::JsValue;

use crate::host::Handler;

type Work = Pin<Box<dyn Future<Output = ()>>>;
type Outcome = Result<JsValue, JsValue>;

/// What is left to do; nothing while it runs and after it has ended.
struct Task(RefCell<Option<Work>>);

thread_local! {
    /// The task that runs now.
    static CURRENT: RefCell<Option<Rc<Task>>> = const { RefCell::new(None) };
}

/// Runs a future up to the first promise that it waits for; the rest follows by itself.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) {
    run(&Rc::new(Task(RefCell::new(Some(Box::pin(future))))));
}

fn run(task: &Rc<Task>) {
    let Some(mut work) = task.0.take() else { return };
    let outer = CURRENT.replace(Some(Rc::clone(task)));
    if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        task.0.replace(Some(work));
    }
    CURRENT.replace(outer);
}

/// Waits in a task until a promise has settled: what it was fulfilled or rejected with.
pub(crate) struct Settled {
    promise: Option<Promise>,
    outcome: Rc<RefCell<Option<Outcome>>>,
    /// Kept alive for the promise.
    handlers: Option<[Handler; 2]>,
}

impl Settled {
    pub(crate) fn of(promise: Promise) -> Self {
        Self { promise: Some(promise), outcome: Rc::default(), handlers: None }
    }
}

impl Future for Settled {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Outcome> {
        if let Some(outcome) = self.outcome.take() {
            return Poll::Ready(outcome);
        }
        if let Some(promise) = self.promise.take()
            && let Some(task) = CURRENT.with_borrow(Clone::clone)
        {
            let handlers = [true, false].map(|is_fulfilled| {
                let (outcome, task) = (Rc::clone(&self.outcome), Rc::clone(&task));
                Handler::new(move |value| {
                    outcome.replace(Some(if is_fulfilled { Ok(value) } else { Err(value) }));
                    run(&task);
                })
            });
            let [fulfilled, rejected] = &handlers;
            // What the handlers return interests nobody; a trap in one is an unhandled rejection,
            // which the loader watches for.
            drop(promise.then2(fulfilled, rejected));
            self.handlers = Some(handlers);
        }
        Poll::Pending
    }
}
