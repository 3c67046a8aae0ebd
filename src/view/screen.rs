//! The screen of each state of the machine.

use checkout::{Checkout, Event, Millis, State};
use yew::prelude::*;

use super::awaiting::AwaitingScreen;
use super::closing::ClosingScreen;
use super::confirming::ConfirmingScreen;
use super::countdown::time_left_ms;
use super::guide::GuideScreen;
use super::loading::LoadingScreen;
use super::outcome::{Outcome, OutcomeScreen};
use super::selector::Selector;
use super::starting::StartingScreen;
use crate::options::Options;

/// The input of the screens besides the machine.
pub(crate) struct ScreenContext<'a> {
    pub(crate) options: &'a Options,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) now: Millis,
    pub(crate) on_event: Callback<Event>,
    /// The shopper wants the link to this session.
    pub(crate) on_copy: Callback<MouseEvent>,
}

/// Draws the screen of the machine's state.
pub(crate) fn screen(checkout: &Checkout, context: ScreenContext<'_>) -> Html {
    let ScreenContext { options, hosted_url, now, on_event, on_copy } = context;
    let methods = checkout.methods();
    let can_switch = methods.len() > 1;
    let outcome = match checkout.state() {
        State::Loading => {
            return html! { <LoadingScreen is_offline={checkout.is_offline()} /> };
        }
        State::Selecting(selecting) => {
            return html! {
                <Selector
                    {methods}
                    selected={selecting.selected}
                    notice={selecting.notice}
                    layout={options.layout}
                    is_read_only={options.read_only}
                    has_pay_button={options.show_pay_button}
                    is_busy={checkout.is_pay_requested()}
                    {hosted_url}
                    {on_event}
                />
            };
        }
        State::Guiding(guiding) => {
            let guiding = guiding.clone();
            return html! {
                <GuideScreen {guiding} {can_switch} {hosted_url} {on_event} {on_copy} />
            };
        }
        State::Starting(starting) => {
            let is_slow = starting.is_slow;
            return html! { <StartingScreen {is_slow} {can_switch} {hosted_url} {on_event} /> };
        }
        State::Awaiting(awaiting) => {
            return html! {
                <AwaitingScreen
                    awaiting={awaiting.clone()}
                    is_phone={options.is_phone()}
                    is_started_elsewhere={checkout.is_started_elsewhere()}
                    time_left_ms={time_left_ms(checkout, now)}
                    {can_switch}
                    {on_event}
                />
            };
        }
        State::Confirming(confirming) => {
            let confirming = confirming.clone();
            return html! {
                <ConfirmingScreen {confirming} {can_switch} {hosted_url} {on_event} />
            };
        }
        State::Closing(_) => return html! { <ClosingScreen /> },
        State::Succeeded => Outcome::succeeded(),
        State::Failed { code } => Outcome::failed(code),
        State::Expired => Outcome::expired(),
        State::Canceled { session_over } => Outcome::canceled(*session_over),
        State::Unavailable { fault } => Outcome::unavailable(fault),
    };
    let refund = checkout.session().and_then(|session| session.refund);
    html! { <OutcomeScreen {outcome} {refund} {hosted_url} {on_event} /> }
}
