//! The time that is left. It only shows: the machine has its own deadlines.

use checkout::{Checkout, Millis};
use yew::prelude::*;

use crate::texts::Texts;

/// Returns how long the code on the screen works, or else the session, which is never shorter.
pub(crate) fn time_left_ms(checkout: &Checkout, now: Millis) -> Option<u64> {
    let awaiting = checkout.state().shown_payment()?;
    let left_ms = checkout.time_left_ms(now)?;
    let earlier_ms = match awaiting.action.expires_at() {
        Some(code_end) => checkout.session()?.expires_at.since_ms(code_end),
        None => 0,
    };
    Some(left_ms.saturating_sub(u64::try_from(earlier_ms).unwrap_or(0)))
}

/// Below this, in milliseconds, the time left is shown as a warning.
const SOON_MS: u64 = 300_000;
/// Below this, in milliseconds, it is shown as urgent.
const LAST_MS: u64 = 60_000;

/// Draws `Waiting for your payment · 14:32`.
pub(super) fn countdown(texts: &Texts, left_ms: Option<u64>) -> Html {
    let Some(left_ms) = left_ms else { return Html::default() };
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
