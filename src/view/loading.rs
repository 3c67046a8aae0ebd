//! The screen until the session is loaded; `www/` shows the same before this module is loaded.

use yew::prelude::*;

use crate::texts::Texts;

/// Draws a skeleton of the selector.
pub(super) fn loading_screen(texts: &Texts, is_offline: bool) -> Html {
    html! {
        <div class="skeleton" aria-busy="true">
            if is_offline {
                <p class="banner">{ texts.get("offline") }</p>
            } else {
                <p class="live">{ texts.get("loading") }</p>
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
