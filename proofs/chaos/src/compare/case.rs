//! One session in all books, and the differences found in it.

use crate::books::{Order, PaymentEntry, SessionEntry};
use crate::shopper::Seen;

/// One session in all books.
pub(super) struct Case<'a> {
    pub(super) session: &'a SessionEntry,
    pub(super) payments: Vec<(&'a PaymentEntry, Option<&'a Order>)>,
    /// Its shoppers: two, if the shop returned the same session twice.
    pub(super) seen: Vec<&'a Seen>,
}

/// The differences found in one session.
#[derive(Default)]
pub(super) struct Found {
    pub(super) lines: Vec<String>,
    pub(super) stranded: u64,
    pub(super) made_elsewhere: u64,
}

impl Found {
    pub(super) fn check(&mut self, is_right: bool, sentence: impl FnOnce() -> String) {
        if !is_right {
            self.lines.push(sentence());
        }
    }
}
