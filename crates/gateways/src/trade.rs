//! The state of an order at its gateway, in types that both gateways share.

use time::OffsetDateTime;

use crate::Fen;

/// The state of a trade at its gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TradeState {
    /// The gateway knows no such order. On Alipay this is normal until the buyer has scanned
    /// or signed in, and the code may still be paid (gateways.md B5.2, B5.4).
    NotCreated,
    /// Unpaid and payable.
    AwaitingPayer,
    /// Paid; on Alipay also after a partial refund.
    Paid,
    /// WeChat Pay: was paid, and at least a part was refunded.
    Refunded,
    /// Cannot be paid any more. On Alipay also a fully refunded trade: ask your own records.
    Closed,
    /// A state that the documents do not list. Query again later; never treat it as a failure.
    Unknown,
}

/// A verified statement of a gateway about one order.
///
/// Before fulfilment compare `app_id`, `merchant_id`, `out_trade_no`, `amount` and
/// `currency` with your own records (gateways.md G3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// The state of the trade.
    pub state: TradeState,
    /// Alipay `app_id`, WeChat Pay `appid`; `None` where the order does not exist, or if the answer
    /// does not name it. Do not accept a payment without it.
    pub app_id: Option<String>,
    /// Alipay `seller_id` (PID), WeChat Pay `mchid`; `None` where the order does not exist.
    pub merchant_id: Option<String>,
    /// The merchant's number of this attempt.
    pub out_trade_no: String,
    /// Alipay `trade_no`, WeChat Pay `transaction_id`; absent while unpaid.
    pub transaction_id: Option<String>,
    /// The ordered amount (`amount.total`, `total_amount`), not what the payer paid after coupons.
    pub amount: Option<Fen>,
    /// WeChat Pay `amount.currency`. `None` means CNY: Alipay never says it, WeChat Pay
    /// omits it while unpaid.
    pub currency: Option<String>,
    /// The time of payment.
    pub paid_at: Option<OffsetDateTime>,
}

impl Trade {
    /// Returns the statement that no such order exists.
    pub(crate) fn not_created(out_trade_no: &str) -> Self {
        Self {
            state: TradeState::NotCreated,
            app_id: None,
            merchant_id: None,
            out_trade_no: out_trade_no.to_owned(),
            transaction_id: None,
            amount: None,
            currency: None,
            paid_at: None,
        }
    }
}
