//! Refunds, in types that both gateways share.

use time::OffsetDateTime;

use crate::order::require;
use crate::{Fen, GatewayError};

/// A refund of a part or all of a paid order. Store it: a repeated refund must be identical.
///
/// Both gateways take a repeated `out_refund_no` as the same refund and a new one as a further
/// refund (gateways.md A10, B5.4). So while the outcome is unknown, never change the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// The number of the paid order.
    pub out_trade_no: String,
    /// The merchant's number of this refund, unique per merchant. WeChat Pay: 1 to 64 of
    /// `0-9 A-Z a-z _ - | * @`; Alipay (`out_request_no`): 1 to 64 of `0-9 A-Z a-z _ -`.
    pub out_refund_no: String,
    /// The amount to refund, in fen: at least 1, at most `total`.
    pub amount: Fen,
    /// The price of the paid order in fen.
    pub total: Fen,
    /// The text that the payer reads. Cut to the length that the gateway accepts; left out if empty.
    pub reason: String,
    /// WeChat Pay: the address of the refund's notification; absolute, no query. Without it the
    /// merchant platform's default is used, in the old XML (gateways.md A8.1). Alipay ignores
    /// it and reports to the paid order's `notify_url` (gateways.md B9).
    pub notify_url: Option<String>,
}

/// The state of a refund at its gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// The gateway knows no such refund, or (Alipay) none that was executed. Send the identical
    /// refund, but not sooner than 10 s after the last try: Alipay may still be processing it
    /// (gateways.md B5.4).
    NotFound,
    /// Accepted and under way. Query later, a minute apart.
    Processing,
    /// The money went back.
    Succeeded,
    /// WeChat Pay closed this refund; no money moved. Another try needs a new number.
    Closed,
    /// WeChat Pay cannot pay out (the payer's card or account is gone). The money has left the
    /// merchant's balance: an operator must settle it on the merchant platform.
    Abnormal,
    /// A state that the documents do not list. Query again later; never treat it as a failure.
    Unknown,
}

/// A verified statement of a gateway about one refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// The state of the refund.
    pub state: RefundState,
    /// The number of the paid order. Empty for a `NotFound` of WeChat Pay, which is asked by
    /// refund number only.
    pub out_trade_no: String,
    /// The merchant's number of this refund.
    pub out_refund_no: String,
    /// WeChat Pay `refund_id`; Alipay gives a refund no number of its own.
    pub refund_id: Option<String>,
    /// The amount of this refund alone, where the gateway states it; compare it with your
    /// records. Always there for a `Succeeded`.
    pub amount: Option<Fen>,
    /// The answer of the payer's bank, where the gateway states it.
    pub deposit_back: Option<DepositBack>,
}

/// A bank's answer to a refund that goes to a card: Alipay's `deposit_back_info`, the only sign of
/// a refund that a bank returned (gateways.md B5.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositBack {
    /// The state at the bank.
    pub state: DepositBackState,
    /// The amount that goes to the card.
    pub amount: Option<Fen>,
    /// The time of the bank's answer.
    pub acknowledged_at: Option<OffsetDateTime>,
}

/// The state of a refund at the payer's bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DepositBackState {
    /// `S`: the card was credited.
    Succeeded,
    /// `F`: the bank returned the money. It is said to go to the payer's Alipay balance then.
    Returned,
    /// `P`: the bank has not answered yet.
    Processing,
    /// Another state, or none.
    Unknown,
}

impl RefundOrder {
    /// Checks that the amount is at least 1 fen and no more than was paid.
    pub(crate) fn check_amounts(&self) -> Result<(), GatewayError> {
        require(self.amount.value() >= 1, "amount", "must be at least 1 fen")?;
        require(self.amount <= self.total, "amount", "must not exceed the total of the order")
    }
}

impl Refund {
    /// Returns the statement that no such refund exists.
    pub(crate) fn not_found(out_trade_no: &str, out_refund_no: &str) -> Self {
        Self {
            state: RefundState::NotFound,
            out_trade_no: out_trade_no.to_owned(),
            out_refund_no: out_refund_no.to_owned(),
            refund_id: None,
            amount: None,
            deposit_back: None,
        }
    }

    /// Returns the fault if this answer contradicts the refund that was sent. A signature covers an
    /// answer but not the request.
    pub(crate) fn contradiction(&self, sent: &RefundOrder) -> Option<&'static str> {
        if self.out_refund_no != sent.out_refund_no {
            return Some("another refund than asked for");
        }
        if self.out_trade_no != sent.out_trade_no {
            return Some("a refund of another order than asked for");
        }
        (self.amount.is_some_and(|amount| amount != sent.amount))
            .then_some("a refund of another amount under the same number")
    }
}
