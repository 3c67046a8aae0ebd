//! Links out of the checkout.

use yew::prelude::*;

use super::button::Button;
use super::text::Hint;
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct LinkProps {
    /// The look: `link` or `quiet`, or `primary` as a button.
    pub(crate) part: &'static str,
    pub(crate) text: AttrValue,
    pub(crate) url: Option<AttrValue>,
}

/// Draws a link out of the checkout, if there is an address.
#[component]
pub(crate) fn Link(props: &LinkProps) -> Html {
    html! {
        if let Some(url) = &props.url {
            <a part={props.part} class="link" href={url} target="_top">{ &props.text }</a>
        }
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct CopyLinkProps {
    /// The session's address.
    pub(crate) url: Option<AttrValue>,
    /// The last attempt to copy it: true for a moment after it was copied, false if the shopper has
    /// to copy it by hand.
    pub(crate) is_copied: Option<bool>,
    pub(crate) on_copy: Callback<MouseEvent>,
}

/// Draws the session's address, if it has one, to be copied by the button, or by hand where the app
/// forbids it.
#[component]
pub(crate) fn CopyLink(props: &CopyLinkProps) -> Html {
    let texts = use_texts();
    let Some(url) = &props.url else { return Html::default() };
    let text = if props.is_copied == Some(true) {
        format!("✓ {}", texts.get("copied")).into()
    } else {
        texts.get("copy")
    };
    html! {
        <>
            <div class="copy">
                <input
                    part="field"
                    data-link=""
                    dir="ltr"
                    readonly=true
                    aria-label={texts.get("guide_link")}
                    value={url}
                />
                <Button part="secondary" {text} onclick={&props.on_copy} />
            </div>
            if props.is_copied == Some(false) {
                <Hint text={texts.get("copy_by_hand")} />
            }
        </>
    }
}
