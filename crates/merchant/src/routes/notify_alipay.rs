//! `POST /v1/notifications/alipay` (gateways.md B9)

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use contract::PaymentMethod;
use http::HeaderMap;

use crate::error::Error;
use crate::service::{Cashier, Shared};
use crate::web::body;
use crate::web::outermost::Deliberate;

/// Answers `success` once the effect is written, else `fail`, upon which Alipay sends it again.
pub(super) async fn notify(
    State(cashier): State<Shared>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Error> {
    let body = body::raw(&headers, content).await?;
    Ok(match accept(&cashier, &body).await {
        Ok(()) => "success".into_response(),
        Err(error) => {
            super::notify_wechat_pay::log(&cashier, PaymentMethod::Alipay, &error);
            let status = error.status();
            let mut response = (status, "fail").into_response();
            response.extensions_mut().insert(Deliberate);
            response
        }
    })
}

async fn accept(cashier: &Cashier, body: &[u8]) -> Result<(), Error> {
    let method = PaymentMethod::Alipay;
    if !cashier.wallets.is_known(method) {
        return Err(Error::NotificationRefused);
    }
    let opened = cashier.wallets.alipay_notification(body).await;
    let (told, notification) = opened.map_err(|error| {
        super::notify_wechat_pay::disbelieved(cashier, method, &error);
        Error::NotificationUnverified
    })?;
    if notification.is_refund_event {
        // It comes to the same address and says "paid" or "closed" again (gateways.md D row 34).
        return cashier.alipay_refund_notified(&notification).await;
    }
    cashier.notified(method, told, &notification.notify_id, &notification.trade).await
}
