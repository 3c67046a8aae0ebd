//! Answers: the signature is over the node's text as received, not serialized again (gateways.md B4).

use std::collections::HashMap;

use http::StatusCode;
use serde_json::value::RawValue;

use super::GATEWAY;
use super::fault::{self, Head};
use super::trust::Trust;
use crate::http::Reply;
use crate::keys::VerifyingKey;
use crate::{GatewayError, SignatureError};

/// An answer whose signature is valid, if it has one.
#[derive(Debug)]
pub(super) struct Answer {
    method: &'static str,
    node: String,
    head: Head,
    is_error_node: bool,
    is_signed: bool,
    request_id: Option<String>,
}

/// A signed answer to a question about one trade.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The node's text.
    Success(String),
    TradeNotExist,
}

/// Reads the answer to `method`, and checks its signature if it has one.
pub(super) fn read(
    method: &'static str,
    reply: &Reply,
    trust: &Trust,
) -> Result<Answer, GatewayError> {
    let request_id = fault::request_id(reply);
    if reply.status != StatusCode::OK {
        return Err(fault::of_status(reply));
    }
    // `RawValue` keeps the exact slice, with its escapes, order and blanks.
    let members: HashMap<String, &RawValue> = serde_json::from_slice(&reply.body)
        .map_err(|_invalid| malformed("something that is not a JSON object", request_id.clone()))?;
    let (node, is_error_node) = node_of(method, &members)
        .ok_or_else(|| malformed("no response to this method", request_id.clone()))?;
    let is_signed = match members.get("sign") {
        Some(sign) => {
            let text = |member: &RawValue| serde_json::from_str::<String>(member.get()).ok();
            let cert_sn = members.get("alipay_cert_sn").and_then(|member| text(member));
            let key = trust
                .key(cert_sn.as_deref())
                .map_err(|cause| unverified(cause, request_id.clone()))?;
            let sign = text(sign).unwrap_or_default();
            if !is_signed_by(&key, node, &sign) {
                return Err(unverified(SignatureError::BadSignature, request_id));
            }
            true
        }
        None => false,
    };
    let head: Head = serde_json::from_str(node)
        .map_err(|_invalid| malformed("a response without a code", request_id.clone()))?;
    if is_error_node && head.code == "10000" {
        return Err(malformed("an error that says success", request_id));
    }
    Ok(Answer { method, node: node.to_owned(), head, is_error_node, is_signed, request_id })
}

/// Reads the node of a success without checking a signature: the caller proves the content.
pub(super) fn unproved(method: &'static str, reply: &Reply) -> Result<String, GatewayError> {
    let request_id = fault::request_id(reply);
    if reply.status != StatusCode::OK {
        return Err(fault::of_status(reply));
    }
    let members: HashMap<String, &RawValue> = serde_json::from_slice(&reply.body)
        .map_err(|_invalid| malformed("something that is not a JSON object", request_id.clone()))?;
    let (node, _) = node_of(method, &members)
        .ok_or_else(|| malformed("no response to this method", request_id.clone()))?;
    let head: Head = serde_json::from_str(node)
        .map_err(|_invalid| malformed("a response without a code", request_id.clone()))?;
    if head.code == "10000" {
        Ok(node.to_owned())
    } else {
        Err(fault::classify(method, head, 200, request_id))
    }
}

/// True if `sign` is the key's signature over the node as received, or over the node with `/` for
/// each `\/`: Alipay's own SDK for Java tries the second if the first fails (gateways.md B4).
fn is_signed_by(key: &VerifyingKey, node: &str, sign: &str) -> bool {
    key.verifies(node.as_bytes(), sign)
        || (node.contains("\\/") && key.verifies(with_plain_slashes(node).as_bytes(), sign))
}

/// Writes `\/` as `/`, which is the same JSON value. The slash after an escaped backslash stays, so
/// that nobody can add a backslash to what was signed.
fn with_plain_slashes(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    let mut characters = json.chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('\\', Some('/')) => {}
            ('\\', Some(escaped)) => {
                plain.extend([character, escaped]);
                characters.next();
            }
            _ => plain.push(character),
        }
    }
    plain
}

/// Returns the text of the node that answers `method`, and true if it is an error of the gateway
/// itself.
fn node_of<'a>(method: &str, members: &HashMap<String, &'a RawValue>) -> Option<(&'a str, bool)> {
    let name = format!("{}_response", method.replace('.', "_"));
    match (members.get(&name), members.get("error_response")) {
        (Some(node), _) => Some((node.get(), false)),
        (None, Some(node)) => Some((node.get(), true)),
        (None, None) => None,
    }
}

impl Answer {
    /// The node of a signed success.
    pub(super) fn success(self) -> Result<String, GatewayError> {
        if self.head.code != "10000" {
            return Err(fault::classify(self.method, self.head, 200, self.request_id));
        }
        self.signed()
    }

    /// Returns a success, or a signed "no such trade". An unsigned one is an error: it must not end
    /// an order.
    pub(super) fn verdict(self) -> Result<Verdict, GatewayError> {
        if self.head.code == "40004" && self.head.reason() == "TRADE_NOT_EXIST" {
            return self.signed().map(|_node| Verdict::TradeNotExist);
        }
        self.success().map(Verdict::Success)
    }

    /// The node of a signed token, which has no code where it succeeds (gateways.md B11).
    pub(super) fn token(self) -> Result<String, GatewayError> {
        if self.head.code.is_empty() && !self.is_error_node {
            return self.signed();
        }
        self.success()
    }

    /// Returns the node of a signed success; `None` if the signed answer is that there is no bill,
    /// as on a day without trade.
    pub(super) fn bill(self) -> Result<Option<String>, GatewayError> {
        if self.head.reason().eq_ignore_ascii_case("bill_not_exist") {
            return self.signed().map(|_node| None);
        }
        self.success().map(Some)
    }

    fn signed(self) -> Result<String, GatewayError> {
        if self.is_signed {
            Ok(self.node)
        } else {
            Err(unverified(SignatureError::Missing("sign"), self.request_id))
        }
    }
}

/// Returns the error of an answer that differs from the documentation.
pub(super) fn malformed(what: &str, request_id: Option<String>) -> GatewayError {
    GatewayError::Malformed { gateway: GATEWAY, cause: what.to_owned(), request_id }
}

fn unverified(cause: SignatureError, request_id: Option<String>) -> GatewayError {
    GatewayError::Unverified { gateway: GATEWAY, cause, request_id }
}
