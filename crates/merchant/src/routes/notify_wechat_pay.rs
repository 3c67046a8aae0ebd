//! `POST /v1/notifications/wechat_pay` (gateways.md A8)

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use contract::PaymentMethod;
use gateways::NotificationError;
use http::{HeaderMap, StatusCode};
use time::OffsetDateTime;

use crate::error::Error;
use crate::service::{Cashier, Shared};
use crate::wallets::WechatPayNotification;
use crate::web::body;
use crate::web::outermost::Deliberate;

/// Answers 204 once the effect is written, else `FAIL`, upon which WeChat Pay sends it again.
pub(super) async fn notify(
    State(cashier): State<Shared>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Error> {
    let body = body::raw(&headers, content).await?;
    Ok(match accept(&cashier, &headers, &body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            log(&cashier, PaymentMethod::WechatPay, &error);
            let fail = Json(serde_json::json!({ "code": "FAIL", "message": "失败" }));
            let mut response = (error.status(), fail).into_response();
            response.extensions_mut().insert(Deliberate);
            response
        }
    })
}

async fn accept(cashier: &Cashier, headers: &HeaderMap, body: &[u8]) -> Result<(), Error> {
    let method = PaymentMethod::WechatPay;
    if !cashier.wallets.is_known(method) {
        return Err(Error::NotificationRefused);
    }
    // Signatures age by the real clock.
    let now = OffsetDateTime::now_utc();
    let opened = cashier.wallets.wechat_pay_notification(headers, body, now).await;
    let (told, notification) = opened.map_err(|error| {
        disbelieved(cashier, method, &error);
        Error::NotificationUnverified
    })?;
    let notification = match notification {
        WechatPayNotification::Payment(notification) => notification,
        WechatPayNotification::Refund(notification) => {
            let (id, refund) = (&notification.id, &notification.refund);
            return cashier.refund_notified(method, told, id, refund).await;
        }
    };
    match &notification.trade {
        Some(trade) => cashier.notified(method, told, &notification.id, trade).await,
        None => {
            tracing::info!(
                notification.event_type = %notification.event_type,
                "a notification that is not about a payment was acknowledged"
            );
            Ok(())
        }
    }
}

/// One line for a notification that is not believed. Anybody can send such.
pub(super) fn disbelieved(cashier: &Cashier, method: PaymentMethod, error: &NotificationError) {
    if let Some(suppressed) = cashier.warnings.allow(cashier.clock.uptime()) {
        tracing::warn!(payment.method = %method, suppressed, "a notification is not believed: {error}");
    }
}

/// One line for a notification that was not acknowledged.
pub(super) fn log(cashier: &Cashier, method: PaymentMethod, error: &Error) {
    let (code, cause) = (error.code(), error.cause());
    if error.status().is_server_error() {
        tracing::error!(payment.method = %method, problem.code = code, cause, "a notification was not carried out: {error}");
    } else if !matches!(error, Error::NotificationUnverified)
        && let Some(suppressed) = cashier.warnings.allow(cashier.clock.uptime())
    {
        tracing::warn!(payment.method = %method, problem.code = code, suppressed, "a notification was refused: {error}");
    }
}
