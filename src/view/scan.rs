//! The code to scan: ours, or the gateway's own page with it.

use checkout::{Action, Awaiting, Event};
use yew::prelude::*;

use super::icon::kind_of;
use super::parts::{ButtonState, button_in, on_click};
use super::qr_code::QrCode;
use crate::texts::Texts;

/// The gateway's page may run its scripts and send its forms; it cannot reach this page, and leads
/// it away only where the shopper presses something in it.
const SANDBOX: &str =
    "allow-scripts allow-same-origin allow-forms allow-top-navigation-by-user-activation";

/// Draws the code, and over it what the shopper does when it no longer works.
pub(super) fn scan_code(awaiting: &Awaiting, texts: &Texts, on_event: &Callback<Event>) -> Html {
    let on_refresh = on_click(on_event, || Event::RefreshRequested);
    let line = if awaiting.refreshing { "refreshing" } else { "code_stale" };
    let state = ButtonState::busy_if(awaiting.refreshing);
    html! {
        <div part="qr-code" class="qr" data-kind={kind_of(awaiting.method)}>
            if let Action::QrCode { data, .. } = &awaiting.action {
                <QrCode
                    data={data.clone()}
                    label={texts.get("qr_label")}
                    failure={texts.get("qr_failed")}
                />
            } else if let Action::Frame { url, .. } = &awaiting.action {
                <iframe
                    class="frame"
                    title={texts.get("qr_label")}
                    src={url.clone()}
                    sandbox={SANDBOX}
                    referrerpolicy="strict-origin-when-cross-origin"
                />
            }
            if awaiting.refreshing || awaiting.stale {
                <div class="qr-over">
                    <span>{ texts.get(line) }</span>
                    { button_in(state, "primary", texts.get("refresh"), on_refresh) }
                </div>
            }
        </div>
    }
}
