//! `/v1/returns`: the shopper's browser comes back from a gateway (gateways.md B10, A11.1, B11).

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use contract::PaymentMethod;
use http::HeaderMap;

use super::notifications::log_unverified;
use crate::error::Error;
use crate::hosted;
use crate::service::Shared;

/// Redirects the shopper to the page that they came from. A return proves no payment: it only
/// triggers a query, and its signature only proves the order's number.
pub(super) async fn alipay(
    State(backend): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    if !backend.gateways.is_known(PaymentMethod::Alipay) {
        return Err(Error::NotFound);
    }
    let out_trade_no = match backend.gateways.alipay_return(&query).await {
        Ok(returned) => returned.out_trade_no,
        Err(error) => {
            log_unverified(&backend, PaymentMethod::Alipay, &error);
            return Ok(hosted::not_found(&headers, HOSTED_FOLDER));
        }
    };
    match backend.returned(out_trade_no).await {
        Ok(onward) => Ok(Redirect::to(&onward).into_response()),
        Err(Error::PaymentNotFound) => Ok(hosted::not_found(&headers, HOSTED_FOLDER)),
        Err(error) => Err(error),
    }
}

/// Handles WeChat's redirect with the payer's code.
pub(super) async fn wechat_pay_oauth(
    State(backend): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    authorized(&backend, &headers, PaymentMethod::WechatPay, "code", query.as_deref()).await
}

/// Handles Alipay's redirect with the payer's code.
pub(super) async fn alipay_oauth(
    State(backend): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    authorized(&backend, &headers, PaymentMethod::Alipay, "auth_code", query.as_deref()).await
}

/// Redirects the browser, never to an address from the query.
async fn authorized(
    backend: &Shared,
    headers: &HeaderMap,
    method: PaymentMethod,
    code: &str,
    query: Option<&str>,
) -> Result<Response, Error> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut found = (None, None);
    for (name, value) in pairs {
        if name == code && is_code(&value) {
            found.0.get_or_insert_with(|| value.clone().into_owned());
        }
        if name == "state" {
            found.1.get_or_insert_with(|| value.into_owned());
        }
    }
    let (code, state) = found;
    match backend.authorized(method, &state.unwrap_or_default(), code).await {
        Ok(onward) => Ok(Redirect::to(&onward).into_response()),
        Err(Error::PaymentNotFound) => Ok(hosted::not_found(headers, HOSTED_FOLDER)),
        Err(error) => Err(error),
    }
}

/// True if the text may be sent to a wallet as its code.
fn is_code(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The path to the folder of the hosted page's files, relative to these routes.
const HOSTED_FOLDER: &str = "../checkout/";
