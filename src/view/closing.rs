//! The screen while a payment is closed at its gateway.

use yew::prelude::*;

use super::parts::{Paragraph, WaitingHeading};
use crate::texts::use_texts;

/// Draws the wait for the payment to be closed.
#[component]
pub(crate) fn ClosingScreen() -> Html {
    let texts = use_texts();
    html! {
        <>
            <WaitingHeading text={texts.get("closing")} />
            <Paragraph text={texts.get("closing_how")} />
        </>
    }
}
