//! Opens the gateways' messages with the keys of the identity that they are for.

use gateways::{NotificationError, alipay, wechat_pay};
use http::HeaderMap;
use time::OffsetDateTime;

use super::Gateways;
use super::clients::Gateway;
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
        let open =
            |gateway: &Gateway<wechat_pay::Client>| opened(&gateway.client, headers, body, now);
        let mut refusal = None;
        if let Some(opened) = first(self.wechat_pay.all(), open, &mut refusal) {
            return Ok(opened);
        }
        // In certificate mode the platform may have begun to sign with a new certificate. Fetched
        // last: the download of one identity must not delay what another one can open.
        for gateway in self.wechat_pay.all() {
            if let Err(error) = gateway.client.learn_signer(headers).await {
                tracing::warn!("the platform's certificates could not be fetched: {error}");
            }
            if let Some(opened) = first([gateway], open, &mut refusal) {
                return Ok(opened);
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
        open: impl Fn(&alipay::Client) -> Result<T, NotificationError> + Copy,
    ) -> Result<(&Identity, T), NotificationError> {
        let open = |gateway: &Gateway<alipay::Client>| open(&gateway.client);
        let mut refusal = None;
        if let Some(opened) = first(self.alipay.all(), open, &mut refusal) {
            return Ok(opened);
        }
        // In certificate mode Alipay may have begun to sign with a new certificate. Fetched last,
        // for the same reason as WeChat Pay's.
        for gateway in self.alipay.all() {
            if let Err(error) = gateway.client.learn_signer(message).await {
                tracing::warn!("a new certificate of Alipay's could not be fetched: {error}");
            }
            if let Some(opened) = first([gateway], open, &mut refusal) {
                return Ok(opened);
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

/// Opens a message with the first identity that can. Of the refusals the most specific is kept:
/// every other identity refuses with "unknown key".
fn first<'a, Client: 'a, T>(
    gateways: impl IntoIterator<Item = &'a Gateway<Client>>,
    open: impl Fn(&Gateway<Client>) -> Result<T, NotificationError>,
    refusal: &mut Option<NotificationError>,
) -> Option<(&'a Identity, T)> {
    for gateway in gateways {
        match open(gateway) {
            Ok(opened) => return Some((&gateway.identity, opened)),
            Err(error) => {
                if matches!(refusal, None | Some(NotificationError::UnknownSerial { .. })) {
                    *refusal = Some(error);
                }
            }
        }
    }
    None
}
