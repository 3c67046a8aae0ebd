//! The selector: both wallets equal, native radio buttons, and the pay button.

use checkout::{Event, Selecting};
use contract::PaymentMethod;
use yew::prelude::*;

use super::words::{amount, wallet_key};
use super::{Screen, icon};
use crate::app::Msg;

pub(super) fn selector(screen: &Screen<'_>, selecting: &Selecting) -> Html {
    let onsubmit = screen.link.callback(|event: SubmitEvent| {
        event.prevent_default();
        Msg::Confirm
    });
    let methods = screen.checkout.methods();
    html! {
        <form class="selector" novalidate=true {onsubmit}>
            { screen.notice(selecting.notice) }
            <fieldset part="methods" class="methods" data-layout={screen.options.layout.clone()}>
                <legend part="heading" class="heading" tabindex="-1" data-heading="">
                    { screen.text("choose") }
                </legend>
                <div class="rows">
                    { for methods.iter().map(|method| row(screen, *method, selecting.selected)) }
                </div>
                if screen.options.layout == "tabs" {
                    if let Some(method) = selecting.selected {
                        <p class="detail">{ detail(screen, method) }</p>
                    }
                }
            </fieldset>
            if screen.is_hinted {
                { screen.hint(screen.text("choose_first")) }
            }
            if screen.options.read_only {
                { screen.hint(screen.text("read_only")) }
            } else if screen.options.show_pay_button {
                <button type="submit" part="pay-button primary">
                    { screen.fill("pay") }
                </button>
            }
        </form>
    }
}

fn row(screen: &Screen<'_>, method: PaymentMethod, selected: Option<PaymentMethod>) -> Html {
    let is_selected = selected == Some(method);
    let onchange = screen.link.callback(move |_: Event_| Msg::Happened(Event::Selected(method)));
    // A page that styles `::part(selected)` reaches the picked one.
    let part = if is_selected { "method selected" } else { "method" };
    html! {
        <label key={method.as_str()} {part} class="method">
            <input type="radio" name="payment-method" value={method.as_str()}
                checked={is_selected} disabled={screen.options.read_only} {onchange} />
            { icon::mark(method) }
            <span class="name">{ screen.text(wallet_key(method)) }</span>
            if is_selected && screen.options.layout == "accordion" {
                <span class="detail">{ detail(screen, method) }</span>
            }
        </label>
    }
}

/// What will happen with the wallet that is picked.
fn detail(screen: &Screen<'_>, method: PaymentMethod) -> String {
    let wallet = screen.text(wallet_key(method));
    let price =
        screen.checkout.session().map_or_else(String::new, |session| amount(session.amount));
    screen.texts.fill("method_detail", &[("wallet", &wallet), ("amount", &price)])
}

type Event_ = yew::Event;
