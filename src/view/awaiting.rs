//! The shopper's turn: scan the code, go on to the wallet, or confirm in it.

use checkout::{Action, Awaiting, Checkout, Event, Millis, State};
use contract::{Environment, PaymentMethod};
use yew::prelude::*;

use super::Screen;
use super::countdown::countdown;
use super::qr_code;

pub(super) fn awaiting(screen: &Screen<'_>, awaiting: &Awaiting) -> Html {
    match &awaiting.action {
        Action::QrCode { .. } => scan(screen, awaiting),
        Action::Redirect { .. } | Action::Form { .. } | Action::Bridge { .. } => {
            elsewhere(screen, awaiting)
        }
    }
}

fn scan(screen: &Screen<'_>, awaiting: &Awaiting) -> Html {
    let is_phone = screen.options.environment != Environment::Desktop;
    let is_wechat = awaiting.method == PaymentMethod::WechatPay;
    let over = if awaiting.refreshing {
        html! { <div class="qr-over"><span class="spinner" aria-hidden="true" />{ screen.text("refreshing") }</div> }
    } else if awaiting.stale {
        html! {
            <div class="qr-over">
                <span>{ screen.text("code_stale") }</span>
                { screen.button("primary", screen.text("refresh"), || Event::RefreshRequested) }
            </div>
        }
    } else {
        Html::default()
    };
    html! {
        <>
        <div class="scan">
            <div part="qr-code" class="qr">
                if let Some(drawing) = screen.drawing {
                    { qr_code::qr_code(drawing, screen.fill("qr_label")) }
                } else {
                    <p class="qr-failed" role="alert">{ screen.text("qr_failed") }</p>
                }
                { over }
            </div>
            <div class="scan-text">
                { screen.heading(screen.fill("scan")) }
                { screen.paragraph(screen.fill("scan_how")) }
                if is_phone && is_wechat {
                    { screen.paragraph(screen.text("no_long_press")) }
                }
                { screen.paragraph(screen.fill("scan_pays")) }
                if !awaiting.stale {
                    { time_left(screen) }
                }
                { screen.notice(awaiting.notice) }
            </div>
        </div>
        { actions(screen, None) }
        </>
    }
}

/// A redirect, or a wallet that was called in its own browser.
fn elsewhere(screen: &Screen<'_>, awaiting: &Awaiting) -> Html {
    let go_on = screen.button("primary", screen.fill("continue"), || Event::ContinueRequested);
    html! {
        <>
            { screen.heading(screen.fill("elsewhere")) }
            { screen.paragraph(screen.fill("elsewhere_how")) }
            { time_left(screen) }
            { screen.notice(awaiting.notice) }
            { actions(screen, Some(go_on)) }
        </>
    }
}

fn actions(screen: &Screen<'_>, first: Option<Html>) -> Html {
    html! {
        <div class="actions">
            { first.unwrap_or_default() }
            { screen.button("secondary", screen.text("paid"), || Event::PaidClaimed) }
            { ways_out(screen) }
        </div>
    }
}

/// The ways out of a payment that is not made yet.
pub(super) fn ways_out(screen: &Screen<'_>) -> Html {
    html! {
        <div class="ways-out">
            if screen.checkout.methods().len() > 1 {
                { screen.button("quiet", screen.text("switch"), || Event::SwitchRequested) }
            }
            { screen.button("quiet", screen.text("cancel"), || Event::CancelRequested) }
        </div>
    }
}

fn time_left(screen: &Screen<'_>) -> Html {
    match screen.left_ms {
        Some(left_ms) => countdown(screen.text("time_left"), left_ms),
        None => Html::default(),
    }
}

/// How long the code works, or else the session, which is never shorter.
pub(crate) fn left_ms(checkout: &Checkout, now: Millis) -> Option<u64> {
    let State::Awaiting(awaiting) = checkout.state() else { return None };
    let left_ms = checkout.time_left_ms(now)?;
    let earlier_ms = match &awaiting.action {
        Action::QrCode { expires_at: Some(code_end), .. } => {
            checkout.session()?.expires_at.since_ms(*code_end)
        }
        _ => 0,
    };
    Some(left_ms.saturating_sub(u64::try_from(earlier_ms).unwrap_or(0)))
}
