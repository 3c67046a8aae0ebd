//! The screens on which the shopper waits, each in words.

use checkout::{Closing, Confirming, ConfirmingCause, Event, Starting};
use yew::prelude::*;

use super::Screen;
use super::awaiting::ways_out;

pub(super) fn loading(screen: &Screen<'_>) -> Html {
    let is_offline = screen.checkout.is_offline();
    html! {
        <div class="skeleton" aria-busy="true">
            if is_offline {
                <p class="banner">{ screen.text("offline") }</p>
            } else {
                <p class="live">{ screen.text("loading") }</p>
            }
            <i /><i /><i />
        </div>
    }
}

pub(super) fn starting(screen: &Screen<'_>, starting: &Starting) -> Html {
    let is_slow = starting.failures > 0;
    html! {
        <>
            { waiting(screen, screen.fill("starting")) }
            { screen.paragraph(screen.text(if is_slow { "starting_slow" } else { "starting_how" })) }
            if is_slow {
                { screen.hosted_link("hosted") }
            }
        </>
    }
}

pub(super) fn confirming(screen: &Screen<'_>, confirming: &Confirming) -> Html {
    let (title, is_last_look) = match confirming.cause {
        ConfirmingCause::Claimed => ("confirming", false),
        ConfirmingCause::Returned => ("confirming_returned", false),
        ConfirmingCause::TimeUp => ("confirming_time_up", true),
        ConfirmingCause::Processing => ("confirming_processing", false),
    };
    html! {
        <>
            { waiting(screen, screen.fill(title)) }
            { screen.paragraph(screen.text("confirming_how")) }
            { screen.notice(confirming.notice) }
            <div class="actions">
                { screen.button("secondary", screen.text("check"), || Event::PaidClaimed) }
                if !is_last_look {
                    { ways_out(screen) }
                }
                { screen.hosted_link("hosted") }
            </div>
        </>
    }
}

pub(super) fn closing(screen: &Screen<'_>, _closing: &Closing) -> Html {
    html! {
        <>
            { waiting(screen, screen.fill("closing")) }
            { screen.paragraph(screen.text("closing_how")) }
        </>
    }
}

fn waiting(screen: &Screen<'_>, title: String) -> Html {
    html! {
        <div class="waiting">
            <span class="spinner" aria-hidden="true" />
            { screen.heading(title) }
        </div>
    }
}
