//! The code to scan: ours, or the gateway's own page with it.

use checkout::{Action, Awaiting, Event};
use yew::prelude::*;

use super::parts::{ActionButton, Spinner};
use super::qr_code::QrCode;
use crate::texts::use_texts;

/// The gateway's page may run its scripts and send its forms; it cannot reach this page, and leads
/// it away only where the shopper presses something in it.
const SANDBOX: &str =
    "allow-scripts allow-same-origin allow-forms allow-top-navigation-by-user-activation";

#[derive(PartialEq, Properties)]
pub(crate) struct ScanCodeProps {
    pub(crate) awaiting: Awaiting,
    pub(crate) on_event: Callback<Event>,
}

/// Draws the code, and over it what the shopper does when it no longer works.
#[component]
pub(crate) fn ScanCode(props: &ScanCodeProps) -> Html {
    let texts = use_texts();
    let awaiting = &props.awaiting;
    html! {
        <div part="qr-code" class="qr">
            if let Action::QrCode { data, .. } = &awaiting.action {
                <QrCode data={data.clone()} />
            } else if let Action::Frame { url, .. } = &awaiting.action {
                <iframe
                    class="frame"
                    title={texts.get("qr_label")}
                    src={url.clone()}
                    sandbox={SANDBOX}
                    referrerpolicy="strict-origin-when-cross-origin"
                />
            }
            if awaiting.refreshing {
                <div class="qr-over">
                    <Spinner />
                    { texts.get("refreshing") }
                </div>
            } else if awaiting.stale {
                <div class="qr-over">
                    <span>{ texts.get("code_stale") }</span>
                    <ActionButton
                        part="primary"
                        text={texts.get("refresh")}
                        onclick={props.on_event.reform(|_| Event::RefreshRequested)}
                    />
                </div>
            }
        </div>
    }
}
