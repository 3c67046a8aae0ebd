//! Money as text: read exactly or refused, and a written amount is read again as equal.

use contract::{Amount, Currency};
use gateways::Fen;

use crate::input::Input;
use crate::reference::minor_units;

pub(crate) const WORDS: &[&str] = &[
    "10000000000.00",
    "10000000000.01",
    "92233720368547758.07",
    "92233720368547758.08",
    "0.01",
    "00",
    ".",
    "-",
    "+",
    "e2",
    "１",
    ",",
    "9999999999999999999",
];

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let code = input.pick(&["CNY", "CNY", "JPY", "ZZZ"]);
    let currency = Currency::parse(code).expect("three letters");
    if input.one_in(4) {
        written(input.i64(), currency);
    } else if let Ok(text) = core::str::from_utf8(input.rest()) {
        read(text, currency);
    }
}

fn read(text: &str, currency: Currency) {
    let expected = currency.exponent().and_then(|decimals| minor_units(text, decimals));
    let amount = Amount::parse(text, currency);
    assert_eq!(amount.map(|amount| amount.value).ok(), expected, "{text:?} in {currency:?}");
    if let Ok(amount) = amount {
        assert_eq!(amount.currency, currency);
        written(amount.value, currency);
    }
    // Alipay never writes superfluous zeros, so a text with one must be refused.
    let is_plain = !text.starts_with('0') || text == "0" || text.starts_with("0.");
    let expected = minor_units(text, 2).filter(|value| is_plain && *value <= Fen::MAX);
    assert_eq!(Fen::from_yuan(text).map(Fen::value).ok(), expected, "{text:?} in yuan");
    let is_code = text.len() == 3 && text.chars().all(|letter| letter.is_ascii_uppercase());
    assert_eq!(Currency::parse(text).is_some(), is_code, "{text:?} as a currency");
}

fn written(value: i64, currency: Currency) {
    let amount = Amount { value, currency };
    let text = amount.to_text();
    let (sign, magnitude) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    let expected = match currency.exponent() {
        Some(2) => format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100),
        _ => format!("{sign}{magnitude}"),
    };
    assert_eq!(text, expected, "{value} {currency:?}");
    if value >= 0 && currency.exponent().is_some() {
        assert_eq!(Amount::parse(&text, currency), Ok(amount));
    }
    assert_eq!(Fen::new(value).is_some(), (0..=Fen::MAX).contains(&value));
    if let Some(fen) = Fen::new(value) {
        assert_eq!(Fen::from_yuan(&fen.to_yuan()), Ok(fen));
    }
}
