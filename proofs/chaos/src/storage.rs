//! Storage of a tab and of all tabs of a shopper, as the widget's `src/driver/storage.rs` uses it,
//! without a browser.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use checkout::Intent;
use contract::PaymentMethod;

/// A tab's own storage, and the one that all tabs share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Storage {
    own: Option<Intent>,
    has_left: bool,
    shared: Arc<Mutex<Option<Intent>>>,
}

impl Storage {
    /// Returns the storage of another tab that is opened beside this one: a duplicate has a copy of
    /// its own storage, too.
    pub(crate) fn of_new_tab(&self, is_duplicate: bool) -> Self {
        let own = self.own.clone().filter(|_| is_duplicate);
        let has_left = self.has_left && is_duplicate;
        Self { own, has_left, shared: Arc::clone(&self.shared) }
    }

    /// True if this tab went to a wallet's page, and has called no bridge since.
    pub(crate) const fn has_left(&self) -> bool {
        self.has_left
    }

    pub(crate) const fn mark_left(&mut self) {
        self.has_left = true;
    }

    pub(crate) const fn mark_back(&mut self) {
        self.has_left = false;
    }

    pub(crate) fn remembered(&self) -> Option<Intent> {
        self.own.clone().or_else(|| self.lock().clone())
    }

    /// Returns the key of the intent to pay with `payment_method`: another tab's, or else
    /// `fresh_key`.
    pub(crate) fn share(&self, payment_method: PaymentMethod, fresh_key: String) -> String {
        let mut shared = self.lock();
        if let Some(intent) = shared.as_ref().filter(|it| it.payment_method == payment_method) {
            return intent.key.clone();
        }
        *shared = Some(Intent { payment_method, key: fresh_key.clone() });
        fresh_key
    }

    pub(crate) fn remember(&mut self, intent: Intent) {
        *self.lock() = Some(intent.clone());
        self.own = Some(intent);
    }

    pub(crate) fn forget(&mut self) {
        let own = self.own.take();
        self.has_left = false;
        // Another tab may have stored a newer intent.
        let mut shared = self.lock();
        if *shared == own {
            *shared = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Intent>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
