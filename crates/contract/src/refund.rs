//! Money that goes back to the payer.

use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;
use crate::{Amount, Timestamp, strict};

open_enum! {
    /// How a refund stands.
    RefundStatus {
        /// Owed or under way; the gateway has not confirmed it.
        Pending = "pending",
        /// The gateway says that the money went back.
        Succeeded = "succeeded",
        /// The gateway refuses it for good: the merchant must act.
        Failed = "failed",
    }
}

open_enum! {
    /// Why money goes back.
    RefundReason {
        /// By itself: another payment of the same session is kept.
        Duplicate = "duplicate",
        /// By itself: captured after its session had ended.
        Late = "late",
        /// By itself: captured although its session was called off.
        SessionCanceled = "session_canceled",
        /// The merchant asked for it.
        RequestedByMerchant = "requested_by_merchant",
        /// Made in the wallet's own console, or by another system of the merchant's.
        MadeElsewhere = "made_elsewhere",
    }
}

/// A refund, as the merchant's own servers see it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub struct Refund {
    /// `re_…`.
    pub id: String,
    /// The session that was paid.
    pub session_id: String,
    /// The payment whose money goes back.
    pub payment_id: String,
    /// How much goes back.
    pub amount: Amount,
    /// Why.
    pub reason: RefundReason,
    /// The merchant's own words for it, which the payer reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
    /// How it stands.
    pub status: RefundStatus,
    /// Why it failed, as the gateway's code. For the merchant only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// When it was decided.
    pub created_at: Timestamp,
}

/// The body of `POST /v1/refunds`, from the merchant's own server. Unknown members are refused: a
/// misspelt `amount` would give back everything.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
#[serde(deny_unknown_fields)]
pub struct CreateRefund {
    /// The payment whose money goes back.
    pub payment_id: String,
    /// How much; what is left of the payment where absent. `null` is refused.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_amount"
    )]
    pub amount: Option<Amount>,
    /// Why, in words that the payer reads in the wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
