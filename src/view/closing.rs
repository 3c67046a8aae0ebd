//! The screen while a payment is closed at its gateway.

use yew::prelude::*;

use super::parts::{paragraph, waiting_heading};
use crate::texts::use_texts;

/// Draws the wait for the payment to be closed.
#[component]
pub(crate) fn ClosingScreen() -> Html {
    let texts = use_texts();
    html! {
        <>
            { waiting_heading(texts.get("closing")) }
            { paragraph(texts.get("closing_how")) }
        </>
    }
}
