//! The monotonic clock of the page.

use checkout::Millis;

/// Whole milliseconds since the page began. The wall clock is never asked.
pub(crate) fn now() -> Millis {
    let performance = web_sys::window().and_then(|window| window.performance());
    Millis(performance.map_or(0, |performance| performance.now() as u64))
}
