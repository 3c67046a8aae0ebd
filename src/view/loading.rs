//! The screen until the session is loaded; `www/` shows the same before this module is loaded.

use yew::prelude::*;

use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct LoadingScreenProps {
    pub(super) is_offline: bool,
}

/// Draws a skeleton of the selector.
#[component]
pub(super) fn LoadingScreen(props: &LoadingScreenProps) -> Html {
    let texts = use_texts();
    html! {
        <div class="skeleton" aria-busy="true">
            <h2 class="live" tabindex="-1" data-heading="">{ texts.get("loading") }</h2>
            if props.is_offline {
                <p class="banner">{ texts.get("offline") }</p>
            }
            // The order, the legend, two wallets and the button.
            <i />
            <i />
            <i />
            <i />
            <i />
        </div>
    }
}
