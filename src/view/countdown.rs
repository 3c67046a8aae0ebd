//! The time that is left. It only shows: the machine has its own deadlines.

use checkout::{Checkout, Millis};
use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::browser::clock;
use crate::texts::use_texts;

/// Below this, in milliseconds, the time left is shown as a warning.
const SOON_MS: u64 = 300_000;
/// Below this, in milliseconds, it is shown as urgent.
const LAST_MS: u64 = 60_000;
/// Added to a second of the countdown, so that the timer fires just after it.
const MARGIN_MS: u32 = 20;

/// The end of the time to pay.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Deadline {
    /// On the page's clock.
    end: Millis,
    /// A hidden page renders no seconds.
    is_visible: bool,
}

impl Deadline {
    /// Returns the end of the code on the screen, or else of the session, which is never earlier.
    pub(super) fn of(checkout: &Checkout, now: Millis) -> Option<Self> {
        let awaiting = checkout.state().shown_payment()?;
        let left_ms = checkout.time_left_ms(now)?;
        let earlier_ms = match awaiting.action.expires_at() {
            Some(code_end) => checkout.session()?.expires_at.since_ms(code_end),
            None => 0,
        };
        let left_ms = left_ms.saturating_sub(u64::try_from(earlier_ms).unwrap_or(0));
        Some(Self { end: now.plus(left_ms), is_visible: checkout.is_visible() })
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct CountdownProps {
    pub(super) deadline: Deadline,
}

/// Draws `Waiting for your payment · 14:32`, and renders itself each second.
#[component]
pub(super) fn Countdown(props: &CountdownProps) -> Html {
    let texts = use_texts();
    let left_ms = use_time_left_ms(props.deadline);
    let urgency = if left_ms < LAST_MS {
        Some("last")
    } else if left_ms < SOON_MS {
        Some("soon")
    } else {
        None
    };
    html! {
        <p part="countdown" class="countdown" role="timer" data-urgency={urgency}>
            <i class="pulse" />
            { texts.get("waiting") }
            { " · " }
            <b>{ clock_text(left_ms / 1_000) }</b>
        </p>
    }
}

/// Returns the time left until the deadline, and renders the component at its next second.
#[hook]
fn use_time_left_ms(deadline: Deadline) -> u64 {
    let renderer = use_force_update();
    let left_ms = deadline.end.0.saturating_sub(clock::now().0);
    use_effect(move || {
        let timeout = (deadline.is_visible && left_ms > 0).then(|| {
            let rest_ms = u32::try_from(left_ms % 1_000).unwrap_or(0);
            Timeout::new(rest_ms + MARGIN_MS, move || renderer.force_update())
        });
        // The next render sets its own.
        move || drop(timeout)
    });
    left_ms
}

/// Returns `0:05`, `14:32`, `1:59:59`.
fn clock_text(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::clock_text;

    #[test]
    fn time_is_written_as_a_clock() {
        for (seconds, text) in
            [(0, "0:00"), (5, "0:05"), (872, "14:32"), (3_600, "1:00:00"), (7_199, "1:59:59")]
        {
            assert_eq!(clock_text(seconds), text);
        }
    }
}
