//! Parts that several screens share.

use checkout::{Event, Notice};
use yew::prelude::*;

use super::messages::notice_key;
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct TextProps {
    pub(crate) text: AttrValue,
}

/// Draws a screen's heading, which gets the focus when the screen replaces another.
#[component]
pub(crate) fn Heading(props: &TextProps) -> Html {
    html! {
        <h2 part="heading" class="heading" tabindex="-1" data-heading="">{ &props.text }</h2>
    }
}

/// Draws a paragraph.
#[component]
pub(crate) fn Paragraph(props: &TextProps) -> Html {
    html! { <p class="text">{ &props.text }</p> }
}

/// Draws a highlighted line.
#[component]
pub(crate) fn Hint(props: &TextProps) -> Html {
    html! { <p part="notice" class="notice">{ &props.text }</p> }
}

#[derive(PartialEq, Properties)]
pub(crate) struct NoticeLineProps {
    pub(crate) notice: Option<Notice>,
}

/// Draws what the shopper should know, beside what the screen says anyway.
#[component]
pub(crate) fn NoticeLine(props: &NoticeLineProps) -> Html {
    let texts = use_texts();
    match props.notice {
        // The banner says it already.
        Some(Notice::ConnectionLost) | None => Html::default(),
        Some(notice) => html! { <Hint text={texts.get(notice_key(notice))} /> },
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct ActionButtonProps {
    /// The look: `primary`, `secondary` or `quiet`.
    pub(crate) part: &'static str,
    pub(crate) text: AttrValue,
    pub(crate) onclick: Callback<MouseEvent>,
}

/// Draws a button.
#[component]
pub(crate) fn ActionButton(props: &ActionButtonProps) -> Html {
    html! {
        <button type="button" part={props.part} onclick={&props.onclick}>{ &props.text }</button>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct HostedLinkProps {
    /// The look: `link`, or `primary` as a button.
    #[prop_or("link")]
    pub(crate) part: &'static str,
    pub(crate) text: AttrValue,
    pub(crate) hosted_url: Option<AttrValue>,
}

/// Draws the link to the backend's own page for this session, if it has an address.
#[component]
pub(crate) fn HostedLink(props: &HostedLinkProps) -> Html {
    html! {
        if let Some(url) = &props.hosted_url {
            <a part={props.part} class="link" href={url} target="_top">{ &props.text }</a>
        }
    }
}

/// Draws what turns while the shopper waits.
#[component]
pub(crate) fn Spinner() -> Html {
    html! { <span class="spinner" aria-hidden="true" /> }
}

/// Draws the heading of a screen that waits.
#[component]
pub(crate) fn WaitingHeading(props: &TextProps) -> Html {
    html! {
        <div class="waiting">
            <Spinner />
            <Heading text={&props.text} />
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct SwitchButtonProps {
    /// There is another wallet.
    pub(crate) can_switch: bool,
    pub(crate) on_event: Callback<Event>,
}

/// Draws the button to the other wallet, if there is one.
#[component]
pub(crate) fn SwitchButton(props: &SwitchButtonProps) -> Html {
    let texts = use_texts();
    let onclick = props.on_event.reform(|_| Event::SwitchRequested);
    html! {
        if props.can_switch {
            <ActionButton part="quiet" text={texts.get("switch")} {onclick} />
        }
    }
}

/// Draws the ways out of a payment that is not made yet.
#[component]
pub(crate) fn WaysOut(props: &SwitchButtonProps) -> Html {
    let texts = use_texts();
    let onclick = props.on_event.reform(|_| Event::CancelRequested);
    html! {
        <div class="ways-out">
            <SwitchButton can_switch={props.can_switch} on_event={&props.on_event} />
            <ActionButton part="quiet" text={texts.get("cancel")} {onclick} />
        </div>
    }
}
