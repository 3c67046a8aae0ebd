//! The code to scan: ours, or the gateway's own page with it.

use checkout::{Action, Awaiting, Event};
use contract::PaymentMethod;
use yew::prelude::*;

use super::parts::{Button, ButtonState, on_click, style_name};
use super::qr_code::QrCode;
use crate::texts::use_texts;

/// The gateway's page may run its scripts and send its forms; it cannot reach this page, and leads
/// it away only where the shopper presses something in it.
const SANDBOX: &str =
    "allow-scripts allow-same-origin allow-forms allow-top-navigation-by-user-activation";

/// A payment's code.
#[derive(Clone, PartialEq)]
pub(super) struct Code {
    /// The wallet that scans it.
    pub(super) method: PaymentMethod,
    pub(super) content: CodeContent,
    /// A fresh one is on its way.
    pub(super) is_refreshing: bool,
    /// It has expired and no fresh one has come.
    pub(super) is_stale: bool,
}

/// The content of a [`Code`].
#[derive(Clone, PartialEq)]
pub(super) enum CodeContent {
    /// A text to draw as a QR code.
    Text {
        data: AttrValue,
        /// The wallet on this phone can be opened with the same code.
        opens_wallet: bool,
    },
    /// The address of the gateway's page.
    Page(AttrValue),
}

impl Code {
    /// Returns the payment's code. None if it is continued in the wallet.
    pub(super) fn of(awaiting: &Awaiting) -> Option<Self> {
        let content = match &awaiting.action {
            Action::QrCode { data, url, .. } => {
                CodeContent::Text { data: data.clone().into(), opens_wallet: url.is_some() }
            }
            Action::Frame { url, .. } => CodeContent::Page(url.clone().into()),
            Action::Redirect { .. } | Action::Form { .. } | Action::Bridge { .. } => return None,
        };
        let Awaiting { method, refreshing: is_refreshing, stale: is_stale, .. } = *awaiting;
        Some(Self { method, content, is_refreshing, is_stale })
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct ScanCodeProps {
    pub(super) code: Code,
    pub(super) on_event: Callback<Event>,
}

/// Draws the code, and over it what the shopper does when it no longer works.
#[component]
pub(super) fn ScanCode(props: &ScanCodeProps) -> Html {
    let texts = use_texts();
    let Code { method, content, is_refreshing, is_stale } = &props.code;
    let line = if *is_refreshing { "refreshing" } else { "code_stale" };
    html! {
        <div part="qr-code" class="qr" data-kind={style_name(*method)}>
            if let CodeContent::Text { data, .. } = content {
                <QrCode {data} />
            } else if let CodeContent::Page(url) = content {
                <iframe
                    class="frame"
                    title={texts.get("qr_label")}
                    src={url}
                    sandbox={SANDBOX}
                    referrerpolicy="strict-origin-when-cross-origin"
                />
            }
            if *is_refreshing || *is_stale {
                <div class="qr-over">
                    <span>{ texts.get(line) }</span>
                    <Button
                        state={ButtonState::busy_if(*is_refreshing)}
                        part="primary"
                        text={texts.get("refresh")}
                        onclick={on_click(&props.on_event, || Event::RefreshRequested)}
                    />
                </div>
            }
        </div>
    }
}
