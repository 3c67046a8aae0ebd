//! The selector: both wallets equal, native radio buttons, and the pay button.
//!
//! It is drawn at build time as well, see [`crate::prerender`]; the loader and the stylesheet rely
//! on its elements, parts, classes and `data-slot` attributes. Its form leads to the hosted page
//! with the wallet chosen where neither this module nor a script runs.

use checkout::{Event, Notice, RowHint};
use contract::PaymentMethod;
use yew::prelude::*;

use super::icon::mark;
use super::parts::{heading, hint, notice};
use super::starting::{Progress, pay_cover, slow_start, start_line};
use crate::options::Layout;
use crate::texts::{Texts, wallet_key};

/// The id of the line that asks to pick a wallet.
const CHOOSE_FIRST_ID: &str = "choose-first";

/// The data of the selector.
pub(crate) struct SelectorInput<'a> {
    /// The wallets, in their order.
    pub(crate) methods: Vec<PaymentMethod>,
    /// The hint in the row of a wallet, for those that have one.
    pub(crate) hints: Vec<(PaymentMethod, RowHint)>,
    pub(crate) selected: Option<PaymentMethod>,
    pub(crate) notice: Option<Notice>,
    pub(crate) layout: Layout,
    pub(crate) is_read_only: bool,
    pub(crate) has_pay_button: bool,
    pub(crate) progress: Progress,
    pub(crate) hosted_url: Option<&'a AttrValue>,
    pub(crate) on_event: &'a Callback<Event>,
}

/// Draws the selector. The detail of a wallet is true on every device: the prerendered selector does
/// not know which one it is on.
pub(crate) fn selector(texts: &Texts, input: &SelectorInput<'_>) -> Html {
    let onsubmit = input.on_event.reform(|event: SubmitEvent| {
        event.prevent_default();
        Event::PayRequested
    });
    let can_switch = input.methods.len() > 1;
    let is_pick_missing = input.notice == Some(Notice::ChooseFirst);
    html! {
        <form
            class="selector"
            method="get"
            target="_top"
            action={input.hosted_url.cloned()}
            novalidate=true
            {onsubmit}
        >
            if !is_pick_missing {
                { notice(texts, input.notice) }
            }
            <fieldset
                part="methods"
                class="methods"
                data-layout={input.layout.name()}
                role="radiogroup"
                aria-required="true"
                aria-invalid={is_pick_missing.then_some("true")}
                aria-describedby={is_pick_missing.then_some(CHOOSE_FIRST_ID)}
            >
                <legend>{ heading(texts.get("choose")) }</legend>
                <div class="rows">
                    for method in input.methods.iter().copied() {
                        { wallet_row(input, texts, method) }
                    }
                </div>
                if input.layout == Layout::Tabs {
                    for method in input.methods.iter().copied() {
                        <p
                            key={method.as_str()}
                            class="detail"
                            data-method={method.as_str()}
                            hidden={input.selected != Some(method)}
                        >
                            { texts.with_wallet(method).get("method_detail") }
                        </p>
                    }
                }
            </fieldset>
            if is_pick_missing {
                // Above the button, where the shopper has just pressed.
                <p id={CHOOSE_FIRST_ID} part="notice" class="notice">
                    { texts.get("choose_first") }
                </p>
            }
            if input.is_read_only {
                { hint(texts.get("read_only")) }
            } else if input.has_pay_button {
                { pay_button(input.progress, texts) }
            }
            if input.progress.is_starting() && !input.has_pay_button {
                { start_line(texts) }
            }
            if input.progress.is_slow() {
                { slow_start(texts, can_switch, input.hosted_url, input.on_event) }
            }
        </form>
    }
}

/// Draws a radio button with the wallet's mark, its name, and the detail of the picked one.
fn wallet_row(input: &SelectorInput<'_>, texts: &Texts, method: PaymentMethod) -> Html {
    let is_selected = input.selected == Some(method);
    let onchange = input.on_event.reform(move |_| Event::Selected(method));
    // A page that styles `::part(selected)` reaches the picked one.
    let part = if is_selected { "method selected" } else { "method" };
    html! {
        <label key={method.as_str()} {part} class="method" data-method={method.as_str()}>
            <input
                type="radio"
                name="wallet"
                value={method.as_str()}
                checked={is_selected}
                // The picked one keeps the keyboard's focus while a payment is starting.
                disabled={input.is_read_only || (input.progress.is_busy() && !is_selected)}
                {onchange}
            />
            { mark(method) }
            <span class="name">{ texts.get(wallet_key(Some(method))) }</span>
            for (_, hint) in input.hints.iter().filter(|(of, _)| *of == method) {
                <span class="hint">{ texts.get(hint_key(*hint)) }</span>
            }
            if input.layout == Layout::Accordion {
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

fn pay_button(progress: Progress, texts: &Texts) -> Html {
    let is_busy = progress.is_busy();
    let part = if is_busy { "pay-button primary busy" } else { "pay-button primary" };
    html! {
        <button type="submit" {part} data-slot="pay" aria-busy={is_busy.then_some("true")}>
            { texts.get("pay") }
            { pay_cover(progress, texts) }
        </button>
    }
}
