//! The screen where a wallet does not open: what to do instead, before anything fails
//! (gateways.md C3).

use checkout::{Event, Guide, Guiding};
use yew::prelude::*;

use super::icon::{SignKind, sign};
use super::parts::{button, heading, hosted_link, on_click, paragraph, switch_button};
use crate::texts::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(crate) struct GuideScreenProps {
    pub(crate) guiding: Guiding,
    pub(crate) can_switch: bool,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
    pub(crate) on_copy: Callback<MouseEvent>,
}

/// Draws the way to pay elsewhere.
#[component]
pub(crate) fn GuideScreen(props: &GuideScreenProps) -> Html {
    let texts = use_texts();
    let GuideScreenProps { guiding, on_event, .. } = props;
    let hosted_url = props.hosted_url.as_ref();
    let how = match guiding.guide {
        Guide::OpenInBrowser => "guide_browser",
        Guide::OtherPhone => "guide_phone",
        Guide::MiniProgram => "guide_mini",
    };
    let is_browser = guiding.guide == Guide::OpenInBrowser;
    let on_code = on_click(on_event, || Event::PayRequested);
    html! {
        <>
            if is_browser {
                { sign(SignKind::Menu) }
            }
            { heading(texts.get("guide")) }
            { paragraph(texts.get(how)) }
            <div class="actions">
                if is_browser {
                    { hosted_link("primary", texts.get("guide_there"), hosted_url) }
                }
                if let Some(url) = hosted_url {
                    { copy_link(&texts, url, &props.on_copy) }
                }
                if guiding.has_code {
                    { button("secondary", texts.get("guide_code"), on_code) }
                }
                <div class="ways-out">
                    { switch_button(&texts, props.can_switch, on_event) }
                </div>
            </div>
        </>
    }
}

/// Draws the link to the session, to be copied by the button, or by hand where the app forbids it.
fn copy_link(texts: &Texts, url: &AttrValue, on_copy: &Callback<MouseEvent>) -> Html {
    html! {
        <div class="copy">
            <input
                part="field"
                data-link=""
                dir="ltr"
                readonly=true
                aria-label={texts.get("guide_link")}
                value={url.clone()}
            />
            { button("secondary", texts.get("copy"), on_copy.clone()) }
        </div>
    }
}
