//! The state of both gateways: orders, codes and notification attempts. In memory only.

pub(crate) mod alipay;
mod attempt;
mod due;
mod file;
mod grant;
mod refund;
mod view;
mod visit;
pub(crate) mod wechat;

use time::OffsetDateTime;

pub(crate) use alipay::{Cashier, Opened, Product, Trade, TradeState, Trades, UnpaidEvent};
pub(crate) use attempt::{Attempt, Outcome};
pub(crate) use file::BillFile;
pub(crate) use grant::{GrantError, Grants};
pub(crate) use refund::{Refund, RefundState, Refunds};
pub(crate) use view::{OrderView, WaitingCode};
pub(crate) use visit::Visit;
pub(crate) use wechat::{Order, OrderState, Orders, Paid};

use crate::bounded::Bounded;
use crate::event::{About, Event};
use crate::wallet::Wallet;

/// The orders of both gateways.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) wechat: Orders,
    pub(crate) alipay: Trades,
    /// Browsers on H5 pages, by the secret in their addresses.
    pub(crate) visits: Bounded<Visit>,
    /// OAuth codes.
    pub(crate) grants: Grants,
    /// Bills that wait for their download.
    pub(crate) files: Bounded<BillFile, 50>,
}

impl Book {
    /// Expires, closes and ends everything whose time has passed, at both gateways.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) {
        self.wechat.settle(now);
        self.alipay.settle(now);
    }

    /// The tries to notify of an event of a payment or a refund; none if the order is gone.
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
