//! Follows accepted refunds: each ends at its time, and the merchant is notified.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::book::RefundState;
use crate::event::{self, About, Event};
use crate::state::Shared;
use crate::wallet::Wallet;
use crate::{clock, notify, random};

/// Returns the time at which a refund accepted now ends at WeChat Pay: after `refund_delay_ms`, by default a minute
/// (gateways.md A10 lets a merchant ask that often) divided by the speed of notifications.
pub(crate) fn usual_end(
    shared: &Shared,
    now: OffsetDateTime,
    delay_ms: Option<u64>,
) -> OffsetDateTime {
    let delay_ms = delay_ms.unwrap_or(USUAL_DELAY_MS / u64::from(shared.notifier.speed()));
    clock::after(now, Duration::milliseconds(i64::try_from(delay_ms).unwrap_or(i64::MAX)))
}

/// Waits for a refund's end, by the sandbox's clock, and then notifies the merchant. Returns at
/// once.
pub(crate) fn follow(
    shared: &Arc<Shared>,
    wallet: Wallet,
    out_trade_no: &str,
    number: &str,
    due: OffsetDateTime,
) {
    let (shared, out_trade_no, number) =
        (shared.clone(), out_trade_no.to_owned(), number.to_owned());
    tokio::spawn(async move {
        let mut stopped = shared.notifier.stopped();
        tokio::select! {
            () = shared.clock.reach(due) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if let Some(event) = ended(&shared, wallet, out_trade_no, number) {
            notify::spawn(&shared, event);
        }
    });
}

/// The event of a refund's end, if the merchant is notified of it.
fn ended(shared: &Shared, wallet: Wallet, out_trade_no: String, number: String) -> Option<Event> {
    let now = shared.clock.now();
    let mut book = shared.book();
    book.settle(now);
    let (notify_url, id) = match wallet {
        Wallet::WechatPay => {
            let refund = book.wechat.by_number(&out_trade_no)?.refunds.find(&number)?;
            (refund.notify_url.clone()?, random::uuid())
        }
        Wallet::Alipay => {
            let trade = book.alipay.by_number(&out_trade_no)?;
            let refund = trade.refunds.find(&number)?;
            if refund.state != RefundState::Success {
                return None;
            }
            (trade.notify_url.clone()?, event::alipay_id(now))
        }
    };
    Some(Event { wallet, out_trade_no, about: About::Refund(number), notify_url, id })
}

const USUAL_DELAY_MS: u64 = 60_000;
