//! The screen where a wallet does not open: what to do instead, before anything fails
//! (gateways.md C3).

use checkout::{Event, Guide, Guiding};
use yew::prelude::*;

use super::icon::{SignKind, sign};
use super::parts::{
    ButtonState, CopyLink, button_in, copy_link, emblem, heading, link, on_click, paragraph,
    switch_line,
};
use super::screen::ScreenContext;
use crate::order::with_wallet;

/// Draws the way to pay elsewhere.
pub(super) fn guide_screen(context: &ScreenContext<'_>, guiding: &Guiding) -> Html {
    let (texts, progress) = (context.texts, context.progress());
    // There the wallet is selected already.
    let url = context.hosted_url().map(|url| with_wallet(url, guiding.method));
    let there = CopyLink { url, ..context.link() };
    let how = match guiding.guide {
        Guide::OpenInBrowser => "guide_browser",
        Guide::OtherPhone => "guide_phone",
        Guide::OnlyOtherPhone => "scan_other",
        Guide::MiniProgram => "guide_mini",
    };
    let is_browser = guiding.guide == Guide::OpenInBrowser;
    let is_code_first = matches!(guiding.guide, Guide::OtherPhone | Guide::OnlyOtherPhone);
    let code_part = if is_code_first { "primary" } else { "secondary" };
    let on_code = on_click(&context.on_event, || Event::PayRequested);
    let code = if guiding.has_code {
        let state = ButtonState::busy_if(progress.is_busy());
        let button = button_in(state, code_part, texts.get("guide_code"), on_code);
        let slow = progress.is_slow().then(|| paragraph(texts.get("starting_slow")));
        html! { <>{ button }{ slow }</> }
    } else {
        Html::default()
    };
    html! {
        <div class="center">
            if is_browser {
                { sign(SignKind::Menu) }
            } else {
                { emblem(guiding.method, false) }
            }
            { heading(texts.get("guide")) }
            { paragraph(texts.get(how)) }
            <div class="actions">
                if is_browser {
                    { link("primary", texts.get("guide_there"), there.url.as_ref()) }
                }
                if is_code_first {
                    { code.clone() }
                }
                // A link is of use where it leads to the wallet.
                if guiding.guide != Guide::OnlyOtherPhone {
                    { copy_link(texts, &there) }
                }
                if !is_code_first {
                    { code }
                }
                { switch_line(texts, context.can_switch(), &context.on_event) }
            </div>
        </div>
    }
}
