//! The screen of each state of the machine.

use checkout::{Awaiting, Checkout, Event, Guiding, Millis, Origin, State, is_web_address};
use yew::prelude::*;

use super::closing::ClosingScreen;
use super::confirming::ConfirmingScreen;
use super::countdown::Deadline;
use super::elsewhere::ElsewhereScreen;
use super::guide::GuideScreen;
use super::loading::LoadingScreen;
use super::messages::wallet_of;
use super::outcome::{Outcome, OutcomeScreen};
use super::progress::Progress;
use super::scan::ScanScreen;
use super::scan_code::Code;
use super::selector::Selector;
use super::succeeded::SucceededScreen;
use crate::host::Host;
use crate::options::Options;
use crate::order::Order;

/// What the root component has for the props of the screens.
pub(crate) struct ScreenInput<'a> {
    pub(crate) checkout: &'a Checkout,
    pub(crate) options: &'a Options,
    pub(crate) host: &'a Host,
    pub(crate) order: Option<&'a Order>,
    pub(crate) now: Millis,
    pub(crate) on_event: &'a Callback<Event>,
    /// The shopper wants the link to this session.
    pub(crate) on_copy: &'a Callback<MouseEvent>,
    /// The last attempt to copy the link: true for a moment after it was copied, false if the
    /// shopper has to copy it by hand.
    pub(crate) is_copied: Option<bool>,
}

/// Chooses the screen of the machine's state. A payment starts on the screen on which "pay" was
/// pressed.
pub(crate) fn screen(input: &ScreenInput<'_>) -> Html {
    let ScreenInput { checkout, on_event, .. } = input;
    let outcome = match checkout.state() {
        State::Loading => {
            return html! { <LoadingScreen is_offline={checkout.is_offline()} /> };
        }
        State::Selecting(_) => return selector(input),
        State::Guiding(guiding) => return guide(input, guiding),
        State::Starting(starting) => {
            return match &starting.origin {
                Origin::Selector => selector(input),
                Origin::Guide(guiding) => guide(input, guiding),
                Origin::StartedElsewhere(awaiting) => payment(input, awaiting),
            };
        }
        State::Awaiting(awaiting) => return payment(input, awaiting),
        State::Confirming(confirming) => {
            return html! {
                <ConfirmingScreen
                    method={confirming.method}
                    cause={confirming.cause}
                    notice={confirming.notice}
                    is_slow={confirming.is_slow}
                    can_switch={input.can_switch()}
                    hosted_url={input.hosted_url()}
                    on_event={*on_event}
                />
            };
        }
        State::Closing(closing) => return html! { <ClosingScreen method={closing.method} /> },
        State::Succeeded => {
            return html! {
                <SucceededScreen
                    order={input.order.cloned()}
                    method={wallet_of(checkout)}
                    refund={checkout.session().and_then(|session| session.refund)}
                    shop_url={input.shop_url()}
                />
            };
        }
        State::Failed { code } => Outcome::failed(code),
        State::Expired => Outcome::expired(),
        State::Canceled { session_over } => Outcome::canceled(*session_over, input.session_end()),
        State::Unavailable { fault } => Outcome::unavailable(fault),
    };
    html! {
        <OutcomeScreen
            {outcome}
            refund={checkout.session().and_then(|session| session.refund)}
            shop_url={input.shop_url()}
            hosted_url={input.hosted_url()}
            on_event={*on_event}
        />
    }
}

fn selector(input: &ScreenInput<'_>) -> Html {
    let ScreenInput { checkout, options, on_event, .. } = input;
    let selected = match checkout.state() {
        State::Starting(starting) => Some(starting.method),
        State::Selecting(selecting) => selecting.selected,
        _ => None,
    };
    let methods = checkout.methods().into_iter();
    let wallets: Vec<_> = methods.map(|method| (method, checkout.row_hint(method))).collect();
    html! {
        <Selector
            {wallets}
            {selected}
            notice={checkout.state().notice()}
            layout={options.layout}
            is_read_only={options.read_only}
            has_pay_button={options.show_pay_button}
            progress={Progress::of(input.checkout)}
            hosted_url={input.hosted_url()}
            on_event={*on_event}
        />
    }
}

fn guide(input: &ScreenInput<'_>, guiding: &Guiding) -> Html {
    html! {
        <GuideScreen
            guiding={guiding.clone()}
            progress={Progress::of(input.checkout)}
            can_switch={input.can_switch()}
            hosted_url={input.hosted_url()}
            is_copied={input.is_copied}
            on_copy={input.on_copy}
            on_event={input.on_event}
        />
    }
}

/// Chooses the screen of a payment that waits for the shopper.
fn payment(input: &ScreenInput<'_>, awaiting: &Awaiting) -> Html {
    let ScreenInput { checkout, on_event, .. } = input;
    let progress = Progress::of(checkout);
    let is_starting = progress.is_starting();
    let deadline = Deadline::of(checkout, input.now);
    match Code::of(awaiting) {
        Some(code) => html! {
            <ScanScreen
                {code}
                is_phone={input.options.is_phone()}
                notice={awaiting.notice}
                {deadline}
                {is_starting}
                can_switch={input.can_switch()}
                hosted_url={input.hosted_url()}
                is_copied={input.is_copied}
                on_copy={input.on_copy}
                on_event={*on_event}
            />
        },
        None => html! {
            <ElsewhereScreen
                method={awaiting.method}
                is_started_elsewhere={is_starting || checkout.is_started_elsewhere()}
                is_refreshing={awaiting.refreshing}
                {progress}
                notice={awaiting.notice}
                {deadline}
                can_switch={input.can_switch()}
                on_event={*on_event}
            />
        },
    }
}

impl ScreenInput<'_> {
    fn hosted_url(&self) -> Option<AttrValue> {
        self.order?.hosted_url.clone()
    }

    /// The shop's page, if it is another than this one.
    fn shop_url(&self) -> Option<AttrValue> {
        let url = self.options.shop_url.as_ref().filter(|url| is_web_address(url));
        url.cloned().map(AttrValue::from)
    }

    /// True if there is another wallet.
    fn can_switch(&self) -> bool {
        self.checkout.methods().len() > 1
    }

    /// The end of the session's time, in the shopper's words.
    fn session_end(&self) -> Option<AttrValue> {
        let end = self.checkout.session()?.expires_at;
        self.host.format_time(end, &self.options.lang).map(AttrValue::from)
    }
}
