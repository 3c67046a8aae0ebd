use super::*;

#[test]
fn placeholders_are_filled_once_and_unknown_ones_stay() {
    let value = |name: &str| match name {
        "amount" => Some("¥1.00"),
        "name" => Some("{amount}"),
        _ => None,
    };
    for (template, expected) in [
        ("", ""),
        ("Pay {amount}", "Pay ¥1.00"),
        ("{amount}{amount}", "¥1.00¥1.00"),
        ("{name} {other} {", "{amount} {other} {"),
        ("a } b {amount", "a } b {amount"),
    ] {
        assert_eq!(fill(template, value), expected, "{template:?}");
    }
}

#[test]
fn texts_carry_the_order_and_the_wallet() {
    let table = [
        ("pay", "Pay {amount} to {merchant} in {app} by {wallet}, {count}"),
        ("wallet", "your wallet"),
        ("alipay", "Alipay"),
        ("alipay_app", "the Alipay app"),
    ];
    let table = table.map(|(key, text)| (key.to_owned(), text.to_owned()));
    let texts = Texts::from(Vec::from(table)).with_order("¥1".into(), "Tea".into());
    let texts_of_alipay = texts.with_wallet(PaymentMethod::Alipay);
    assert_eq!(texts.get("pay"), "Pay ¥1 to Tea in your wallet by your wallet, {count}");
    assert_eq!(
        texts_of_alipay.fill("pay", &[("count", "2")]),
        "Pay ¥1 to Tea in the Alipay app by Alipay, 2"
    );
}
