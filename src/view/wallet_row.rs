//! A wallet in the selector.

use checkout::{Event, RowHint};
use contract::PaymentMethod;
use yew::prelude::*;

use super::parts::{Icon, IconKind};
use crate::texts::{use_texts, wallet_key};

#[derive(PartialEq, Properties)]
pub(super) struct WalletRowProps {
    pub(super) method: PaymentMethod,
    pub(super) hint: Option<RowHint>,
    pub(super) is_selected: bool,
    pub(super) is_disabled: bool,
    /// The row has the wallet's detail, which is shown while it is picked.
    pub(super) has_detail: bool,
    pub(super) on_event: Callback<Event>,
}

/// Draws a radio button with the wallet's mark, its name, and the detail of the picked one.
#[component]
pub(super) fn WalletRow(props: &WalletRowProps) -> Html {
    let texts = use_texts();
    let WalletRowProps { method, is_selected, .. } = *props;
    let onchange = props.on_event.reform(move |_| Event::Selected(method));
    // A page that styles `::part(selected)` reaches the picked one.
    let part = if is_selected { "method selected" } else { "method" };
    html! {
        <label {part} class="method" data-method={method.as_str()}>
            <input
                type="radio"
                name="wallet"
                value={method.as_str()}
                checked={is_selected}
                disabled={props.is_disabled}
                {onchange}
            />
            <Icon kind={IconKind::Wallet(method)} />
            <span class="name">{ texts.get(wallet_key(Some(method))) }</span>
            if let Some(hint) = props.hint {
                <span class="hint">{ texts.get(hint_key(hint)) }</span>
            }
            if props.has_detail {
                <span class="detail" hidden={!is_selected}>
                    { texts.with_wallet(method).get("method_detail") }
                </span>
            }
        </label>
    }
}

/// Returns the key of a hint's text.
const fn hint_key(hint: RowHint) -> &'static str {
    match hint {
        RowHint::OpensHere => "opens_here",
        RowHint::OpensInBrowser => "opens_in_browser",
        RowHint::TakesOtherPhone => "takes_other_phone",
    }
}
