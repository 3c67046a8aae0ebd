use time::OffsetDateTime;

use super::{Limit, Order};
use crate::Fen;

fn check(description: &str, forbidden: &[char], limit: Limit, expected: &str) {
    let order = Order {
        out_trade_no: "ORDER_0001".to_owned(),
        amount: Fen::new(1).unwrap(),
        description: description.to_owned(),
        expires_at: OffsetDateTime::UNIX_EPOCH,
        notify_url: String::new(),
        return_url: None,
        quit_url: None,
        reference: None,
    };
    assert_eq!(order.title(forbidden, limit), expected);
}

#[test]
fn a_title_is_cut_between_characters() {
    check(&"店".repeat(43), &[], Limit::Bytes(127), &"店".repeat(42));
    check(&"a".repeat(128), &[], Limit::Bytes(127), &"a".repeat(127));
    check(&"店".repeat(257), &[], Limit::Chars(256), &"店".repeat(256));
}

#[test]
fn a_title_has_nothing_that_the_gateway_refuses() {
    check("A/B=C&D\n", &['/', '=', '&'], Limit::Chars(256), "ABCD");
    check("A/B", &[], Limit::Bytes(127), "A/B");
}

#[test]
fn an_empty_title_becomes_the_order_number() {
    check(" /= ", &['/', '='], Limit::Chars(256), "ORDER_0001");
}
