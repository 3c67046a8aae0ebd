//! The events that were sent to the merchant's systems, and their deliveries.

use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;
use crate::{Refund, SessionCreated, Timestamp, WebhookType};

open_enum! {
    /// The status of the delivery of an event to an endpoint.
    DeliveryStatus {
        /// It is tried until it is accepted.
        Pending = "pending",
        /// The endpoint accepted it.
        Delivered = "delivered",
        /// It was not accepted for three days, or its endpoint is not configured any more.
        GivenUp = "given_up",
    }
}

/// An event, as the merchant's own servers see it. Its body is what the webhook had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Event {
    /// `msg_…`: the `webhook-id` of each delivery.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: WebhookType,
    /// The session that it is about.
    pub session_id: String,
    /// The moment of the event.
    pub created_at: Timestamp,
    /// Its delivery to each endpoint.
    pub deliveries: Vec<EventDelivery>,
}

/// The delivery of an event to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct EventDelivery {
    /// The endpoint's configured name.
    pub endpoint: String,
    /// Its status.
    pub status: DeliveryStatus,
    /// The number of tries that have begun.
    pub attempts: u32,
    /// The moment of the next try, while it is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    /// The moment at which it was accepted or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// All that is known about an order of the merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct OrderRecord {
    /// The merchant's number of the order.
    pub order_id: String,
    /// Its sessions with their payments, the newest first; at most a hundred.
    pub sessions: Vec<SessionCreated>,
    /// Its refunds, the oldest first.
    pub refunds: Vec<Refund>,
    /// Its events of the last days, the oldest first.
    pub events: Vec<Event>,
}
