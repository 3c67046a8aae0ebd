//! The time that is left. It only shows: the machine has its own deadlines.

use checkout::{Checkout, Millis, State};
use yew::prelude::*;

use crate::texts::Texts;

/// Returns how long the code on the screen works, or else the session, which is never shorter.
pub(crate) fn time_left_ms(checkout: &Checkout, now: Millis) -> Option<u64> {
    let State::Awaiting(awaiting) = checkout.state() else { return None };
    let left_ms = checkout.time_left_ms(now)?;
    let earlier_ms = match awaiting.action.expires_at() {
        Some(code_end) => checkout.session()?.expires_at.since_ms(code_end),
        None => 0,
    };
    Some(left_ms.saturating_sub(u64::try_from(earlier_ms).unwrap_or(0)))
}

/// Draws `Time left 14:32`.
pub(super) fn countdown(texts: &Texts, left_ms: Option<u64>) -> Html {
    let Some(left_ms) = left_ms else { return Html::default() };
    html! {
        <p part="countdown" class="countdown" role="timer">
            <span>{ texts.get("time_left") }</span>
            { " " }
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
