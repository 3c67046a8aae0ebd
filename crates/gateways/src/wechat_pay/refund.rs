//! Refunds, their queries and notifications (gateways.md A8.1, A10).

use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::notification::Envelope;
use super::{Client, check_out_trade_no, fault, malformed, wire};
use crate::order::{Limit, require, shortened};
use crate::url_text::{encode, is_web_address};
use crate::{Fen, GatewayError, NotificationError, Refund, RefundOrder, RefundState};

const PATH: &str = "/v3/refund/domestic/refunds";

/// A verified notification of a refund's end, successful or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundNotification {
    /// The gateway's id of this message. It is not documented whether retries repeat it:
    /// deduplicate by refund number (gateways.md H).
    pub id: String,
    /// The refund as of this message. Compare its amount with your records.
    pub refund: Refund,
}

#[derive(Serialize)]
struct RefundRequest<'a> {
    out_trade_no: &'a str,
    out_refund_no: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    notify_url: Option<&'a str>,
    amount: RequestAmount,
}

#[derive(Serialize)]
struct RequestAmount {
    refund: i64,
    total: i64,
    currency: &'static str,
}

/// A refund in an answer.
#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(flatten)]
    facts: Facts,
}

/// A refund in a notification, which names its state differently (gateways.md A8.1).
#[derive(Deserialize)]
struct Resource {
    mchid: Option<String>,
    refund_status: String,
    #[serde(flatten)]
    facts: Facts,
}

#[derive(Deserialize)]
struct Facts {
    out_trade_no: String,
    out_refund_no: String,
    refund_id: Option<String>,
    amount: Amount,
}

#[derive(Deserialize)]
struct Amount {
    refund: i64,
    total: i64,
    currency: Option<String>,
}

impl Client {
    /// Refunds, or refunds again: the identical refund answers the first one (gateways.md A10).
    ///
    /// Success means *accepted*, normally [`Processing`](RefundState::Processing). At most 50
    /// refunds an order, a minute apart, within a year of payment.
    ///
    /// # Errors
    /// See [`GatewayError`]. Repeat a [retryable](GatewayError::is_retryable) error with the same
    /// `out_refund_no`, and an [`InsufficientBalance`](crate::AnswerKind::InsufficientBalance)
    /// after a top-up. After an unknown outcome, a [`RateLimited`](crate::AnswerKind::RateLimited)
    /// or a refusal that follows one of them, [query](Self::query_refund) first: the refund may be
    /// under way (gateways.md A4.2). Another amount under a used number is an error.
    pub async fn refund(&self, order: &RefundOrder) -> Result<Refund, GatewayError> {
        let reply = self.call(Method::POST, PATH, request(order)?).await?;
        let (refund, total) = answer(&reply.body).map_err(|what| malformed(what, &reply))?;
        if total != order.total {
            return Err(malformed("a refund of an order with another total", &reply));
        }
        match refund.contradiction(order) {
            Some(what) => Err(malformed(what, &reply)),
            None => Ok(refund),
        }
    }

    /// Queries a refund. An unknown number is [`NotFound`](RefundState::NotFound).
    ///
    /// # Errors
    /// See [`GatewayError`].
    pub async fn query_refund(&self, out_refund_no: &str) -> Result<Refund, GatewayError> {
        check_out_refund_no(out_refund_no)?;
        let path = format!("{PATH}/{}", encode(out_refund_no));
        let reply = match self.call(Method::GET, &path, Vec::new()).await {
            Err(error) if fault::is_refund_unknown(&error) => {
                return Ok(Refund::not_found("", out_refund_no));
            }
            reply => reply?,
        };
        let (refund, _total) = answer(&reply.body).map_err(|what| malformed(what, &reply))?;
        // The signature covers the body but not the request, so the numbers must be checked.
        if refund.out_refund_no != out_refund_no {
            return Err(malformed("another refund than asked for", &reply));
        }
        Ok(refund)
    }

