//! Opens the gateways' messages with the keys of the identity that they are for.

use gateways::{NotificationError, alipay, wechat_pay};
use http::HeaderMap;
use time::OffsetDateTime;

use super::Gateways;
use crate::identity::Identity;

/// A verified notification of WeChat Pay.
pub(crate) enum WechatPayNotification {
    Payment(wechat_pay::Notification),
    Refund(wechat_pay::RefundNotification),
}

impl Gateways {
    /// Opens a notification of WeChat Pay; returns the identity whose keys opened it, too.
    pub(crate) async fn wechat_pay_notification(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<(&Identity, WechatPayNotification), NotificationError> {
        let mut refusal = None;
        for gateway in self.wechat_pay.all() {
            // In certificate mode the platform may have begun to sign with a new certificate.
            if let Err(error) = gateway.client.learn_signer(headers).await {
                tracing::warn!("the platform's certificates could not be fetched: {error}");
            }
            match opened(&gateway.client, headers, body, now) {
                Ok(notification) => return Ok((&gateway.identity, notification)),
                Err(error) => keep(&mut refusal, error),
            }
        }
        Err(refusal.unwrap_or(NotificationError::BadSignature))
    }

    /// Opens a notification of Alipay; returns the identity whose keys opened it, too.
    pub(crate) async fn alipay_notification(
        &self,
        body: &[u8],
    ) -> Result<(&Identity, alipay::Notification), NotificationError> {
        self.alipay_message(body, |client| client.notification(body)).await
    }

    /// Verifies the query of a browser that Alipay redirected back.
    pub(crate) async fn alipay_return(
        &self,
        query: &str,
    ) -> Result<alipay::Returned, NotificationError> {
        let opened = self.alipay_message(query.as_bytes(), |client| client.verify_return(query));
        opened.await.map(|(_, returned)| returned)
    }

    async fn alipay_message<T>(
        &self,
        message: &[u8],
        open: impl Fn(&alipay::Client) -> Result<T, NotificationError>,
    ) -> Result<(&Identity, T), NotificationError> {
        let mut refusal = None;
        for gateway in self.alipay.all() {
            // In certificate mode Alipay may have begun to sign with a certificate that is new.
            if let Err(error) = gateway.client.learn_signer(message).await {
                tracing::warn!("a new certificate of Alipay's could not be fetched: {error}");
            }
            match open(&gateway.client) {
                Ok(opened) => return Ok((&gateway.identity, opened)),
                Err(error) => keep(&mut refusal, error),
            }
        }
        Err(refusal.unwrap_or(NotificationError::BadSignature))
    }
}

/// Opens a notification about a payment or a refund: both have the same address
/// (gateways.md A8.1).
fn opened(
    client: &wechat_pay::Client,
    headers: &HeaderMap,
    body: &[u8],
    now: OffsetDateTime,
) -> Result<WechatPayNotification, NotificationError> {
    match client.notification(headers, body, now) {
        Err(NotificationError::AboutRefund { .. }) => {
            client.refund_notification(headers, body, now).map(WechatPayNotification::Refund)
        }
        opened => opened.map(WechatPayNotification::Payment),
    }
}

/// Keeps the most specific refusal: every other identity refuses with "unknown key".
fn keep(kept: &mut Option<NotificationError>, error: NotificationError) {
    if matches!(kept, None | Some(NotificationError::UnknownSerial { .. })) {
        *kept = Some(error);
    }
}
