//! This module contains a scheduler.

use std::cell::RefCell;
use std::rc::Rc;

#[cfg(any(test, feature = "test"))]
mod flush_wakers {
    use std::cell::RefCell;
    use std::task::Waker;

    thread_local! {
        static FLUSH_WAKERS: RefCell<Vec<Waker>> = Default::default();
    }

    #[cfg(all(
        target_arch = "wasm32",
        not(target_os = "wasi"),
        not(feature = "not_browser_env")
    ))]
    pub(super) fn register(waker: Waker) {
        FLUSH_WAKERS.with(|w| {
            w.borrow_mut().push(waker);
        });
    }

    pub(super) fn wake_all() {
        FLUSH_WAKERS.with(|w| {
            for waker in w.borrow_mut().drain(..) {
                waker.wake();
            }
        });
    }
}

/// Alias for `Rc<RefCell<T>>`
pub type Shared<T> = Rc<RefCell<T>>;

/// A routine which could be run.
pub trait Runnable {
    /// Runs a routine with a context instance.
    fn run(self: Box<Self>);
}

/// What there is to do, the most urgent first.
///
/// One list stands in for upstream's ten queues: tasks run one at a time in the order of the queues
/// that they would be in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(dead_code)] // Not every one is made with every feature.
enum Rank {
    // Placed first to avoid as much needless work as possible, handling all the other events.
    Destroy,
    Create,
    // First render must never be skipped and takes priority over main, because it may need
    // to init `NodeRef`s
    RenderFirst,
    PropsUpdate,
    // This is needed for hydration subsequent render to fix node refs.
    RenderPriority,
    RenderedFirst,
    // Updates are after the first render to ensure we always have the entire child tree
    // rendered, once an update is processed.
    Update,
    // Likely to cause duplicate renders via component updates, so placed before them
    Main,
    // Run after all possible updates to avoid duplicate renders.
    Render,
    Rendered,
}

struct QueueEntry {
    rank: Rank,
    /// The place among those of the same rank; 0 for all where the first comes first.
    order: usize,
    task: Box<dyn Runnable>,
}

/// This is a global scheduler suitable to schedule and run any tasks.
#[allow(missing_debug_implementations)] // todo
struct Scheduler {
    queue: Vec<QueueEntry>,
}

impl Scheduler {
    fn push(&mut self, rank: Rank, order: usize, task: Box<dyn Runnable>) {
        let entry = QueueEntry { rank, order, task };
        let mut place = 0;
        while let Some(other) = self.queue.get_mut(place) {
            if (other.rank, other.order) > (rank, order) {
                break;
            }
            // One render is enough for a component.
            if order != 0 && (other.rank, other.order) == (rank, order) {
                *other = entry;
                return;
            }
            place += 1;
        }
        self.queue.insert(place, entry);
    }

    fn pop(&mut self) -> Option<Box<dyn Runnable>> {
        if self.queue.is_empty() {
            return None;
        }
        Some(self.queue.remove(0).task)
    }

    /// Returns true when no DOM-mutating work is pending, meaning it's safe to
    /// yield to the browser without leaving the DOM in an inconsistent state.
    #[cfg(all(
        feature = "slices",
        target_arch = "wasm32",
        not(target_os = "wasi"),
        not(feature = "not_browser_env")
    ))]
    fn can_yield(&self) -> bool {
        self.queue.iter().all(|entry| {
            matches!(
                entry.rank,
                Rank::PropsUpdate
                    | Rank::RenderedFirst
                    | Rank::Update
                    | Rank::Main
                    | Rank::Rendered
            )
        })
    }
}

/// Parents come before their children, which have higher ids.
#[cfg(any(feature = "ssr", feature = "csr"))]
fn parents_first(component_id: usize) -> usize {
    component_id.wrapping_add(1)
}

/// Children rendered lifecycle happen before parents.
#[cfg(feature = "csr")]
fn children_first(component_id: usize) -> usize {
    usize::MAX - component_id
}

