//! What the gateways remember: orders, codes and notification attempts. In memory only.

pub(crate) mod alipay;
mod refund;
pub(crate) mod wechat;

use serde::Serialize;
use time::OffsetDateTime;

pub(crate) use alipay::{Cashier, Opened, Product, Trade, TradeState, Trades, UnpaidNews};
pub(crate) use refund::{Refund, RefundState, Refunds};
pub(crate) use wechat::{Order, OrderState, Orders, Paid};

use crate::bill::BillFile;
use crate::bounded::Bounded;
use crate::clock;
use crate::grant::Grant;
use crate::notify::{About, Event};
use crate::wallet::Wallet;
use crate::wechat::Visit;

/// The orders of both gateways.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) wechat: Orders,
    pub(crate) alipay: Trades,
    /// Browsers on H5 pages, by the secret in their addresses.
    pub(crate) visits: Bounded<Visit>,
    /// What OAuth gave and waits to be swapped.
    pub(crate) grants: Bounded<Grant>,
    /// Bills that wait for their download.
    pub(crate) files: Bounded<BillFile, 50>,
}

impl Book {
    /// Lets what is past its time lapse, close or end, at both gateways.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) {
        self.wechat.settle(now);
        self.alipay.settle(now);
    }

    /// The tries to tell of an event, of a payment or of a refund; none if the order is gone.
    pub(crate) fn attempts_mut(&mut self, event: &Event) -> Option<&mut Vec<Attempt>> {
        let (attempts, refunds) = match event.wallet {
            Wallet::WechatPay => {
                let order = self.wechat.by_number_mut(&event.out_trade_no)?;
                (&mut order.attempts, &mut order.refunds)
            }
            Wallet::Alipay => {
                let trade = self.alipay.by_number_mut(&event.out_trade_no)?;
                (&mut trade.attempts, &mut trade.refunds)
            }
        };
        match &event.about {
            About::Payment | About::Opened | About::Closed(_) => Some(attempts),
            About::Refund(number) => refunds.find_mut(number).map(|refund| &mut refund.attempts),
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
    /// Lost on purpose: by the `drop_notifications` switch, or by chaos.
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

/// Whether a time that is waited for has come; there is nothing to settle before.
fn is_due(next: Option<OffsetDateTime>, now: OffsetDateTime) -> bool {
    next.is_some_and(|next| now >= next)
}

/// The earlier of two times of which either may be missing.
fn earlier(one: Option<OffsetDateTime>, other: Option<OffsetDateTime>) -> Option<OffsetDateTime> {
    one.into_iter().chain(other).min()
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
    /// The gateway's own word; `NOT_CREATED` for an Alipay order that no buyer has seen.
    pub(crate) state: &'static str,
    /// In fen.
    pub(crate) amount: i64,
    /// How often money was taken from a buyer: never more than once, or the sandbox is broken.
    pub(crate) captures: u32,
    /// What was taken in all, in fen.
    pub(crate) captured: i64,
    /// What went back in all, in fen: only refunds that are `SUCCESS`.
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
