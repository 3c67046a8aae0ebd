//! The one real timer behind the machine's deadlines.

use checkout::{Event, Millis};
use gloo_timers::callback::Timeout;
use yew::Callback;

use super::clock;

/// Browsers hold the wait in 31 bits; waking early does no harm.
const LONGEST_WAIT_MS: u64 = 0x7fff_ffff;

/// Reports [`Event::Tick`] at a deadline, unless it is dropped or set anew before.
#[derive(Default)]
pub(crate) struct Alarm {
    timeout: Option<Timeout>,
}

impl Alarm {
    /// Sets the alarm anew even for the same deadline: a browser may have fired it early.
    pub(crate) fn set(&mut self, deadline: Option<Millis>, report: &Callback<Event>) {
        self.timeout = deadline.map(|at| {
            let wait_ms = at.0.saturating_sub(clock::now().0).min(LONGEST_WAIT_MS);
            let report = report.clone();
            let wait_ms = u32::try_from(wait_ms).unwrap_or(u32::MAX);
            Timeout::new(wait_ms, move || report.emit(Event::Tick))
        });
    }
}
