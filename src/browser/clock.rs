//! The page's monotonic clock. The wall clock is never read.

use checkout::Millis;

/// Returns the whole milliseconds since the page was opened.
pub(crate) fn now() -> Millis {
    let performance = web_sys::window().and_then(|window| window.performance());
    Millis(performance.map_or(0, |performance| performance.now() as u64))
}
