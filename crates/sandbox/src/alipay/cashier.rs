//! The cashier page after `page.pay`: opening it creates the trade; pay, cancel or leave it open
//! (gateways.md B10, G2.5). Nobody logs in: one and the same buyer comes.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::{content, notify};
use crate::book::{Cashier, OrderView};
use crate::server::Shared;
use crate::wallet::CodeError;
use crate::{clock, loopback, page, wallet};

/// `GET`: the order and its buttons.
pub(crate) async fn show(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    let Some(cashier) = shared.book().alipay.cashier(&token) else { return unknown() };
    match open(&shared, &cashier) {
        Ok(view) => order_page(&token, &view, &cashier),
        Err(error) => refused_page(error, &cashier),
    }
}

/// `POST …/pay`: pays, then sends the browser to the merchant's `return_url`.
pub(crate) async fn pay(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    let Some(cashier) = shared.book().alipay.cashier(&token) else { return unknown() };
    let view = match wallet::pay_alipay(&shared, &cashier.out_trade_no, BUYER) {
        Ok(view) => view,
        Err(error) => return refused_page(error, &cashier),
    };
    match &cashier.return_url {
        Some(url) => {
            let location = return_location(&shared, url, &view);
            (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
        }
        None => message_page(
            "Paid",
            "支付成功",
            "The shop gave no return address: you may close this page.",
            None,
        ),
    }
}

/// `POST …/cancel`: nothing changes at the gateway; the buyer walks away.
pub(crate) async fn cancel(
    State(shared): State<Arc<Shared>>,
    Path(token): Path<String>,
) -> Response {
    if shared.book().alipay.cashier(&token).is_none() {
        return unknown();
    }
    let text = "Nothing was paid and the trade stays unpaid. Go back to the shop with your browser's Back button.";
    message_page("Payment canceled", "已取消支付", text, Some(&token))
}

/// `POST …/leave`: as if the buyer had left the tab alone.
pub(crate) async fn leave(
    State(shared): State<Arc<Shared>>,
    Path(token): Path<String>,
) -> Response {
    if shared.book().alipay.cashier(&token).is_none() {
        return unknown();
    }
    let text = "The trade waits for its buyer until it times out.";
    message_page("Left open", "暂不支付", text, Some(&token))
}

fn open(shared: &Shared, cashier: &Cashier) -> Result<OrderView, CodeError> {
    let now = shared.clock.now();
    let mut book = shared.book();
    book.alipay.settle(now);
    book.alipay.open(&cashier.out_trade_no, BUYER, now).map(|trade| trade.view())
}

/// `return_url` with the signed parameters of gateways.md B10: no `trade_status` among them.
fn return_location(shared: &Shared, return_url: &str, view: &OrderView) -> String {
    let keys = &shared.keys.alipay;
    let mut pairs = vec![
        ("charset", "utf-8".to_owned()),
        ("out_trade_no", view.out_trade_no.clone()),
        ("method", "alipay.trade.page.pay.return".to_owned()),
        ("total_amount", content::yuan(view.amount)),
        ("trade_no", view.transaction_id.clone().unwrap_or_default()),
        ("auth_app_id", keys.app_id.clone()),
        ("version", "1.0".to_owned()),
        ("app_id", keys.app_id.clone()),
        ("sign_type", "RSA2".to_owned()),
        ("seller_id", keys.seller_id.clone()),
        ("timestamp", clock::alipay(shared.clock.now())),
    ];
    notify::sign(shared, &mut pairs);
    let joint = if return_url.contains('?') { '&' } else { '?' };
    format!("{return_url}{joint}{}", notify::encode(&pairs))
}

fn order_page(token: &str, view: &OrderView, cashier: &Cashier) -> Response {
    let form = |action: &str, class: &str, label: &str, chinese: &str| {
        format!(
            "<form method=\"post\" action=\"/alipay/cashier/{token}/{action}\">\
             <button type=\"submit\" class=\"{class}\">{label} <span lang=\"zh-CN\">{chinese}</span></button></form>",
            token = page::escape(token),
        )
    };
    let html = format!(
        "<p class=\"mark\"><span lang=\"zh-CN\">支付宝</span> Alipay sandbox cashier</p>\n\
         <h1>Pay <span class=\"amount\">¥{amount}</span></h1>\n\
         <dl>\n<dt>For</dt><dd>{subject}</dd>\n<dt>To</dt><dd>Sandbox shop</dd>\n\
         <dt>Order</dt><dd class=\"number\">{number}</dd>\n</dl>\n\
         <div class=\"actions\">\n{pay}\n{cancel}\n{leave}\n</div>\n\
         <p class=\"note\">This is a sandbox on this computer: no money moves.</p>",
        amount = content::yuan(view.amount),
        subject = page::escape(&view.description),
        number = page::escape(&view.out_trade_no),
        pay = form("pay", "primary", "Pay now", "确认付款"),
        cancel = form("cancel", "plain", "Cancel", "取消"),
        leave = form("leave", "plain", "Leave it open", "暂不支付"),
    );
    // The merchant's backend, at the `return_url`, sends its visitor on to a shop of another origin.
    let target = cashier.return_url.as_ref().map(|_| loopback::SOURCES);
    page::html("en", "Alipay sandbox cashier", &html, target)
}

fn refused_page(error: CodeError, cashier: &Cashier) -> Response {
    let problem = error.problem(Some(wallet::Wallet::Alipay));
    let text =
        format!("Order {}. Go back to the shop to see where it stands.", cashier.out_trade_no);
    message_page(problem.title, &problem.detail, &text, None)
}

fn message_page(title: &str, chinese: &str, text: &str, again: Option<&str>) -> Response {
    let again = again.map(|token| {
        format!(
            "<p><a href=\"/alipay/cashier/{}\">Back to the cashier</a></p>",
            page::escape(token)
        )
    });
    let html = format!(
        "<p class=\"mark\"><span lang=\"zh-CN\">支付宝</span> Alipay sandbox cashier</p>\n\
         <h1>{} <small lang=\"zh-CN\">{}</small></h1>\n<p>{}</p>\n{}",
        page::escape(title),
        page::escape(chinese),
        page::escape(text),
        again.unwrap_or_default(),
    );
    page::html("en", title, &html, None)
}

fn unknown() -> Response {
    let text =
        "This cashier address is unknown: the sandbox was restarted, or the address is cut short.";
    let mut response = message_page("No such cashier", "页面不存在", text, None);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// The buyer at every cashier.
const BUYER: &str = "cashier-buyer";