/// Execute closure with a mutable reference to the scheduler
#[inline]
fn with<R>(f: impl FnOnce(&mut Scheduler) -> R) -> R {
    thread_local! {
        /// This is a global scheduler suitable to schedule and run any tasks.
        ///
        /// Exclusivity of mutable access is controlled by only accessing it through a set of public
        /// functions.
        static SCHEDULER: RefCell<Scheduler> = const { RefCell::new(Scheduler { queue: Vec::new() }) };
    }

    SCHEDULER.with(|s| f(&mut s.borrow_mut()))
}

fn add(rank: Rank, order: usize, task: Box<dyn Runnable>) {
    with(|s| s.push(rank, order, task));
}

/// Push a generic [Runnable] to be executed
pub fn push(runnable: Box<dyn Runnable>) {
    add(Rank::Main, 0, runnable);
    // Execute pending immediately. Necessary for runnables added outside the component lifecycle,
    // which would otherwise be delayed.
    start();
}

#[cfg(any(feature = "ssr", feature = "csr"))]
mod feat_csr_ssr {
    use super::*;
    /// Push a component creation, first render and first rendered [Runnable]s to be executed
    pub(crate) fn push_component_create(
        component_id: usize,
        create: Box<dyn Runnable>,
        first_render: Box<dyn Runnable>,
    ) {
        add(Rank::Create, 0, create);
        add(
            Rank::RenderFirst,
            parents_first(component_id),
            first_render,
        );
    }

    /// Push a component destruction [Runnable] to be executed
    pub(crate) fn push_component_destroy(runnable: Box<dyn Runnable>) {
        add(Rank::Destroy, 0, runnable);
    }

    /// Push a component render [Runnable]s to be executed
    pub(crate) fn push_component_render(component_id: usize, render: Box<dyn Runnable>) {
        add(Rank::Render, parents_first(component_id), render);
    }

    /// Push a component update [Runnable] to be executed
    pub(crate) fn push_component_update(runnable: Box<dyn Runnable>) {
        add(Rank::Update, 0, runnable);
    }
}

#[cfg(any(feature = "ssr", feature = "csr"))]
pub(crate) use feat_csr_ssr::*;

#[cfg(feature = "csr")]
mod feat_csr {
    use super::*;

    pub(crate) fn push_component_rendered(
        component_id: usize,
        rendered: Box<dyn Runnable>,
        first_render: bool,
    ) {
        let rank = if first_render {
            Rank::RenderedFirst
        } else {
            Rank::Rendered
        };
        add(rank, children_first(component_id), rendered);
    }

    pub(crate) fn push_component_props_update(props_update: Box<dyn Runnable>) {
        add(Rank::PropsUpdate, 0, props_update);
    }
}

#[cfg(feature = "csr")]
pub(crate) use feat_csr::*;

#[cfg(feature = "hydration")]
mod feat_hydration {
    use super::*;

    pub(crate) fn push_component_priority_render(component_id: usize, render: Box<dyn Runnable>) {
        add(
            Rank::RenderPriority,
            parents_first(component_id),
            render,
        );
    }
}

#[cfg(feature = "hydration")]
pub(crate) use feat_hydration::*;

/// Execute any pending [Runnable]s
#[allow(dead_code)] // Browsers run the queue by themselves.
pub(crate) fn start_now() {
    #[tracing::instrument(level = tracing::Level::DEBUG)]
    fn scheduler_loop() {
        while let Some(task) = with(Scheduler::pop) {
            task.run();
        }
    }

    thread_local! {
        // The lock is used to prevent recursion. If the lock cannot be acquired, it is because the
        // `start()` method is being called recursively as part of a `runnable.run()`.
        static LOCK: RefCell<()> = Default::default();
    }

    LOCK.with(|l| {
        if let Ok(_lock) = l.try_borrow_mut() {
            scheduler_loop();
            #[cfg(any(test, feature = "test"))]
            flush_wakers::wake_all();
        }
    });
}

#[cfg(all(
    target_arch = "wasm32",
    not(target_os = "wasi"),
    not(feature = "not_browser_env")
))]
mod arch {
    use std::sync::atomic::{AtomicBool, Ordering};

    use wasm_bindgen::prelude::*;

