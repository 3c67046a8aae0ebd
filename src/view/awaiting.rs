//! The shopper's turn: scan the code, go on to the wallet, or confirm in it.

use checkout::{Action, Awaiting, Checkout, Event, Millis, State};
use contract::PaymentMethod;
use yew::prelude::*;

use super::Screen;
use super::countdown::countdown;
use super::element::{Does, Is, fixed, is, line, now, row, several, varying, words};
use super::qr_code;
use super::status::spinner;

pub(super) fn awaiting(screen: &Screen<'_>, awaiting: &Awaiting) -> Html {
    match &awaiting.action {
        Action::QrCode { .. } | Action::Frame { .. } => scan(screen, awaiting),
        Action::Redirect { .. } | Action::Form { .. } | Action::Bridge { .. } => {
            elsewhere(screen, awaiting)
        }
    }
}

fn scan(screen: &Screen<'_>, awaiting: &Awaiting) -> Html {
    let is_phone = screen.options.is_phone();
    let is_wechat = awaiting.method == PaymentMethod::WechatPay;
    let code = match (&awaiting.action, screen.drawing) {
        (Action::Frame { url, .. }, _) => frame(screen, url),
        (_, Some(drawing)) => qr_code::qr_code(drawing, screen.fill("qr_label")),
        (_, None) => {
            let alert = &[("class", Is("qr-failed")), ("role", Is("alert"))];
            line("p", alert, screen.text("qr_failed"))
        }
    };
    let code = fixed(
        "div",
        &[("part", Is("qr-code")), ("class", Is("qr"))],
        row([code, over(screen, awaiting)]),
    );
    let how = if is_phone { "scan_other" } else { "scan_how" };
    // What cannot be scanned or seen here is gone on with in the wallet itself.
    let on = match &awaiting.action {
        Action::Frame { .. } => go_on(screen, "secondary"),
        Action::QrCode { url: Some(_), .. } if is_phone => go_on(screen, "primary"),
        _ => Html::default(),
    };
    let no_long_press = if is_phone && is_wechat {
        screen.paragraph(screen.text("no_long_press"))
    } else {
        Html::default()
    };
    let left = if awaiting.stale { Html::default() } else { time_left(screen) };
    let how = row([
        screen.heading(screen.fill("scan")),
        screen.paragraph(screen.fill(how)),
        no_long_press,
        screen.paragraph(screen.fill("scan_pays")),
        left,
        screen.notice(awaiting.notice),
    ]);
    let how = fixed("div", &[("class", Is("scan-text"))], how);
    several(row([fixed("div", &[("class", Is("scan"))], row([code, how])), actions(screen, on)]))
}

/// Goes on in the wallet.
fn go_on(screen: &Screen<'_>, part: &'static str) -> Html {
    screen.button(part, screen.fill("continue"), || Event::ContinueRequested)
}

/// The gateway's own page with its code. It may run its scripts and send its forms, cannot reach
/// this page, and leads it away only where the shopper presses something in it.
fn frame(screen: &Screen<'_>, url: &str) -> Html {
    varying(
        "iframe",
        &["class", "title", "src", "sandbox", "referrerpolicy"],
        [
            is("frame"),
            now(screen.fill("qr_label")),
            now(url.to_owned()),
            is(SANDBOX),
            is("strict-origin-when-cross-origin"),
        ],
        Vec::new(),
    )
    .into()
}

/// What lies over a code that works no more, or soon again.
fn over(screen: &Screen<'_>, awaiting: &Awaiting) -> Html {
    let parts = if awaiting.refreshing {
        row([spinner(), words(screen.text("refreshing"))])
    } else if awaiting.stale {
        row([
            line("span", &[], screen.text("code_stale")),
            screen.button("primary", screen.text("refresh"), || Event::RefreshRequested),
        ])
    } else {
        return Html::default();
    };
    fixed("div", &[("class", Is("qr-over"))], parts)
}

/// A redirect, or a wallet that was called in its own browser.
fn elsewhere(screen: &Screen<'_>, awaiting: &Awaiting) -> Html {
    let is_lost = screen.checkout.is_begun_elsewhere();
    let how = if is_lost { "begun_elsewhere" } else { "elsewhere_how" };
    // An address that has run out is fetched anew first; that needs no button of its own.
    let on = if awaiting.refreshing {
        spinner()
    } else if is_lost {
        screen.pressed("primary", screen.fill("pay"), Does::Confirm)
    } else {
        go_on(screen, "primary")
    };
    several(row([
        screen.heading(screen.fill("elsewhere")),
        screen.paragraph(screen.fill(how)),
        time_left(screen),
        screen.notice(awaiting.notice),
        actions(screen, on),
    ]))
}

fn actions(screen: &Screen<'_>, first: Html) -> Html {
    let paid = screen.button("secondary", screen.text("paid"), || Event::PaidClaimed);
    fixed("div", &[("class", Is("actions"))], row([first, paid, ways_out(screen)]))
}

/// The ways out of a payment that is not made yet.
pub(super) fn ways_out(screen: &Screen<'_>) -> Html {
    let cancel = screen.button("quiet", screen.text("cancel"), || Event::CancelRequested);
    fixed("div", &[("class", Is("ways-out"))], row([switch(screen), cancel]))
}

/// The way to the other wallet, if there is one.
pub(super) fn switch(screen: &Screen<'_>) -> Html {
    if screen.checkout.methods().len() > 1 {
        screen.button("quiet", screen.text("switch"), || Event::SwitchRequested)
    } else {
        Html::default()
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
    let earlier_ms = match awaiting.action.expires_at() {
        Some(code_end) => checkout.session()?.expires_at.since_ms(code_end),
        None => 0,
    };
    Some(left_ms.saturating_sub(u64::try_from(earlier_ms).unwrap_or(0)))
}

const SANDBOX: &str =
    "allow-scripts allow-same-origin allow-forms allow-top-navigation-by-user-activation";
