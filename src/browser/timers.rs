//! The timer behind the machine's deadlines.

use checkout::{Event, Millis};
use gloo_timers::callback::Timeout;
use yew::Callback;

use super::clock;

/// Browsers keep the delay in 31 bits; waking early does no harm.
const MAX_DELAY_MS: u64 = 0x7fff_ffff;

/// Reports [`Event::Tick`] at `deadline`, unless the timeout is dropped before.
pub(crate) fn alarm(deadline: Millis, report: &Callback<Event>) -> Timeout {
    let delay_ms = deadline.0.saturating_sub(clock::now().0).min(MAX_DELAY_MS);
    let report = report.clone();
    Timeout::new(u32::try_from(delay_ms).unwrap_or(u32::MAX), move || report.emit(Event::Tick))
}
