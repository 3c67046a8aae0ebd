//! Actions of a shopper's phone: scan, approve, refuse. A wallet reads only its own gateway's codes.

use std::sync::Arc;

use crate::book::{Book, OrderView, Paid};
use crate::event::{self, About, Event};
use crate::state::Shared;
use crate::wallet::{CodeError, Reading, Wallet, openid};
use crate::{clock, notify, random, unpaid};

/// Checks that the code can be read that way.
pub(crate) fn readable(shared: &Shared, code: &str, by: Reading) -> Result<(), CodeError> {
    match by {
        Reading::LongPress if owner(shared, code) == Some(Wallet::WechatPay) => {
            Err(CodeError::LongPressed)
        }
        Reading::Album if owner(shared, code) == Some(Wallet::WechatPay) => {
            Err(CodeError::FromAlbum)
        }
        _ => Ok(()),
    }
}

/// Reads a code. The first scan binds the user, and at Alipay creates the trade.
pub(crate) fn scan(
    shared: &Shared,
    code: &str,
    wallet: Option<Wallet>,
    user: &str,
) -> Result<OrderView, CodeError> {
    let now = shared.clock.now();
    let mut book = shared.book();
    book.settle(now);
    let owner = owner_in(&book, code).ok_or(CodeError::Unknown)?;
    if wallet.is_some_and(|wallet| wallet != owner) {
        return Err(CodeError::WrongWallet);
    }
    match owner {
        Wallet::WechatPay => book.wechat.scan(code, user, now).map(|order| order.view()),
        Wallet::Alipay => book.alipay.scan(code, user, now).map(|trade| trade.view()),
    }
}

/// The wallet that a code is for, if it is one of the sandbox's.
pub(crate) fn owner(shared: &Shared, code: &str) -> Option<Wallet> {
    owner_in(&shared.book(), code)
}

fn owner_in(book: &Book, code: &str) -> Option<Wallet> {
    if book.wechat.knows_code(code) {
        Some(Wallet::WechatPay)
    } else {
        book.alipay.knows_code(code).then_some(Wallet::Alipay)
    }
}

/// Scans and pays, then notifies the merchant.
pub(crate) fn approve(
    shared: &Arc<Shared>,
    code: &str,
    wallet: Option<Wallet>,
    user: &str,
) -> Result<OrderView, CodeError> {
    let scanned = scan(shared, code, wallet, user)?;
    match scanned.wallet {
        Wallet::WechatPay => pay_wechat(shared, code, user),
        Wallet::Alipay => pay_alipay(shared, &scanned.out_trade_no, user),
    }
}

/// Pays an Alipay trade that is open, from a phone or a cashier page.
pub(crate) fn pay_alipay(
    shared: &Arc<Shared>,
    out_trade_no: &str,
    user: &str,
) -> Result<OrderView, CodeError> {
    let now = shared.clock.now();
    let mut book = shared.book();
    book.alipay.settle(now);
    let trade = book.alipay.open(out_trade_no, user, now)?;
    trade.capture(now);
    let (view, notify_url) = (trade.view(), trade.notify_url.clone());
    drop(book);
    unpaid::notify(shared);
    if let Some(notify_url) = notify_url {
        let event = Event {
            wallet: Wallet::Alipay,
            out_trade_no: view.out_trade_no.clone(),
            about: About::Payment,
            notify_url,
            id: event::alipay_id(now),
        };
        notify::spawn(shared, event);
    }
    Ok(view)
}

/// Pays a WeChat Pay order by its live code, from a phone, an H5 page or a page in the app.
pub(crate) fn pay_wechat(
    shared: &Arc<Shared>,
    code: &str,
    user: &str,
) -> Result<OrderView, CodeError> {
    let now = shared.clock.now();
    let appid = &shared.keys.wechat_pay.appid;
    let mut book = shared.book();
    book.wechat.settle(now);
    let out_trade_no = book.wechat.scan(code, user, now)?.out_trade_no.clone();
    let paid = Paid {
        transaction_id: format!(
            "4200{}{}{}",
            random::digits(6),
            clock::date_digits(now),
            random::digits(10)
        ),
        openid: openid(appid, user),
        at: now,
    };
    let order = book.wechat.capture(&out_trade_no, paid).ok_or(CodeError::Unknown)?;
    let (view, notify_url) = (order.view(), order.notify_url.clone());
    drop(book);
    let event = Event {
        wallet: Wallet::WechatPay,
        out_trade_no,
        about: About::Payment,
        notify_url,
        id: random::uuid(),
    };
    notify::spawn(shared, event);
    Ok(view)
}
