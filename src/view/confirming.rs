//! The screen while the backend is asked for the payment's status.

use checkout::{ConfirmingCause, Event, Notice};
use contract::PaymentMethod;
use yew::prelude::*;

use super::parts::{Button, Emblem, Heading, Link, NoticeLine, Paragraph, WaysOut, on_click};
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct ConfirmingScreenProps {
    pub(super) method: PaymentMethod,
    pub(super) cause: ConfirmingCause,
    pub(super) notice: Option<Notice>,
    /// It takes so long that other ways are shown.
    pub(super) is_slow: bool,
    pub(super) can_switch: bool,
    pub(super) hosted_url: Option<AttrValue>,
    pub(super) on_event: Callback<Event>,
}

/// Draws the wait for the payment's status, and what can be done if no outcome comes.
#[component]
pub(super) fn ConfirmingScreen(props: &ConfirmingScreenProps) -> Html {
    let texts = use_texts();
    let ConfirmingScreenProps { cause, can_switch, on_event, .. } = props;
    let title = match cause {
        ConfirmingCause::Claimed => "confirming",
        ConfirmingCause::Returned => "confirming_returned",
        ConfirmingCause::TimeUp => "confirming_time_up",
        ConfirmingCause::Processing => "confirming_processing",
    };
    html! {
        <div class="center">
            <Emblem method={props.method} is_waiting=true />
            <Heading text={texts.get(title)} />
            <Paragraph text={texts.get("confirming_how")} />
            <NoticeLine notice={props.notice} />
            if props.is_slow {
                <div class="actions">
                    <Button
                        part="secondary"
                        text={texts.get("check")}
                        onclick={on_click(on_event, || Event::PaidClaimed)}
                    />
                    if *cause != ConfirmingCause::TimeUp {
                        <WaysOut {can_switch} {on_event} />
                    }
                    <Link part="quiet" text={texts.get("hosted")} url={&props.hosted_url} />
                </div>
            }
        </div>
    }
}
