//! Errors on the wire: `application/problem+json` (RFC 9457).

use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;

open_enum! {
    /// Errors by the party that must act. Pages branch on this, never on prose.
    ErrorType {
        /// The backend could not be reached, or its answer was cut.
        ApiConnection = "api_connection_error",
        /// The backend or a gateway failed.
        Api = "api_error",
        /// A secret is missing, wrong or expired.
        Authentication = "authentication_error",
        /// The request is invalid as it is.
        InvalidRequest = "invalid_request_error",
        /// An idempotency key was used before with another body.
        Idempotency = "idempotency_error",
        /// Too many requests.
        RateLimit = "rate_limit_error",
        /// The page's author must act.
        Integration = "integration_error",
        /// The wallet or its bridge refused.
        Wallet = "wallet_error",
    }
}

/// The beginning of every problem's `type`; the [`ErrorType`] follows.
pub const PROBLEM_TYPE_PREFIX: &str = "urn:opencashier:problem:";

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A URN that ends in the [`ErrorType`].
    #[serde(rename = "type")]
    pub kind: String,
    /// A short English summary of the type of problem.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The failure and the remedy, in English, for the developer.
    pub detail: String,
    /// The stable code of the failure: one of [`code`].
    pub code: String,
    /// True if the same request may succeed later.
    pub retryable: bool,
    /// Finds the request in the backend's log.
    pub request_id: String,
}

impl Problem {
    /// The type of error, read from the `type` URN.
    #[must_use]
    pub fn error_type(&self) -> ErrorType {
        self.kind.strip_prefix(PROBLEM_TYPE_PREFIX).map_or(ErrorType::Unknown, ErrorType::parse)
    }
}

/// The stable codes of problems, failures and the widget's own errors.
pub mod code {
    /// The request's JSON, form or header is not well formed.
    pub const REQUEST_MALFORMED: &str = "request_malformed";
    /// A field's value cannot be used; `detail` names it.
    pub const PARAMETER_INVALID: &str = "parameter_invalid";
    /// The `Idempotency-Key` header is missing or not 1 to 255 visible ASCII characters.
    pub const IDEMPOTENCY_KEY_INVALID: &str = "idempotency_key_invalid";
    /// The key was used before with another body.
    pub const IDEMPOTENCY_KEY_REUSED: &str = "idempotency_key_reused";
    /// A request with this key is still in progress.
    pub const IDEMPOTENCY_IN_PROGRESS: &str = "idempotency_in_progress";
    /// No, or not this session's, client secret.
    pub const CLIENT_SECRET_INVALID: &str = "client_secret_invalid";
    /// The client secret has expired.
    pub const CLIENT_SECRET_EXPIRED: &str = "client_secret_expired";
    /// No, or not the configured, secret key.
    pub const SECRET_KEY_INVALID: &str = "secret_key_invalid";
    /// There is no such session.
    pub const SESSION_NOT_FOUND: &str = "session_not_found";
    /// The session is complete, expired or canceled.
    pub const SESSION_CLOSED: &str = "session_closed";
    /// There is no such payment in this session.
    pub const PAYMENT_NOT_FOUND: &str = "payment_not_found";
    /// The payment has ended; it cannot be refreshed.
    pub const PAYMENT_CLOSED: &str = "payment_closed";
    /// There is no such refund.
    pub const REFUND_NOT_FOUND: &str = "refund_not_found";
    /// There is no such event, or it was delivered long ago.
    pub const EVENT_NOT_FOUND: &str = "event_not_found";
    /// No session was opened for this order.
    pub const ORDER_NOT_FOUND: &str = "order_not_found";
    /// No bill of that day was compared.
    pub const RECONCILIATION_NOT_FOUND: &str = "reconciliation_not_found";
    /// The payment did not succeed, so it cannot be refunded on request.
    pub const PAYMENT_NOT_REFUNDABLE: &str = "payment_not_refundable";
    /// The refund is more than what is left of the payment.
    pub const REFUND_EXCEEDS_PAYMENT: &str = "refund_exceeds_payment";
    /// The method is not offered for this session.
    pub const PAYMENT_METHOD_UNAVAILABLE: &str = "payment_method_unavailable";
    /// The flow cannot be done with this method in this environment.
    pub const FLOW_UNAVAILABLE: &str = "flow_unavailable";
    /// The other wallet's payment could not be closed yet, so no second one may start.
    pub const PAYMENT_STILL_OPEN: &str = "payment_still_open";
    /// The secret of the session that a repeated request opened is not known any more.
    pub const CLIENT_SECRET_LOST: &str = "client_secret_lost";
    /// The order is paid; a session of it is complete.
    pub const ORDER_ALREADY_PAID: &str = "order_already_paid";
    /// Too many requests; `Retry-After` says when.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// The gateway could not be reached or did not answer in time.
    pub const GATEWAY_UNAVAILABLE: &str = "gateway_unavailable";
    /// The gateway refused the order.
    pub const GATEWAY_REJECTED: &str = "gateway_rejected";
    /// The gateway refuses this merchant's configuration.
    pub const GATEWAY_MISCONFIGURED: &str = "gateway_misconfigured";
    /// The body is larger than the backend reads.
    pub const BODY_TOO_LARGE: &str = "body_too_large";
    /// There is nothing at this path.
    pub const NOT_FOUND: &str = "not_found";
    /// This path does not know this method.
    pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
    /// The request took too long to arrive or to be processed.
    pub const REQUEST_TIMED_OUT: &str = "request_timed_out";
    /// The notification's signature, age or key is wrong.
    pub const NOTIFICATION_UNVERIFIED: &str = "notification_unverified";
    /// The notification is about no payment of this backend, or contradicts the order.
    pub const NOTIFICATION_REFUSED: &str = "notification_refused";
    /// A failure of the backend itself.
    pub const INTERNAL: &str = "internal";

    /// Widget: the backend could not be reached.
    pub const CONNECTION_FAILED: &str = "connection_failed";
    /// Widget: no answer in time.
    pub const ANSWER_TIMED_OUT: &str = "answer_timed_out";
    /// Widget: the answer is not the JSON that the merchant API speaks.
    pub const ANSWER_UNREADABLE: &str = "answer_unreadable";
    /// Widget: a member has a value that this version does not know. Only in the console.
    pub const VALUE_UNKNOWN: &str = "value_unknown";
    /// Widget: the browser has no source of randomness, so that no key can be minted.
    pub const RANDOM_UNAVAILABLE: &str = "random_unavailable";
    /// Widget: an error answer without a problem document.
    pub const ANSWER_FAILED: &str = "answer_failed";
    /// Widget: an option has a value that it cannot have.
    pub const OPTION_INVALID: &str = "option_invalid";
    /// Widget: the text does not fit into a QR code.
    pub const QR_CODE_TOO_LONG: &str = "qr_code_too_long";
    /// Widget: the next action is unknown, incomplete, or leads to an address that is not allowed.
    pub const NEXT_ACTION_REFUSED: &str = "next_action_refused";
    /// Widget: `confirm()` was called before a wallet was picked.
    pub const NOTHING_SELECTED: &str = "nothing_selected";
    /// Widget: `confirm()` was called on a read-only checkout.
    pub const READ_ONLY: &str = "read_only";
    /// Widget: `confirm()` was called where there is nothing to pay.
    pub const NOTHING_TO_PAY: &str = "nothing_to_pay";
    /// Widget: no wallet is left to offer.
    pub const NO_PAYMENT_METHOD: &str = "no_payment_method";
}
