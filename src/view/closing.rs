//! The screen while a payment is closed at its gateway.

use contract::PaymentMethod;
use yew::prelude::*;

use super::parts::{Emblem, Heading, Paragraph};
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct ClosingScreenProps {
    pub(super) method: PaymentMethod,
}

/// Draws the wait for the payment to be closed.
#[component]
pub(super) fn ClosingScreen(props: &ClosingScreenProps) -> Html {
    let texts = use_texts();
    html! {
        <div class="center">
            <Emblem method={props.method} is_waiting=true />
            <Heading text={texts.get("closing")} />
            <Paragraph text={texts.get("closing_how")} />
        </div>
    }
}
