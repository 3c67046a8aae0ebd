//! The bodies of webhooks: events for the merchant's own systems.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;
use crate::{Amount, PaymentMethod, PaymentStatus, Refund, SessionStatus, Timestamp};

open_enum! {
    /// The type of an event.
    WebhookType {
        /// A session is paid: deliver. The data is a [`SessionEvent`].
        SessionCompleted = "checkout.session.completed",
        /// A session expired unpaid, and never becomes complete. The data is a [`SessionEvent`].
        SessionExpired = "checkout.session.expired",
        /// A payment was refused; its session may still be paid. The data is a [`PaymentEvent`].
        PaymentFailed = "payment.failed",
        /// A refund was made, succeeded or failed. The data is a [`RefundEvent`].
        RefundUpdated = "refund.updated",
        /// A second or late capture has gone back. The data is a [`RefundEvent`].
        DuplicateRefunded = "payment.duplicate_refunded",
    }
}

/// The body of a webhook; its type determines `Data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Webhook{Data}"))]
pub struct WebhookEvent<Data> {
    /// The type.
    #[serde(rename = "type")]
    pub kind: WebhookType,
    /// The time of the event; the data has the state at that time.
    pub timestamp: Timestamp,
    /// The subject.
    pub data: Data,
}

/// A session that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SessionEvent {
    /// `cs_…`.
    pub id: String,
    /// The merchant's number of the order.
    pub order_id: String,
    /// `complete` or `expired`.
    pub status: SessionStatus,
    /// The price.
    pub amount: Amount,
    /// The merchant's own texts about the session, by name.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The payment that completed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<WebhookPayment>,
}

/// A payment that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PaymentEvent {
    /// `cs_…`.
    pub session_id: String,
    /// The merchant's number of the order.
    pub order_id: String,
    /// The payment.
    pub payment: WebhookPayment,
}

/// A refund that was made or has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RefundEvent {
    /// The merchant's number of the order.
    pub order_id: String,
    /// The refund.
    pub refund: Refund,
}

/// A payment in an event. Members that are not set are `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct WebhookPayment {
    /// `pay_…`.
    pub id: String,
    /// The wallet.
    pub payment_method: PaymentMethod,
    /// The status.
    pub status: PaymentStatus,
    /// The ordered amount.
    pub amount: Amount,
    /// Our number of the payment at the gateway.
    pub out_trade_no: String,
    /// The gateway's number, once it is paid.
    pub transaction_id: Option<String>,
    /// The time at which it was paid.
    pub paid_at: Option<Timestamp>,
    /// The reason of a failure, as a code of [`crate::code`].
    pub failure_code: Option<String>,
}
