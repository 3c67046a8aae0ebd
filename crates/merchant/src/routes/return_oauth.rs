//! `GET /v1/returns/wechat_pay_oauth`, `GET /v1/returns/alipay_oauth` (gateways.md A11.1, B11)

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use contract::PaymentMethod;
use http::HeaderMap;

use crate::error::Error;
use crate::hosted;
use crate::service::Shared;

/// Handles WeChat's redirect with the payer's code.
pub(super) async fn wechat_pay(
    State(backend): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    returned(&backend, &headers, PaymentMethod::WechatPay, "code", query.as_deref()).await
}

/// Handles Alipay's redirect with the payer's code.
pub(super) async fn alipay(
    State(backend): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    returned(&backend, &headers, PaymentMethod::Alipay, "auth_code", query.as_deref()).await
}

/// Redirects the browser, never to an address from the query.
async fn returned(
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
        Err(Error::PaymentNotFound) => Ok(hosted::not_found(headers, "../checkout/hosted.css")),
        Err(error) => Err(error),
    }
}

/// True if the text may be sent to a wallet as its code.
fn is_code(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
