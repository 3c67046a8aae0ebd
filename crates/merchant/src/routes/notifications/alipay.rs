//! `POST /v1/notifications/alipay` (gateways.md B9)

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use contract::PaymentMethod;
use http::HeaderMap;

use super::{log_refused, log_unverified};
use crate::error::Error;
use crate::service::{Backend, Shared};
use crate::web::body;
use crate::web::request_layer::RawErrorBody;

/// Answers `success` once the effect is written, else `fail`, after which Alipay sends it again.
pub(in super::super) async fn notify(
    State(backend): State<Shared>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Error> {
    let body = body::raw(&headers, content).await?;
    Ok(match accept(&backend, &body).await {
        Ok(()) => "success".into_response(),
        Err(error) => {
            log_refused(&backend, PaymentMethod::Alipay, &error);
            let status = error.status();
            let mut response = (status, "fail").into_response();
            response.extensions_mut().insert(RawErrorBody);
            response
        }
    })
}

async fn accept(backend: &Backend, body: &[u8]) -> Result<(), Error> {
    let method = PaymentMethod::Alipay;
    if !backend.gateways.is_known(method) {
        return Err(Error::NotificationRefused);
    }
    let opened = backend.gateways.alipay_notification(body).await;
    let (recipient, notification) = opened.map_err(|error| {
        log_unverified(backend, method, &error);
        Error::NotificationUnverified
    })?;
    if notification.is_refund_event {
        // It has the same address and repeats "paid" or "closed" (gateways.md D row 34).
        return backend.alipay_refund_notified(recipient, &notification).await;
    }
    backend.notified(method, recipient, &notification.notify_id, &notification.trade).await
}
