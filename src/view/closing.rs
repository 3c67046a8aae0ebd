//! The screen while a payment is closed at its gateway.

use contract::PaymentMethod;
use yew::prelude::*;

use super::parts::{emblem, heading, paragraph};
use crate::texts::Texts;

/// Draws the wait for the payment to be closed.
pub(super) fn closing_screen(texts: &Texts, method: PaymentMethod) -> Html {
    html! {
        <div class="center">
            { emblem(method, true) }
            { heading(texts.get("closing")) }
            { paragraph(texts.get("closing_how")) }
        </div>
    }
}
