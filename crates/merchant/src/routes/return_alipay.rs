//! `GET /v1/returns/alipay` (gateways.md B10)

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use contract::PaymentMethod;
use http::HeaderMap;

use crate::error::Error;
use crate::hosted;
use crate::service::Shared;

/// Redirects the shopper to the page that they came from. A return proves no payment: it only
/// triggers a query, and its signature only proves the order's number.
pub(super) async fn returned(
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
            super::notify_wechat_pay::disbelieved(&backend, PaymentMethod::Alipay, &error);
            return Ok(hosted::not_found(&headers, "../checkout/hosted.css"));
        }
    };
    match backend.returned(out_trade_no).await {
        Ok(onward) => Ok(Redirect::to(&onward).into_response()),
        Err(Error::PaymentNotFound) => Ok(hosted::not_found(&headers, "../checkout/hosted.css")),
        Err(error) => Err(error),
    }
}
