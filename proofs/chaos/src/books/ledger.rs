//! The entries of the books.

pub(crate) use merchant_test_support::records::{
    PaymentEntry, Records as Ledger, RefundEntry, SessionEntry,
};

use crate::console::NUMBER_PREFIX;

/// An order in a gateway's books.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) wallet: String,
    pub(crate) out_trade_no: String,
    pub(crate) state: String,
    pub(crate) amount_fen: i64,
    pub(crate) transaction_id: Option<String>,
    /// Returns the sum of all captures.
    pub(crate) captured_fen: i64,
    pub(crate) refunds: Vec<OrderRefund>,
}

/// A refund in a gateway's books.
#[derive(Clone, Debug)]
pub(crate) struct OrderRefund {
    pub(crate) number: String,
    pub(crate) amount_fen: i64,
    pub(crate) state: String,
}

impl Order {
    /// Returns the sum of the refunds that succeeded.
    pub(crate) fn refunded_fen(&self) -> i64 {
        let done = self.refunds.iter().filter(|refund| refund.is_done());
        done.map(|refund| refund.amount_fen).sum()
    }

    pub(crate) const fn is_captured(&self) -> bool {
        self.captured_fen > 0
    }

    /// True if it was captured, and the backend requested no refund of it.
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