    /// Verifies and opens a refund notification (gateways.md A8.1).
    ///
    /// `body` must be the bytes as received; `now` is this server's time. The merchant number is
    /// checked; compare order, refund number and amount with your records.
    ///
    /// # Errors
    /// Answer 4xx or 5xx to any [`NotificationError`], so that the gateway sends it again.
    /// [`NotAboutRefund`](NotificationError::NotAboutRefund) belongs to
    /// [`notification`](Self::notification).
    pub fn refund_notification(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<RefundNotification, NotificationError> {
        let envelope = Envelope::verified(&self.platform_keys, headers, body, now)?;
        if !envelope.is_about_refund() {
            return Err(NotificationError::NotAboutRefund { event_type: envelope.event_type });
        }
        let plain = envelope.opened(self.api_v3_key.expose().as_bytes())?;
        let refund = resource(&plain, &envelope.event_type, self.mchid())
            .map_err(NotificationError::Malformed)?;
        Ok(RefundNotification { id: envelope.id, refund })
    }
}

/// The body of a refund: the same bytes for the same refund.
fn request(order: &RefundOrder) -> Result<Vec<u8>, GatewayError> {
    check_out_trade_no(&order.out_trade_no)?;
    check_out_refund_no(&order.out_refund_no)?;
    order.check_amounts()?;
    require(
        order.notify_url.as_deref().is_none_or(|url| is_web_address(url, 256, false)),
        "notify_url",
        "must be an absolute URL of at most 256 bytes without a query",
    )?;
    wire::to_json(&RefundRequest {
        out_trade_no: &order.out_trade_no,
        out_refund_no: &order.out_refund_no,
        reason: shortened(&order.reason, &[], Limit::Bytes(80)),
        notify_url: order.notify_url.as_deref(),
        amount: RequestAmount {
            refund: order.amount.value(),
            total: order.total.value(),
            currency: "CNY",
        },
    })
}

/// Reads a verified answer: the refund, and the price of its order.
fn answer(body: &[u8]) -> Result<(Refund, Fen), &'static str> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_invalid| "not a refund")?;
    answer.facts.refund(state(&answer.status))
}

/// Reads a decrypted notification.
fn resource(plain: &[u8], event_type: &str, mchid: &str) -> Result<Refund, &'static str> {
    let resource: Resource = serde_json::from_slice(plain).map_err(|_invalid| "not a refund")?;
    match resource.mchid.as_deref() {
        Some(stated) if stated == mchid => {}
        Some(_) => return Err("a refund of another merchant"),
        // A service provider's names `sp_mchid` and `sub_mchid` instead.
        None => return Err("a refund without a merchant number, as a service provider gets it"),
    }
    let state = state(&resource.refund_status);
    let announced = self::state(event_type.trim_start_matches("REFUND."));
    if announced != RefundState::Unknown && announced != state {
        return Err("an event that contradicts its refund");
    }
    resource.facts.refund(state).map(|(refund, _total)| refund)
}

impl Facts {
    fn refund(self, state: RefundState) -> Result<(Refund, Fen), &'static str> {
        if self.amount.currency.is_some_and(|code| code != "CNY") {
            return Err("a refund in another currency");
        }
        let amount =
            Fen::new(self.amount.refund).ok_or("an amount that is negative or too large")?;
        let total = Fen::new(self.amount.total).ok_or("an amount that is negative or too large")?;
        if amount > total {
            return Err("a refund of more than was paid");
        }
        let refund = Refund {
            state,
            out_trade_no: self.out_trade_no,
            out_refund_no: self.out_refund_no,
            refund_id: self.refund_id.filter(|id| !id.is_empty()),
            amount: Some(amount),
            deposit_back: None,
        };
        Ok((refund, total))
    }
}

fn state(word: &str) -> RefundState {
    match word {
        "SUCCESS" => RefundState::Succeeded,
        "PROCESSING" => RefundState::Processing,
        "CLOSED" => RefundState::Closed,
        "ABNORMAL" => RefundState::Abnormal,
        _ => RefundState::Unknown,
    }
}

/// 1 to 64 of `0-9 A-Z a-z _ - | * @` (gateways.md A10).
fn check_out_refund_no(number: &str) -> Result<(), GatewayError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*@".contains(&byte);
    require(
        (1..=64).contains(&number.len()) && number.bytes().all(allowed),
        "out_refund_no",
        "must be 1 to 64 of 0-9 A-Z a-z _ - | * @ for WeChat Pay",
    )
}
