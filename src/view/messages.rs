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
        Message::ChooseFirst => "choose_first",
        Message::Guided => "guide",
        Message::AppNotOpened => "app_not_opened",
        Message::Starting => "starting",
        Message::CodeShown => "qr_label",
        Message::ContinuedInOtherTab => {
            return format!("{} {}", texts.get("other_tab"), texts.get("qr_label"));
        }
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
        Message::ShopUnreachable => "shop_unreachable",
        Message::MinutesLeft(count) => return with_count(texts, "minutes_left", count),
        Message::SecondsLeft(count) => return with_count(texts, "seconds_left", count),
        Message::Unavailable => "unavailable",
    };
    texts.get(key).to_string()
}

fn with_count(texts: &Texts, key: &str, count: u8) -> String {
    texts.fill(key, &[("count", &count.to_string())]).to_string()
}
