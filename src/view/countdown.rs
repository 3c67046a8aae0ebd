//! The time that is left. The machine's deadlines are elsewhere: this only shows.

use yew::prelude::*;

use super::element::{Is, fixed, line, row, words};
use super::phrases::push_number;

/// `Time left 14:32`.
pub(super) fn countdown(label: String, left_ms: u64) -> Html {
    let timer = &[("part", Is("countdown")), ("class", Is("countdown")), ("role", Is("timer"))];
    let time = clock_text(left_ms / 1_000);
    fixed("p", timer, row([line("span", &[], label), words(" ".to_owned()), line("b", &[], time)]))
}

/// `0:05`, `14:32`, `1:59:59`.
fn clock_text(seconds: u64) -> String {
    let mut text = String::with_capacity(8);
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    if hours > 0 {
        push_number(&mut text, hours, 1);
        text.push(':');
    }
    push_number(&mut text, minutes, if hours > 0 { 2 } else { 1 });
    text.push(':');
    push_number(&mut text, seconds % 60, 2);
    text
}

#[cfg(test)]
mod tests {
    use super::clock_text;

    #[test]
    fn time_is_read_as_a_clock() {
        for (seconds, text) in
            [(0, "0:00"), (5, "0:05"), (872, "14:32"), (3_600, "1:00:00"), (7_199, "1:59:59")]
        {
            assert_eq!(clock_text(seconds), text);
        }
    }
}
