//! The shopper's turn: scan the code, or continue in the wallet.

use checkout::{Action, Awaiting, Event};
use contract::PaymentMethod;
use yew::prelude::*;

use super::countdown::countdown;
use super::parts::{button, heading, notice, on_click, paragraph, spinner, ways_out};
use super::scan::scan_code;
use crate::texts::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(crate) struct AwaitingScreenProps {
    pub(crate) awaiting: Awaiting,
    /// The page is on a phone, so that scanning takes another one.
    pub(crate) is_phone: bool,
    /// The payment was started in another app or browser.
    pub(crate) is_started_elsewhere: bool,
    pub(crate) time_left_ms: Option<u64>,
    pub(crate) can_switch: bool,
    pub(crate) on_event: Callback<Event>,
}

/// Draws what the shopper has to do.
#[component]
pub(crate) fn AwaitingScreen(props: &AwaitingScreenProps) -> Html {
    let texts = use_texts();
    let on_event = &props.on_event;
    let (content, action) = match &props.awaiting.action {
        Action::QrCode { .. } | Action::Frame { .. } => {
            (scan(props, &texts), scan_action(props, &texts))
        }
        Action::Redirect { .. } | Action::Form { .. } | Action::Bridge { .. } => {
            (elsewhere(props, &texts), elsewhere_action(props, &texts))
        }
    };
    let on_paid = on_click(on_event, || Event::PaidClaimed);
    html! {
        <>
            { content }
            <div class="actions">
                { action }
                { button("secondary", texts.get("paid"), on_paid) }
                { ways_out(&texts, props.can_switch, on_event) }
            </div>
        </>
    }
}

/// Draws the code and how to scan it.
fn scan(props: &AwaitingScreenProps, texts: &Texts) -> Html {
    let AwaitingScreenProps { awaiting, is_phone, on_event, .. } = props;
    let how = if *is_phone { "scan_other" } else { "scan_how" };
    html! {
        <div class="scan">
            { scan_code(awaiting, texts, on_event) }
            <div class="scan-text">
                { heading(texts.get("scan")) }
                { paragraph(texts.get(how)) }
                if *is_phone && awaiting.method == PaymentMethod::WechatPay {
                    { paragraph(texts.get("no_long_press")) }
                }
                { paragraph(texts.get("scan_pays")) }
                { countdown(texts, props.time_left_ms.filter(|_| !awaiting.stale)) }
                { notice(texts, awaiting.notice) }
            </div>
        </div>
    }
}

/// Draws the button into the wallet, where the code cannot be scanned or seen here.
fn scan_action(props: &AwaitingScreenProps, texts: &Texts) -> Html {
    match &props.awaiting.action {
        Action::Frame { .. } => continue_button("secondary", props, texts),
        Action::QrCode { url: Some(_), .. } if props.is_phone => {
            continue_button("primary", props, texts)
        }
        _ => Html::default(),
    }
}

/// Draws a redirect, or a wallet that was called by its bridge.
fn elsewhere(props: &AwaitingScreenProps, texts: &Texts) -> Html {
    let how = if props.is_started_elsewhere { "started_elsewhere" } else { "elsewhere_how" };
    html! {
        <>
            { heading(texts.get("elsewhere")) }
            { paragraph(texts.get(how)) }
            { countdown(texts, props.time_left_ms) }
            { notice(texts, props.awaiting.notice) }
        </>
    }
}

fn elsewhere_action(props: &AwaitingScreenProps, texts: &Texts) -> Html {
    // An address that has expired is refreshed first; that needs no button of its own.
    if props.awaiting.refreshing {
        spinner()
    } else if props.is_started_elsewhere {
        let on_pay = on_click(&props.on_event, || Event::PayRequested);
        button("primary", texts.get("pay"), on_pay)
    } else {
        continue_button("primary", props, texts)
    }
}

fn continue_button(part: &'static str, props: &AwaitingScreenProps, texts: &Texts) -> Html {
    let on_continue = on_click(&props.on_event, || Event::ContinueRequested);
    button(part, texts.get("continue"), on_continue)
}
