//! A day of a gateway's bill, compared with the backend's books.

use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;
use crate::{Amount, PaymentMethod, Timestamp};

open_enum! {
    /// An entry of a bill.
    BillEntry {
        /// Money that came in.
        Payment = "payment",
        /// Money that went back.
        Refund = "refund",
    }
}

open_enum! {
    /// The kind of a difference between a bill and the books.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Difference {
    /// The kind of difference.
    pub difference: BillDifference,
    /// The entry.
    pub entry: BillEntry,
    /// The backend's number of the payment or refund at the gateway.
    pub number: String,
    /// `pay_…` or `re_…`, where the backend knows the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The amount in the books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<Amount>,
    /// The amount on the bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<Amount>,
    /// The gateway was asked, and the books now agree.
    pub repaired: bool,
}

/// The result for one gateway's bill of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReconciliationReport {
    /// The gateway's wallet.
    pub payment_method: PaymentMethod,
    /// The number of its entries.
    pub lines: u32,
    /// The number of entries that the books have too, with equal amounts.
    pub matched: u32,
    /// The number of entries of the merchant's other systems, by numbers this backend never uses.
    pub foreign: u32,
    /// The differences, those that are left before those that are repaired; a limited number.
    pub differences: Vec<Difference>,
    /// The number of further differences, which are not listed.
    #[serde(default)]
    pub further_differences: u32,
    /// The moment of the comparison.
    pub created_at: Timestamp,
}

/// The answer of `GET /v1/reconciliations/{date}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Reconciliation {
    /// The day in China, `2026-11-28`.
    pub date: String,
    /// One report for each gateway whose bill was compared.
    pub reports: Vec<ReconciliationReport>,
}
