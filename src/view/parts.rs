//! Parts that several screens share.
//!
//! They have neither state nor hooks, so they are functions of what they show and not components: a
//! component adds about 650 bytes to what a shopper downloads.

use checkout::{Event, Notice};
use yew::prelude::*;

use super::messages::notice_key;
use crate::texts::Texts;

/// Returns a callback that reports `event` at each click.
pub(super) fn on_click(on_event: &Callback<Event>, event: fn() -> Event) -> Callback<MouseEvent> {
    on_event.reform(move |_| event())
}

/// Draws a screen's heading, which gets the focus when the screen replaces another.
pub(super) fn heading(text: AttrValue) -> Html {
    html! { <h2 part="heading" class="heading" tabindex="-1" data-heading="">{ text }</h2> }
}

/// Draws a paragraph.
pub(super) fn paragraph(text: AttrValue) -> Html {
    html! { <p class="text">{ text }</p> }
}

/// Draws a highlighted line.
pub(super) fn hint(text: AttrValue) -> Html {
    html! { <p part="notice" class="notice">{ text }</p> }
}

/// Draws what the shopper should know, beside what the screen says anyway.
pub(super) fn notice(texts: &Texts, notice: Option<Notice>) -> Html {
    match notice {
        // The banner says it already.
        Some(Notice::ConnectionLost) | None => Html::default(),
        Some(notice) => hint(texts.get(notice_key(notice))),
    }
}

/// Draws a button. `part` is its look: `primary`, `secondary` or `quiet`.
pub(super) fn button(part: &'static str, text: AttrValue, onclick: Callback<MouseEvent>) -> Html {
    html! { <button type="button" {part} {onclick}>{ text }</button> }
}

/// Draws the link to the backend's own page for this session, if it has an address. `part` is its
/// look: `link`, or `primary` as a button.
pub(super) fn hosted_link(part: &'static str, text: AttrValue, url: Option<&AttrValue>) -> Html {
    match url {
        Some(url) => html! { <a {part} class="link" href={url} target="_top">{ text }</a> },
        None => Html::default(),
    }
}

/// Draws what turns while the shopper waits.
pub(super) fn spinner() -> Html {
    html! { <span class="spinner" aria-hidden="true" /> }
}

/// Draws the heading of a screen that waits.
pub(super) fn waiting_heading(text: AttrValue) -> Html {
    html! { <div class="waiting">{ spinner() }{ heading(text) }</div> }
}

/// Draws the button to the other wallet, if there is one.
pub(super) fn switch_button(texts: &Texts, can_switch: bool, on_event: &Callback<Event>) -> Html {
    if !can_switch {
        return Html::default();
    }
    button("quiet", texts.get("switch"), on_click(on_event, || Event::SwitchRequested))
}

/// Draws the actions that leave an unpaid payment.
pub(super) fn ways_out(texts: &Texts, can_switch: bool, on_event: &Callback<Event>) -> Html {
    let on_cancel = on_click(on_event, || Event::CancelRequested);
    html! {
        <div class="ways-out">
            { switch_button(texts, can_switch, on_event) }
            { button("quiet", texts.get("cancel"), on_cancel) }
        </div>
    }
}
