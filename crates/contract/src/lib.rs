//! The merchant API's types: session, payment, next action, amount, problem, webhook.
//!
//! Widget and backend both speak through this crate; nothing else defines the wire.
//! Types are flat and enums are plain strings: one tagged enum costs the widget 18 kB brotli.
//! [`read`] decodes any of them and names the member that is wrong.
//! Anything a newer server may add, an unknown field or enum value, still parses; what the
//! merchant's servers send must be known.
//! No I/O, no clock, no floats.

mod amount;
mod embed;
mod endpoint;
mod event;
mod event_stream;
mod ids;
mod list;
mod open_enum;
#[cfg(feature = "openapi")]
pub mod openapi;
mod payment;
mod problem;
mod read;
mod reconciliation;
mod refund;
mod session;
mod strict;
mod timestamp;
mod webhook;

pub use amount::{Amount, AmountError, Currency};
pub use embed::{EmbedAppearance, EmbedLayout, EmbedRequest, EmbedTheme};
pub use endpoint::{BrowserCall, EVENT_SESSION_UPDATED, IDEMPOTENCY_KEY_HEADER, SESSIONS_PATH};
pub use event::{DeliveryStatus, Event, EventDelivery, OrderRecord};
pub use event_stream::{EventStreamParser, EventTooLarge, StreamEvent};
pub use ids::{ClientSecret, ClientSecretError};
pub use list::List;
pub use payment::{
    Environment, Flow, NameValue, NextAction, NextActionType, Payment, PaymentMethod,
    PaymentMethodOption, PaymentStatus, StartPayment,
};
pub use problem::{ErrorType, PROBLEM_TYPE_PREFIX, Problem, code};
pub use read::{ReadError, read};
pub use reconciliation::{
    BillDifference, BillEntry, Difference, Reconciliation, ReconciliationReport,
};
pub use refund::{CreateRefund, Refund, RefundReason, RefundStatus};
pub use session::{CreateSession, PaymentRecord, Session, SessionCreated, SessionStatus};
pub use timestamp::{Timestamp, TimestampError};
pub use webhook::{
    PaymentEvent, RefundEvent, SessionEvent, WebhookEvent, WebhookPayment, WebhookType,
};

#[cfg(test)]
mod tests;
