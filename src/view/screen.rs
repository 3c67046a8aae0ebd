//! The screen of each state of the machine.

use checkout::{Checkout, Event, Millis, Origin, State, is_web_address};
use contract::RefundStatus;
use yew::prelude::*;

use super::awaiting::awaiting_screen;
use super::closing::closing_screen;
use super::confirming::confirming_screen;
use super::guide::guide_screen;
use super::loading::loading_screen;
use super::outcome::{Outcome, outcome_screen};
use super::parts::CopyLink;
use super::selector::{SelectorInput, selector};
use super::starting::Progress;
use super::succeeded::succeeded_screen;
use crate::host::Host;
use crate::options::Options;
use crate::order::Order;
use crate::texts::Texts;

/// The input of the screens besides the machine's state.
pub(crate) struct ScreenContext<'a> {
    pub(crate) checkout: &'a Checkout,
    pub(crate) options: &'a Options,
    pub(crate) host: &'a Host,
    pub(crate) order: Option<&'a Order>,
    /// With the order and the wallet that the screen is about.
    pub(crate) texts: &'a Texts,
    pub(crate) now: Millis,
    pub(crate) on_event: Callback<Event>,
    /// The shopper wants the link to this session.
    pub(crate) on_copy: Callback<MouseEvent>,
    /// The last attempt to copy the link, see [`CopyLink`].
    pub(crate) is_copied: Option<bool>,
}

impl ScreenContext<'_> {
    pub(super) fn hosted_url(&self) -> Option<&AttrValue> {
        self.order?.hosted_url.as_ref()
    }

    /// The shop's page, if it is another than this one.
    pub(super) fn shop_url(&self) -> Option<AttrValue> {
        let url = self.options.shop_url.as_ref().filter(|url| is_web_address(url));
        url.cloned().map(AttrValue::from)
    }

    /// The link to this session.
    pub(super) fn link(&self) -> CopyLink {
        let (url, on_copy) = (self.hosted_url().cloned(), self.on_copy.clone());
        CopyLink { url, is_copied: self.is_copied, on_copy }
    }

    /// True if there is another wallet.
    pub(super) fn can_switch(&self) -> bool {
        self.checkout.methods().len() > 1
    }

    /// Money that goes back by itself.
    pub(super) fn refund(&self) -> Option<RefundStatus> {
        self.checkout.session()?.refund
    }

    /// The progress of a press on "pay".
    pub(super) fn progress(&self) -> Progress {
        match self.checkout.state() {
            State::Starting(starting) => Progress::Starting { is_slow: starting.is_slow },
            _ if self.checkout.is_pay_requested() => Progress::Requested,
            _ => Progress::Idle,
        }
    }

    /// The end of the session's time, in the shopper's words.
    fn session_end(&self) -> Option<AttrValue> {
        let end = self.checkout.session()?.expires_at;
        self.host.format_time(end, &self.options.lang).map(AttrValue::from)
    }
}

/// Draws the screen of the machine's state.
pub(crate) fn screen(context: &ScreenContext<'_>) -> Html {
    let (checkout, texts) = (context.checkout, context.texts);
    let outcome = match checkout.state() {
        State::Loading => return loading_screen(texts, checkout.is_offline()),
        State::Selecting(_) => return selector_screen(context),
        State::Guiding(guiding) => return guide_screen(context, guiding),
        State::Starting(starting) => {
            return match &starting.origin {
                Origin::Selector => selector_screen(context),
                Origin::Guide(guiding) => guide_screen(context, guiding),
                Origin::StartedElsewhere(awaiting) => awaiting_screen(context, awaiting),
            };
        }
        State::Awaiting(awaiting) => return awaiting_screen(context, awaiting),
        State::Confirming(confirming) => return confirming_screen(context, confirming),
        State::Closing(closing) => return closing_screen(texts, closing.method),
        State::Succeeded => return succeeded_screen(context),
        State::Failed { code } => Outcome::failed(code),
        State::Expired => Outcome::expired(),
        State::Canceled { session_over } => Outcome::canceled(*session_over, context.session_end()),
        State::Unavailable { fault } => Outcome::unavailable(fault),
    };
    outcome_screen(context, &outcome)
}

/// Draws the selector, which stays while a payment starts.
fn selector_screen(context: &ScreenContext<'_>) -> Html {
    let (checkout, options) = (context.checkout, context.options);
    let selected = match checkout.state() {
        State::Starting(starting) => Some(starting.method),
        State::Selecting(selecting) => selecting.selected,
        _ => None,
    };
    let methods = checkout.methods();
    let hints = methods
        .iter()
        .filter_map(|method| checkout.row_hint(*method).map(|hint| (*method, hint)))
        .collect();
    let input = SelectorInput {
        methods,
        hints,
        selected,
        notice: checkout.state().notice(),
        layout: options.layout,
        is_read_only: options.read_only,
        has_pay_button: options.show_pay_button,
        progress: context.progress(),
        hosted_url: context.hosted_url(),
        on_event: &context.on_event,
    };
    selector(context.texts, &input)
}
