//! The screen with a code to scan.

use checkout::{Event, Notice};
use contract::PaymentMethod;
use yew::prelude::*;

use super::countdown::{Countdown, Deadline};
use super::parts::{
    Button, ButtonState, CopyLink, Heading, Icon, IconKind, Link, NoticeLine, Paragraph, WaysOut,
    on_click,
};
use super::scan_code::{Code, CodeContent, ScanCode};
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct ScanScreenProps {
    pub(super) code: Code,
    /// The page is on a phone, so that scanning takes another one.
    pub(super) is_phone: bool,
    pub(super) notice: Option<Notice>,
    pub(super) deadline: Option<Deadline>,
    /// Another payment is being started in its place.
    pub(super) is_starting: bool,
    pub(super) can_switch: bool,
    pub(super) hosted_url: Option<AttrValue>,
    /// See [`CopyLink`].
    pub(super) is_copied: Option<bool>,
    pub(super) on_copy: Callback<MouseEvent>,
    pub(super) on_event: Callback<Event>,
}

/// Draws the code and how to scan it. The heading is above the code, so that the focus on it leaves
/// the code in view.
#[component]
pub(super) fn ScanScreen(props: &ScanScreenProps) -> Html {
    let texts = use_texts();
    let ScanScreenProps { code, is_phone, is_starting, can_switch, hosted_url, on_event, .. } =
        props;
    // What cannot be scanned or seen here is continued in the wallet itself.
    let continue_part = match &code.content {
        CodeContent::Page(_) => Some("secondary"),
        CodeContent::Text { opens_wallet: true, .. } if *is_phone => Some("primary"),
        CodeContent::Text { .. } => None,
    };
    html! {
        <>
            <div class="scan">
                <Heading text={texts.get("scan")}><Icon kind={IconKind::App(code.method)} /></Heading>
                <ScanCode code={code.clone()} {on_event} />
                <div class="scan-text">
                    if *is_phone {
                        <Paragraph text={texts.get("scan_other")} />
                        if code.method == PaymentMethod::WechatPay {
                            <Paragraph text={texts.get("no_long_press")} />
                        }
                        <Paragraph text={texts.get("scan_pays")} />
                    } else {
                        <ol class="steps">
                            <li>{ texts.get("scan_open") }</li>
                            <li>{ texts.get("scan_how") }</li>
                            <li>{ texts.get("scan_pays") }</li>
                        </ol>
                    }
                    if let Some(deadline) = props.deadline.filter(|_| !code.is_stale) {
                        <Countdown {deadline} />
                    }
                    <NoticeLine notice={props.notice} />
                </div>
            </div>
            <div class="actions">
                if let Some(part) = continue_part {
                    <Button
                        state={ButtonState::busy_if(code.is_refreshing)}
                        {part}
                        text={texts.get("continue")}
                        onclick={on_click(on_event, || Event::ContinueRequested)}
                    />
                }
                if hosted_url.is_some() {
                    // For those who see no code or have one device.
                    <details class="fold">
                        <summary part="quiet">{ texts.get("no_scan") }</summary>
                        <Paragraph text={texts.get("link_how")} />
                        <CopyLink
                            url={hosted_url}
                            is_copied={props.is_copied}
                            on_copy={&props.on_copy}
                        />
                        // On a computer the payment page shows this code again.
                        if *is_phone {
                            <Link part="link" text={texts.get("guide_there")} url={hosted_url} />
                        }
                    </details>
                }
                <WaysOut {can_switch} {is_starting} {on_event}>
                    <Button
                        state={ButtonState::disabled_if(*is_starting)}
                        part="quiet"
                        text={texts.get("paid")}
                        onclick={on_click(on_event, || Event::PaidClaimed)}
                    />
                </WaysOut>
            </div>
        </>
    }
}
