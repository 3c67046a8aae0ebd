//! The screen while a payment is started.

use checkout::Event;
use yew::prelude::*;

use super::parts::{hosted_link, paragraph, switch_button, waiting_heading};
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct StartingScreenProps {
    /// It takes so long that the shopper is offered other ways.
    pub(crate) is_slow: bool,
    pub(crate) can_switch: bool,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
}

/// Draws the wait for the payment.
#[component]
pub(crate) fn StartingScreen(props: &StartingScreenProps) -> Html {
    let texts = use_texts();
    let how = if props.is_slow { "starting_slow" } else { "starting_how" };
    html! {
        <>
            { waiting_heading(texts.get("starting")) }
            { paragraph(texts.get(how)) }
            if props.is_slow {
                <div class="actions">
                    { switch_button(&texts, props.can_switch, &props.on_event) }
                    { hosted_link("link", texts.get("hosted"), props.hosted_url.as_ref()) }
                </div>
            }
        </>
    }
}
