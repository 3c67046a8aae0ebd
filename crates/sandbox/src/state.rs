//! The state of a running sandbox, which all handlers and notifications share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Keys;
use crate::book::Book;
use crate::certificate::Certificates;
use crate::chaos::Chaos;
use crate::clock::{self, Clock};
use crate::faults::Faults;
use crate::notifier::Notifier;

/// The state that all handlers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) keys: Keys,
    /// The address of the sandbox's own pages, without a slash at the end.
    pub(crate) base_url: String,
    pub(crate) merchant_name: String,
    book: Mutex<Book>,
    faults: Mutex<Faults>,
    chaos: Mutex<Chaos>,
    certificates: Mutex<Certificates>,
    pub(crate) clock: Clock,
    pub(crate) notifier: Notifier,
}

impl Shared {
    /// The state of a sandbox that has just begun to serve at `base_url`.
    pub(crate) fn new(
        keys: Keys,
        base_url: String,
        merchant_name: String,
        notifier: Notifier,
    ) -> Self {
        Self {
            keys,
            base_url,
            merchant_name,
            book: Mutex::default(),
            faults: Mutex::default(),
            chaos: Mutex::default(),
            certificates: Mutex::default(),
            clock: Clock::default(),
            notifier,
        }
    }

    /// The orders of both gateways. Never hold it over an await.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault switches. Never hold it over an await.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seconds since 1970 by the gateways' clocks, which a fault switch can set wrong.
    pub(crate) fn unix_now(&self) -> i64 {
        clock::unix_now().saturating_add(self.faults().clock_skew_s)
    }

    /// WeChat Pay's platform certificates. Never hold it over an await.
    pub(crate) fn certificates(&self) -> MutexGuard<'_, Certificates> {
        self.certificates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The seeded faults. Never hold it over an await, nor while taking another lock.
    pub(crate) fn chaos(&self) -> MutexGuard<'_, Chaos> {
        self.chaos.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
