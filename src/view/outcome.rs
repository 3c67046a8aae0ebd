//! The screen of an outcome, and what can be done then.

use checkout::{Event, Fault};
use contract::{ErrorType, RefundStatus, code};
use yew::prelude::*;

use super::parts::{Button, Heading, Hint, Icon, IconKind, Link, Paragraph, on_click};
use crate::texts::use_texts;

/// The content of an outcome's screen; texts by their keys.
#[derive(PartialEq)]
pub(super) struct Outcome {
    sign: IconKind,
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
            ..Self::new(IconKind::Bad, "failed", how)
        }
    }

    /// The session's time is over.
    pub(super) fn expired() -> Self {
        Self {
            link: Some("hosted_over"),
            is_over: true,
            ..Self::new(IconKind::Time, "expired", "expired_how")
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
            ..Self::new(IconKind::Off, "canceled", how)
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
            ..Self::new(IconKind::Bad, "unavailable", how)
        }
    }

    fn new(sign: IconKind, title: &'static str, how: &'static str) -> Self {
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

#[derive(PartialEq, Properties)]
pub(super) struct OutcomeScreenProps {
    pub(super) outcome: Outcome,
    pub(super) refund: Option<RefundStatus>,
    /// The shop's page, if it is another than this one.
    pub(super) shop_url: Option<AttrValue>,
    pub(super) hosted_url: Option<AttrValue>,
    pub(super) on_event: Callback<Event>,
}

/// Draws the outcome and the ways forward.
#[component]
pub(super) fn OutcomeScreen(props: &OutcomeScreenProps) -> Html {
    let texts = use_texts();
    let OutcomeScreenProps { outcome, hosted_url, on_event, .. } = props;
    let shop_url = props.shop_url.as_ref().filter(|_| outcome.is_over);
    let retry_part = if shop_url.is_some() { "secondary" } else { "primary" };
    html! {
        <div class="center">
            <Icon kind={outcome.sign} />
            <Heading text={texts.get(outcome.title)} />
            <Paragraph text={texts.get(outcome.how)} />
            if let Some(time) = &outcome.until {
                <Paragraph text={texts.fill("canceled_until", &[("time", time)])} />
            }
            <RefundHint refund={props.refund} />
            <div class="actions">
                <Link part="primary" text={texts.get("back")} url={shop_url.cloned()} />
                if let Some(retry) = outcome.retry {
                    <Button
                        part={retry_part}
                        text={texts.get(retry)}
                        onclick={on_click(on_event, || Event::RetryRequested)}
                    />
                }
                if let Some(key) = outcome.link {
                    <Link part="link" text={texts.get(key)} url={hosted_url} />
                }
                if let Some(id) = &outcome.reference {
                    <p class="reference">{ texts.fill("reference", &[("id", id)]) }</p>
                }
            </div>
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct RefundHintProps {
    pub(super) refund: Option<RefundStatus>,
}

/// Draws how far money is that was paid too often or too late and goes back.
#[component]
pub(super) fn RefundHint(props: &RefundHintProps) -> Html {
    let texts = use_texts();
    let key = match props.refund {
        None => return Html::default(),
        Some(RefundStatus::Succeeded) => "refund_succeeded",
        Some(RefundStatus::Failed) => "refund_failed",
        // A status that this version does not know means "not returned yet".
        Some(RefundStatus::Pending | RefundStatus::Unknown) => "refund_pending",
    };
    html! { <Hint text={texts.get(key)} /> }
}
