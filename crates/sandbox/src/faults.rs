//! Fault switches: what a gateway may do wrong on a bad day (gateways.md G1.16, G2.15).
//!
//! A new switch is a new member of [`Faults`]; the JSON API shows and sets it without more code.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::book::RefundState;
use crate::book::wechat::Product;
use crate::bridge::Answer;
use crate::server::Shared;

/// The switches, all off at the start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Faults {
    /// The next WeChat Pay call that would succeed takes effect but is answered with this status
    /// (400–599, body `SYSTEM_ERROR`). Once.
    pub(crate) wechat_next_status: Option<u16>,
    /// The next Alipay call that would succeed takes effect but is answered `20000 aop.unknow-error`. Once.
    pub(crate) alipay_next_unknown: bool,
    /// Notifications are lost: never sent, never retried.
    pub(crate) drop_notifications: bool,
    /// Notifications carry one fen more than was ordered, rightly signed.
    pub(crate) notification_wrong_amount: bool,
    /// Each notification is sent twice at the same moment.
    pub(crate) duplicate_notifications: bool,
    /// WeChat Pay's answers carry a probe signature (`WECHATPAY/SIGNTEST/…`, gateways.md A6).
    pub(crate) signtest_response: bool,
    /// The first try of each WeChat Pay notification carries a probe signature; its retry is right.
    pub(crate) signtest_notification: bool,
    /// Alipay's answers are not signed.
    pub(crate) alipay_unsigned: bool,
    /// Alipay's JSON does not escape slashes (by default it does: `https:\/\/qr…`).
    pub(crate) alipay_plain_slashes: bool,
    /// How long a WeChat Pay refund is `PROCESSING`, in milliseconds of the sandbox's clock, which
    /// can be pushed. `null` is a minute divided by the speed of notifications.
    pub(crate) refund_delay_ms: Option<u64>,
    /// How WeChat Pay's refunds end: `SUCCESS`, `ABNORMAL` or `CLOSED`.
    pub(crate) refund_outcome: RefundState,
    /// How long an Alipay refund takes, in milliseconds; at 0 it is done when it is answered.
    pub(crate) alipay_refund_delay_ms: u64,
    /// Refunds are refused for want of balance (`NOT_ENOUGH`, `ACQ.SELLER_BALANCE_NOT_ENOUGH`).
    pub(crate) refund_not_enough: bool,
    /// Whose phone it is: the payer on H5 pages, cashiers and in the apps. `null` is `shopper`.
    pub(crate) phone_user: Option<String>,
    /// WeChat Pay's products that the merchant has no permission for (`NO_AUTH`).
    pub(crate) wechat_no_auth: Vec<Product>,
    /// What `getBrandWCPayRequest` does at its sheet.
    pub(crate) jsapi_answer: Answer,
    /// What `tradePay` does at its sheet.
    pub(crate) tradepay_answer: Answer,
    /// When the bridges in the apps are ready, in milliseconds after the page's scripts begin to run;
    /// `null` is 200. Goes into `/bridge.js` when that is fetched.
    pub(crate) bridge_ready_ms: Option<u64>,
    /// Alipay names buyers by `open_id` in place of `user_id`.
    pub(crate) alipay_open_id: bool,
    /// Alipay's payments are `TRADE_FINISHED`, not `TRADE_SUCCESS`: paid, but not to be refunded.
    pub(crate) alipay_finished: bool,
    /// The domain registered for H5 payments; `null` is `127.0.0.1` and `localhost`.
    pub(crate) h5_domain: Option<String>,
    /// The H5 page does not go back to `redirect_url` by itself; the real one does after five seconds.
    pub(crate) h5_stays: bool,
    /// H5 orders with `payer_client_ip` `127.0.0.1` are refused by their page, as in real life. Off by
    /// default, because on loopback there is no other address.
    pub(crate) h5_checks_client_ip: bool,
    /// Gateways answer this much later, in milliseconds, at most a minute.
    pub(crate) slow_ms: u64,
    /// Gateways answer 503 to everything and do nothing.
    pub(crate) down: bool,
}

impl Faults {
    /// Whose phone it is.
    pub(crate) fn user(&self) -> &str {
        self.phone_user.as_deref().unwrap_or("shopper")
    }

    /// These switches with the members of `changes` in place of their own.
    ///
    /// # Errors
    /// What is wrong with `changes`: not an object, an unknown switch, or a value out of range.
    pub(crate) fn changed_by(&self, changes: &Value) -> Result<Self, String> {
        let Value::Object(changes) = changes else {
            return Err("send an object of switches".into());
        };
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        if let Value::Object(all) = &mut all {
            all.extend(changes.clone());
        }
        let changed: Self = serde_json::from_value(all).map_err(|error| error.to_string())?;
        if changed.wechat_next_status.is_some_and(|status| !(400..=599).contains(&status)) {
            return Err("wechat_next_status must be between 400 and 599, or null".into());
        }
        let texts = [&changed.phone_user, &changed.h5_domain];
        if texts.into_iter().flatten().any(|text| text.is_empty() || text.len() > MAX_TEXT) {
            return Err(format!("phone_user and h5_domain take 1 to {MAX_TEXT} bytes, or null"));
        }
        if changed.bridge_ready_ms.is_some_and(|delay| delay > MAX_SLOW_MS) {
            return Err(format!("bridge_ready_ms must be at most {MAX_SLOW_MS}, or null"));
        }
        if changed.slow_ms > MAX_SLOW_MS {
            return Err(format!("slow_ms must be at most {MAX_SLOW_MS}"));
        }
        let delay_ms = changed.refund_delay_ms.unwrap_or(0).max(changed.alipay_refund_delay_ms);
        if delay_ms > MAX_REFUND_DELAY_MS {
            return Err(format!("refund delays must be at most {MAX_REFUND_DELAY_MS} ms"));
        }
        if changed.refund_outcome == RefundState::Processing {
            return Err("refund_outcome must be an end: SUCCESS, ABNORMAL or CLOSED".into());
        }
        Ok(changed)
    }
}

/// Around each gateway call: `down` instead of it, `slow_ms` after it.
pub(crate) async fn before_and_after(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if shared.faults().down {
        let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
        let body = r#"{"code":"SERVICE_UNAVAILABLE","message":"服务不可用，请稍后重试"}"#;
        return (StatusCode::SERVICE_UNAVAILABLE, kind, body).into_response();
    }
    let response = next.run(request).await;
    let slow_ms = shared.faults().slow_ms;
    if slow_ms > 0 {
        tokio::time::sleep(Duration::from_millis(slow_ms)).await;
    }
    response
}

const MAX_SLOW_MS: u64 = 60_000;
const MAX_TEXT: usize = 64;
/// 30 days.
const MAX_REFUND_DELAY_MS: u64 = 30 * 24 * 3600 * 1000;
