//! The checkout session: one order to be paid.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::list::list_or_null;
use crate::open_enum::open_enum;
use crate::{
    Amount, EmbedRequest, NextActionType, Payment, PaymentMethod, PaymentMethodOption,
    PaymentStatus, RefundStatus, Timestamp, strict,
};

open_enum! {
    /// The status of a session.
    SessionStatus {
        /// It may be paid.
        Open = "open",
        /// It is paid.
        Complete = "complete",
        /// Its time ran out unpaid.
        Expired = "expired",
        /// It was canceled unpaid.
        Canceled = "canceled",
    }
}

/// A session as the browser sees it. Every browser call answers with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Session {
    /// `cs_…`.
    pub id: String,
    /// Its status.
    pub status: SessionStatus,
    /// Grows with every change, so that an answer that was overtaken is not shown.
    pub revision: u32,
    /// The amount to pay.
    pub amount: Amount,
    /// The order, in the merchant's words.
    pub description: String,
    /// The merchant's name, as the shopper knows it.
    pub merchant_name: String,
    /// The wallets that are offered, in the merchant's order.
    pub payment_methods: Vec<PaymentMethod>,
    /// The flows of each wallet. If empty, every flow may be asked for.
    #[serde(default, deserialize_with = "list_or_null", skip_serializing_if = "Vec::is_empty")]
    pub payment_method_options: Vec<PaymentMethodOption>,
    /// The active payment, or the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// Money of this session that goes back to the payer by itself: a second capture, or one
    /// after the session had ended. Never a refund that the merchant asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<RefundStatus>,
    /// The last moment at which the session may be paid.
    pub expires_at: Timestamp,
    /// The server's clock when it answered.
    pub server_time: Timestamp,
    /// The backend's own page for this session, which works without JavaScript.
    pub hosted_url: String,
}

impl Session {
    /// Returns the first member whose value this version does not know. A newer backend may send
    /// such values, and a widget tolerates them, but a wrong backend sends them as well.
    #[must_use]
    pub fn unknown_member(&self) -> Option<&'static str> {
        if self.status == SessionStatus::Unknown {
            return Some("status");
        }
        if self.payment_methods.contains(&PaymentMethod::Unknown) {
            return Some("payment_methods");
        }
        let payment = self.payment.as_ref()?;
        if payment.status == PaymentStatus::Unknown {
            return Some("payment.status");
        }
        let action = payment.next_action.as_ref()?;
        (action.kind == NextActionType::Unknown).then_some("payment.next_action.type")
    }
}

/// The body of `POST /v1/checkout/sessions`, from the merchant's own server. Unknown members are
/// refused: an option that is misspelt would be ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    /// The merchant's number of the order.
    pub order_id: String,
    /// The amount to pay; at least one minor unit.
    #[serde(deserialize_with = "strict::amount")]
    #[cfg_attr(feature = "openapi", schemars(with = "strict::StrictAmount"))]
    pub amount: Amount,
    /// The order in words, shown to the shopper and on the bill.
    pub description: String,
    /// The wallets to offer, in this order; all that are configured where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_methods: Option<Vec<PaymentMethod>>,
    /// The life of the session, in seconds; the backend's default where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_s: Option<u32>,
    /// The page that the shopper returns to from a gateway's page or the hosted page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// The merchant's own texts about the session, by name. Pages never see them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Asks for the prerendered selector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embed: Option<EmbedRequest>,
}

/// A payment as support and accounts need it: with its numbers at the gateway. For the merchant's
/// own servers only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PaymentRecord {
    /// `pay_…`.
    pub id: String,
    /// The wallet.
    pub payment_method: PaymentMethod,
    /// Its status.
    pub status: PaymentStatus,
    /// The ordered amount.
    pub amount: Amount,
    /// The amount that has gone back.
    pub refunded: Amount,
    /// Our number of it at the gateway.
    pub out_trade_no: String,
    /// The gateway's number, once it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<String>,
    /// The time at which it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// The reason of its failure, as a code of [`crate::code`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// The time at which it was started.
    pub created_at: Timestamp,
}

/// A session as the merchant's own server sees it: with the client secret only in the answer
/// that opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SessionCreated {
    /// The session.
    pub session: Session,
    /// The merchant's number of the order.
    pub order_id: String,
    /// Every payment of the session, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<PaymentRecord>,
    /// The merchant's own texts about the session, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The secret for the page. Absent when the session is read later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// The prerendered selector as HTML, if the request asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embed: Option<String>,
}
