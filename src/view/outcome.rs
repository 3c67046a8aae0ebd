//! The screens of an outcome, and what can be done then.

use checkout::{Event, Fault};
use contract::{ErrorType, RefundStatus, code};
use yew::prelude::*;

use super::icon::{Sign, SignKind};
use super::parts::{ActionButton, Heading, Hint, HostedLink, Paragraph};
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
struct OutcomeProps {
    kind: SignKind,
    title: AttrValue,
    how: AttrValue,
    /// Money that goes back by itself.
    refund: Option<RefundStatus>,
    /// The ways forward.
    #[prop_or_default]
    children: Html,
}

/// Draws what all outcomes share.
#[component]
fn Outcome(props: &OutcomeProps) -> Html {
    html! {
        <div class="ended">
            <Sign kind={props.kind} />
            <Heading text={&props.title} />
            <Paragraph text={&props.how} />
            <RefundHint refund={props.refund} />
            <div class="actions">{ props.children.clone() }</div>
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct RefundProps {
    pub(crate) refund: Option<RefundStatus>,
}

/// Draws how far money is that was paid too often or too late and goes back.
#[component]
fn RefundHint(props: &RefundProps) -> Html {
    let texts = use_texts();
    let key = match props.refund {
        None => return Html::default(),
        Some(RefundStatus::Succeeded) => "refund_succeeded",
        Some(RefundStatus::Failed) => "refund_failed",
        // Not returned yet, whatever a newer backend calls it.
        Some(RefundStatus::Pending | RefundStatus::Unknown) => "refund_pending",
    };
    html! { <Hint text={texts.get(key)} /> }
}

/// Draws the paid session.
#[component]
pub(crate) fn Succeeded(props: &RefundProps) -> Html {
    let texts = use_texts();
    html! {
        <Outcome
            kind={SignKind::Ok}
            title={texts.get("succeeded")}
            how={texts.get("succeeded_how")}
            refund={props.refund}
        />
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct FailedProps {
    /// A code of [`contract::code`].
    pub(crate) code: AttrValue,
    pub(crate) refund: Option<RefundStatus>,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
}

/// Draws a failed payment; another may be tried.
#[component]
pub(crate) fn Failed(props: &FailedProps) -> Html {
    let texts = use_texts();
    let how = match props.code.as_str() {
        code::GATEWAY_UNAVAILABLE => "failed_gateway",
        code::GATEWAY_MISCONFIGURED | code::PAYMENT_METHOD_UNAVAILABLE | code::FLOW_UNAVAILABLE => {
            "method_unavailable"
        }
        _ => "failed_how",
    };
    html! {
        <Outcome
            kind={SignKind::Bad}
            title={texts.get("failed")}
            how={texts.get(how)}
            refund={props.refund}
        >
            <RetryButton on_event={&props.on_event} />
            <HostedLink text={texts.get("hosted")} hosted_url={&props.hosted_url} />
        </Outcome>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct ExpiredProps {
    pub(crate) refund: Option<RefundStatus>,
    pub(crate) hosted_url: Option<AttrValue>,
}

/// Draws the expired session.
#[component]
pub(crate) fn Expired(props: &ExpiredProps) -> Html {
    let texts = use_texts();
    html! {
        <Outcome
            kind={SignKind::Time}
            title={texts.get("expired")}
            how={texts.get("expired_how")}
            refund={props.refund}
        >
            <HostedLink text={texts.get("hosted_over")} hosted_url={&props.hosted_url} />
        </Outcome>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct CanceledProps {
    /// The session is canceled too, so that nothing else can be tried.
    pub(crate) is_session_over: bool,
    pub(crate) refund: Option<RefundStatus>,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
}

/// Draws a canceled payment or session.
#[component]
pub(crate) fn Canceled(props: &CanceledProps) -> Html {
    let texts = use_texts();
    let (how, link) = if props.is_session_over {
        ("canceled_over", "hosted_over")
    } else {
        ("canceled_how", "hosted")
    };
    html! {
        <Outcome
            kind={SignKind::Off}
            title={texts.get("canceled")}
            how={texts.get(how)}
            refund={props.refund}
        >
            if !props.is_session_over {
                <RetryButton on_event={&props.on_event} />
            }
            <HostedLink text={texts.get(link)} hosted_url={&props.hosted_url} />
        </Outcome>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct UnavailableProps {
    pub(crate) fault: Fault,
    pub(crate) refund: Option<RefundStatus>,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
}

/// Draws a checkout that cannot be shown.
#[component]
pub(crate) fn Unavailable(props: &UnavailableProps) -> Html {
    let texts = use_texts();
    let fault = &props.fault;
    let how = match fault.error_type {
        ErrorType::ApiConnection => "unavailable_connection",
        ErrorType::Authentication => "unavailable_authentication",
        ErrorType::InvalidRequest | ErrorType::Integration => "unavailable_setup",
        _ => "unavailable_how",
    };
    let id = if fault.request_id.is_empty() { &fault.code } else { &fault.request_id };
    html! {
        <Outcome
            kind={SignKind::Bad}
            title={texts.get("unavailable")}
            how={texts.get(how)}
            refund={props.refund}
        >
            if fault.error_type != ErrorType::Authentication {
                <RetryButton on_event={&props.on_event} />
            }
            <HostedLink text={texts.get("hosted")} hosted_url={&props.hosted_url} />
            <p class="reference">{ texts.fill("reference", &[("id", id)]) }</p>
        </Outcome>
    }
}

#[derive(PartialEq, Properties)]
struct RetryButtonProps {
    on_event: Callback<Event>,
}

#[component]
fn RetryButton(props: &RetryButtonProps) -> Html {
    let texts = use_texts();
    let onclick = props.on_event.reform(|_| Event::RetryRequested);
    html! { <ActionButton part="primary" text={texts.get("retry")} {onclick} /> }
}
