//! The screen of an outcome, and what can be done then.

use checkout::{Event, Fault};
use contract::{ErrorType, RefundStatus, code};
use yew::prelude::*;

use super::icon::{SignKind, sign};
use super::parts::{button, heading, hint, link, on_click, paragraph};
use super::screen::ScreenContext;
use crate::texts::Texts;

/// The content of an outcome's screen; texts by their keys.
pub(super) struct Outcome {
    sign: SignKind,
    title: &'static str,
    how: &'static str,
    /// The time until which the order can be paid, in the shopper's words.
    until: Option<AttrValue>,
    /// The text of the button that tries again.
    retry: Option<&'static str>,
    /// The text of the link to the hosted page.
    link: Option<&'static str>,
    /// True if the shopper can only go back to the shop.
    is_over: bool,
    /// The number that support asks for.
    reference: Option<AttrValue>,
}

impl Outcome {
    /// The payment failed with a code of [`contract::code`]; another may be tried.
    pub(super) fn failed(failure: &str) -> Self {
        let how = match failure {
            code::GATEWAY_UNAVAILABLE => "failed_gateway",
            code::GATEWAY_MISCONFIGURED
            | code::PAYMENT_METHOD_UNAVAILABLE
            | code::FLOW_UNAVAILABLE => "method_unavailable",
            _ => "failed_how",
        };
        Self {
            retry: Some("retry"),
            link: Some("hosted"),
            ..Self::new(SignKind::Bad, "failed", how)
        }
    }

    /// The session's time is over.
    pub(super) fn expired() -> Self {
        Self {
            link: Some("hosted_over"),
            is_over: true,
            ..Self::new(SignKind::Time, "expired", "expired_how")
        }
    }

    /// The payment, or the session with it, is canceled. `until` is the end of the session's time.
    pub(super) fn canceled(is_session_over: bool, until: Option<AttrValue>) -> Self {
        let (how, link) = if is_session_over {
            ("canceled_over", "hosted_over")
        } else {
            ("canceled_how", "hosted")
        };
        Self {
            retry: (!is_session_over).then_some("retry"),
            link: Some(link),
            is_over: is_session_over,
            until: until.filter(|_| !is_session_over),
            ..Self::new(SignKind::Off, "canceled", how)
        }
    }

    /// The checkout cannot be shown.
    pub(super) fn unavailable(fault: &Fault) -> Self {
        let how = match fault.error_type {
            ErrorType::ApiConnection => "unavailable_connection",
            ErrorType::Authentication => "unavailable_authentication",
            ErrorType::InvalidRequest | ErrorType::Integration => "unavailable_setup",
            _ => "unavailable_how",
        };
        let reference = if fault.request_id.is_empty() { &fault.code } else { &fault.request_id };
        Self {
            // Nothing was paid that could be paid again.
            retry: Some("try_again"),
            link: Some("hosted"),
            is_over: fault.error_type == ErrorType::Authentication,
            reference: Some(reference.clone().into()),
            ..Self::new(SignKind::Bad, "unavailable", how)
        }
    }

    fn new(sign: SignKind, title: &'static str, how: &'static str) -> Self {
        Self {
            sign,
            title,
            how,
            until: None,
            retry: None,
            link: None,
            is_over: false,
            reference: None,
        }
    }
}

/// Draws the outcome and the ways forward.
pub(super) fn outcome_screen(context: &ScreenContext<'_>, outcome: &Outcome) -> Html {
    let texts = context.texts;
    let on_retry = on_click(&context.on_event, || Event::RetryRequested);
    let shop_url = context.shop_url().filter(|_| outcome.is_over);
    let retry_part = if shop_url.is_some() { "secondary" } else { "primary" };
    html! {
        <div class="center">
            { sign(outcome.sign) }
            { heading(texts.get(outcome.title)) }
            { paragraph(texts.get(outcome.how)) }
            if let Some(time) = &outcome.until {
                { paragraph(texts.fill("canceled_until", &[("time", time)])) }
            }
            { refund_hint(texts, context.refund()) }
            <div class="actions">
                { link("primary", texts.get("back"), shop_url.as_ref()) }
                if let Some(retry) = outcome.retry {
                    { button(retry_part, texts.get(retry), on_retry) }
                }
                if let Some(key) = outcome.link {
                    { link("link", texts.get(key), context.hosted_url()) }
                }
                if let Some(id) = &outcome.reference {
                    <p class="reference">{ texts.fill("reference", &[("id", id)]) }</p>
                }
            </div>
        </div>
    }
}

/// Draws how far money is that was paid too often or too late and goes back.
pub(super) fn refund_hint(texts: &Texts, refund: Option<RefundStatus>) -> Html {
    let key = match refund {
        None => return Html::default(),
        Some(RefundStatus::Succeeded) => "refund_succeeded",
        Some(RefundStatus::Failed) => "refund_failed",
        // A status that this version does not know means "not returned yet".
        Some(RefundStatus::Pending | RefundStatus::Unknown) => "refund_pending",
    };
    hint(texts.get(key))
}
