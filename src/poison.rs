//! What happens after a panic: nothing is trusted any more, and every host is told once.
//!
//! With `panic = "abort"` a panic leaves half-done state behind, while JavaScript could
//! still call in. The element then shows how to go on and never says "failed".

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsValue;

use crate::host::Host;

thread_local! {
    static IS_POISONED: Cell<bool> = const { Cell::new(false) };
    static IS_WATCHING: Cell<bool> = const { Cell::new(false) };
    static HOSTS: RefCell<Vec<(u32, Host)>> = const { RefCell::new(Vec::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// Keeps a host on the list of those to be told, until it is dropped.
pub(crate) struct Watch(u32);

impl Watch {
    pub(crate) fn new(host: Host) -> Self {
        if !IS_WATCHING.replace(true) {
            yew::set_custom_panic_hook(Box::new(on_panic));
        }
        let number = LAST.get().wrapping_add(1);
        LAST.set(number);
        HOSTS.with_borrow_mut(|hosts| hosts.push((number, host)));
        Self(number)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        HOSTS.with_borrow_mut(|hosts| hosts.retain(|(number, _)| *number != self.0));
    }
}

/// Whether something panicked; nothing may be called into then.
pub(crate) fn is_poisoned() -> bool {
    IS_POISONED.get()
}

fn on_panic(info: &std::panic::PanicHookInfo<'_>) {
    // Formatting a panic costs kilobytes; only builds for developers pay them.
    #[cfg(debug_assertions)]
    web_sys::console::error_1(&JsValue::from_str(&info.to_string()));
    #[cfg(not(debug_assertions))]
    let _ = info;
    if IS_POISONED.replace(true) {
        return;
    }
    let hosts =
        HOSTS.try_with(|hosts| hosts.try_borrow_mut().map(|mut hosts| std::mem::take(&mut *hosts)));
    if let Ok(Ok(hosts)) = hosts {
        for (_, host) in hosts {
            // Not an event of the page: the element makes its own of it.
            host.emit("crashed", &JsValue::NULL);
        }
    }
}
