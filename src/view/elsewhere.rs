//! The screen of a payment that is made on another page or in the wallet.

use checkout::{Event, Notice};
use contract::PaymentMethod;
use yew::prelude::*;

use super::countdown::{Countdown, Deadline};
use super::parts::{
    Button, ButtonState, Emblem, Heading, NoticeLine, Paragraph, WaysOut, on_click,
};
use super::progress::Progress;
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct ElsewhereScreenProps {
    pub(super) method: PaymentMethod,
    /// The payment was started in another app or browser, also while another replaces it.
    pub(super) is_started_elsewhere: bool,
    /// The wallet's address has expired and a fresh one is on its way.
    pub(super) is_refreshing: bool,
    /// The progress of starting another payment in its place.
    pub(super) progress: Progress,
    pub(super) notice: Option<Notice>,
    pub(super) deadline: Option<Deadline>,
    pub(super) can_switch: bool,
    pub(super) on_event: Callback<Event>,
}

/// Draws a redirect, or a wallet that was called by its bridge.
#[component]
pub(super) fn ElsewhereScreen(props: &ElsewhereScreenProps) -> Html {
    let texts = use_texts();
    let ElsewhereScreenProps { progress, can_switch, on_event, .. } = props;
    let is_starting = progress.is_starting();
    let how = if props.is_started_elsewhere { "started_elsewhere" } else { "elsewhere_how" };
    html! {
        <div class="center">
            <Emblem method={props.method} />
            <Heading text={texts.get("elsewhere")} />
            <Paragraph text={texts.get(how)} />
            if let Some(deadline) = props.deadline {
                <Countdown {deadline} />
            }
            <NoticeLine notice={props.notice} />
            <div class="actions">
                if props.is_started_elsewhere {
                    <Button
                        state={ButtonState::busy_if(progress.is_busy())}
                        part="primary"
                        text={texts.get("pay")}
                        onclick={on_click(on_event, || Event::PayRequested)}
                    />
                } else {
                    <Button
                        state={ButtonState::busy_if(props.is_refreshing)}
                        part="primary"
                        text={texts.get("continue")}
                        onclick={on_click(on_event, || Event::ContinueRequested)}
                    />
                }
                if progress.is_slow() {
                    <Paragraph text={texts.get("starting_slow")} />
                }
                <Button
                    state={ButtonState::disabled_if(is_starting)}
                    part="secondary"
                    text={texts.get("paid")}
                    onclick={on_click(on_event, || Event::PaidClaimed)}
                />
                <WaysOut {can_switch} {is_starting} {on_event} />
            </div>
        </div>
    }
}
