//! The selector: both wallets equal, native radio buttons, and the pay button.
//!
//! It is drawn at build time as well, see [`crate::prerender`]; the loader and the stylesheet rely
//! on its elements, parts, classes and `data-slot` attributes. Its form leads to the hosted page
//! with the wallet chosen where neither this module nor a script runs.

use checkout::{Event, Notice, RowHint};
use contract::PaymentMethod;
use yew::prelude::*;

use super::parts::{Heading, Hint, Link, NoticeLine, Spinner, SwitchButton};
use super::progress::Progress;
use super::wallet_row::WalletRow;
use crate::options::Layout;
use crate::texts::use_texts;

/// The id of the line that asks to pick a wallet.
const CHOOSE_FIRST_ID: &str = "choose-first";

#[derive(PartialEq, Properties)]
pub(crate) struct SelectorProps {
    /// The wallets in their order, each with the hint in its row.
    pub(crate) wallets: Vec<(PaymentMethod, Option<RowHint>)>,
    pub(crate) selected: Option<PaymentMethod>,
    pub(crate) notice: Option<Notice>,
    pub(crate) layout: Layout,
    pub(crate) is_read_only: bool,
    pub(crate) has_pay_button: bool,
    pub(crate) progress: Progress,
    pub(crate) hosted_url: Option<AttrValue>,
    pub(crate) on_event: Callback<Event>,
}

/// Draws the selector. The detail of a wallet is true on every device: the prerendered selector does
/// not know which one it is on.
#[component]
pub(crate) fn Selector(props: &SelectorProps) -> Html {
    let texts = use_texts();
    let SelectorProps { wallets, hosted_url, on_event, .. } = props;
    let SelectorProps { selected, notice, layout, progress, .. } = *props;
    let onsubmit = on_event.reform(|event: SubmitEvent| {
        event.prevent_default();
        Event::PayRequested
    });
    let is_busy = progress.is_busy();
    let is_pick_missing = notice == Some(Notice::ChooseFirst);
    html! {
        <form
            class="selector"
            method="get"
            target="_top"
            action={hosted_url}
            novalidate=true
            {onsubmit}
        >
            if !is_pick_missing {
                <NoticeLine {notice} />
            }
            <fieldset
                part="methods"
                class="methods"
                data-layout={layout.name()}
                role="radiogroup"
                aria-required="true"
                aria-invalid={is_pick_missing.then_some("true")}
                aria-describedby={is_pick_missing.then_some(CHOOSE_FIRST_ID)}
            >
                <legend><Heading text={texts.get("choose")} /></legend>
                <div class="rows">
                    for (method, hint) in wallets.iter().copied() {
                        <WalletRow
                            key={method.as_str()}
                            {method}
                            {hint}
                            is_selected={selected == Some(method)}
                            // The picked one keeps the keyboard's focus while a payment is starting.
                            is_disabled={props.is_read_only
                                || (is_busy && selected != Some(method))}
                            has_detail={layout == Layout::Accordion}
                            {on_event}
                        />
                    }
                </div>
                if layout == Layout::Tabs {
                    for (method, _) in wallets.iter().copied() {
                        <p
                            key={method.as_str()}
                            class="detail"
                            data-method={method.as_str()}
                            hidden={selected != Some(method)}
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
            if props.is_read_only {
                <Hint text={texts.get("read_only")} />
            } else if props.has_pay_button {
                <button
                    type="submit"
                    part={if is_busy { "pay-button primary busy" } else { "pay-button primary" }}
                    data-slot="pay"
                    aria-busy={is_busy.then_some("true")}
                >
                    { texts.get("pay") }
                    if progress.is_starting() {
                        // Seen only if the start takes more than a moment. Screen readers have it
                        // from the live region.
                        <span class="cover" aria-hidden="true">{ texts.get("starting") }</span>
                    }
                </button>
            }
            if progress.is_starting() && !props.has_pay_button {
                // Stands in for the pay button where the page has its own.
                <p class="waiting"><Spinner />{ texts.get("starting") }</p>
            }
            if progress.is_slow() {
                <div class="actions">
                    <Hint text={texts.get("starting_slow")} />
                    if wallets.len() > 1 {
                        <div class="ways-out"><SwitchButton {on_event} /></div>
                    }
                    <Link part="quiet" text={texts.get("hosted")} url={hosted_url} />
                </div>
            }
        </form>
    }
}
