//! The selector: both wallets equal, native radio buttons, and the pay button.

use checkout::Selecting;
use contract::PaymentMethod;
use yew::prelude::*;

use super::element::{Does, Is, fixed, is, line, listening, now, plain, row, varying};
use super::phrases::{amount, wallet_key};
use super::{HEADING, Screen, icon};

pub(super) fn selector(screen: &Screen<'_>, selecting: &Selecting) -> Html {
    let options = screen.options;
    let methods = screen.checkout.methods();
    let rows =
        methods.iter().map(|method| choice_row(screen, *method, selecting.selected)).collect();
    let under = match selecting.selected.filter(|_| options.layout == "tabs") {
        Some(method) => line("p", &[("class", Is("detail"))], detail(screen, method)),
        None => Html::default(),
    };
    let layout = now(options.layout.clone());
    let choice = varying(
        "fieldset",
        &["part", "class", "data-layout"],
        [is("methods"), is("methods"), layout],
        row([
            line("legend", HEADING, screen.text("choose")),
            fixed("div", &[("class", Is("rows"))], rows),
            under,
        ]),
    );
    let hint =
        if screen.is_hinted { screen.hint(screen.text("choose_first")) } else { Html::default() };
    let pay = if options.read_only {
        screen.hint(screen.text("read_only"))
    } else if options.show_pay_button {
        let submit = &[("type", Is("submit")), ("part", Is("pay-button primary"))];
        line("button", submit, screen.fill("pay"))
    } else {
        Html::default()
    };
    let parts = row([screen.notice(selecting.notice), choice.into(), hint, pay]);
    let form = plain("form", &[("class", Is("selector")), ("novalidate", Is(""))], parts);
    listening(form, screen.link, Does::Pay)
}

fn choice_row(screen: &Screen<'_>, method: PaymentMethod, selected: Option<PaymentMethod>) -> Html {
    let is_selected = selected == Some(method);
    let mut radio = varying(
        "input",
        &["type", "name", "value", "disabled"],
        [
            is("radio"),
            is("payment-method"),
            is(method.as_str()),
            if screen.options.read_only { is("") } else { None },
        ],
        Vec::new(),
    );
    radio.set_checked(is_selected);
    let under = if is_selected && screen.options.layout == "accordion" {
        line("span", &[("class", Is("detail"))], detail(screen, method))
    } else {
        Html::default()
    };
    let parts = row([
        listening(radio, screen.link, Does::Pick(method)),
        icon::mark(method),
        line("span", &[("class", Is("name"))], screen.text(wallet_key(method))),
        under,
    ]);
    // A page that styles `::part(selected)` reaches the picked one.
    let part = if is_selected { "method selected" } else { "method" };
    let values = [is(part), is("method")];
    let mut row = varying("label", &["part", "class"], values, parts);
    row.key = Some(method.as_str().into());
    row.into()
}

/// What will happen with the wallet that is picked.
fn detail(screen: &Screen<'_>, method: PaymentMethod) -> String {
    let wallet = screen.text(wallet_key(method));
    let price =
        screen.checkout.session().map_or_else(String::new, |session| amount(session.amount));
    screen.texts.fill("method_detail", &[("wallet", &wallet), ("amount", &price)])
}
