//! Parts that several screens share.
//!
use checkout::{Event, Notice};
use contract::PaymentMethod;
use yew::prelude::*;

use super::icon::mark;
use super::messages::notice_key;
use super::screen::ScreenContext;
use crate::texts::Texts;

/// Returns a callback that reports `event` at each click.
pub(super) fn on_click(on_event: &Callback<Event>, event: fn() -> Event) -> Callback<MouseEvent> {
    on_event.reform(move |_| event())
}

/// Draws a screen's heading, which gets the focus when the screen replaces another.
pub(super) fn heading(text: AttrValue) -> Html {
    marked_heading(Html::default(), text)
}

/// Draws a heading with a mark before it.
pub(super) fn marked_heading(mark: Html, text: AttrValue) -> Html {
    html! {
        <h2 part="heading" class="heading" tabindex="-1" data-heading="">{ mark }{ text }</h2>
    }
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

/// The state of a button.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ButtonState {
    /// It can be pressed.
    Ready,
    /// It was pressed. It stays, and keeps the keyboard's focus; the machine ignores more presses.
    Busy,
    /// It cannot be pressed while something else is under way.
    Disabled,
}

impl ButtonState {
    pub(super) const fn busy_if(is_busy: bool) -> Self {
        if is_busy { Self::Busy } else { Self::Ready }
    }

    pub(super) const fn disabled_if(is_disabled: bool) -> Self {
        if is_disabled { Self::Disabled } else { Self::Ready }
    }
}

/// Draws a button. `part` is its look: `primary`, `secondary` or `quiet`.
pub(super) fn button(part: &'static str, text: AttrValue, onclick: Callback<MouseEvent>) -> Html {
    button_in(ButtonState::Ready, part, text, onclick)
}

/// Draws a button in a state.
pub(super) fn button_in(
    state: ButtonState,
    part: &'static str,
    text: AttrValue,
    onclick: Callback<MouseEvent>,
) -> Html {
    let is_busy = state == ButtonState::Busy;
    let part = if is_busy { [part, " busy"].concat().into() } else { AttrValue::from(part) };
    html! {
        <button
            type="button"
            {part}
            aria-busy={is_busy.then_some("true")}
            disabled={state == ButtonState::Disabled}
            {onclick}
        >
            { text }
        </button>
    }
}

/// Draws a link out of the checkout, if there is an address. `part` is its look: `link` or `quiet`,
/// or `primary` as a button.
pub(super) fn link(part: &'static str, text: AttrValue, url: Option<&AttrValue>) -> Html {
    match url {
        Some(url) => html! { <a {part} class="link" href={url} target="_top">{ text }</a> },
        None => Html::default(),
    }
}

/// Draws what turns while the shopper waits.
pub(super) fn spinner() -> Html {
    html! { <span class="spinner" aria-hidden="true" /> }
}

/// Draws the wallet's mark above a heading; inside a spinner if the shopper waits.
pub(super) fn emblem(method: PaymentMethod, is_waiting: bool) -> Html {
    html! {
        <div class="emblem">
            if is_waiting {
                { spinner() }
            }
            { mark(method) }
        </div>
    }
}

/// The session's address as a link that can be copied.
pub(crate) struct CopyLink {
    pub(crate) url: Option<AttrValue>,
    /// The last attempt to copy it: true for a moment after it was copied, false if the shopper has
    /// to copy it by hand.
    pub(crate) is_copied: Option<bool>,
    pub(crate) on_copy: Callback<MouseEvent>,
}

/// Draws the link, to be copied by the button, or by hand where the app forbids it.
pub(super) fn copy_link(texts: &Texts, link: &CopyLink) -> Html {
    let Some(url) = &link.url else { return Html::default() };
    let text = if link.is_copied == Some(true) {
        format!("✓ {}", texts.get("copied")).into()
    } else {
        texts.get("copy")
    };
    html! {
        <>
            <div class="copy">
                <input
                    part="field"
                    data-link=""
                    dir="ltr"
                    readonly=true
                    aria-label={texts.get("guide_link")}
                    value={url.clone()}
                />
                { button("secondary", text, link.on_copy.clone()) }
            </div>
            if link.is_copied == Some(false) {
                { hint(texts.get("copy_by_hand")) }
            }
        </>
    }
}

/// Draws the way to the other wallet in a row of its own, if there is one.
pub(super) fn switch_line(texts: &Texts, can_switch: bool, on_event: &Callback<Event>) -> Html {
    if !can_switch {
        return Html::default();
    }
    html! { <div class="ways-out">{ switch_button(texts, on_event) }</div> }
}

fn switch_button(texts: &Texts, on_event: &Callback<Event>) -> Html {
    button("quiet", texts.get("switch"), on_click(on_event, || Event::SwitchRequested))
}

/// Draws the actions that leave an unpaid payment, in a row after `first`.
pub(super) fn ways_out(context: &ScreenContext<'_>, first: Html) -> Html {
    let (texts, on_event) = (context.texts, &context.on_event);
    let on_cancel = on_click(on_event, || Event::CancelRequested);
    // A payment that is still starting cannot be canceled.
    let state = ButtonState::disabled_if(context.progress().is_starting());
    html! {
        <div class="ways-out">
            { first }
            if context.can_switch() {
                { switch_button(texts, on_event) }
            }
            { button_in(state, "quiet", texts.get("cancel"), on_cancel) }
        </div>
    }
}
