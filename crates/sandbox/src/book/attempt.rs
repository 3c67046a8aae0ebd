//! Tries to notify the merchant.

use serde::Serialize;
use time::OffsetDateTime;

use crate::clock;

/// One try to notify the merchant.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Attempt {
    /// Counts from 1.
    pub(crate) number: usize,
    /// RFC 3339, real time.
    pub(crate) at: String,
    pub(crate) outcome: Outcome,
    /// The merchant's HTTP status, if there was an answer.
    pub(crate) http_status: Option<u16>,
    /// The beginning of the merchant's answer, to see near misses such as `"success"` in quotes.
    pub(crate) reply: Option<String>,
}

/// The outcome of a try to notify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Acknowledged: no more tries.
    Delivered,
    /// Answered, but not with what the gateway wants.
    Refused,
    /// No whole answer within five seconds.
    TimedOut,
    /// No connection.
    Unreachable,
    /// Lost on purpose: by the `drop_notifications` switch, or by chaos.
    Dropped,
}

impl Attempt {
    pub(crate) fn new(
        number: usize,
        outcome: Outcome,
        http_status: Option<u16>,
        reply: Option<String>,
    ) -> Self {
        Self { number, at: clock::api(OffsetDateTime::now_utc()), outcome, http_status, reply }
    }
}
