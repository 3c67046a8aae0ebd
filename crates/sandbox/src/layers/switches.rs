//! Around each gateway call: `down` and `limited` instead of it, `drop_answers` and `slow_ms` after it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, Uri, header};

use crate::alipay::params::Params;
use crate::state::Shared;
use crate::{alipay, chaos, clock, wechat};

pub(crate) async fn switches(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let faults = shared.faults().clone();
    if faults.down {
        let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
        let body = r#"{"code":"SERVICE_UNAVAILABLE","message":"服务不可用，请稍后重试"}"#;
        return (StatusCode::SERVICE_UNAVAILABLE, kind, body).into_response();
    }
    let mut response =
        if faults.limited { limited(&shared, request.uri()) } else { next.run(request).await };
    let slow_ms = shared.faults().slow_ms;
    if slow_ms > 0 {
        tokio::time::sleep(Duration::from_millis(slow_ms)).await;
    }
    if faults.drop_answers {
        return chaos::hang_up();
    }
    // The gateway's own clock, by which a merchant can measure the error of its own.
    if let Ok(date) = HeaderValue::from_str(&clock::http(shared.unix_now())) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn limited(shared: &Shared, uri: &Uri) -> Response {
    if uri.path() != "/gateway.do" {
        return wechat::limited();
    }
    let params = Params::merge(uri.query().unwrap_or_default(), b"");
    alipay::limited(shared, params.get("method").unwrap_or_default())
}
