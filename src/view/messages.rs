//! The texts that belong to notices and announcements.

use checkout::{Checkout, Message, Notice, State};
use contract::PaymentMethod;

use crate::texts::Texts;

/// Returns the wallet that the screen is about.
pub(crate) fn wallet_of(checkout: &Checkout) -> PaymentMethod {
    match checkout.state() {
        State::Guiding(guiding) => guiding.method,
        State::Starting(starting) => starting.method,
        State::Awaiting(awaiting) => awaiting.method,
        State::Confirming(confirming) => confirming.method,
        State::Closing(closing) => closing.method,
        State::Loading
        | State::Selecting(_)
        | State::Succeeded
        | State::Failed { .. }
        | State::Expired
        | State::Canceled { .. }
        | State::Unavailable { .. } => {
            let payment = checkout.session().and_then(|session| session.payment.as_ref());
            payment.map_or(PaymentMethod::Unknown, |payment| payment.payment_method)
        }
    }
}

/// Returns the key of a notice's text.
pub(crate) const fn notice_key(notice: Notice) -> &'static str {
    match notice {
        Notice::ChooseFirst => "choose_first",
        Notice::ConnectionLost => "offline",
        Notice::ShopUnreachable => "shop_unreachable",
        Notice::ContinuedInOtherTab => "other_tab",
        Notice::StillOpen => "still_open",
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

/// Returns the text of the live region.
pub(crate) fn announcement(texts: &Texts, message: Message) -> String {
    let key = match message {
        Message::ChooseMethod => "choose",
        Message::Guided => "guide",
        Message::Notice(notice) | Message::CodeShown(Some(notice)) => notice_key(notice),
        Message::Starting => "starting",
        Message::CodeShown(None) => "qr_label",
        Message::CodeRefreshed => "code_refreshed",
        Message::Leaving => "leaving",
        Message::Confirming => "confirming",
        Message::Closing => "closing",
        Message::Succeeded => "succeeded_how",
        Message::Failed => "failed",
        Message::Expired => "expired",
        Message::Canceled => "canceled",
        Message::MinutesLeft(count) => return with_count(texts, "minutes_left", count),
        Message::SecondsLeft(count) => return with_count(texts, "seconds_left", count),
        Message::Unavailable => "unavailable",
    };
    let mut text = texts.get(key).to_string();
    if let Message::CodeShown(Some(_)) = message {
        text.push(' ');
        text.push_str(&texts.get("qr_label"));
    }
    text
}

fn with_count(texts: &Texts, key: &str, count: u8) -> String {
    texts.fill(key, &[("count", &count.to_string())]).to_string()
}
