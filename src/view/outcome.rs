//! How it ended, and what can be done then.

use checkout::{Event, Fault};
use contract::{ErrorType, RefundStatus, code};
use yew::prelude::*;

use super::element::{Is, fixed, line, row, several};
use super::{Screen, icon};

pub(super) fn succeeded(screen: &Screen<'_>) -> Html {
    ended(screen, "ok", "succeeded", screen.fill("succeeded_how"), Html::default())
}

pub(super) fn failed(screen: &Screen<'_>, failure: &str) -> Html {
    let how = match failure {
        code::GATEWAY_UNAVAILABLE => "failed_gateway",
        code::GATEWAY_MISCONFIGURED | code::PAYMENT_METHOD_UNAVAILABLE | code::FLOW_UNAVAILABLE => {
            "method_unavailable"
        }
        _ => "failed_how",
    };
    ended(screen, "bad", "failed", screen.fill(how), again(screen))
}

pub(super) fn expired(screen: &Screen<'_>) -> Html {
    ended(screen, "time", "expired", screen.fill("expired_how"), screen.hosted_link("hosted_over"))
}

pub(super) fn canceled(screen: &Screen<'_>, session_over: bool) -> Html {
    let (how, more) = if session_over {
        ("canceled_over", screen.hosted_link("hosted_over"))
    } else {
        ("canceled_how", again(screen))
    };
    ended(screen, "off", "canceled", screen.fill(how), more)
}

pub(super) fn unavailable(screen: &Screen<'_>, fault: &Fault) -> Html {
    let how = match fault.error_type {
        ErrorType::ApiConnection => "unavailable_connection",
        ErrorType::Authentication => "unavailable_authentication",
        ErrorType::InvalidRequest | ErrorType::Integration => "unavailable_setup",
        _ => "unavailable_how",
    };
    let reference = if fault.request_id.is_empty() { &fault.code } else { &fault.request_id };
    let reference = screen.texts.fill("reference", &[("id", reference)]);
    let retry = if fault.error_type == ErrorType::Authentication {
        Html::default()
    } else {
        screen.button("primary", screen.text("retry"), || Event::RetryRequested)
    };
    let reference = line("p", &[("class", Is("reference"))], reference);
    let more = row([retry, screen.hosted_link("hosted"), reference]);
    ended(screen, "bad", "unavailable", screen.fill(how), several(more))
}

fn again(screen: &Screen<'_>) -> Html {
    several(row([
        screen.button("primary", screen.text("retry"), || Event::RetryRequested),
        screen.hosted_link("hosted"),
    ]))
}

fn ended(screen: &Screen<'_>, sign: &'static str, title: &str, how: String, more: Html) -> Html {
    fixed(
        "div",
        &[("class", Is("ended"))],
        row([
            icon::sign(sign),
            screen.heading(screen.fill(title)),
            screen.paragraph(how),
            returned(screen),
            fixed("div", &[("class", Is("actions"))], row([more])),
        ]),
    )
}

/// Money that was paid too often or too late: that it goes back, and how far that is.
fn returned(screen: &Screen<'_>) -> Html {
    let refund = screen.checkout.session().and_then(|session| session.refund);
    let key = match refund {
        None => return Html::default(),
        Some(RefundStatus::Succeeded) => "refund_succeeded",
        Some(RefundStatus::Failed) => "refund_failed",
        // Not yet there, whatever a newer backend calls it.
        Some(RefundStatus::Pending | RefundStatus::Unknown) => "refund_pending",
    };
    screen.hint(screen.text(key))
}
