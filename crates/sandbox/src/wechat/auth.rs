//! Authenticates a call: the `Authorization` header and its signature (gateways.md A4.4, A5, G1.2).

use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::call::Call;
use super::reply::{Failure, ILLEGAL_PARAMETER};
use crate::state::Shared;

/// Checks, in the gateway's order: presence, headers, syntax, scheme, merchant, serial, clock, signature.
pub(crate) fn check(shared: &Shared, call: &Call) -> Result<(), Failure> {
    let authorization = text(&call.headers, "authorization");
    // The APIs of refunds, certificates and bills check the headers first and name the missing ones
    // (gateways.md A4.4, item 1).
    let is_strict = ["/v3/refund/", "/v3/certificates", "/v3/bill"]
        .iter()
        .any(|path| call.path.starts_with(path));
    if is_strict {
        check_headers(call)?;
    }
    if !is_strict && !authorization.starts_with("WECHATPAY2-") {
        return Err(absent());
    }
    check_headers(call)?;
    let claim = Claim::parse(authorization).ok_or_else(|| {
        sign_error(
            "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》",
            "authorization",
        )
    })?;
    if claim.scheme != SCHEME {
        return Err(sign_error("HTTP头Authorization认证类型不正确", "authorization"));
    }
    let keys = &shared.keys.wechat_pay;
    if claim.mchid != keys.mchid {
        let message = "商户号不存在，请检查Http头Authorization中的mchid";
        let is_refund = call.path.starts_with("/v3/refund/");
        let status = if is_refund { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
        return Err(Failure::new(status, "MCH_NOT_EXISTS", 268_443_715, message));
    }
    if claim.serial_no != keys.merchant_serial {
        return Err(sign_error("商户证书序列号有误。请使用签名私钥匹配的证书序列号", "serial_no"));
    }
    let sent_at: Option<i64> = claim.timestamp.parse().ok();
    if sent_at.is_none_or(|at| shared.unix_now().abs_diff(at) > MAX_SKEW_S) {
        return Err(sign_error(
            "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟",
            "timestamp",
        ));
    }
    check_signature(shared, call, &claim)
}

/// The content of the `Authorization` header.
struct Claim<'a> {
    scheme: &'a str,
    mchid: &'a str,
    nonce_str: &'a str,
    timestamp: &'a str,
    serial_no: &'a str,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    /// Scheme, one space, five `key="value"` pairs joined by commas, each key once.
    fn parse(authorization: &'a str) -> Option<Self> {
        let (scheme, pairs) = authorization.split_once(' ')?;
        let mut claim =
            Claim { scheme, mchid: "", nonce_str: "", timestamp: "", serial_no: "", signature: "" };
        for pair in pairs.split(',') {
            let (name, value) = pair.split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            let slot = match name {
                "mchid" => &mut claim.mchid,
                "nonce_str" => &mut claim.nonce_str,
                "timestamp" => &mut claim.timestamp,
                "serial_no" => &mut claim.serial_no,
                "signature" => &mut claim.signature,
                _ => return None,
            };
            if !slot.is_empty() || value.is_empty() || value.contains('"') {
                return None;
            }
            *slot = value;
        }
        let parts =
            [claim.mchid, claim.nonce_str, claim.timestamp, claim.serial_no, claim.signature];
        parts.iter().all(|part| !part.is_empty()).then_some(claim)
    }
}

/// Verifies over the bytes as received; a refusal shows the beginning of the text that the gateway
/// verified.
fn check_signature(shared: &Shared, call: &Call, claim: &Claim<'_>) -> Result<(), Failure> {
    let url = call.url();
    let head = format!("{}\n{url}\n{}\n{}\n", call.method, claim.timestamp, claim.nonce_str);
    let mut message = head.clone().into_bytes();
    message.extend_from_slice(&call.body);
    message.push(b'\n');
    if shared.keys.server.merchant.verifies(&message, claim.signature) {
        return Ok(());
    }
    let body: String = String::from_utf8_lossy(&call.body).chars().take(SHOWN_BODY).collect();
    let information = json!({
        "method": call.method.as_str(),
        "sign_message_length": message.len(),
        "truncated_sign_message": format!("{head}{body}\n"),
        "url": url,
    });
    Err(Failure::new(StatusCode::UNAUTHORIZED, "SIGN_ERROR", SIGNATURE, "签名错误").with_detail(
        json!({
            "detail": { "issue": "sign not match" },
            "field": "signature",
            "location": "authorization",
            "sign_information": information,
        }),
    ))
}

/// `Accept` and `User-Agent` always, `Content-Type` with a body (gateways.md A1).
fn check_headers(call: &Call) -> Result<(), Failure> {
    let wrong = |message: &str, field: &str| {
        Failure::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", ILLEGAL_PARAMETER, message)
            .with_detail(json!({ "field": field, "location": "header", "value": Value::Null }))
    };
    if text(&call.headers, "accept").is_empty() || text(&call.headers, "user-agent").is_empty() {
        return Err(wrong("Http头缺少Accept或User-Agent", "User-Agent"));
    }
    let kind = call
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if !call.body.is_empty() && !kind.to_ascii_lowercase().starts_with("application/json") {
        return Err(wrong("Http头Content-Type值应为application/json", "Content-Type"));
    }
    Ok(())
}

/// No credentials of this gateway at all: answered without `Request-ID` (gateways.md A4.4, item 2).
fn absent() -> Failure {
    Failure {
        status: StatusCode::UNAUTHORIZED,
        code: "SIGN_ERROR",
        message: "签名信息错误，验签失败".into(),
        detail: None,
        errno: None,
    }
}

fn sign_error(message: &str, field: &str) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, "SIGN_ERROR", SIGNATURE, message)
        .with_detail(json!({ "field": field, "location": "authorization" }))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
const SIGNATURE: u32 = 268_443_699;
/// Seconds that the caller's clock may differ.
const MAX_SKEW_S: u64 = 300;
/// The number of characters of the body that a signature error shows.
const SHOWN_BODY: usize = 8;
