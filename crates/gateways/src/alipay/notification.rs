//! Notifications and returns: verify the decoded form as a whole, then read it (gateways.md B9, B10).

use super::parameters::Message;
use super::trust::Trust;
use super::wire;
use crate::{Fen, NotificationError, Trade, china_time};

/// A genuine notification about a trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The gateway's id of this event; its retries repeat it.
    pub notify_id: String,
    /// The trade as of this event. `Closed` may mean fully refunded: see `is_refund_event`.
    pub trade: Trade,
    /// True if a refund caused it. Such a message must neither fulfil an order nor revoke its
    /// payment.
    pub is_refund_event: bool,
    /// The merchant's number of that refund (`out_biz_no`), where there is one.
    pub out_refund_no: Option<String>,
}

/// A genuine return of a buyer. It has no state: query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The merchant's number of the attempt.
    pub out_trade_no: String,
    /// Alipay's number of the trade.
    pub trade_no: String,
    /// The ordered amount.
    pub total: Fen,
}

pub(super) fn open(trust: &Trust, body: &[u8]) -> Result<Notification, NotificationError> {
    let message = Message::parse(body)?;
    message.verify(trust)?;
    let owned = |name| message.text(name).map(|text| text.map(str::to_owned));
    let amount =
        wire::amount(message.text("total_amount")?).map_err(NotificationError::Malformed)?;
    // Partial refunds do not change the status; only these members identify them (gateways.md B9).
    let refunded =
        wire::amount(message.text("refund_fee")?).map_err(NotificationError::Malformed)?;
    let is_refund_event =
        refunded.is_some_and(|fee| fee.value() > 0) || message.text("gmt_refund")?.is_some();
    Ok(Notification {
        notify_id: message.required("notify_id")?.to_owned(),
        trade: Trade {
            state: wire::state(message.required("trade_status")?),
            app_id: owned("app_id")?,
            merchant_id: owned("seller_id")?,
            out_trade_no: message.required("out_trade_no")?.to_owned(),
            transaction_id: owned("trade_no")?,
            amount,
            currency: None,
            paid_at: message.text("gmt_payment")?.and_then(china_time::parse_spaced),
        },
        is_refund_event,
        out_refund_no: owned("out_biz_no")?.filter(|number| is_refund_event && !number.is_empty()),
    })
}

pub(super) fn open_return(trust: &Trust, query: &str) -> Result<Returned, NotificationError> {
    let message = Message::parse(query.strip_prefix('?').unwrap_or(query).as_bytes())?;
    message.verify(trust)?;
    let total = Fen::from_yuan(message.required("total_amount")?)
        .map_err(|_not_yuan| NotificationError::Malformed("an unreadable amount"))?;
    Ok(Returned {
        out_trade_no: message.required("out_trade_no")?.to_owned(),
        trade_no: message.required("trade_no")?.to_owned(),
        total,
    })
}