    // Really only used as a `Cell<bool>` that is also `Sync`
    static IS_SCHEDULED: AtomicBool = AtomicBool::new(false);
    fn check_scheduled() -> bool {
        // Since we can tolerate starting too many times, and we don't need to "see" any stores
        // done in the scheduler, Relaxed ordering is fine
        IS_SCHEDULED.load(Ordering::Relaxed)
    }
    fn set_scheduled(is: bool) {
        // See comment in check_scheduled why Relaxed ordering is fine
        IS_SCHEDULED.store(is, Ordering::Relaxed)
    }

    #[cfg(any(test, feature = "test"))]
    pub(super) fn is_scheduled() -> bool {
        check_scheduled()
    }

    #[cfg(feature = "slices")]
    const YIELD_DEADLINE_MS: f64 = 16.0;

    #[wasm_bindgen]
    extern "C" {
        #[cfg(feature = "slices")]
        #[wasm_bindgen(js_name = setTimeout)]
        fn set_timeout(handler: &JsValue, timeout: u32) -> JsValue;
        #[wasm_bindgen(js_name = queueMicrotask)]
        fn queue_microtask(task: &JsValue);
    }

    thread_local! {
        /// What the browser calls to run the scheduler; made once.
        static RUN: Closure<dyn FnMut(JsValue)> = Closure::new(|_| run_scheduler());
    }

    fn run_scheduler() {
        #[cfg(feature = "slices")]
        let deadline = js_sys::Date::now() + YIELD_DEADLINE_MS;

        while let Some(task) = super::with(super::Scheduler::pop) {
            task.run();
            #[cfg(feature = "slices")]
            if js_sys::Date::now() >= deadline {
                // Only yield when no DOM-mutating work is pending, so event
                // handlers that fire during the yield see a consistent DOM.
                let can_yield = super::with(|s| s.can_yield());
                if can_yield {
                    RUN.with(|run| set_timeout(run.as_ref(), 0));
                    return;
                }
            }
        }

        set_scheduled(false);
        #[cfg(any(test, feature = "test"))]
        super::flush_wakers::wake_all();
    }

    /// We delay the start of the scheduler to the end of the micro task queue.
    /// So any messages that needs to be queued can be queued.
    /// Once running, we yield to the browser every ~16ms, but only at points
    /// where the DOM is in a consistent state (no pending renders/destroys).
    pub(crate) fn start() {
        if check_scheduled() {
            return;
        }
        set_scheduled(true);
        // What `spawn_local` comes to, without an executor for futures.
        RUN.with(|run| queue_microtask(run.as_ref()));
    }
}

#[cfg(any(
    not(target_arch = "wasm32"),
    target_os = "wasi",
    feature = "not_browser_env"
))]
mod arch {
    // Delayed rendering is not very useful in the context of server-side rendering.
    // There are no event listeners or other high priority events that need to be
    // processed and we risk of having a future un-finished.
    // Until scheduler is future-capable which means we can join inside a future,
    // it can remain synchronous.
    pub(crate) fn start() {
        super::start_now();
    }
}

pub(crate) use arch::*;

/// Flush all pending scheduler work, ensuring all rendering and lifecycle callbacks complete.
///
/// On browser WebAssembly targets, the scheduler defers its work to the microtask queue.
/// This function registers a waker that is notified when `start_now()` finishes draining all
/// queues, providing proper event-driven render-complete notification without arbitrary sleeps.
///
/// On non-browser targets, the scheduler runs synchronously so this simply drains pending work.
///
/// Use this in tests after mounting or updating a component to ensure all rendering has
/// completed before making assertions.
#[cfg(all(
    any(test, feature = "test"),
    target_arch = "wasm32",
    not(target_os = "wasi"),
    not(feature = "not_browser_env")
))]
pub async fn flush() {
    std::future::poll_fn(|cx| {
        start_now();

        if arch::is_scheduled() {
            flush_wakers::register(cx.waker().clone());
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await
}

/// Flush all pending scheduler work, ensuring all rendering and lifecycle callbacks complete.
///
/// On non-browser targets, the scheduler runs synchronously so this simply drains pending work.
#[cfg(all(
    any(test, feature = "test"),
    not(all(
        target_arch = "wasm32",
        not(target_os = "wasi"),
        not(feature = "not_browser_env")
    ))
))]
pub async fn flush() {
    start_now();
}
