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
    let wallet = cashier.wallets.wechat_pay.as_ref().ok_or(Error::NotificationRefused)?;
    // Signatures age by the real clock.
    let now = OffsetDateTime::now_utc();
    let method = PaymentMethod::WechatPay;
    // In certificate mode the platform may have begun to sign with a certificate that is new.
    if let Err(error) = wallet.client.learn_signer(headers).await {
        tracing::warn!("the platform's certificates could not be fetched: {error}");
    }
    let disbelieve = |error: NotificationError| {
        disbelieved(cashier, method, &error);
        Error::NotificationUnverified
    };
    let notification = match wallet.client.notification(headers, body, now) {
        // Refunds are told to the same address (gateways.md A8.1).
        Err(NotificationError::AboutRefund { .. }) => {
            let told = wallet.client.refund_notification(headers, body, now).map_err(disbelieve)?;
            return cashier.refund_notified(method, &told.id, &told.refund).await;
        }
        notification => notification.map_err(disbelieve)?,
    };
    match &notification.trade {
        Some(trade) => cashier.notified(method, &notification.id, trade).await,
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
