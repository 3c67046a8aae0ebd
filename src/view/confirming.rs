//! The screen while the backend is asked for the payment's status.

use checkout::{Confirming, ConfirmingCause, Event};
use yew::prelude::*;

use super::parts::{ActionButton, HostedLink, NoticeLine, Paragraph, WaitingHeading, WaysOut};
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
    html! {
        <>
            <WaitingHeading text={texts.get(title)} />
            <Paragraph text={texts.get("confirming_how")} />
            <NoticeLine notice={props.confirming.notice} />
            <div class="actions">
                <ActionButton
                    part="secondary"
                    text={texts.get("check")}
                    onclick={on_event.reform(|_| Event::PaidClaimed)}
                />
                if !is_time_up {
                    <WaysOut can_switch={props.can_switch} {on_event} />
                }
                <HostedLink text={texts.get("hosted")} hosted_url={&props.hosted_url} />
            </div>
        </>
    }
}
