//! Truncated answers, and invalid signatures.

use std::io;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body_util::Channel;

use crate::wallet::Wallet;

/// An answer without a single byte: the connection is closed.
pub(crate) fn hang_up() -> Response {
    let (sender, body) = Channel::<Bytes, io::Error>::new(1);
    sender.abort(io::Error::other("dropped by chaos"));
    Response::new(Body::new(body))
}

/// The head and the first half of an answer; then the connection is closed.
pub(crate) async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, usize::MAX).await else { return hang_up() };
    if whole.len() < 2 {
        return hang_up();
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let (mut sender, body) = Channel::<Bytes, io::Error>::new(1);
    tokio::spawn(async move {
        // The client may have disconnected, which ends the answer as well.
        let _ = sender.send_data(whole.slice(..whole.len() / 2)).await;
        // Long enough for the first half to be sent before the connection is closed.
        tokio::time::sleep(HALF_LEAVES).await;
        sender.abort(io::Error::other("cut by chaos"));
    });
    Response::from_parts(parts, Body::new(body))
}

/// The answer with an invalid signature of the right length.
pub(crate) async fn signature(wallet: Wallet, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, usize::MAX).await else { return hang_up() };
    match wallet {
        Wallet::WechatPay => {
            if let Some(value) = parts.headers.get_mut("wechatpay-signature")
                && let Ok(wrong) =
                    HeaderValue::from_str(&spoiled(value.to_str().unwrap_or_default()))
            {
                *value = wrong;
            }
            Response::from_parts(parts, Body::from(whole))
        }
        Wallet::Alipay => {
            let text = String::from_utf8_lossy(&whole).into_owned();
            let text = match text.rsplit_once(SIGN) {
                Some((node, signature)) => format!("{node}{SIGN}{}", spoiled(signature)),
                None => text,
            };
            Response::from_parts(parts, Body::from(text))
        }
    }
}

/// The same text with the case of its first letters changed: still base64, and as long.
pub(crate) fn spoiled(signature: &str) -> String {
    let other_case = |letter: char| {
        if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        }
    };
    let (begin, rest) =
        signature.split_at_checked(signature.len().min(64)).unwrap_or((signature, ""));
    begin.chars().map(other_case).chain(rest.chars()).collect()
}

const SIGN: &str = r#","sign":""#;
const HALF_LEAVES: std::time::Duration = std::time::Duration::from_millis(5);
