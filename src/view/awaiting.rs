//! The shopper's turn: scan the code, or continue in the wallet.

use checkout::{Action, Awaiting, Event};
use contract::PaymentMethod;
use yew::prelude::*;

use super::countdown::Countdown;
use super::parts::{ActionButton, Heading, NoticeLine, Paragraph, Spinner, WaysOut};
use super::scan::ScanCode;
use crate::texts::use_texts;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct AwaitingScreenProps {
    pub(crate) awaiting: Awaiting,
    /// The page is on a phone, so that scanning takes another one.
    pub(crate) is_phone: bool,
    /// The payment was begun in another app or browser.
    pub(crate) is_started_elsewhere: bool,
    pub(crate) time_left_ms: Option<u64>,
    pub(crate) can_switch: bool,
    pub(crate) on_event: Callback<Event>,
}

/// Draws what the shopper has to do.
#[component]
pub(crate) fn AwaitingScreen(props: &AwaitingScreenProps) -> Html {
    match &props.awaiting.action {
        Action::QrCode { .. } | Action::Frame { .. } => html! { <ScanScreen ..props.clone() /> },
        Action::Redirect { .. } | Action::Form { .. } | Action::Bridge { .. } => {
            html! { <WalletScreen ..props.clone() /> }
        }
    }
}

/// Draws a code to scan.
#[component]
fn ScanScreen(props: &AwaitingScreenProps) -> Html {
    let texts = use_texts();
    let AwaitingScreenProps { awaiting, is_phone, on_event, .. } = props;
    let is_wechat_pay = awaiting.method == PaymentMethod::WechatPay;
    let how = if *is_phone { "scan_other" } else { "scan_how" };
    // What cannot be scanned or seen here is continued in the wallet itself.
    let continue_part = match &awaiting.action {
        Action::Frame { .. } => Some("secondary"),
        Action::QrCode { url: Some(_), .. } if *is_phone => Some("primary"),
        _ => None,
    };
    html! {
        <>
            <div class="scan">
                <ScanCode awaiting={awaiting.clone()} {on_event} />
                <div class="scan-text">
                    <Heading text={texts.get("scan")} />
                    <Paragraph text={texts.get(how)} />
                    if *is_phone && is_wechat_pay {
                        <Paragraph text={texts.get("no_long_press")} />
                    }
                    <Paragraph text={texts.get("scan_pays")} />
                    if let Some(left_ms) = props.time_left_ms.filter(|_| !awaiting.stale) {
                        <Countdown {left_ms} />
                    }
                    <NoticeLine notice={awaiting.notice} />
                </div>
            </div>
            <Actions can_switch={props.can_switch} {on_event}>
                if let Some(part) = continue_part {
                    <ContinueButton {part} {on_event} />
                }
            </Actions>
        </>
    }
}

/// Draws a redirect, or a wallet that was called by its bridge.
#[component]
fn WalletScreen(props: &AwaitingScreenProps) -> Html {
    let texts = use_texts();
    let AwaitingScreenProps { awaiting, is_started_elsewhere, on_event, .. } = props;
    let how = if *is_started_elsewhere { "begun_elsewhere" } else { "elsewhere_how" };
    html! {
        <>
            <Heading text={texts.get("elsewhere")} />
            <Paragraph text={texts.get(how)} />
            if let Some(left_ms) = props.time_left_ms {
                <Countdown {left_ms} />
            }
            <NoticeLine notice={awaiting.notice} />
            <Actions can_switch={props.can_switch} {on_event}>
                // An address that has expired is refreshed first; that needs no button of its own.
                if awaiting.refreshing {
                    <Spinner />
                } else if *is_started_elsewhere {
                    <ActionButton
                        part="primary"
                        text={texts.get("pay")}
                        onclick={on_event.reform(|_| Event::PayRequested)}
                    />
                } else {
                    <ContinueButton part="primary" {on_event} />
                }
            </Actions>
        </>
    }
}

#[derive(PartialEq, Properties)]
struct ActionsProps {
    can_switch: bool,
    on_event: Callback<Event>,
    /// The first action.
    children: Html,
}

#[component]
fn Actions(props: &ActionsProps) -> Html {
    let texts = use_texts();
    let on_event = &props.on_event;
    html! {
        <div class="actions">
            { props.children.clone() }
            <ActionButton
                part="secondary"
                text={texts.get("paid")}
                onclick={on_event.reform(|_| Event::PaidClaimed)}
            />
            <WaysOut can_switch={props.can_switch} {on_event} />
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct ContinueButtonProps {
    part: &'static str,
    on_event: Callback<Event>,
}

#[component]
fn ContinueButton(props: &ContinueButtonProps) -> Html {
    let texts = use_texts();
    let onclick = props.on_event.reform(|_| Event::ContinueRequested);
    html! { <ActionButton part={props.part} text={texts.get("continue")} {onclick} /> }
}
