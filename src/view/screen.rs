//! The screen of each state of the machine.

use std::rc::Rc;

use checkout::{Event, State};
use contract::{PaymentMethod, RefundStatus};
use yew::prelude::*;

use super::awaiting::AwaitingScreen;
use super::closing::ClosingScreen;
use super::confirming::ConfirmingScreen;
use super::guide::GuideScreen;
use super::loading::LoadingScreen;
use super::outcome::{Canceled, Expired, Failed, Succeeded, Unavailable};
use super::selector::Selector;
use super::starting::StartingScreen;
use crate::options::Options;

/// The state of the checkout, and the callbacks of its screens.
#[derive(PartialEq, Properties)]
pub(crate) struct ScreenProps {
    pub(crate) state: State,
    pub(crate) options: Rc<Options>,
    /// The wallets on offer, in their order.
    pub(crate) methods: Vec<PaymentMethod>,
    pub(crate) hosted_url: Option<AttrValue>,
    /// Money that goes back by itself.
    pub(crate) refund: Option<RefundStatus>,
    /// The time left to pay what is shown.
    pub(crate) time_left_ms: Option<u64>,
    pub(crate) is_offline: bool,
    /// "Pay" was pressed and is being carried out.
    pub(crate) is_pay_requested: bool,
    /// The payment was begun in another app or browser.
    pub(crate) is_started_elsewhere: bool,
    pub(crate) on_event: Callback<Event>,
    /// The shopper wants the link to this session.
    pub(crate) on_copy: Callback<()>,
}

/// Draws the screen of the state.
#[component]
pub(crate) fn Screen(props: &ScreenProps) -> Html {
    let options = &props.options;
    let on_event = &props.on_event;
    let hosted_url = &props.hosted_url;
    let refund = props.refund;
    let can_switch = props.methods.len() > 1;
    match &props.state {
        State::Loading => html! { <LoadingScreen is_offline={props.is_offline} /> },
        State::Selecting(selecting) => html! {
            <Selector
                methods={props.methods.clone()}
                selected={selecting.selected}
                notice={selecting.notice}
                layout={options.layout}
                is_read_only={options.read_only}
                has_pay_button={options.show_pay_button}
                is_busy={props.is_pay_requested}
                {hosted_url}
                {on_event}
            />
        },
        State::Guiding(guiding) => html! {
            <GuideScreen
                guiding={guiding.clone()}
                {can_switch}
                {hosted_url}
                {on_event}
                on_copy={&props.on_copy}
            />
        },
        State::Starting(starting) => html! {
            <StartingScreen is_slow={starting.is_slow} {can_switch} {hosted_url} {on_event} />
        },
        State::Awaiting(awaiting) => html! {
            <AwaitingScreen
                awaiting={awaiting.clone()}
                is_phone={options.is_phone()}
                is_started_elsewhere={props.is_started_elsewhere}
                time_left_ms={props.time_left_ms}
                {can_switch}
                {on_event}
            />
        },
        State::Confirming(confirming) => html! {
            <ConfirmingScreen
                confirming={confirming.clone()}
                {can_switch}
                {hosted_url}
                {on_event}
            />
        },
        State::Closing(_) => html! { <ClosingScreen /> },
        State::Succeeded => html! { <Succeeded {refund} /> },
        State::Failed { code } => html! {
            <Failed code={code.clone()} {refund} {hosted_url} {on_event} />
        },
        State::Expired => html! { <Expired {refund} {hosted_url} /> },
        State::Canceled { session_over } => html! {
            <Canceled is_session_over={*session_over} {refund} {hosted_url} {on_event} />
        },
        State::Unavailable { fault } => html! {
            <Unavailable fault={fault.clone()} {refund} {hosted_url} {on_event} />
        },
    }
}
