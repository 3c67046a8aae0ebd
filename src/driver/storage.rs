//! What outlives a reload: the intent to pay, in `sessionStorage`, by session.
//!
//! Storage may be missing, full, forbidden or hold anything; the checkout then goes on
//! without it, and the backend still keeps to one payment.

use checkout::Intent;
use contract::PaymentMethod;
use web_sys::Storage;

const INTENT: &str = "opencashier.intent.";
/// Set when the page leaves for a gateway; `hasReturned()` of the loader looks for it.
const LEFT: &str = "opencashier.left.";

pub(crate) fn remembered(session_id: &str) -> Option<Intent> {
    let text = storage()?.get_item(&name(INTENT, session_id)).ok()??;
    let (method, key) = text.split_once(' ')?;
    let payment_method = PaymentMethod::parse(method);
    let is_key = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let is_known = payment_method != PaymentMethod::Unknown;
    (is_known && is_key).then(|| Intent { payment_method, key: key.to_owned() })
}

pub(crate) fn remember(session_id: &str, intent: &Intent) {
    let mut text = intent.payment_method.as_str().to_owned();
    text.push(' ');
    text.push_str(&intent.key);
    if let Some(storage) = storage() {
        storage.set_item(&name(INTENT, session_id), &text).ok();
    }
}

pub(crate) fn mark_left(session_id: &str) {
    if let Some(storage) = storage() {
        storage.set_item(&name(LEFT, session_id), "1").ok();
    }
}

pub(crate) fn forget(session_id: &str) {
    if let Some(storage) = storage() {
        storage.remove_item(&name(INTENT, session_id)).ok();
        storage.remove_item(&name(LEFT, session_id)).ok();
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

fn name(kind: &str, session_id: &str) -> String {
    let mut name = kind.to_owned();
    name.push_str(session_id);
    name
}
