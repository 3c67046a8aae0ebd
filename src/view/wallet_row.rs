//! One wallet of the selector.

use checkout::Event;
use contract::PaymentMethod;
use yew::prelude::*;

use super::icon::Mark;
use crate::texts::{use_texts, wallet_key};

#[derive(PartialEq, Properties)]
pub(crate) struct WalletRowProps {
    pub(crate) method: PaymentMethod,
    pub(crate) is_selected: bool,
    pub(crate) is_disabled: bool,
    /// The row contains the wallet's detail, which is visible while the wallet is picked.
    pub(crate) has_detail: bool,
    pub(crate) on_event: Callback<Event>,
}

/// Draws a radio button with the wallet's mark and name.
#[component]
pub(crate) fn WalletRow(props: &WalletRowProps) -> Html {
    let texts = use_texts();
    let method = props.method;
    let onchange = props.on_event.reform(move |_| Event::Selected(method));
    // A page that styles `::part(selected)` reaches the picked one.
    let part = if props.is_selected { "method selected" } else { "method" };
    html! {
        <label {part} class="method" data-method={method.as_str()}>
            <input
                type="radio"
                name="wallet"
                value={method.as_str()}
                checked={props.is_selected}
                disabled={props.is_disabled}
                {onchange}
            />
            <Mark {method} />
            <span class="name">{ texts.get(wallet_key(Some(method))) }</span>
            if props.has_detail {
                <span class="detail" hidden={!props.is_selected}>
                    { texts.with_wallet(method).get("method_detail") }
                </span>
            }
        </label>
    }
}
