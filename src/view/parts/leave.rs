//! The ways out of a payment that is not made yet.

use checkout::Event;
use yew::prelude::*;

use super::button::{Button, ButtonState, on_click};
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct SwitchButtonProps {
    pub(crate) on_event: Callback<Event>,
}

/// Draws the button to the other wallet.
#[component]
pub(crate) fn SwitchButton(props: &SwitchButtonProps) -> Html {
    let texts = use_texts();
    let onclick = on_click(&props.on_event, || Event::SwitchRequested);
    html! { <Button part="quiet" text={texts.get("switch")} {onclick} /> }
}

#[derive(PartialEq, Properties)]
pub(crate) struct WaysOutProps {
    /// There is another wallet.
    pub(crate) can_switch: bool,
    /// A payment that is still starting cannot be canceled.
    #[prop_or_default]
    pub(crate) is_starting: bool,
    pub(crate) on_event: Callback<Event>,
    /// The first action.
    #[prop_or_default]
    pub(crate) children: Html,
}

/// Draws the actions that leave an unpaid payment, in a row after the first action.
#[component]
pub(crate) fn WaysOut(props: &WaysOutProps) -> Html {
    let texts = use_texts();
    let on_event = &props.on_event;
    html! {
        <div class="ways-out">
            { props.children.clone() }
            if props.can_switch {
                <SwitchButton {on_event} />
            }
            <Button
                state={ButtonState::disabled_if(props.is_starting)}
                part="quiet"
                text={texts.get("cancel")}
                onclick={on_click(on_event, || Event::CancelRequested)}
            />
        </div>
    }
}
