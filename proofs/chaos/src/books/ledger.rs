//! The contents of the books.

use std::collections::BTreeMap;

use crate::console::NUMBER_PREFIX;

/// The backend's book.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) sessions: BTreeMap<String, SessionEntry>,
    /// The events for the merchant's systems, oldest first.
    pub(crate) events: Vec<EventEntry>,
}

/// An event for the merchant's systems.
#[derive(Clone, Debug)]
pub(crate) struct EventEntry {
    pub(crate) id: String,
    pub(crate) session_id: String,
    pub(crate) payload: String,
    pub(crate) is_done: bool,
}

/// A session, with its payments.
#[derive(Clone, Debug)]
pub(crate) struct SessionEntry {
    pub(crate) id: String,
    pub(crate) order_id: String,
    pub(crate) status: String,
    pub(crate) amount_fen: i64,
    pub(crate) payments: Vec<PaymentEntry>,
}

/// A payment, with its refunds.
#[derive(Clone, Debug)]
pub(crate) struct PaymentEntry {
    pub(crate) id: String,
    pub(crate) out_trade_no: String,
    pub(crate) method: String,
    pub(crate) product: String,
    pub(crate) status: String,
    pub(crate) amount_fen: i64,
    pub(crate) transaction_id: Option<String>,
    pub(crate) refunds: Vec<RefundEntry>,
}

/// Money that the backend sent back, or means to, or that others sent back.
#[derive(Clone, Debug)]
pub(crate) struct RefundEntry {
    pub(crate) id: String,
    /// Its number at the gateway.
    pub(crate) number: String,
    pub(crate) amount_fen: i64,
    pub(crate) reason: String,
    pub(crate) status: String,
}

/// An order in a gateway's book.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) wallet: String,
    pub(crate) out_trade_no: String,
    pub(crate) state: String,
    pub(crate) amount_fen: i64,
    pub(crate) transaction_id: Option<String>,
    /// The sum of all captures.
    pub(crate) captured_fen: i64,
    pub(crate) refunds: Vec<OrderRefund>,
}

/// A refund in a gateway's book.
#[derive(Clone, Debug)]
pub(crate) struct OrderRefund {
    pub(crate) number: String,
    pub(crate) amount_fen: i64,
    pub(crate) state: String,
}

impl Order {
    /// The sum of the refunds that succeeded.
    pub(crate) fn refunded_fen(&self) -> i64 {
        let done = self.refunds.iter().filter(|refund| refund.is_done());
        done.map(|refund| refund.amount_fen).sum()
    }

    pub(crate) const fn is_captured(&self) -> bool {
        self.captured_fen > 0
    }

    /// Captured, and the backend asked for none of it back.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_captured() && self.refunds.iter().all(OrderRefund::is_of_console)
    }
}

impl OrderRefund {
    /// True if staff made it in the wallet's console.
    pub(crate) fn is_of_console(&self) -> bool {
        self.number.starts_with(NUMBER_PREFIX)
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == "SUCCESS"
    }
}

impl RefundEntry {
    /// True if the backend has it as made by others.
    pub(crate) fn is_made_elsewhere(&self) -> bool {
        self.reason == "made_elsewhere"
    }
}
