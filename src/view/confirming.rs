//! The screen while the backend is asked for the payment's status.

use checkout::{Confirming, ConfirmingCause, Event};
use yew::prelude::*;

use super::parts::{button, emblem, heading, link, notice, on_click, paragraph, ways_out};
use super::screen::ScreenContext;

/// Draws the wait for the payment's status.
pub(super) fn confirming_screen(context: &ScreenContext<'_>, confirming: &Confirming) -> Html {
    let texts = context.texts;
    let title = match confirming.cause {
        ConfirmingCause::Claimed => "confirming",
        ConfirmingCause::Returned => "confirming_returned",
        ConfirmingCause::TimeUp => "confirming_time_up",
        ConfirmingCause::Processing => "confirming_processing",
    };
    html! {
        <div class="center">
            { emblem(confirming.method, true) }
            { heading(texts.get(title)) }
            { paragraph(texts.get("confirming_how")) }
            { notice(texts, confirming.notice) }
            if confirming.is_slow {
                { other_ways(context, confirming.cause) }
            }
        </div>
    }
}

/// Draws what can be done if no outcome comes.
fn other_ways(context: &ScreenContext<'_>, cause: ConfirmingCause) -> Html {
    let texts = context.texts;
    let on_check = on_click(&context.on_event, || Event::PaidClaimed);
    html! {
        <div class="actions">
            { button("secondary", texts.get("check"), on_check) }
            if cause != ConfirmingCause::TimeUp {
                { ways_out(context, Html::default()) }
            }
            { link("quiet", texts.get("hosted"), context.hosted_url()) }
        </div>
    }
}
