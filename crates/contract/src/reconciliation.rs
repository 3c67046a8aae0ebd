//! A day of a gateway's bill beside the backend's books.

use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;
use crate::{Amount, PaymentMethod, Timestamp};

open_enum! {
    /// What stands on a bill.
    BillEntry {
        /// Money that came in.
        Payment = "payment",
        /// Money that went back.
        Refund = "refund",
    }
}

open_enum! {
    /// How a bill and the books differ.
    BillDifference {
        /// It is on the bill, and not in the books.
        MissingHere = "missing_here",
        /// It is in the books, and not on the bill.
        MissingThere = "missing_there",
        /// Both have it, with other amounts.
        OtherAmount = "other_amount",
        /// Both have the number, but in the books it is not what the bill says: not captured, not
        /// refunded, or a refund where the bill has a payment.
        OtherKind = "other_kind",
        /// A row of the bill that cannot be read. Its `number` says which and why.
        Unreadable = "unreadable",
    }
}

/// One difference.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub struct Difference {
    /// How they differ.
    pub difference: BillDifference,
    /// What it is about.
    pub entry: BillEntry,
    /// The backend's number of the payment or refund at the gateway.
    pub number: String,
    /// `pay_…` or `re_…`, where the backend knows the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the books say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<Amount>,
    /// What the bill says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<Amount>,
    /// The gateway was asked, and the books now agree.
    pub repaired: bool,
}

/// What one gateway's bill of a day came to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub struct ReconciliationReport {
    /// Whose bill.
    pub payment_method: PaymentMethod,
    /// How many entries it has.
    pub lines: u32,
    /// How many of them the books have too, just so.
    pub matched: u32,
    /// How many have numbers that this backend never gives: other systems of the merchant's.
    pub foreign: u32,
    /// What differs.
    pub differences: Vec<Difference>,
    /// When it was drawn up.
    pub created_at: Timestamp,
}

/// The answer of `GET /v1/reconciliations/{date}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub struct Reconciliation {
    /// The day in China, `2026-11-28`.
    pub date: String,
    /// One report for each gateway whose bill was compared.
    pub reports: Vec<ReconciliationReport>,
}
