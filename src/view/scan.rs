//! The code to scan: ours, or the gateway's own page with it.

use checkout::{Action, Awaiting, Event};
use yew::prelude::*;

use super::parts::{button, on_click, spinner};
use super::qr_code::QrCode;
use crate::texts::Texts;

/// The gateway's page may run its scripts and send its forms; it cannot reach this page, and leads
/// it away only where the shopper presses something in it.
const SANDBOX: &str =
    "allow-scripts allow-same-origin allow-forms allow-top-navigation-by-user-activation";

/// Draws the code, and over it what the shopper does when it no longer works.
pub(super) fn scan_code(awaiting: &Awaiting, texts: &Texts, on_event: &Callback<Event>) -> Html {
    let on_refresh = on_click(on_event, || Event::RefreshRequested);
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
                    { spinner() }
                    { texts.get("refreshing") }
                </div>
            } else if awaiting.stale {
                <div class="qr-over">
                    <span>{ texts.get("code_stale") }</span>
                    { button("primary", texts.get("refresh"), on_refresh) }
                </div>
            }
        </div>
    }
}
