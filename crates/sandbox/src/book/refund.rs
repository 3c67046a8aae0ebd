//! Refunds of one paid order, the same for both gateways (gateways.md A10, B5.4).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::attempt::Attempt;

/// All refunds of an order, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Refunds(Vec<Refund>);

/// One refund. Its number is the merchant's: a repeated number is the same refund.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    /// `out_refund_no` at WeChat Pay, `out_request_no` at Alipay.
    pub(crate) number: String,
    /// WeChat Pay's `refund_id`; Alipay gives none.
    pub(crate) id: Option<String>,
    /// In fen.
    pub(crate) amount: i64,
    /// The address that is notified of its end, if there is one.
    pub(crate) notify_url: Option<String>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) state: RefundState,
    /// The time of its end, by the sandbox's clock; `end` is the outcome.
    pub(crate) due: OffsetDateTime,
    pub(crate) end: RefundState,
    pub(crate) done_at: Option<OffsetDateTime>,
    /// The sum of the order's refunds after this one, in fen.
    pub(crate) sum_by_then: i64,
    pub(crate) attempts: Vec<Attempt>,
}

/// The state of a refund, in WeChat Pay's words. Alipay shows only `SUCCESS` (gateways.md B5.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum RefundState {
    Processing,
    #[default]
    Success,
    /// The buyer's account rejected it: the money stays at the gateway and stays reserved.
    Abnormal,
    /// Given up: no money moved and none is reserved.
    Closed,
}

impl Refunds {
    pub(crate) fn find(&self, number: &str) -> Option<&Refund> {
        self.0.iter().find(|refund| refund.number == number)
    }

    pub(crate) fn find_mut(&mut self, number: &str) -> Option<&mut Refund> {
        self.0.iter_mut().find(|refund| refund.number == number)
    }

    /// Stores a refund, in place of one that was closed under the same number.
    pub(crate) fn add(&mut self, refund: Refund) {
        self.0.retain(|known| known.number != refund.number);
        self.0.push(refund);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Refund> {
        self.0.iter()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the sum that has gone back to the buyer, in fen.
    pub(crate) fn refunded(&self) -> i64 {
        self.sum(|state| state == RefundState::Success)
    }

    /// Returns the sum that cannot be refunded again, in fen: sent back or on its way.
    pub(crate) fn reserved(&self) -> i64 {
        self.sum(|state| state != RefundState::Closed)
    }

    /// Ends the due refunds, in the order of their ends.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) {
        let mut sum = self.refunded();
        let mut ripe: Vec<&mut Refund> = self.0.iter_mut().filter(|one| one.due <= now).collect();
        ripe.retain(|refund| refund.state == RefundState::Processing);
        ripe.sort_by_key(|refund| refund.due);
        for refund in ripe {
            refund.state = refund.end;
            refund.done_at = Some(refund.due);
            if refund.state == RefundState::Success {
                sum = sum.saturating_add(refund.amount);
            }
            refund.sum_by_then = sum;
        }
    }

    /// Returns the time at which the next one ends.
    pub(crate) fn next_due(&self) -> Option<OffsetDateTime> {
        let waiting = self.0.iter().filter(|refund| refund.state == RefundState::Processing);
        waiting.map(|refund| refund.due).min()
    }

    fn sum(&self, counts: impl Fn(RefundState) -> bool) -> i64 {
        let counted = self.0.iter().filter(|refund| counts(refund.state));
        counted.fold(0, |sum, refund| sum.saturating_add(refund.amount))
    }
}

impl RefundState {
    /// WeChat Pay's name of the state, which the books use, too.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Success => "SUCCESS",
            Self::Abnormal => "ABNORMAL",
            Self::Closed => "CLOSED",
        }
    }
}
