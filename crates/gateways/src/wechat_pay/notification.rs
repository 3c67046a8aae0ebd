//! Payment notifications: verify the raw bytes, then parse, then decrypt (gateways.md A8).

use http::HeaderMap;
use serde::Deserialize;
use time::OffsetDateTime;

use super::signature::PlatformKeys;
use super::{resource, wire};
use crate::{NotificationError, Trade};

/// A genuine notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The gateway's id of this message. It is not documented whether retries repeat it:
    /// deduplicate by transaction id (gateways.md H).
    pub id: String,
    /// `TRANSACTION.SUCCESS`, or a word of a product that we do not use.
    pub event_type: String,
    /// The trade of a `TRANSACTION.SUCCESS`; `None` for other events, which are to be acknowledged.
    pub trade: Option<Trade>,
}

/// A notification whose signature is valid and whose resource is still encrypted.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) id: String,
    pub(super) event_type: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    algorithm: String,
    ciphertext: String,
    #[serde(default)]
    associated_data: Option<String>,
    nonce: String,
}

pub(super) fn open(
    keys: &PlatformKeys,
    api_v3_key: &[u8],
    headers: &HeaderMap,
    body: &[u8],
    now: OffsetDateTime,
) -> Result<Notification, NotificationError> {
    let envelope = Envelope::verified(keys, headers, body, now)?;
    if envelope.is_about_refund() {
        return Err(NotificationError::AboutRefund { event_type: envelope.event_type });
    }
    let trade = match envelope.event_type.as_str() {
        "TRANSACTION.SUCCESS" => {
            let plain = envelope.opened(api_v3_key)?;
            Some(wire::trade(&plain).map_err(NotificationError::Malformed)?)
        }
        _ => None,
    };
    Ok(Notification { id: envelope.id, event_type: envelope.event_type, trade })
}

impl Envelope {
    pub(super) fn verified(
        keys: &PlatformKeys,
        headers: &HeaderMap,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<Self, NotificationError> {
        keys.verify(headers, body, now)?;
        serde_json::from_slice(body)
            .map_err(|_invalid| NotificationError::Malformed("not a notification's JSON"))
    }

    pub(super) fn is_about_refund(&self) -> bool {
        self.event_type.starts_with("REFUND.")
    }

    /// Decrypts the resource.
    pub(super) fn opened(&self, api_v3_key: &[u8]) -> Result<Vec<u8>, NotificationError> {
        let Resource { algorithm, ciphertext, associated_data, nonce } = &self.resource;
        if algorithm != "AEAD_AES_256_GCM" {
            return Err(NotificationError::Malformed("an unknown encryption algorithm"));
        }
        let associated_data = associated_data.as_deref().unwrap_or_default();
        resource::decrypt(api_v3_key, nonce, associated_data, ciphertext)
            .map_err(|_undecryptable| NotificationError::Undecryptable)
    }
}
