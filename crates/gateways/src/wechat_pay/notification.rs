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
    /// The gateway's id of this message. Whether retries repeat it is not documented:
    /// de-duplicate by transaction id (gateways.md H).
    pub id: String,
    /// `TRANSACTION.SUCCESS`, `REFUND.SUCCESS`, …
    pub event_type: String,
    /// The trade of a `TRANSACTION.SUCCESS`; `None` for other events, which are to be acknowledged.
    pub trade: Option<Trade>,
}

#[derive(Deserialize)]
struct Envelope {
    id: String,
    event_type: String,
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
    keys.verify(headers, body, now)?;
    let envelope: Envelope = serde_json::from_slice(body)
        .map_err(|_invalid| NotificationError::Malformed("not a notification's JSON"))?;
    let trade = match envelope.event_type.as_str() {
        "TRANSACTION.SUCCESS" => Some(trade(api_v3_key, &envelope.resource)?),
        _ => None,
    };
    Ok(Notification { id: envelope.id, event_type: envelope.event_type, trade })
}

fn trade(api_v3_key: &[u8], resource: &Resource) -> Result<Trade, NotificationError> {
    if resource.algorithm != "AEAD_AES_256_GCM" {
        return Err(NotificationError::Malformed("an unknown encryption algorithm"));
    }
    let associated_data = resource.associated_data.as_deref().unwrap_or_default();
    let plain =
        resource::decrypt(api_v3_key, &resource.nonce, associated_data, &resource.ciphertext)
            .map_err(|_undecryptable| NotificationError::Undecryptable)?;
    wire::trade(&plain).map_err(NotificationError::Malformed)
}
