//! The merchant API's types: session, payment, next action, amount, problem.
//!
//! Widget and backend both speak through this crate; nothing else defines the wire.
//! Types are flat and enums are plain strings, because derived decoders of nested
//! or tagged enums are what makes a Wasm widget heavy (measured: 18 kB brotli for one).
//! Anything a newer server may add, an unknown field or enum value, still parses; what the
//! merchant's servers send must be known.
//! No I/O, no clock, no floats.

mod amount;
mod endpoint;
mod ids;
mod list;
mod open_enum;
mod payment;
mod problem;
mod reconciliation;
mod refund;
mod session;
mod split;
mod strict;
mod timestamp;

pub use amount::{Amount, AmountError, Currency};
pub use endpoint::{BrowserCall, EVENT_SESSION_UPDATED, IDEMPOTENCY_KEY_HEADER, SESSIONS_PATH};
pub use ids::{ClientSecret, ClientSecretError};
pub use list::List;
pub use payment::{
    Environment, Flow, NameValue, NextAction, NextActionType, Payment, PaymentMethod,
    PaymentMethodOption, PaymentStatus, StartPayment,
};
pub use problem::{ErrorType, PROBLEM_TYPE_PREFIX, Problem, code};
pub use reconciliation::{
    BillDifference, BillEntry, Difference, Reconciliation, ReconciliationReport,
};
pub use refund::{CreateRefund, Refund, RefundReason, RefundStatus};
pub use session::{CreateSession, PaymentRecord, Session, SessionCreated, SessionStatus};
pub use split::split_once;
pub use timestamp::{Timestamp, TimestampError};

#[cfg(test)]
mod tests;
