//! The wallets' merchant consoles: staff refund a payment by hand, under a number that no system of
//! the merchant's has given.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::body::read;
use crate::book::{Book, OrderView, Refund, RefundState, Refunds};
use crate::problem::Problem;
use crate::refund::{follow, usual_end};
use crate::state::Shared;
use crate::wallet::Wallet;
use crate::{clock, random};

/// A refund as staff enter it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsoleRefund {
    out_trade_no: String,
    /// The console's number of the refund; the same number again is the same refund.
    number: String,
    /// In fen.
    amount: i64,
}

/// Refunds a paid order of either wallet, and answers the order. The merchant is notified as of any
/// other refund.
pub(crate) async fn refund(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<OrderView>, Problem> {
    let wanted: ConsoleRefund = read(&headers, &body)?;
    let now = shared.clock.now();
    let delays = {
        let faults = shared.faults();
        (faults.refund_delay_ms, Some(faults.alipay_refund_delay_ms))
    };
    let mut book = shared.book();
    book.settle(now);
    let Some((wallet, total, refunds)) = paid_order(&book, &wanted.out_trade_no) else {
        return Err(refused("there is no paid order of this number"));
    };
    if refunds.find(&wanted.number).is_none() {
        if !(1..=total.saturating_sub(refunds.reserved())).contains(&wanted.amount) {
            return Err(refused("the amount is more than is left of the payment"));
        }
        let due = match wallet {
            Wallet::WechatPay => usual_end(&shared, now, delays.0),
            Wallet::Alipay => usual_end(&shared, now, delays.1),
        };
        add(&mut book, wallet, &wanted, now, due);
        follow(&shared, wallet, &wanted.out_trade_no, &wanted.number, due);
    }
    view(&book, wallet, &wanted.out_trade_no).map(Json).ok_or_else(|| refused("the order is gone"))
}

fn paid_order<'a>(book: &'a Book, out_trade_no: &str) -> Option<(Wallet, i64, &'a Refunds)> {
    let wechat = book.wechat.by_number(out_trade_no).filter(|order| order.paid().is_some());
    let alipay = || book.alipay.by_number(out_trade_no).filter(|trade| trade.paid_at().is_some());
    match wechat {
        Some(order) => Some((Wallet::WechatPay, order.total, &order.refunds)),
        None => alipay().map(|trade| (Wallet::Alipay, trade.total, &trade.refunds)),
    }
}

fn add(
    book: &mut Book,
    wallet: Wallet,
    wanted: &ConsoleRefund,
    now: OffsetDateTime,
    due: OffsetDateTime,
) {
    let refund = |id, notify_url| Refund {
        number: wanted.number.clone(),
        id,
        amount: wanted.amount,
        notify_url,
        created_at: now,
        state: RefundState::Processing,
        due,
        end: RefundState::Success,
        done_at: None,
        sum_by_then: 0,
        attempts: Vec::new(),
    };
    match wallet {
        Wallet::WechatPay => {
            let id = format!(
                "503{}{}{}",
                random::digits(8),
                clock::date_digits(now),
                random::digits(10)
            );
            // The address that the merchant has set in the console is the one of its payments.
            let order = book.wechat.by_number(&wanted.out_trade_no);
            let notify_url = order.map(|order| order.notify_url.clone());
            book.wechat.add_refund(&wanted.out_trade_no, refund(Some(id), notify_url));
        }
        Wallet::Alipay => book.alipay.add_refund(&wanted.out_trade_no, refund(None, None)),
    }
    book.settle(now);
}

fn view(book: &Book, wallet: Wallet, out_trade_no: &str) -> Option<OrderView> {
    Some(match wallet {
        Wallet::WechatPay => book.wechat.by_number(out_trade_no)?.view(),
        Wallet::Alipay => book.alipay.by_number(out_trade_no)?.view(),
    })
}

fn refused(detail: &str) -> Problem {
    let title = "The console does not refund this";
    Problem::new(StatusCode::CONFLICT, "not_refundable", title, detail)
}
