//! The screens on which the shopper waits, each in words.

use checkout::{Closing, Confirming, ConfirmingCause, Event, Starting};
use yew::prelude::*;

use super::Screen;
use super::awaiting::{switch, ways_out};
use super::element::{Fixed, Is, fixed, line, row, several};

pub(super) fn loading(screen: &Screen<'_>) -> Html {
    let bar = || fixed("i", &[], Vec::new());
    let said = if screen.checkout.is_offline() {
        line("p", &[("class", Is("banner"))], screen.text("offline"))
    } else {
        line("p", &[("class", Is("live"))], screen.text("loading"))
    };
    let busy = &[("class", Is("skeleton")), ("aria-busy", Is("true"))];
    fixed("div", busy, row([said, bar(), bar(), bar()]))
}

pub(super) fn starting(screen: &Screen<'_>, starting: &Starting) -> Html {
    let (how, ways) = if starting.is_slow {
        (
            "starting_slow",
            fixed("div", ACTIONS, row([switch(screen), screen.hosted_link("hosted")])),
        )
    } else {
        ("starting_how", Html::default())
    };
    several(row([
        waiting(screen, screen.fill("starting")),
        screen.paragraph(screen.text(how)),
        ways,
    ]))
}

pub(super) fn confirming(screen: &Screen<'_>, confirming: &Confirming) -> Html {
    let (title, is_last_look) = match confirming.cause {
        ConfirmingCause::Claimed => ("confirming", false),
        ConfirmingCause::Returned => ("confirming_returned", false),
        ConfirmingCause::TimeUp => ("confirming_time_up", true),
        ConfirmingCause::Processing => ("confirming_processing", false),
    };
    let out = if is_last_look { Html::default() } else { ways_out(screen) };
    let check = screen.button("secondary", screen.text("check"), || Event::PaidClaimed);
    let actions = row([check, out, screen.hosted_link("hosted")]);
    several(row([
        waiting(screen, screen.fill(title)),
        screen.paragraph(screen.text("confirming_how")),
        screen.notice(confirming.notice),
        fixed("div", ACTIONS, actions),
    ]))
}

pub(super) fn closing(screen: &Screen<'_>, _closing: &Closing) -> Html {
    several(row([
        waiting(screen, screen.fill("closing")),
        screen.paragraph(screen.text("closing_how")),
    ]))
}

/// What turns while the shopper waits.
pub(super) fn spinner() -> Html {
    fixed("span", &[("class", Is("spinner")), ("aria-hidden", Is("true"))], Vec::new())
}

fn waiting(screen: &Screen<'_>, title: String) -> Html {
    fixed("div", &[("class", Is("waiting"))], row([spinner(), screen.heading(title)]))
}

const ACTIONS: Fixed = &[("class", Is("actions"))];
