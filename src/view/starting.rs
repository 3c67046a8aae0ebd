//! The parts of the selector that are shown while a payment starts.

use checkout::Event;
use yew::prelude::*;

use super::parts::{hint, link, spinner, switch_line};
use crate::texts::Texts;

/// The progress of a press on "pay".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// "Pay" was not pressed.
    Idle,
    /// The page is asked, or the key is awaited.
    Requested,
    /// The payment is being started.
    Starting {
        /// It takes so long that the shopper is offered other ways.
        is_slow: bool,
    },
}

impl Progress {
    /// True from the press on.
    pub(super) fn is_busy(self) -> bool {
        self != Self::Idle
    }

    /// True while the payment is being started.
    pub(super) const fn is_starting(self) -> bool {
        matches!(self, Self::Starting { .. })
    }

    /// True if the shopper is offered other ways.
    pub(super) const fn is_slow(self) -> bool {
        matches!(self, Self::Starting { is_slow: true })
    }
}

/// Draws the text that covers "pay" if the start takes more than a moment. Screen readers have it
/// from the live region.
pub(super) fn pay_cover(progress: Progress, texts: &Texts) -> Html {
    if !progress.is_starting() {
        return Html::default();
    }
    html! { <span class="cover" aria-hidden="true">{ texts.get("starting") }</span> }
}

/// Draws the line that stands in for the pay button where the page has its own.
pub(super) fn start_line(texts: &Texts) -> Html {
    html! { <p class="waiting">{ spinner() }{ texts.get("starting") }</p> }
}

/// Draws the ways that a slow start leaves.
pub(super) fn slow_start(
    texts: &Texts,
    can_switch: bool,
    hosted_url: Option<&AttrValue>,
    on_event: &Callback<Event>,
) -> Html {
    html! {
        <div class="actions">
            { hint(texts.get("starting_slow")) }
            { switch_line(texts, can_switch, on_event) }
            { link("quiet", texts.get("hosted"), hosted_url) }
        </div>
    }
}
