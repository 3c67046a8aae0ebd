//! What outlives a reload, and what the tabs of one shopper share: the intent to pay.
//!
//! Each tab keeps its intent in `sessionStorage`, by session. A copy in `localStorage` lets
//! another tab, or the next one after this was killed, go on under the same idempotency key;
//! it is read and written in turn, see [`share`]. Storage may be missing, full, forbidden or
//! hold anything; the checkout then goes on without it, and the backend still keeps to one
//! payment.

use checkout::Intent;
use contract::PaymentMethod;
use web_sys::Storage;

use crate::host::window;

const INTENT: &str = "opencashier.intent.";
/// Set when the page leaves for a gateway; `hasReturned()` of the loader looks for it.
const LEFT: &str = "opencashier.left.";

/// This tab's intent, or else the one that another tab left or has.
pub(crate) fn remembered(session_id: &str) -> Option<Intent> {
    read(own(), session_id).or_else(|| read(shared(), session_id))
}

/// The intent to pay with `payment_method`: the other tabs', if one has it, under its key, and
/// else a new one under `fresh_key`, which they find from now on. Call it in turn.
pub(crate) fn share(session_id: &str, payment_method: PaymentMethod, fresh_key: String) -> String {
    let known = read(shared(), session_id);
    if let Some(intent) = known.filter(|intent| intent.payment_method == payment_method) {
        return intent.key;
    }
    let intent = Intent { payment_method, key: fresh_key };
    write(shared(), session_id, &intent);
    intent.key
}

pub(crate) fn remember(session_id: &str, intent: &Intent) {
    write(own(), session_id, intent);
    write(shared(), session_id, intent);
}

pub(crate) fn mark_left(session_id: &str) {
    if let Some(storage) = own() {
        storage.set_item(&name(LEFT, session_id), "1").ok();
    }
}

/// Whether this tab went to a wallet's page, and has called no bridge since.
pub(crate) fn has_left(session_id: &str) -> bool {
    own().is_some_and(|storage| storage.get_item(&name(LEFT, session_id)).ok().flatten().is_some())
}

/// The shopper is back, and signed in where it takes that.
pub(crate) fn mark_back(session_id: &str) {
    if let Some(storage) = own() {
        storage.remove_item(&name(LEFT, session_id)).ok();
    }
}

/// Forgets `intent`, which has ended, wherever it is kept.
pub(crate) fn forget(session_id: &str, intent: Option<&Intent>) {
    if let Some(storage) = own() {
        storage.remove_item(&name(INTENT, session_id)).ok();
    }
    mark_back(session_id);
    // Another tab may have a newer one by now.
    if let Some(storage) = shared()
        && read(shared(), session_id).as_ref() == intent
    {
        storage.remove_item(&name(INTENT, session_id)).ok();
    }
}

fn read(storage: Option<Storage>, session_id: &str) -> Option<Intent> {
    let text = storage?.get_item(&name(INTENT, session_id)).ok()??;
    let (method, key) = contract::split_once(&text, " ")?;
    let payment_method = PaymentMethod::parse(method);
    let is_key = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let is_known = payment_method != PaymentMethod::Unknown;
    (is_known && is_key).then(|| Intent { payment_method, key: key.to_owned() })
}

fn write(storage: Option<Storage>, session_id: &str, intent: &Intent) {
    let mut text = intent.payment_method.as_str().to_owned();
    text.push(' ');
    text.push_str(&intent.key);
    if let Some(storage) = storage {
        storage.set_item(&name(INTENT, session_id), &text).ok();
    }
}

/// This tab's, which a reload keeps.
fn own() -> Option<Storage> {
    window().session_storage().ok()?
}

/// All tabs'.
fn shared() -> Option<Storage> {
    window().local_storage().ok()?
}

fn name(kind: &str, session_id: &str) -> String {
    let mut name = kind.to_owned();
    name.push_str(session_id);
    name
}
