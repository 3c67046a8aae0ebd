//! The shopper's turn: scan the code, or continue in the wallet.

use checkout::{Action, Awaiting, Event};
use contract::PaymentMethod;
use yew::prelude::*;

use super::countdown::{countdown, time_left_ms};
use super::icon::app_mark;
use super::parts::{
    ButtonState, button_in, copy_link, emblem, heading, link, marked_heading, notice, on_click,
    paragraph, ways_out,
};
use super::scan::scan_code;
use super::screen::ScreenContext;

/// Draws what the shopper has to do.
pub(super) fn awaiting_screen(context: &ScreenContext<'_>, awaiting: &Awaiting) -> Html {
    match &awaiting.action {
        Action::QrCode { .. } | Action::Frame { .. } => scan(context, awaiting),
        Action::Redirect { .. } | Action::Form { .. } | Action::Bridge { .. } => {
            elsewhere(context, awaiting)
        }
    }
}

/// Draws the code and how to scan it. The heading is above the code, so that the focus on it leaves
/// the code in view.
fn scan(context: &ScreenContext<'_>, awaiting: &Awaiting) -> Html {
    let (texts, is_phone) = (context.texts, context.options.is_phone());
    let left_ms = time_left_ms(context.checkout, context.now).filter(|_| !awaiting.stale);
    html! {
        <>
            <div class="scan">
                { marked_heading(app_mark(awaiting.method), texts.get("scan")) }
                { scan_code(awaiting, texts, &context.on_event) }
                <div class="scan-text">
                    if is_phone {
                        { paragraph(texts.get("scan_other")) }
                        if awaiting.method == PaymentMethod::WechatPay {
                            { paragraph(texts.get("no_long_press")) }
                        }
                        { paragraph(texts.get("scan_pays")) }
                    } else {
                        <ol class="steps">
                            <li>{ texts.get("scan_open") }</li>
                            <li>{ texts.get("scan_how") }</li>
                            <li>{ texts.get("scan_pays") }</li>
                        </ol>
                    }
                    { countdown(texts, left_ms) }
                    { notice(texts, awaiting.notice) }
                </div>
            </div>
            <div class="actions">
                { scan_action(context, awaiting) }
                { without_scanning(context) }
                { ways_out(context, paid_button("quiet", context)) }
            </div>
        </>
    }
}

/// Draws the button into the wallet, where the code cannot be scanned or seen here.
fn scan_action(context: &ScreenContext<'_>, awaiting: &Awaiting) -> Html {
    match &awaiting.action {
        Action::Frame { .. } => continue_button("secondary", context, awaiting),
        Action::QrCode { url: Some(_), .. } if context.options.is_phone() => {
            continue_button("primary", context, awaiting)
        }
        _ => Html::default(),
    }
}

/// Draws the session's address, folded up, for those who see no code or have one device.
fn without_scanning(context: &ScreenContext<'_>) -> Html {
    let (texts, address) = (context.texts, context.link());
    let Some(url) = &address.url else { return Html::default() };
    html! {
        <details class="fold">
            <summary part="quiet">{ texts.get("no_scan") }</summary>
            { paragraph(texts.get("link_how")) }
            { copy_link(texts, &address) }
            // On a computer the payment page shows this code again.
            if context.options.is_phone() {
                { link("link", texts.get("guide_there"), Some(url)) }
            }
        </details>
    }
}

/// Draws a redirect, or a wallet that was called by its bridge.
fn elsewhere(context: &ScreenContext<'_>, awaiting: &Awaiting) -> Html {
    let texts = context.texts;
    let is_slow = context.progress().is_slow();
    let how = if is_started_elsewhere(context) { "started_elsewhere" } else { "elsewhere_how" };
    html! {
        <div class="center">
            { emblem(awaiting.method, false) }
            { heading(texts.get("elsewhere")) }
            { paragraph(texts.get(how)) }
            { countdown(texts, time_left_ms(context.checkout, context.now)) }
            { notice(texts, awaiting.notice) }
            <div class="actions">
                { elsewhere_action(context, awaiting) }
                if is_slow {
                    { paragraph(texts.get("starting_slow")) }
                }
                { paid_button("secondary", context) }
                { ways_out(context, Html::default()) }
            </div>
        </div>
    }
}

fn elsewhere_action(context: &ScreenContext<'_>, awaiting: &Awaiting) -> Html {
    if !is_started_elsewhere(context) {
        return continue_button("primary", context, awaiting);
    }
    let on_pay = on_click(&context.on_event, || Event::PayRequested);
    let state = ButtonState::busy_if(context.progress().is_busy());
    button_in(state, "primary", context.texts.get("pay"), on_pay)
}

/// True if the payment was started in another app or browser, also while another replaces it.
fn is_started_elsewhere(context: &ScreenContext<'_>) -> bool {
    context.progress().is_starting() || context.checkout.is_started_elsewhere()
}

/// Draws the button into the wallet. An address that has expired is refreshed first.
fn continue_button(part: &'static str, context: &ScreenContext<'_>, awaiting: &Awaiting) -> Html {
    let on_continue = on_click(&context.on_event, || Event::ContinueRequested);
    let state = ButtonState::busy_if(awaiting.refreshing);
    button_in(state, part, context.texts.get("continue"), on_continue)
}

fn paid_button(part: &'static str, context: &ScreenContext<'_>) -> Html {
    let on_paid = on_click(&context.on_event, || Event::PaidClaimed);
    let state = ButtonState::disabled_if(context.progress().is_starting());
    button_in(state, part, context.texts.get("paid"), on_paid)
}
