//! The screen where a wallet does not open: what to do instead, before anything fails
//! (gateways.md C3).

use checkout::{Event, Guide, Guiding};
use yew::prelude::*;

use super::parts::{
    Button, ButtonState, CopyLink, Emblem, Heading, Icon, IconKind, Link, Paragraph, SwitchButton,
    on_click,
};
use super::progress::Progress;
use crate::order::with_wallet;
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct GuideScreenProps {
    pub(super) guiding: Guiding,
    /// The progress of asking for a code.
    pub(super) progress: Progress,
    pub(super) can_switch: bool,
    pub(super) hosted_url: Option<AttrValue>,
    /// See [`CopyLink`].
    pub(super) is_copied: Option<bool>,
    pub(super) on_copy: Callback<MouseEvent>,
    pub(super) on_event: Callback<Event>,
}

/// Draws the way to pay elsewhere.
#[component]
pub(super) fn GuideScreen(props: &GuideScreenProps) -> Html {
    let texts = use_texts();
    let GuideScreenProps { guiding, progress, on_event, .. } = props;
    // There the wallet is selected already.
    let url = props.hosted_url.as_ref().map(|url| with_wallet(url, guiding.method));
    let how = match guiding.guide {
        Guide::OpenInBrowser => "guide_browser",
        Guide::OtherPhone => "guide_phone",
        Guide::OnlyOtherPhone => "scan_other",
        Guide::MiniProgram => "guide_mini",
    };
    let is_browser = guiding.guide == Guide::OpenInBrowser;
    let is_code_first = matches!(guiding.guide, Guide::OtherPhone | Guide::OnlyOtherPhone);
    let code = html! {
        if guiding.has_code {
            <Button
                state={ButtonState::busy_if(progress.is_busy())}
                part={if is_code_first { "primary" } else { "secondary" }}
                text={texts.get("guide_code")}
                onclick={on_click(on_event, || Event::PayRequested)}
            />
            if progress.is_slow() {
                <Paragraph text={texts.get("starting_slow")} />
            }
        }
    };
    html! {
        <div class="center">
            if is_browser {
                <Icon kind={IconKind::Menu} />
            } else {
                <Emblem method={guiding.method} />
            }
            <Heading text={texts.get("guide")} />
            <Paragraph text={texts.get(how)} />
            <div class="actions">
                if is_browser {
                    <Link part="primary" text={texts.get("guide_there")} url={&url} />
                }
                if is_code_first {
                    { code.clone() }
                }
                // A link is of use where it leads to the wallet.
                if guiding.guide != Guide::OnlyOtherPhone {
                    <CopyLink {url} is_copied={props.is_copied} on_copy={&props.on_copy} />
                }
                if !is_code_first {
                    { code }
                }
                if props.can_switch {
                    <div class="ways-out"><SwitchButton {on_event} /></div>
                }
            </div>
        </div>
    }
}
