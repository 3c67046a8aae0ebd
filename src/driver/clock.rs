//! The monotonic clock of the page.

use checkout::Millis;

use crate::host::window;

/// Whole milliseconds since the page began. The wall clock is never asked.
pub(crate) fn now() -> Millis {
    Millis(window().performance().map_or(0, |performance| performance.now() as u64))
}
