//! What the gateways remember: orders, codes and notification attempts. In memory only.

pub(crate) mod alipay;
pub(crate) mod wechat;

use serde::Serialize;
use time::OffsetDateTime;

pub(crate) use alipay::{Cashier, Product, Trade, TradeState, Trades};
pub(crate) use wechat::{Order, OrderState, Orders, Paid};

use crate::clock;
use crate::wallet::Wallet;

/// The orders of both gateways.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) wechat: Orders,
    pub(crate) alipay: Trades,
}

impl Book {
    /// Keeps what became of one try to notify; an order that is gone keeps nothing.
    pub(crate) fn record_attempt(&mut self, wallet: Wallet, out_trade_no: &str, attempt: Attempt) {
        let attempts = match wallet {
            Wallet::WechatPay => {
                self.wechat.by_number_mut(out_trade_no).map(|order| &mut order.attempts)
            }
            Wallet::Alipay => {
                self.alipay.by_number_mut(out_trade_no).map(|trade| &mut trade.attempts)
            }
        };
        if let Some(attempts) = attempts {
            attempts.push(attempt);
        }
    }

    /// How many tries of an order's notification are kept.
    pub(crate) fn attempts(&self, wallet: Wallet, out_trade_no: &str) -> usize {
        match wallet {
            Wallet::WechatPay => {
                self.wechat.by_number(out_trade_no).map_or(0, |order| order.attempts.len())
            }
            Wallet::Alipay => {
                self.alipay.by_number(out_trade_no).map_or(0, |trade| trade.attempts.len())
            }
        }
    }
}

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

/// How a try to notify ended.
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
    /// Lost on purpose by the `drop_notifications` switch.
    Dropped,
}

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
    /// The API it was ordered by: `native`, `precreate` or `page`.
    pub(crate) product: &'static str,
    pub(crate) out_trade_no: String,
    /// WeChat Pay's `transaction_id` or Alipay's `trade_no`, once there is one.
    pub(crate) transaction_id: Option<String>,
    /// The gateway's own word; `NOT_CREATED` for an Alipay order that no buyer has seen.
    pub(crate) state: &'static str,
    /// In fen.
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    pub(crate) description: String,
    pub(crate) notify_url: Option<String>,
    pub(crate) created_at: String,
    /// The last moment a buyer may pay.
    pub(crate) expires_at: String,
    pub(crate) paid_at: Option<String>,
    pub(crate) notifications: Vec<Attempt>,
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
