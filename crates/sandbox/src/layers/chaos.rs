//! Applies the seeded faults to each gateway call.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::call::{Call, identify};
use crate::chaos::{self, Fault};
use crate::state::Shared;
use crate::wallet::Wallet;
use crate::{alipay, wechat};

pub(crate) async fn chaos(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if !shared.chaos().is_on() {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Some((call, fault, coin)) = identify(&shared, &parts, &body).and_then(|call| {
        let (fault, coin) = shared.chaos().decide_and_flip(call.kind, &call.out_trade_no)?;
        Some((call, fault, coin))
    }) else {
        return next.run(Request::from_parts(parts, Body::from(body))).await;
    };
    tracing::info!(order.out_trade_no = call.out_trade_no, call.kind = ?call.kind, ?fault, "chaos");
    // The refund faults happen inside the call.
    parts.extensions.insert(fault);
    let done = next.run(Request::from_parts(parts, Body::from(body)));
    match fault {
        Fault::DropBefore => chaos::hang_up(),
        Fault::ErrorBefore => system_error(&shared, &call, coin),
        Fault::Limited => limited(&shared, &call),
        Fault::DropAfter => {
            done.await;
            chaos::hang_up()
        }
        Fault::ErrorAfter => {
            done.await;
            system_error(&shared, &call, coin)
        }
        Fault::Html => {
            done.await;
            ([(header::CONTENT_TYPE, "text/html;charset=utf-8")], PORTAL).into_response()
        }
        Fault::Late => {
            let response = done.await;
            let late_ms = shared.chaos().settings().late_ms;
            tokio::time::sleep(Duration::from_millis(late_ms)).await;
            response
        }
        Fault::BadSignature => chaos::signature(call.wallet, done.await).await,
        Fault::Truncated => chaos::truncated(done.await).await,
        _ => done.await,
    }
}

fn system_error(shared: &Shared, call: &Call, coin: bool) -> Response {
    match call.wallet {
        Wallet::WechatPay => wechat::system_error(),
        // Both errors for an unknown outcome occur (gateways.md B7).
        Wallet::Alipay => alipay::system_error(shared, &call.method, coin),
    }
}

fn limited(shared: &Shared, call: &Call) -> Response {
    match call.wallet {
        Wallet::WechatPay => wechat::limited(),
        Wallet::Alipay => alipay::limited(shared, &call.method),
    }
}

const MAX_BODY: usize = 1024 * 1024;
const PORTAL: &str = "<!doctype html>\n<html><head><title>Login</title></head>\
    <body><h1>Sign in to this network</h1></body></html>\n";
