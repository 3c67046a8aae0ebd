//! Buttons.

use checkout::Event;
use yew::prelude::*;

/// Returns a callback that reports `event` at each click.
pub(crate) fn on_click(on_event: &Callback<Event>, event: fn() -> Event) -> Callback<MouseEvent> {
    on_event.reform(move |_| event())
}

/// The state of a button.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ButtonState {
    /// It can be pressed.
    #[default]
    Ready,
    /// It was pressed. It stays, and keeps the keyboard's focus; the machine ignores more presses.
    Busy,
    /// It cannot be pressed while something else is under way.
    Disabled,
}

impl ButtonState {
    pub(crate) const fn busy_if(is_busy: bool) -> Self {
        if is_busy { Self::Busy } else { Self::Ready }
    }

    pub(crate) const fn disabled_if(is_disabled: bool) -> Self {
        if is_disabled { Self::Disabled } else { Self::Ready }
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct ButtonProps {
    /// The look: `primary`, `secondary` or `quiet`.
    pub(crate) part: &'static str,
    pub(crate) text: AttrValue,
    #[prop_or_default]
    pub(crate) state: ButtonState,
    pub(crate) onclick: Callback<MouseEvent>,
}

/// Draws a button.
#[component]
pub(crate) fn Button(props: &ButtonProps) -> Html {
    let ButtonProps { part, text, state, onclick } = props;
    let is_busy = *state == ButtonState::Busy;
    let part = if is_busy { [part, " busy"].concat().into() } else { AttrValue::from(*part) };
    html! {
        <button
            type="button"
            {part}
            aria-busy={is_busy.then_some("true")}
            disabled={*state == ButtonState::Disabled}
            {onclick}
        >
            { text }
        </button>
    }
}
