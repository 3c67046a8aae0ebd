//! Where a wallet does not open: what to do instead, before anything fails (gateways.md C3).

use checkout::{Guide, Guiding};
use yew::prelude::*;

use super::awaiting::switch;
use super::element::{Does, Is, fixed, is, now, row, several, varying};
use super::{Screen, icon};

pub(super) fn guiding(screen: &Screen<'_>, guiding: &Guiding) -> Html {
    let how = match guiding.guide {
        Guide::OpenInBrowser => "guide_browser",
        Guide::OtherPhone => "guide_phone",
        Guide::MiniProgram => "guide_mini",
    };
    let (drawing, there) = if guiding.guide == Guide::OpenInBrowser {
        (icon::sign("menu"), screen.hosted_as("primary", "guide_there"))
    } else {
        (Html::default(), Html::default())
    };
    let code = if guiding.has_code {
        screen.pressed("secondary", screen.text("guide_code"), Does::Confirm)
    } else {
        Html::default()
    };
    let switch = fixed("div", &[("class", Is("ways-out"))], row([switch(screen)]));
    let actions = row([there, link(screen), code, switch]);
    several(row([
        drawing,
        screen.heading(screen.fill("guide")),
        screen.paragraph(screen.fill(how)),
        fixed("div", &[("class", Is("actions"))], actions),
    ]))
}

/// The link to the session, to be copied by the button, or by hand where the app forbids it.
fn link(screen: &Screen<'_>) -> Html {
    let Some(url) = screen.hosted_url() else { return Html::default() };
    let field = varying(
        "input",
        &["part", "data-link", "readonly", "aria-label", "value"],
        [is("field"), is(""), is(""), now(screen.text("guide_link")), now(url)],
        Vec::new(),
    );
    let copy = screen.pressed("secondary", screen.text("copy"), Does::Copy);
    fixed("div", &[("class", Is("copy"))], row([field.into(), copy]))
}
