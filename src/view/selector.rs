//! The selector: both wallets equal, native radio buttons, and the pay button.
//!
//! It is drawn at build time as well, see [`crate::prerender`]; the loader and the stylesheet rely
//! on its elements, parts, classes and `data-slot` attributes. Its form leads to the hosted page
//! with the wallet chosen where neither this module nor a script runs.

use checkout::{Event, Notice};
use contract::PaymentMethod;
use yew::prelude::*;

use super::icon::mark;
use super::parts::{hint, notice};
use crate::options::Layout;
use crate::texts::{Texts, use_texts, wallet_key};

#[derive(PartialEq, Properties)]
pub(crate) struct SelectorProps {
    /// The wallets, in their order.
    pub(crate) methods: Vec<PaymentMethod>,
    pub(crate) selected: Option<PaymentMethod>,
    pub(crate) notice: Option<Notice>,
    pub(crate) layout: Layout,
    pub(crate) is_read_only: bool,
    pub(crate) has_pay_button: bool,
    /// True if "pay" was pressed and the payment is starting.
    pub(crate) is_busy: bool,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
}

/// Draws the selector.
#[component]
pub(crate) fn Selector(props: &SelectorProps) -> Html {
    let texts = use_texts();
    let onsubmit = props.on_event.reform(|event: SubmitEvent| {
        event.prevent_default();
        Event::PayRequested
    });
    // Shown below the button, where the shopper has just pressed.
    let (above, below) = match props.notice {
        Some(Notice::ChooseFirst) => (None, props.notice),
        notice => (notice, None),
    };
    html! {
        <form
            class="selector"
            method="get"
            target="_top"
            action={props.hosted_url.clone()}
            novalidate=true
            {onsubmit}
        >
            { notice(&texts, above) }
            <fieldset part="methods" class="methods" data-layout={props.layout.name()}>
                <legend part="heading" class="heading" tabindex="-1" data-heading="">
                    { texts.get("choose") }
                </legend>
                <div class="rows">
                    for method in props.methods.iter().copied() {
                        { wallet_row(props, &texts, method) }
                    }
                </div>
                if props.layout == Layout::Tabs {
                    for method in props.methods.iter().copied() {
                        <p
                            key={method.as_str()}
                            class="detail"
                            data-method={method.as_str()}
                            hidden={props.selected != Some(method)}
                        >
                            { texts.with_wallet(method).get("method_detail") }
                        </p>
                    }
                }
            </fieldset>
            { notice(&texts, below) }
            if props.is_read_only {
                { hint(texts.get("read_only")) }
            } else if props.has_pay_button {
                { pay_button(&texts, props.is_busy) }
            }
        </form>
    }
}

/// Draws a radio button with the wallet's mark, its name, and the detail of the picked one.
fn wallet_row(props: &SelectorProps, texts: &Texts, method: PaymentMethod) -> Html {
    let is_selected = props.selected == Some(method);
    let onchange = props.on_event.reform(move |_| Event::Selected(method));
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
                disabled={props.is_read_only || (props.is_busy && !is_selected)}
                {onchange}
            />
            { mark(method) }
            <span class="name">{ texts.get(wallet_key(Some(method))) }</span>
            if props.layout == Layout::Accordion {
                <span class="detail" hidden={!is_selected}>
                    { texts.with_wallet(method).get("method_detail") }
                </span>
            }
        </label>
    }
}

fn pay_button(texts: &Texts, is_busy: bool) -> Html {
    let part = if is_busy { "pay-button primary busy" } else { "pay-button primary" };
    html! {
        <button type="submit" {part} data-slot="pay" aria-busy={is_busy.then_some("true")}>
            { texts.get("pay") }
        </button>
    }
}
