//! The cashier in a merchant's `<iframe>` (`qr_pay_mode`): a code to scan, and the way out of the
//! frame (gateways.md B5.2, G2.6). Only these pages allow framing, and only by pages of this machine.

use axum::response::Response;
use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

use super::{return_url, view};
use crate::book::{Cashier, OrderView};
use crate::page::{self, Page};
use crate::state::Shared;

/// The code while it can be scanned, else the outcome. The page reloads by itself.
pub(super) fn show(shared: &Shared, token: &str, cashier: &Cashier) -> Response {
    let order = {
        let mut book = shared.book();
        book.alipay.settle(shared.clock.now());
        book.alipay.by_number(&cashier.out_trade_no).map(|trade| trade.view())
    };
    let Some(order) = order else { return view::unknown() };
    let page = |main: Markup| Page::new("en", "Alipay sandbox cashier", main).framed();
    match order.state {
        "NOT_CREATED" | "WAIT_BUYER_PAY" => {
            let again = format!("/alipay/cashier/{token}");
            page(waiting(token, &order, cashier)).leading_to_shops().going_on(AGAIN_S, again)
        }
        "TRADE_SUCCESS" | "TRADE_FINISHED" => page(paid(shared, &order, cashier)),
        _ => page(page::heading("Closed", "交易已关闭")),
    }
    .respond()
}

fn waiting(token: &str, order: &OrderView, cashier: &Cashier) -> Markup {
    let code = cashier.code.as_deref().unwrap_or_default();
    // Without a return address there is nothing to show in the top window.
    let target = cashier.return_url.as_ref().map(|_| "_top");
    let action = format!("/alipay/cashier/{token}/pay");
    html! {
        h1 class="amount" { "¥" (page::yuan(order.amount)) }
        (picture(code))
        p { "Scan with Alipay " span lang="zh-CN" { "打开手机支付宝扫一扫" } }
        (page::button(&action, "primary", "Pay here", "登录账户付款", target))
    }
}

/// Browsers let a frame navigate the top window only after a click, so the page has a link.
fn paid(shared: &Shared, order: &OrderView, cashier: &Cashier) -> Markup {
    let out = cashier.return_url.as_ref();
    let out = out.map(|url| return_url::location(shared, cashier, url, order));
    html! {
        (page::heading("Paid", "支付成功"))
        @if let Some(location) = out {
            p { a href=(location) target="_top" { "Return to the shop" } }
        }
    }
}

/// The code as a picture with a quiet zone of four modules.
fn picture(code: &str) -> Markup {
    let Ok(qr) = QrCode::encode_text(code, QrCodeEcc::Medium) else { return Markup::default() };
    let size = qr.size();
    let mut path = String::new();
    for y in 0..size {
        for x in (0..size).filter(|x| qr.get_module(*x, y)) {
            path.push_str(&format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET));
        }
    }
    let side = size + 2 * QUIET;
    html! {
        svg class="code" viewBox={ "0 0 " (side) " " (side) } role="img" aria-label="QR code" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) {}
        }
    }
}

const QUIET: i32 = 4;
/// Seconds until the framed page reloads.
const AGAIN_S: u32 = 2;
