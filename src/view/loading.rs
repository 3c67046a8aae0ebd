//! The screen until the session is there; `www/` shows the same before this module is loaded.

use yew::prelude::*;

use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct LoadingScreenProps {
    pub(crate) is_offline: bool,
}

/// Draws a skeleton of the selector.
#[component]
pub(crate) fn LoadingScreen(props: &LoadingScreenProps) -> Html {
    let texts = use_texts();
    let (class, key) = if props.is_offline { ("banner", "offline") } else { ("live", "loading") };
    html! {
        <div class="skeleton" aria-busy="true">
            <p {class}>{ texts.get(key) }</p>
            // The order, the legend, two wallets and the button.
            <i />
            <i />
            <i />
            <i />
            <i />
        </div>
    }
}
