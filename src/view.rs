//! What the shopper sees: one function a screen, all of the machine's state and texts.
//!
//! Screens are plain functions of what they show, not components: a component of Yew costs
//! kilobytes of Wasm for a scope and hooks that a screen without state has no use for, and
//! a dynamic `class` costs as much again; parts and data attributes carry what changes.
//! Elements are built by `element`, which is smaller than `html!` and gives Yew the same.

mod awaiting;
mod countdown;
mod element;
mod guide;
mod icon;
mod outcome;
mod phrases;
mod qr_code;
mod selector;
mod status;

use checkout::{Checkout, Event, Notice, State};
use yew::html::Scope;
use yew::prelude::*;

use crate::app::App;
use crate::options::Options;
use crate::text::Texts;
pub(crate) use awaiting::left_ms;
use element::{Does, Fixed, Is, fixed, is, line, listening, now, plain, row, varying, words};
pub(crate) use phrases::announcement;
use phrases::notice_key;
pub(crate) use qr_code::{Drawing, draw};

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
    let attributes: Fixed = &[("part", Is("screen")), ("class", Is("screen"))];
    let mut place = plain("div", attributes, row([state_screen(screen, state)]));
    // Another state is another screen: nothing of the old one lives on in the new one.
    place.key = Some(state.name().into());
    varying(
        "section",
        &["part", "class", "data-state", "lang", "aria-label"],
        [
            is("root"),
            is("root"),
            is(state.name()),
            now(screen.options.lang.clone()),
            now(screen.text("checkout")),
        ],
        row([
            line(
                "div",
                &[("class", Is("live")), ("role", Is("status")), ("aria-live", Is("polite"))],
                announcement.to_owned(),
            ),
            summary(screen),
            fixed("div", &[("class", Is("banner-place"))], row([banner(screen)])),
            place.into(),
        ]),
    )
    .into()
}

fn banner(screen: &Screen<'_>) -> Html {
    // Before there is a session, the skeleton says it.
    if screen.checkout.is_offline() && screen.checkout.session().is_some() {
        line("p", &[("part", Is("banner")), ("class", Is("banner"))], screen.text("offline"))
    } else {
        Html::default()
    }
}

fn state_screen(screen: &Screen<'_>, state: &State) -> Html {
    match state {
        State::Selecting(selecting) => selector::selector(screen, selecting),
        _ => later_screen(screen, state),
    }
}

/// The others, in a function of their own: what the selector does not need is not compiled by the
/// browser before the selector is there.
#[inline(never)]
fn later_screen(screen: &Screen<'_>, state: &State) -> Html {
    match state {
        State::Loading | State::Selecting(_) => status::loading(screen),
        State::Guiding(guiding) => guide::guiding(screen, guiding),
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
    let description = if session.description.is_empty() {
        Html::default()
    } else {
        let part: Fixed = &[("part", Is("description")), ("class", Is("description"))];
        line("p", part, session.description.clone())
    };
    let merchant: Fixed = &[("part", Is("merchant")), ("class", Is("merchant"))];
    let amount: Fixed = &[("part", Is("amount")), ("class", Is("amount"))];
    let lines = row([
        line("p", merchant, session.merchant_name.clone()),
        line("p", amount, phrases::amount(session.amount)),
        description,
    ]);
    fixed("header", &[("part", Is("summary")), ("class", Is("summary"))], lines)
}

impl Screen<'_> {
    pub(crate) fn text(&self, key: &str) -> String {
        self.texts.get(key)
    }

    /// The text with the session's amount and merchant, and the wallet's names, filled in.
    pub(crate) fn fill(&self, key: &str) -> String {
        phrases::fill(self.texts, self.checkout, key)
    }

    /// The heading of a screen, which gets the focus when the screen replaces another.
    pub(crate) fn heading(&self, text: String) -> Html {
        line("h2", HEADING, text)
    }

    pub(crate) fn paragraph(&self, text: String) -> Html {
        line("p", &[("class", Is("text"))], text)
    }

    pub(crate) fn notice(&self, notice: Option<Notice>) -> Html {
        match notice {
            // The banner above says so already.
            Some(Notice::ConnectionLost) | None => Html::default(),
            Some(notice) => self.hint(self.fill(notice_key(notice))),
        }
    }

    pub(crate) fn hint(&self, text: String) -> Html {
        line("p", &[("part", Is("notice")), ("class", Is("notice"))], text)
    }

    /// A button that tells the machine of an event. `part` is how it looks, too.
    pub(crate) fn button(&self, part: &'static str, text: String, event: fn() -> Event) -> Html {
        self.pressed(part, text, Does::Tell(event))
    }

    /// A button that does what it does.
    fn pressed(&self, part: &'static str, text: String, does: Does) -> Html {
        let values = [is("button"), is(part)];
        let button = varying("button", &["type", "part"], values, row([words(text)]));
        listening(button, self.link, does)
    }

    /// The backend's own page for this session, under these words, if its address is one.
    pub(crate) fn hosted_link(&self, key: &str) -> Html {
        self.hosted_as("link", key)
    }

    /// The same, with the looks of `part`.
    fn hosted_as(&self, part: &'static str, key: &str) -> Html {
        let Some(url) = self.hosted_url() else { return Html::default() };
        varying(
            "a",
            &["part", "class", "href", "target"],
            [is(part), is("link"), now(url), is("_top")],
            row([words(self.text(key))]),
        )
        .into()
    }

    /// The address at which the session goes on by itself, wherever it is opened.
    fn hosted_url(&self) -> Option<String> {
        let hosted = self.checkout.session().map(|session| session.hosted_url.clone());
        hosted.filter(|url| checkout::is_web_address(url))
    }
}

/// A heading can take the focus, but is not in the tab order.
const HEADING: Fixed = &[
    ("part", Is("heading")),
    ("class", Is("heading")),
    ("tabindex", Is("-1")),
    ("data-heading", Is("")),
];
