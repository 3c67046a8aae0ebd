//! Reasons for which a notification, a return or an answer is refused.

/// The reason for which a signature does not prove that a message came from the gateway.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The message is not signed: this header or member is absent. A proxy may have dropped it.
    #[error("`{0}` is missing, so nothing proves who sent this; check that no proxy removes it")]
    Missing(&'static str),
    /// The signing time is 300 s or more away from our clock (gateways.md A6).
    #[error("signed {skew_s} s away from our clock; check this server's clock (NTP)")]
    StaleTimestamp {
        /// Our time minus the message's time, in seconds.
        skew_s: i64,
    },
    /// No configured key has this serial number or key id.
    #[error("no platform key `{serial}` is configured; download it from the merchant platform")]
    UnknownSerial {
        /// The serial as received, cut to 64 characters.
        serial: String,
    },
    /// The signature is not the gateway's; also for `WECHATPAY/SIGNTEST/` probes.
    #[error("the signature does not match")]
    BadSignature,
}

/// The reason for which a notification must be refused (answer 4xx, so that the gateway sends it again).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// A `Wechatpay-*` header, or Alipay's `sign` parameter, is absent.
    #[error("`{0}` is missing; check that no proxy removes it")]
    MissingHeader(&'static str),
    /// The signing time is 300 s or more away from our clock.
    #[error("signed {skew_s} s away from our clock; check this server's clock (NTP)")]
    StaleTimestamp {
        /// Our time minus the message's time, in seconds.
        skew_s: i64,
    },
    /// No configured key has this serial number or key id.
    #[error("no platform key `{serial}` is configured; download it from the merchant platform")]
    UnknownSerial {
        /// The serial as received, cut to 64 characters.
        serial: String,
    },
    /// The signature is not the gateway's: wrong key, changed body, not base64, or a probe.
    #[error(
        "the signature does not match; check the gateway's public key and that the body is raw"
    )]
    BadSignature,
    /// Genuine, but the `APIv3` key does not open it.
    #[error("the resource cannot be decrypted; check the APIv3 key")]
    Undecryptable,
    /// Genuine, but it reports a refund where a payment was expected: give the same message
    /// to [`refund_notification`](crate::wechat_pay::Client::refund_notification).
    #[error("`{event_type}` is about a refund, not a payment; hand it to `refund_notification`")]
    AboutRefund {
        /// The gateway's word for the event.
        event_type: String,
    },
    /// Genuine, but it reports something else where a refund was expected: give the same
    /// message to [`notification`](crate::wechat_pay::Client::notification).
    #[error("`{event_type}` is not about a refund; hand it to `notification`")]
    NotAboutRefund {
        /// The gateway's word for the event.
        event_type: String,
    },
    /// Genuine or not, it is not the message it should be.
    #[error("malformed: {0}")]
    Malformed(&'static str),
}

impl From<SignatureError> for NotificationError {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Missing(name) => Self::MissingHeader(name),
            SignatureError::StaleTimestamp { skew_s } => Self::StaleTimestamp { skew_s },
            SignatureError::UnknownSerial { serial } => Self::UnknownSerial { serial },
            SignatureError::BadSignature => Self::BadSignature,
        }
    }
}
