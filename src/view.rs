//! What the shopper sees: one function a screen, all of the machine's state and texts.
//!
//! Screens are plain functions of what they show, not components: a component of Yew costs
//! kilobytes of Wasm for a scope and hooks that a screen without state has no use for, and
//! a dynamic `class` costs as much again; parts and data attributes carry what changes.

mod awaiting;
mod countdown;
mod icon;
mod outcome;
mod qr_code;
mod selector;
mod status;
mod words;

use checkout::{Checkout, Event, Notice, State};
use yew::html::Scope;
use yew::prelude::*;

use crate::app::{App, Msg};
use crate::options::Options;
use crate::text::Texts;
pub(crate) use awaiting::left_ms;
pub(crate) use qr_code::{Drawing, draw};
pub(crate) use words::announcement;
use words::notice_key;

/// What every screen is drawn from.
pub(crate) struct Screen<'a> {
    pub(crate) texts: &'a Texts,
    pub(crate) options: &'a Options,
    pub(crate) checkout: &'a Checkout,
    pub(crate) link: &'a Scope<App>,
    /// The code to scan, if one is shown and can be drawn.
    pub(crate) drawing: Option<&'a Drawing>,
    /// How long the shopper may still pay what is shown.
    pub(crate) left_ms: Option<u64>,
    pub(crate) is_hinted: bool,
}

/// The whole widget: live region, order, banner, and the state's screen.
pub(crate) fn frame(screen: &Screen<'_>, announcement: &str) -> Html {
    let state = screen.checkout.state();
    let is_offline = screen.checkout.is_offline() && screen.checkout.session().is_some();
    html! {
        <section part="root" class="root" data-state={state.name()}
            lang={screen.options.lang.clone()} aria-label={screen.text("checkout")}>
            <div class="live" role="status" aria-live="polite">{ announcement }</div>
            { summary(screen) }
            <div class="banner-place">
                if is_offline {
                    <p part="banner" class="banner">{ screen.text("offline") }</p>
                }
            </div>
            <div key={state.name()} part="screen" class="screen">{ state_screen(screen, state) }</div>
        </section>
    }
}

fn state_screen(screen: &Screen<'_>, state: &State) -> Html {
    match state {
        State::Loading => status::loading(screen),
        State::Selecting(selecting) => selector::selector(screen, selecting),
        State::Starting(starting) => status::starting(screen, starting),
        State::Awaiting(awaiting) => awaiting::awaiting(screen, awaiting),
        State::Confirming(confirming) => status::confirming(screen, confirming),
        State::Closing(closing) => status::closing(screen, closing),
        State::Succeeded => outcome::succeeded(screen),
        State::Failed { code } => outcome::failed(screen, code),
        State::Expired => outcome::expired(screen),
        State::Canceled { session_over } => outcome::canceled(screen, *session_over),
        State::Unavailable { fault } => outcome::unavailable(screen, fault),
    }
}

/// Who is paid, how much, and what for; above every screen once it is known.
fn summary(screen: &Screen<'_>) -> Html {
    let Some(session) = screen.checkout.session() else { return Html::default() };
    html! {
        <header part="summary" class="summary">
            <p part="merchant" class="merchant">{ session.merchant_name.clone() }</p>
            <p part="amount" class="amount">{ words::amount(session.amount) }</p>
            if !session.description.is_empty() {
                <p part="description" class="description">{ session.description.clone() }</p>
            }
        </header>
    }
}

impl Screen<'_> {
    pub(crate) fn text(&self, key: &str) -> String {
        self.texts.get(key)
    }

    /// The text with the session's amount and merchant, and the wallet's names, filled in.
    pub(crate) fn fill(&self, key: &str) -> String {
        words::fill(self.texts, self.checkout, key)
    }

    /// The heading of a screen, which gets the focus when the screen replaces another.
    pub(crate) fn heading(&self, text: String) -> Html {
        html! { <h2 part="heading" class="heading" tabindex="-1" data-heading="">{ text }</h2> }
    }

    pub(crate) fn paragraph(&self, text: String) -> Html {
        html! { <p class="text">{ text }</p> }
    }

    pub(crate) fn notice(&self, notice: Option<Notice>) -> Html {
        match notice {
            // The banner above says so already.
            Some(Notice::ConnectionLost) | None => Html::default(),
            Some(notice) => self.hint(self.text(notice_key(notice))),
        }
    }

    pub(crate) fn hint(&self, text: String) -> Html {
        html! { <p part="notice" class="notice">{ text }</p> }
    }

    /// A button that tells the machine of an event. `part` is how it looks, too.
    pub(crate) fn button(&self, part: &'static str, text: String, event: fn() -> Event) -> Html {
        let onclick = self.link.callback(move |_: MouseEvent| Msg::Happened(event()));
        html! { <button type="button" {part} {onclick}>{ text }</button> }
    }

    /// The backend's own page for this session, under these words, if its address is one.
    pub(crate) fn hosted_link(&self, words: &str) -> Html {
        let hosted = self.checkout.session().map(|session| session.hosted_url.clone());
        match hosted.filter(|url| checkout::is_web_address(url)) {
            Some(url) => html! {
                <a part="link" class="link" href={url} target="_top">{ self.text(words) }</a>
            },
            None => Html::default(),
        }
    }
}
