//! Money that goes back to the payer.

use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;
use crate::{Amount, Timestamp, strict};

open_enum! {
    /// The status of a refund.
    RefundStatus {
        /// Owed or under way; the gateway has not confirmed it.
        Pending = "pending",
        /// The gateway says that the money went back.
        Succeeded = "succeeded",
        /// The gateway refused it permanently: the merchant must act.
        Failed = "failed",
    }
}

open_enum! {
    /// The reason of a refund.
    RefundReason {
        /// Automatic: another payment of the same session is kept.
        Duplicate = "duplicate",
        /// Automatic: captured after its session had ended.
        Late = "late",
        /// Automatic: captured although its session was canceled.
        SessionCanceled = "session_canceled",
        /// The merchant asked for it.
        RequestedByMerchant = "requested_by_merchant",
        /// Made in the wallet's own console, or by another system of the merchant's.
        MadeElsewhere = "made_elsewhere",
    }
}

/// A refund, as the merchant's own servers see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Refund {
    /// `re_…`.
    pub id: String,
    /// The session that was paid.
    pub session_id: String,
    /// The payment whose money goes back.
    pub payment_id: String,
    /// The amount that goes back.
    pub amount: Amount,
    /// The reason.
    pub reason: RefundReason,
    /// The merchant's own words for it, which the payer reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
    /// Its status.
    pub status: RefundStatus,
    /// The reason of its failure, as the gateway's code. For the merchant only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// The moment of the decision.
    pub created_at: Timestamp,
}

/// The body of `POST /v1/refunds`, from the merchant's own server. Unknown members are refused: a
/// misspelt `amount` would give back everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRefund {
    /// The payment whose money goes back.
    pub payment_id: String,
    /// The amount; all that is left of the payment where absent. `null` is refused.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_amount"
    )]
    #[cfg_attr(feature = "openapi", schemars(with = "strict::StrictAmount"))]
    pub amount: Option<Amount>,
    /// The reason, in words that the payer reads in the wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
