//! The cashier after `page.pay` and `wap.pay`: opening it creates the trade; pay, cancel or leave it
//! (gateways.md B10, G2.5, G2.6). Nobody logs in: the wallet's owner comes.

mod frame;
mod return_url;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};

use super::browser::agent;
use super::reply;
use crate::book::{Cashier, OrderView};
use crate::shopper;
use crate::state::Shared;
use crate::wallet::CodeError;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/alipay/cashier/{token}", get(show))
        .route("/alipay/cashier/{token}/pay", post(pay))
        .route("/alipay/cashier/{token}/cancel", post(cancel))
        .route("/alipay/cashier/{token}/leave", post(leave))
        .route("/alipay/cashier/{token}/back", post(back))
}

/// `GET`: the order and its buttons; a framed cashier only shows its code, which creates no trade.
async fn show(
    State(shared): State<Arc<Shared>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(cashier) = find(&shared, &token) else { return view::unknown() };
    if agent(&headers).contains("MicroMessenger") {
        return reply::blocked_page();
    }
    if cashier.code.is_some() {
        return frame::show(&shared, &token, &cashier);
    }
    match open(&shared, &cashier) {
        Ok(order) => view::order(&shared.merchant_name, &token, &order, &cashier),
        Err(error) => view::refused(error, &cashier),
    }
}

/// `POST …/pay`: pays, then sends the browser to the merchant's `return_url`.
async fn pay(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    let Some(cashier) = find(&shared, &token) else { return view::unknown() };
    let user = shared.faults().user().to_owned();
    let order = match shopper::pay_alipay(&shared, &cashier.out_trade_no, &user) {
        Ok(order) => order,
        Err(error) => return view::refused(error, &cashier),
    };
    match &cashier.return_url {
        Some(url) => see(&return_url::location(&shared, &cashier, url, &order)),
        None => {
            let text = "The shop gave no return address: you may close this page.";
            view::message("Paid", "支付成功", text, None)
        }
    }
}

/// `POST …/cancel`: nothing changes at the gateway; the buyer only leaves.
async fn cancel(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    if find(&shared, &token).is_none() {
        return view::unknown();
    }
    let text = "Nothing was paid and the trade stays unpaid. Go back to the shop with your browser's Back button.";
    view::message("Payment canceled", "已取消支付", text, Some(&token))
}

/// `POST …/leave`: as if the buyer had closed the tab.
async fn leave(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    if find(&shared, &token).is_none() {
        return view::unknown();
    }
    let text = "The trade waits for its buyer until it times out.";
    view::message("Left open", "暂不支付", text, Some(&token))
}

/// `POST …/back`: from the wap cashier to the merchant's `quit_url`.
async fn back(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    let Some(cashier) = find(&shared, &token) else { return view::unknown() };
    match &cashier.quit_url {
        Some(url) => see(url),
        None => {
            let text = "The shop gave no quit address: use your browser's Back button.";
            view::message("Not paid", "未支付", text, Some(&token))
        }
    }
}

fn find(shared: &Shared, token: &str) -> Option<Cashier> {
    shared.book().alipay.cashier(token)
}

fn see(location: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

fn open(shared: &Shared, cashier: &Cashier) -> Result<OrderView, CodeError> {
    let user = shared.faults().user().to_owned();
    let now = shared.clock.now();
    let mut book = shared.book();
    book.alipay.settle(now);
    book.alipay.open(&cashier.out_trade_no, &user, now).map(|trade| trade.view())
}
