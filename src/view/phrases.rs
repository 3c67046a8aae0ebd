//! Which words belong to what: texts chosen by code and state, amounts, the live region.

use checkout::{Checkout, Message, Notice, State};
use contract::{Amount, PaymentMethod};

use crate::text::Texts;

/// `¥128.00`: the currency's sign, or its code where it has none of its own.
pub(super) fn amount(amount: Amount) -> String {
    let sign = match amount.currency.as_str() {
        "CNY" | "JPY" => "¥",
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "HKD" => "HK$",
        "SGD" => "S$",
        "KRW" => "₩",
        _ => "",
    };
    let mut text = sign.to_owned();
    if sign.is_empty() {
        text.push_str(amount.currency.as_str());
        text.push('\u{a0}');
    }
    text.push_str(&amount.to_text());
    text
}

/// The key of the wallet's name.
pub(super) fn wallet_key(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Alipay => "alipay",
        PaymentMethod::WechatPay => "wechat_pay",
        PaymentMethod::Unknown => "wallet",
    }
}

/// The key of the name of the app that scans.
fn app_key(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Alipay => "alipay_app",
        PaymentMethod::WechatPay => "wechat_pay_app",
        PaymentMethod::Unknown => "wallet",
    }
}

/// The wallet that the screen is about.
pub(super) fn wallet(checkout: &Checkout) -> PaymentMethod {
    match checkout.state() {
        State::Guiding(guiding) => guiding.method,
        State::Starting(starting) => starting.method,
        State::Awaiting(awaiting) => awaiting.method,
        State::Confirming(confirming) => confirming.method,
        State::Closing(closing) => closing.method,
        _ => checkout
            .session()
            .and_then(|session| session.payment.as_ref())
            .map_or(PaymentMethod::Unknown, |payment| payment.payment_method),
    }
}

/// A text about the session: `{amount}`, `{merchant}`, `{wallet}` and `{app}` are filled in.
pub(super) fn fill(texts: &Texts, checkout: &Checkout, key: &str) -> String {
    let wallet = wallet(checkout);
    let session = checkout.session();
    let price = session.map_or_else(String::new, |session| amount(session.amount));
    texts.fill(
        key,
        &[
            ("amount", &price),
            ("merchant", session.map_or("", |session| &session.merchant_name)),
            ("wallet", &texts.get(wallet_key(wallet))),
            ("app", &texts.get(app_key(wallet))),
        ],
    )
}

pub(super) fn notice_key(notice: Notice) -> &'static str {
    match notice {
        Notice::ConnectionLost => "offline",
        Notice::StartFailed => "start_failed",
        Notice::MethodUnavailable => "method_unavailable",
        Notice::TooFast => "too_fast",
        Notice::NotPaidYet => "not_paid_yet",
        Notice::CancelFailed => "cancel_failed",
        Notice::RefreshFailed => "refresh_failed",
        Notice::CodeExpired => "code_expired",
        Notice::WalletUnavailable => "wallet_unavailable",
        Notice::AppNotOpened => "app_not_opened",
    }
}

/// What the live region says.
pub(crate) fn announcement(texts: &Texts, checkout: &Checkout, message: Message) -> String {
    let key = match message {
        Message::ChooseMethod => "choose",
        Message::Guided => "guide",
        Message::AppNotOpened => "app_not_opened",
        Message::Starting => "starting",
        Message::CodeShown => "qr_label",
        Message::CodeRefreshed => "code_refreshed",
        Message::Leaving => "leaving",
        Message::Confirming => "confirming",
        Message::NotPaidYet => "not_paid_yet",
        Message::Closing => "closing",
        Message::Succeeded => "succeeded_how",
        Message::Failed => "failed",
        Message::Expired => "expired",
        Message::Canceled => "canceled",
        Message::ConnectionLost => "offline",
        Message::MinutesLeft(count) => return count_text(texts, "minutes_left", count),
        Message::SecondsLeft(count) => return count_text(texts, "seconds_left", count),
        Message::Unavailable => "unavailable",
    };
    fill(texts, checkout, key)
}

fn count_text(texts: &Texts, key: &str, count: u8) -> String {
    let mut digits = String::with_capacity(3);
    push_number(&mut digits, u64::from(count), 1);
    texts.fill(key, &[("count", &digits)])
}

/// Appends a number with at least `width` digits.
pub(super) fn push_number(text: &mut String, number: u64, width: u32) {
    if number > 9 || width > 1 {
        push_number(text, number / 10, width.saturating_sub(1));
    }
    text.push(char::from(b'0' + u8::try_from(number % 10).unwrap_or(0)));
}

#[cfg(test)]
mod tests {
    use contract::Currency;

    use super::*;

    #[test]
    fn amounts_carry_their_currency() {
        let of = |value, code| amount(Amount { value, currency: Currency::parse(code).unwrap() });
        assert_eq!(of(12_800, "CNY"), "¥128.00");
        assert_eq!(of(5, "HKD"), "HK$0.05");
        assert_eq!(of(500, "JPY"), "¥500");
        assert_eq!(of(500, "MOP"), "MOP\u{a0}5.00");
    }

    #[test]
    fn numbers_have_at_least_their_width() {
        for (number, width, expected) in
            [(0, 1, "0"), (7, 2, "07"), (42, 1, "42"), (100, 2, "100"), (0, 2, "00")]
        {
            let mut text = String::new();
            push_number(&mut text, number, width);
            assert_eq!(text, expected);
        }
    }
}
