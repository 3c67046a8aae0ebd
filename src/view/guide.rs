//! The screen where a wallet does not open: what to do instead, before anything fails
//! (gateways.md C3).

use checkout::{Event, Guide, Guiding};
use yew::prelude::*;

use super::icon::{Sign, SignKind};
use super::parts::{ActionButton, Heading, HostedLink, Paragraph, SwitchButton};
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct GuideScreenProps {
    pub(crate) guiding: Guiding,
    pub(crate) can_switch: bool,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
    pub(crate) on_copy: Callback<()>,
}

/// Draws the way to pay elsewhere.
#[component]
pub(crate) fn GuideScreen(props: &GuideScreenProps) -> Html {
    let texts = use_texts();
    let GuideScreenProps { guiding, hosted_url, on_event, .. } = props;
    let how = match guiding.guide {
        Guide::OpenInBrowser => "guide_browser",
        Guide::OtherPhone => "guide_phone",
        Guide::MiniProgram => "guide_mini",
    };
    let is_browser = guiding.guide == Guide::OpenInBrowser;
    html! {
        <>
            if is_browser {
                <Sign kind={SignKind::Menu} />
            }
            <Heading text={texts.get("guide")} />
            <Paragraph text={texts.get(how)} />
            <div class="actions">
                if is_browser {
                    <HostedLink part="primary" text={texts.get("guide_there")} {hosted_url} />
                }
                <CopyLink {hosted_url} on_copy={&props.on_copy} />
                if guiding.has_code {
                    <ActionButton
                        part="secondary"
                        text={texts.get("guide_code")}
                        onclick={on_event.reform(|_| Event::PayRequested)}
                    />
                }
                <div class="ways-out">
                    <SwitchButton can_switch={props.can_switch} {on_event} />
                </div>
            </div>
        </>
    }
}

#[derive(PartialEq, Properties)]
struct CopyLinkProps {
    hosted_url: Option<AttrValue>,
    on_copy: Callback<()>,
}

/// Draws the link to the session, to be copied by the button, or by hand where the app forbids it.
#[component]
fn CopyLink(props: &CopyLinkProps) -> Html {
    let texts = use_texts();
    html! {
        if let Some(url) = &props.hosted_url {
            <div class="copy">
                <input
                    part="field"
                    data-link=""
                    readonly=true
                    aria-label={texts.get("guide_link")}
                    value={url.clone()}
                />
                <ActionButton
                    part="secondary"
                    text={texts.get("copy")}
                    onclick={props.on_copy.reform(|_| ())}
                />
            </div>
        }
    }
}
