//! The page behind an `h5_url`: checks its visitor's referrer, opens the wallet app, and redirects
//! the browser back (gateways.md A11.2, G1.9). The page's own buttons stand in for the app.

mod refusal;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, Uri, header};
use sha2::{Digest as _, Sha256};

use refusal::{damaged, refused, text_of};

use crate::book::Visit;
use crate::book::wechat::Product;
use crate::loopback;
use crate::state::Shared;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/cgi-bin/mmpayweb-bin/checkmweb", get(arrive))
        .route("/wechat/h5/{token}/pay", post(visit::pay))
        .route("/wechat/h5/{token}/fail", post(visit::decline))
        .route("/wechat/h5/{token}/cancel", post(visit::decline))
}

/// The address that an order's answer carries.
pub(super) fn url(shared: &Shared, prepay_id: &str) -> String {
    let base_url = &shared.base_url;
    let package = package(prepay_id);
    format!("{base_url}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay_id}&package={package}")
}

/// The number beside the `prepay_id`, which shows that nobody has changed the address.
fn package(prepay_id: &str) -> String {
    let digest = Sha256::digest(prepay_id);
    digest.iter().take(10).map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// `GET`: shows the wallet app to a visitor from the registered domain within five minutes.
async fn arrive(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    match enter(&shared, &headers, query.as_deref().unwrap_or_default()) {
        Ok(page) => page,
        Err(text) => refused(text),
    }
}

fn enter(shared: &Shared, headers: &HeaderMap, query: &str) -> Result<Response, &'static str> {
    let agent = text(headers, header::USER_AGENT);
    if agent.contains("MicroMessenger") {
        return Err("请在微信外打开订单，进行支付");
    }
    let wanted = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    };
    let prepay_id = wanted("prepay_id").unwrap_or_default();
    if wanted("package") != Some(package(&prepay_id)) {
        return Err(damaged(agent));
    }
    let referer = text(headers, header::REFERER);
    if referer.is_empty() {
        return Err("商家参数格式有误，请联系商家解决");
    }
    let redirect_url = wanted("redirect_url").filter(|url| !url.is_empty());
    let is_ours = |url: &str| {
        let uri = url.parse::<Uri>().ok();
        uri.is_some_and(|uri| is_registered(shared, uri.host().unwrap_or_default()))
    };
    let leads_home = |url: &str| loopback::parse(url).is_some() && is_ours(url);
    if !is_ours(referer) || redirect_url.as_deref().is_some_and(|url| !leads_home(url)) {
        return Err("商家存在未配置的参数，请联系商家解决");
    }
    let user = shared.faults().user().to_owned();
    let now = shared.clock.now();
    let mut book = shared.book();
    book.wechat.settle(now);
    let Some(order) = book.wechat.by_code(&prepay_id, Product::H5) else {
        return Err("支付请求已失效，请重新发起支付");
    };
    let came_from = order.request.pointer("/scene_info/payer_client_ip");
    if came_from.is_some_and(|ip| ip == "127.0.0.1") && shared.faults().h5_checks_client_ip {
        return Err("由于商家传入的H5交易参数有误");
    }
    let view = book.wechat.open(&prepay_id, &user, now).map_err(|error| text_of(error, agent))?;
    let visit = Visit { prepay_id, user, redirect_url };
    let token = book.visits.insert_new(visit.clone());
    drop(book);
    Ok(visit::page(shared, &token, &visit, &view))
}

/// The configured domain; by default the shop is anywhere on this machine.
fn is_registered(shared: &Shared, host: &str) -> bool {
    match &shared.faults().h5_domain {
        Some(domain) => host.eq_ignore_ascii_case(domain),
        None => matches!(host, "127.0.0.1" | "localhost"),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
