//! Alipay's parameters: the canonical string of requests and of messages (gateways.md B3, B9).

use std::collections::BTreeMap;

use percent_encoding::percent_decode;

use super::trust::Trust;
use crate::NotificationError;
use crate::keys::{SigningFailed, SigningKey};
use crate::url_text::encode;

/// A request's parameters before signing, in signing order.
#[derive(Debug, Default)]
pub(super) struct Parameters(BTreeMap<&'static str, String>);

/// A request's parameters with their signature.
#[derive(Debug)]
pub(super) struct Signed(BTreeMap<&'static str, String>);

/// The parameters that are sent in the body, because addresses are logged by proxies.
const IN_FORM: [&str; 3] = ["biz_content", "code", "grant_type"];

impl Parameters {
    /// Sets a parameter; an empty one is not sent, as it is not signed.
    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() {
            self.0.insert(name, value.to_owned());
        }
    }

    /// `name=value` joined by `&`, sorted, not encoded; `sign_type` is included.
    pub(super) fn canonical(&self) -> String {
        let pairs: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    pub(super) fn sign(self, key: &SigningKey) -> Result<Signed, SigningFailed> {
        let signature = key.sign(self.canonical().as_bytes())?;
        let mut all = self.0;
        all.insert("sign", signature);
        Ok(Signed(all))
    }
}

impl Signed {
    /// Encodes the parameters of every call. `charset` must be here: Alipay decodes the rest by it
    /// (gateways.md B2).
    pub(super) fn query(&self) -> String {
        self.encoded(|name| !IN_FORM.contains(&name))
    }

    /// Encodes the other parameters, as a form body.
    pub(super) fn form(&self) -> String {
        self.encoded(|name| IN_FORM.contains(&name))
    }

    /// All parameters, for a browser's GET.
    pub(super) fn everything(&self) -> String {
        self.encoded(|_| true)
    }

    fn encoded(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        let wanted = self.0.iter().filter(|(name, _)| is_wanted(name));
        let pairs: Vec<String> =
            wanted.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        pairs.join("&")
    }
}

/// A received form or query, decoded once, still in its own charset.
#[derive(Debug)]
pub(super) struct Message(BTreeMap<Vec<u8>, Vec<u8>>);

impl Message {
    /// Splits at `&`, then at the first `=`, and decodes each side once (gateways.md D8).
    pub(super) fn parse(raw: &[u8]) -> Result<Self, NotificationError> {
        let mut members = BTreeMap::new();
        for pair in raw.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut sides = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(sides.next().unwrap_or_default());
            let value = decode(sides.next().unwrap_or_default());
            if name.iter().any(|byte| b"&=".contains(byte)) || hides_another(&value) {
                return Err(NotificationError::Malformed("one parameter inside another"));
            }
            // It is undefined which of two values is signed.
            if members.insert(name, value).is_some() {
                return Err(NotificationError::Malformed("a parameter occurs twice"));
            }
        }
        Ok(Self(members))
    }

    /// Checks the V1 signature, which leaves out `sign` and `sign_type`.
    pub(super) fn verify(&self, trust: &Trust) -> Result<(), NotificationError> {
        let key = trust.key(self.text("alipay_cert_sn")?)?;
        let signature = self.text("sign")?.ok_or(NotificationError::MissingHeader("sign"))?;
        if self.text("sign_type")?.is_some_and(|kind| kind != "RSA2") {
            return Err(NotificationError::BadSignature);
        }
        if key.verifies(&self.canonical(), signature) {
            Ok(())
        } else {
            Err(NotificationError::BadSignature)
        }
    }

    /// The signed bytes, in the message's own charset.
    pub(super) fn canonical(&self) -> Vec<u8> {
        // The last parameter is said to be sent unsigned in certificate mode (gateways.md B8).
        const UNSIGNED: [&[u8]; 3] = [b"sign", b"sign_type", b"alipay_cert_sn"];
        let mut text = Vec::new();
        for (name, value) in &self.0 {
            if value.is_empty() || UNSIGNED.contains(&name.as_slice()) {
                continue;
            }
            if !text.is_empty() {
                text.push(b'&');
            }
            text.extend_from_slice(name);
            text.push(b'=');
            text.extend_from_slice(value);
        }
        text
    }

    /// A member's text; `None` if absent or empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, NotificationError> {
        let Some(value) = self.0.get(name.as_bytes()).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        // No value that is read contains `&`; one that does may have absorbed the next parameter.
        if value.contains(&b'&') {
            return Err(NotificationError::Malformed("one parameter inside another"));
        }
        let text = std::str::from_utf8(value)
            .map_err(|_other| NotificationError::Malformed("text that is not UTF-8"))?;
        Ok(Some(text))
    }

    /// Returns a required member.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, NotificationError> {
        self.text(name)?.ok_or(NotificationError::Malformed(name))
    }
}

/// True if a value contains text that looks like another parameter in the signed text. That text
/// escapes nothing, so two parameters of a genuine message can be sent again as one under a valid
/// signature; only the parameters that this client reads matter.
fn hides_another(value: &[u8]) -> bool {
    const READ: [&[u8]; 12] = [
        b"app_id",
        b"gmt_payment",
        b"gmt_refund",
        b"notify_id",
        b"out_trade_no",
        b"refund_fee",
        b"seller_id",
        b"sign",
        b"sign_type",
        b"total_amount",
        b"trade_no",
        b"trade_status",
    ];
    let mut parts = value.split(|byte| *byte == b'&').skip(1);
    parts.any(|part| {
        let name = part.split(|byte| *byte == b'=').next().unwrap_or_default();
        name.len() < part.len() && READ.contains(&name)
    })
}

fn decode(side: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> =
        side.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}
