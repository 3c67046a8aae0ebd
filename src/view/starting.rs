//! The screen while a payment is started.

use checkout::Event;
use yew::prelude::*;

use super::parts::{HostedLink, Paragraph, SwitchButton, WaitingHeading};
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
            <WaitingHeading text={texts.get("starting")} />
            <Paragraph text={texts.get(how)} />
            if props.is_slow {
                <div class="actions">
                    <SwitchButton can_switch={props.can_switch} on_event={&props.on_event} />
                    <HostedLink text={texts.get("hosted")} hosted_url={&props.hosted_url} />
                </div>
            }
        </>
    }
}
