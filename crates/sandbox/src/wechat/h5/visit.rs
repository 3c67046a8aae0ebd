//! One visit of the H5 page: pay, fail or cancel in the "app", then back to the shop.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use maud::html;

use super::refusal::{refused, text_of};
use crate::book::{OrderView, Visit};
use crate::page::{self, Page};
use crate::shopper;
use crate::state::Shared;

/// The app's payment sheet, which redirects after five seconds as the real page does.
pub(super) fn page(shared: &Shared, token: &str, visit: &Visit, view: &OrderView) -> Response {
    let stays = shared.faults().h5_stays;
    let back = visit.redirect_url.clone().filter(|_| !stays);
    let button = |verb: &str, class: &str, label: &str, chinese: &str| {
        page::button(&format!("/wechat/h5/{token}/{verb}"), class, label, chinese, None)
    };
    let mark = page::mark("微信支付", "WeChat, opened by the browser");
    let buttons = [
        button("pay", "primary", "Pay now", "立即支付"),
        button("fail", "plain", "Fail", "支付失败"),
        button("cancel", "plain", "Cancel", "取消"),
    ];
    let note = if back.is_some() { GOES_BACK } else { STAYS };
    let main = page::sheet(&mark, &shared.merchant_name, view, &buttons, note);
    let page = Page::new("en", "WeChat Pay sandbox", main).wechat().leading_to_shops();
    match back {
        Some(url) => page.going_on(RETURN_S, url).respond(),
        None => page.respond(),
    }
}

/// `POST …/pay`
pub(super) async fn pay(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    let Some(visit) = find(&shared, &token) else { return refused(EXPIRED) };
    match shopper::pay_wechat(&shared, &visit.prepay_id, &visit.user) {
        Ok(_) => leave(&visit, "Paid", "支付成功"),
        Err(error) => refused(text_of(error, "")),
    }
}

/// `POST …/fail` and `…/cancel`: the order stays unpaid at the gateway.
pub(super) async fn decline(
    State(shared): State<Arc<Shared>>,
    Path(token): Path<String>,
) -> Response {
    match find(&shared, &token) {
        Some(visit) => leave(&visit, "Not paid", "未支付"),
        None => refused(EXPIRED),
    }
}

fn find(shared: &Shared, token: &str) -> Option<Visit> {
    shared.book().visits.get(token).cloned()
}

fn leave(visit: &Visit, title: &str, chinese: &str) -> Response {
    if let Some(url) = &visit.redirect_url {
        return (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response();
    }
    let main = html! {
        (page::mark("微信支付", "WeChat Pay sandbox"))
        (page::heading(title, chinese))
        p { "The shop gave no return address: go back with your browser's Back button." }
    };
    Page::new("en", title, main).wechat().respond()
}

const EXPIRED: &str = "支付请求已失效，请重新发起支付";
const GOES_BACK: &str = "The browser goes back to the shop after five seconds, paid or not; the order \
    then waits on the wallet phone. No money moves.";
const STAYS: &str = "The order waits on the wallet phone, too. No money moves.";
/// The delay after which the real page goes back by itself (gateways.md A11.2).
const RETURN_S: u32 = 5;
