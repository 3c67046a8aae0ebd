//! The selector: both wallets equal, native radio buttons, and the pay button.
//!
//! It is drawn at build time as well, see [`crate::prerender`]; the loader and the stylesheet rely
//! on its elements, parts, classes and `data-slot` attributes. Its form leads to the hosted page
//! with the wallet chosen where neither this module nor a script runs.

use checkout::{Event, Notice};
use contract::PaymentMethod;
use yew::prelude::*;

use super::parts::{Hint, NoticeLine};
use super::wallet_row::WalletRow;
use crate::options::Layout;
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct SelectorProps {
    /// The wallets, in their order.
    pub(crate) methods: Vec<PaymentMethod>,
    pub(crate) selected: Option<PaymentMethod>,
    pub(crate) notice: Option<Notice>,
    pub(crate) layout: Layout,
    pub(crate) is_read_only: bool,
    pub(crate) has_pay_button: bool,
    /// "Pay" was pressed and is being carried out.
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
    // Said where the shopper looks after the press.
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
            <NoticeLine notice={above} />
            <fieldset part="methods" class="methods" data-layout={props.layout.name()}>
                <legend part="heading" class="heading" tabindex="-1" data-heading="">
                    { texts.get("choose") }
                </legend>
                <div class="rows">
                    for method in props.methods.iter().copied() {
                        <WalletRow
                            key={method.as_str()}
                            {method}
                            is_selected={props.selected == Some(method)}
                            // The picked one keeps the keyboard's focus while the others are off.
                            is_disabled={
                                props.is_read_only
                                    || (props.is_busy && props.selected != Some(method))
                            }
                            has_detail={props.layout == Layout::Accordion}
                            on_event={&props.on_event}
                        />
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
            <NoticeLine notice={below} />
            if props.is_read_only {
                <Hint text={texts.get("read_only")} />
            } else if props.has_pay_button {
                <PayButton is_busy={props.is_busy} />
            }
        </form>
    }
}

#[derive(PartialEq, Properties)]
struct PayButtonProps {
    is_busy: bool,
}

#[component]
fn PayButton(props: &PayButtonProps) -> Html {
    let texts = use_texts();
    let part = if props.is_busy { "pay-button primary busy" } else { "pay-button primary" };
    html! {
        <button
            type="submit"
            {part}
            data-slot="pay"
            aria-busy={props.is_busy.then_some("true")}
        >
            { texts.get("pay") }
        </button>
    }
}
