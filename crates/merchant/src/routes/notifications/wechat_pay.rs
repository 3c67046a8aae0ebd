//! `POST /v1/notifications/wechat_pay` (gateways.md A8)

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use contract::PaymentMethod;
use http::{HeaderMap, StatusCode};
use time::OffsetDateTime;

use super::{log_refused, log_unverified};
use crate::error::Error;
use crate::gateway::WechatPayNotification;
use crate::service::{Backend, Shared};
use crate::web::body;
use crate::web::request_layer::RawErrorBody;

/// Answers 204 once the effect is written, else `FAIL`, after which WeChat Pay sends it again.
pub(in super::super) async fn notify(
    State(backend): State<Shared>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Error> {
    let body = body::raw(&headers, content).await?;
    Ok(match accept(&backend, &headers, &body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            log_refused(&backend, PaymentMethod::WechatPay, &error);
            let fail = Json(serde_json::json!({ "code": "FAIL", "message": "失败" }));
            let mut response = (error.status(), fail).into_response();
            response.extensions_mut().insert(RawErrorBody);
            response
        }
    })
}

async fn accept(backend: &Backend, headers: &HeaderMap, body: &[u8]) -> Result<(), Error> {
    let method = PaymentMethod::WechatPay;
    if !backend.gateways.is_known(method) {
        return Err(Error::NotificationRefused);
    }
    // The age of signatures is checked against the real clock.
    let now = OffsetDateTime::now_utc();
    let opened = backend.gateways.wechat_pay_notification(headers, body, now).await;
    let (recipient, notification) = opened.map_err(|error| {
        log_unverified(backend, method, &error);
        Error::NotificationUnverified
    })?;
    let notification = match notification {
        WechatPayNotification::Payment(notification) => notification,
        WechatPayNotification::Refund(notification) => {
            let (id, refund) = (&notification.id, &notification.refund);
            return backend.refund_notified(method, recipient, id, refund).await;
        }
    };
    match &notification.trade {
        Some(trade) => backend.notified(method, recipient, &notification.id, trade).await,
        None => {
            tracing::info!(
                notification.event_type = %notification.event_type,
                "a notification that is not about a payment was acknowledged"
            );
            Ok(())
        }
    }
}
