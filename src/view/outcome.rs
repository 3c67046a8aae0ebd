//! The screen of an outcome, and what can be done then.

use checkout::{Event, Fault};
use contract::{ErrorType, RefundStatus, code};
use yew::prelude::*;

use super::icon::{SignKind, sign};
use super::parts::{button, heading, hint, hosted_link, on_click, paragraph};
use crate::texts::{Texts, use_texts};

/// The content of an outcome's screen; texts by their keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    sign: SignKind,
    title: &'static str,
    how: &'static str,
    /// The text of the button that tries again.
    retry: Option<&'static str>,
    /// The text of the link to the hosted page.
    link: Option<&'static str>,
    /// The number that support asks for.
    reference: Option<AttrValue>,
}

impl Outcome {
    /// The session is paid.
    pub(crate) fn succeeded() -> Self {
        Self::new(SignKind::Ok, "succeeded", "succeeded_how")
    }

    /// The payment failed with a code of [`contract::code`]; another may be tried.
    pub(crate) fn failed(failure: &str) -> Self {
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
    pub(crate) fn expired() -> Self {
        Self { link: Some("hosted_over"), ..Self::new(SignKind::Time, "expired", "expired_how") }
    }

    /// The payment, or the session with it, is canceled.
    pub(crate) fn canceled(is_session_over: bool) -> Self {
        let (how, link) = if is_session_over {
            ("canceled_over", "hosted_over")
        } else {
            ("canceled_how", "hosted")
        };
        Self {
            retry: (!is_session_over).then_some("retry"),
            link: Some(link),
            ..Self::new(SignKind::Off, "canceled", how)
        }
    }

    /// The checkout cannot be shown.
    pub(crate) fn unavailable(fault: &Fault) -> Self {
        let how = match fault.error_type {
            ErrorType::ApiConnection => "unavailable_connection",
            ErrorType::Authentication => "unavailable_authentication",
            ErrorType::InvalidRequest | ErrorType::Integration => "unavailable_setup",
            _ => "unavailable_how",
        };
        let reference = if fault.request_id.is_empty() { &fault.code } else { &fault.request_id };
        Self {
            // Nothing was paid that could be paid again.
            retry: (fault.error_type != ErrorType::Authentication).then_some("try_again"),
            link: Some("hosted"),
            reference: Some(reference.clone().into()),
            ..Self::new(SignKind::Bad, "unavailable", how)
        }
    }

    fn new(sign: SignKind, title: &'static str, how: &'static str) -> Self {
        Self { sign, title, how, retry: None, link: None, reference: None }
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct OutcomeScreenProps {
    pub(crate) outcome: Outcome,
    /// Money that goes back by itself.
    pub(crate) refund: Option<RefundStatus>,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
}

/// Draws the outcome and the ways forward.
#[component]
pub(crate) fn OutcomeScreen(props: &OutcomeScreenProps) -> Html {
    let texts = use_texts();
    let outcome = &props.outcome;
    let on_retry = on_click(&props.on_event, || Event::RetryRequested);
    html! {
        <div class="ended">
            { sign(outcome.sign) }
            { heading(texts.get(outcome.title)) }
            { paragraph(texts.get(outcome.how)) }
            { refund_hint(&texts, props.refund) }
            <div class="actions">
                if let Some(retry) = outcome.retry {
                    { button("primary", texts.get(retry), on_retry) }
                }
                if let Some(link) = outcome.link {
                    { hosted_link("link", texts.get(link), props.hosted_url.as_ref()) }
                }
                if let Some(id) = &outcome.reference {
                    <p class="reference">{ texts.fill("reference", &[("id", id)]) }</p>
                }
            </div>
        </div>
    }
}

/// Draws how far money is that was paid too often or too late and goes back.
fn refund_hint(texts: &Texts, refund: Option<RefundStatus>) -> Html {
    let key = match refund {
        None => return Html::default(),
        Some(RefundStatus::Succeeded) => "refund_succeeded",
        Some(RefundStatus::Failed) => "refund_failed",
        // A status that this version does not know means "not returned yet".
        Some(RefundStatus::Pending | RefundStatus::Unknown) => "refund_pending",
    };
    hint(texts.get(key))
}
