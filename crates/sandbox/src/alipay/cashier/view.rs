//! The cashier's full pages.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};

use crate::book::{Cashier, OrderView, Product};
use crate::page::{self, Page};
use crate::wallet::{CodeError, Wallet};

/// The order and its buttons.
pub(super) fn order(
    merchant_name: &str,
    token: &str,
    order: &OrderView,
    cashier: &Cashier,
) -> Response {
    let form = |action: &str, class: &str, label: &str, chinese: &str| {
        page::button(&format!("/alipay/cashier/{token}/{action}"), class, label, chinese, None)
    };
    let last = match cashier.product {
        Product::Wap => form("back", "plain", "Back to the shop", "返回商家"),
        _ => form("leave", "plain", "Leave it open", "暂不支付"),
    };
    let buttons = [
        form("pay", "primary", "Pay now", "确认付款"),
        form("cancel", "plain", "Cancel", "取消"),
        last,
    ];
    let note = "This is a sandbox on this computer: no money moves.";
    let main = page::sheet(&mark(), merchant_name, order, &buttons, note);
    let page = Page::new("en", "Alipay sandbox cashier", main);
    // The merchant's backend, at the `return_url`, sends its visitor on to a shop of another origin.
    if cashier.return_url.is_some() || cashier.quit_url.is_some() {
        page.leading_to_shops().respond()
    } else {
        page.respond()
    }
}

/// The page with the reason for which the buyer cannot pay.
pub(super) fn refused(error: CodeError, cashier: &Cashier) -> Response {
    let problem = error.problem(Some(Wallet::Alipay));
    let text =
        format!("Order {}. Go back to the shop to see where it stands.", cashier.out_trade_no);
    message(problem.title, &problem.detail, &text, None)
}

/// A short message, with an optional link back to the cashier.
pub(super) fn message(title: &str, chinese: &str, text: &str, again: Option<&str>) -> Response {
    let main = html! {
        (mark())
        (page::heading(title, chinese))
        p { (text) }
        @if let Some(token) = again {
            p { a href={ "/alipay/cashier/" (token) } { "Back to the cashier" } }
        }
    };
    Page::new("en", title, main).respond()
}

pub(super) fn unknown() -> Response {
    let text =
        "This cashier address is unknown: the sandbox was restarted, or the address is cut short.";
    let mut response = message("No such cashier", "页面不存在", text, None);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn mark() -> Markup {
    page::mark("支付宝", "Alipay sandbox cashier")
}
