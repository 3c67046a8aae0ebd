//! Answers of WeChat Pay: signed success, unsigned errors (gateways.md A1, A4, G1.5).

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::state::Shared;
use crate::{random, signing};

/// The answer to a successful call.
pub(crate) enum Reply {
    Json(Value),
    NoContent,
    /// A file; downloads are not signed (gateways.md A6).
    File(Bytes),
}

/// The answer to a refused call. Members come in alphabetical order, as the real gateway's do.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) detail: Option<Value>,
    /// The number behind the dash of `Request-ID` (gateways.md A4.5); `None` leaves the header out.
    pub(crate) errno: Option<u32>,
}

impl Failure {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        errno: u32,
        message: impl Into<String>,
    ) -> Self {
        Self { status, code, message: message.into(), detail: None, errno: Some(errno) }
    }

    pub(crate) fn with_detail(self, detail: Value) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// A `PARAM_ERROR` with the detail shape of gateways.md A4.3.
    pub(crate) fn parameter(message: impl Into<String>, location: &str, value: Value) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PARAM_ERROR", ILLEGAL_PARAMETER, message)
            .with_detail(json!({ "location": location, "value": value }))
    }

    pub(crate) fn unreadable_body() -> Self {
        Self::parameter("请求体过大或无法读取", "body", Value::Null)
    }

    pub(crate) fn order_not_exist() -> Self {
        Self::new(StatusCode::NOT_FOUND, "ORDER_NOT_EXIST", 268_512_771, "订单不存在")
    }

    pub(crate) fn system_error(status: StatusCode) -> Self {
        Self::new(status, "SYSTEM_ERROR", 268_435_463, "系统异常，请稍后重试")
    }

    /// The exact status is not documented; 400 is what clients in the wild handle (gateways.md A4.2).
    pub(crate) fn order_paid() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ORDERPAID", 268_498_689, "该订单已支付")
    }

    /// Too many calls; also used when the sandbox's memory limit is reached.
    pub(crate) fn limited() -> Self {
        let message = "频率限制，请降低频率后重试";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "FREQUENCY_LIMITED", 268_447_840, message)
    }

    pub(crate) fn into_response(self) -> Response {
        let mut body = json!({ "code": self.code, "message": self.message });
        if let (Value::Object(body), Some(detail)) = (&mut body, self.detail) {
            body.insert("detail".into(), detail);
        }
        let mut response = (self.status, body.to_string()).into_response();
        common_headers(response.headers_mut(), self.errno);
        response
    }
}

/// Makes the response; the fault switches change it here.
pub(crate) fn respond(shared: &Arc<Shared>, result: Result<Reply, Failure>) -> Response {
    let faults = shared.faults().clone();
    let reply = match result {
        Ok(reply) => reply,
        Err(failure) => return failure.into_response(),
    };
    // A backend makes queries at any time: one of another order must not take the switch.
    let is_query = matches!(&reply, Reply::Json(value) if value.get("trade_state").is_some());
    if let Some(status) = faults.wechat_next_status.filter(|_| !is_query) {
        shared.faults().wechat_next_status = None;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return Failure::system_error(status).into_response();
    }
    let (status, body) = match reply {
        Reply::Json(value) => (StatusCode::OK, value.to_string()),
        Reply::NoContent => (StatusCode::NO_CONTENT, String::new()),
        Reply::File(bytes) => {
            let mut response = bytes.into_response();
            common_headers(response.headers_mut(), Some(0));
            let kind = HeaderValue::from_static("application/octet-stream");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            return response;
        }
    };
    let signed = signed_headers(shared, &body, faults.signtest_response);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    common_headers(headers, Some(0));
    if status == StatusCode::NO_CONTENT {
        headers.remove(header::CONTENT_TYPE);
    }
    headers.extend(signed);
    response
}

/// The `Wechatpay-*` headers over a body, for answers and notifications (gateways.md A6).
pub(crate) fn signed_headers(shared: &Shared, body: &str, probe: bool) -> HeaderMap {
    let timestamp = shared.unix_now().to_string();
    let nonce = random::alphanumerics(32);
    let message = format!("{timestamp}\n{nonce}\n{body}\n");
    let (serial, mut signature) = signing::sign(shared, message.as_bytes());
    if probe {
        // A probe is as long as a real signature and must not verify.
        let rest: String = signature.chars().skip(PROBE.len()).collect();
        signature = format!("{PROBE}{rest}");
    }
    let mut headers = HeaderMap::new();
    insert(&mut headers, "wechatpay-timestamp", &timestamp);
    insert(&mut headers, "wechatpay-nonce", &nonce);
    insert(&mut headers, "wechatpay-signature", &signature);
    insert(&mut headers, "wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048");
    insert(&mut headers, "wechatpay-serial", &serial);
    headers
}

fn common_headers(headers: &mut HeaderMap, errno: Option<u32>) {
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    insert(headers, "content-language", "zh-CN");
    if let Some(errno) = errno {
        insert(headers, "request-id", &format!("{}-{errno}", random::upper_hex(38)));
    }
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// Suffixes of `Request-ID` (gateways.md A4.5).
pub(crate) const ILLEGAL_PARAMETER: u32 = 268_435_461;
const PROBE: &str = "WECHATPAY/SIGNTEST/";
