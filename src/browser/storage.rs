//! Storage that outlives a reload and is shared by the shopper's tabs: the intent to pay.
//!
//! Each tab keeps its intent in `sessionStorage`, by session. A copy in `localStorage` lets
//! another tab, or a later one, continue under the same idempotency key; it is read and written
//! under the tab lock, see [`share_key`]. Storage may be missing, full, forbidden or hold
//! anything; the checkout then works without it, and the backend still keeps to one payment.

use checkout::Intent;
use contract::PaymentMethod;
use web_sys::Storage;

const INTENT: &str = "opencashier.intent.";
/// Set when the page leaves for a gateway; `hasReturned()` in `www/` reads it.
const LEFT: &str = "opencashier.left.";

/// Returns this tab's intent, or else the one of another tab.
pub(crate) fn stored_intent(session_id: &str) -> Option<Intent> {
    read(tab_storage(), session_id).or_else(|| read(shared_storage(), session_id))
}

/// Returns the key of the intent to pay with `payment_method`: another tab's if there is one, else
/// `fresh_key`, which the other tabs find from now on. Call it under the tab lock.
pub(crate) fn share_key(
    session_id: &str,
    payment_method: PaymentMethod,
    fresh_key: String,
) -> String {
    let known = read(shared_storage(), session_id);
    if let Some(intent) = known.filter(|intent| intent.payment_method == payment_method) {
        return intent.key;
    }
    let intent = Intent { payment_method, key: fresh_key };
    write(shared_storage(), session_id, &intent);
    intent.key
}

/// Stores the intent for this tab and the others.
pub(crate) fn remember(session_id: &str, intent: &Intent) {
    write(tab_storage(), session_id, intent);
    write(shared_storage(), session_id, intent);
}

/// Notes that this tab leaves for a wallet's page.
pub(crate) fn mark_left(session_id: &str) {
    if let Some(storage) = tab_storage() {
        storage.set_item(&name(LEFT, session_id), "1").ok();
    }
}

/// True if this tab left for a wallet's page and has called no bridge since.
pub(crate) fn has_left(session_id: &str) -> bool {
    let item = tab_storage().and_then(|storage| storage.get_item(&name(LEFT, session_id)).ok()?);
    item.is_some()
}

/// Notes that the shopper is back.
pub(crate) fn mark_back(session_id: &str) {
    remove(tab_storage(), &name(LEFT, session_id));
}

/// Removes `intent`, which has ended, from this tab and from the others.
pub(crate) fn forget(session_id: &str, intent: Option<&Intent>) {
    remove(tab_storage(), &name(INTENT, session_id));
    mark_back(session_id);
    // Another tab may have a newer one by now.
    if read(shared_storage(), session_id).as_ref() == intent {
        remove(shared_storage(), &name(INTENT, session_id));
    }
}

fn read(storage: Option<Storage>, session_id: &str) -> Option<Intent> {
    let text = storage?.get_item(&name(INTENT, session_id)).ok()??;
    let (method, key) = text.split_once(' ')?;
    let payment_method = PaymentMethod::parse(method);
    let is_key = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let is_known = payment_method != PaymentMethod::Unknown;
    (is_known && is_key).then(|| Intent { payment_method, key: key.to_owned() })
}

fn write(storage: Option<Storage>, session_id: &str, intent: &Intent) {
    let text = format!("{} {}", intent.payment_method.as_str(), intent.key);
    if let Some(storage) = storage {
        storage.set_item(&name(INTENT, session_id), &text).ok();
    }
}

fn remove(storage: Option<Storage>, name: &str) {
    if let Some(storage) = storage {
        storage.remove_item(name).ok();
    }
}

/// This tab's storage, which a reload keeps.
fn tab_storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// The storage of all tabs of the origin.
fn shared_storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn name(kind: &str, session_id: &str) -> String {
    format!("{kind}{session_id}")
}
