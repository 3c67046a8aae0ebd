//! `notify_before_answer`: the notification is sent before the answer to the call that it is about.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::call::identify;
use crate::chaos::Kind;
use crate::shopper;
use crate::state::Shared;
use crate::wallet::Wallet;

/// Around each gateway call: pays an order that succeeded, and waits until the merchant was
/// notified.
pub(crate) async fn notify_first(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if !shared.faults().notify_before_answer {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let call = identify(&shared, &parts, &body);
    let Some(call) = call.filter(|call| matches!(call.kind, Kind::Order | Kind::Refund)) else {
        return next.run(Request::from_parts(parts, Body::from(body))).await;
    };
    let (wallet, number) = (call.wallet, call.out_trade_no);
    let tried = shared.notifier.next_try(wallet, &number);
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let happened = match call.kind {
        Kind::Order => pay(&shared, wallet, &number),
        _ => response.status().is_success(),
    };
    if happened {
        // A merchant that is not notified in time gets its answer nevertheless.
        let _ = tokio::time::timeout(NOTIFICATION_TIMEOUT, tried).await;
    }
    response
}

/// Pays the order; true if there was one to pay.
fn pay(shared: &Arc<Shared>, wallet: Wallet, number: &str) -> bool {
    let user = shared.faults().user().to_owned();
    let paid = match wallet {
        Wallet::WechatPay => {
            let live = shared.book().wechat.by_number(number).map(|order| order.live_code());
            let Some((code, payer)) = live else { return false };
            shopper::pay_wechat(shared, &code, payer.as_deref().unwrap_or(&user))
        }
        Wallet::Alipay => shopper::pay_alipay(shared, number, &user),
    };
    paid.is_ok()
}

const NOTIFICATION_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY: usize = 1024 * 1024;
