//! Orders, refunds and codes as the JSON API lists them.

use serde::Serialize;

use super::attempt::Attempt;
use super::refund::{Refund, RefundState};
use crate::clock;
use crate::wallet::Wallet;

/// A code that a phone could scan now.
#[derive(Debug, Serialize)]
pub(crate) struct WaitingCode {
    pub(crate) code: String,
    pub(crate) wallet: Wallet,
    /// In fen.
    pub(crate) amount: i64,
    pub(crate) description: String,
    pub(crate) out_trade_no: String,
    pub(crate) created_at: String,
}

/// An order of either gateway, as the JSON API lists it.
#[derive(Debug, Serialize)]
pub(crate) struct OrderView {
    pub(crate) wallet: Wallet,
    /// The same as `wallet`, by the name that books are compared by.
    pub(crate) gateway: Wallet,
    /// The API it was ordered by: `native`, `h5`, `jsapi`, `precreate`, `page`, `wap` or `create`.
    pub(crate) product: &'static str,
    pub(crate) out_trade_no: String,
    /// WeChat Pay's `transaction_id` or Alipay's `trade_no`, once there is one.
    pub(crate) transaction_id: Option<String>,
    /// The gateway's name of the state; `NOT_CREATED` for an Alipay order that no buyer has opened.
    pub(crate) state: &'static str,
    /// In fen.
    pub(crate) amount: i64,
    /// The number of captures: more than one is a fault of the sandbox.
    pub(crate) captures: u32,
    /// The sum of the captures, in fen.
    pub(crate) captured: i64,
    /// The sum of the refunds that are `SUCCESS`, in fen.
    pub(crate) refunded: i64,
    pub(crate) refunds: Vec<RefundView>,
    pub(crate) currency: &'static str,
    pub(crate) description: String,
    pub(crate) notify_url: Option<String>,
    pub(crate) created_at: String,
    /// The last moment a buyer may pay.
    pub(crate) expires_at: String,
    pub(crate) paid_at: Option<String>,
    pub(crate) notifications: Vec<Attempt>,
}

/// A refund, as the JSON API lists it with its order.
#[derive(Debug, Serialize)]
pub(crate) struct RefundView {
    /// The merchant's number of it.
    pub(crate) number: String,
    /// WeChat Pay's number of it.
    pub(crate) refund_id: Option<String>,
    /// In fen.
    pub(crate) amount: i64,
    /// `PROCESSING`, `SUCCESS`, `ABNORMAL` or `CLOSED`.
    pub(crate) state: RefundState,
    pub(crate) created_at: String,
    pub(crate) done_at: Option<String>,
    pub(crate) notifications: Vec<Attempt>,
}

impl RefundView {
    /// Returns the view of a refund.
    pub(crate) fn of(refund: &Refund) -> Self {
        Self {
            number: refund.number.clone(),
            refund_id: refund.id.clone(),
            amount: refund.amount,
            state: refund.state,
            created_at: clock::api(refund.created_at),
            done_at: refund.done_at.map(clock::api),
            notifications: refund.attempts.clone(),
        }
    }
}
