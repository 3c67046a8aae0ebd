//! The screen while the backend is asked for the payment's status.

use checkout::{Confirming, ConfirmingCause, Event};
use yew::prelude::*;

use super::parts::{button, hosted_link, notice, on_click, paragraph, waiting_heading, ways_out};
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct ConfirmingScreenProps {
    pub(crate) confirming: Confirming,
    pub(crate) can_switch: bool,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
}

/// Draws the wait for the payment's status.
#[component]
pub(crate) fn ConfirmingScreen(props: &ConfirmingScreenProps) -> Html {
    let texts = use_texts();
    let on_event = &props.on_event;
    let title = match props.confirming.cause {
        ConfirmingCause::Claimed => "confirming",
        ConfirmingCause::Returned => "confirming_returned",
        ConfirmingCause::TimeUp => "confirming_time_up",
        ConfirmingCause::Processing => "confirming_processing",
    };
    let is_time_up = props.confirming.cause == ConfirmingCause::TimeUp;
    let on_check = on_click(on_event, || Event::PaidClaimed);
    html! {
        <>
            { waiting_heading(texts.get(title)) }
            { paragraph(texts.get("confirming_how")) }
            { notice(&texts, props.confirming.notice) }
            <div class="actions">
                { button("secondary", texts.get("check"), on_check) }
                if !is_time_up {
                    { ways_out(&texts, props.can_switch, on_event) }
                }
                { hosted_link("link", texts.get("hosted"), props.hosted_url.as_ref()) }
            </div>
        </>
    }
}
