//! What travels between a page and the backend, in the contract's types.

use checkout::{Config, Fault, Intent};
use contract::{
    Amount, Environment, ErrorType, Flow, NextAction, NextActionType, Payment, PaymentMethod,
    PaymentStatus, Session, Timestamp, code,
};
use merchant::rules::Refusal;

use crate::task::{Document, Problem};

/// The options of a page, with what its storage remembers.
pub(crate) fn config(remembered: Option<Intent>) -> Config {
    Config {
        session_id: SESSION_ID.to_owned(),
        environment: Environment::Desktop,
        return_url: None,
        flow: None,
        payment_methods: Vec::new(),
        payment_method_order: Vec::new(),
        read_only: false,
        api_origin: String::new(),
        remembered,
        visible: true,
        jitter_seed: 1,
    }
}

/// The answer that a document travels in.
pub(crate) fn session(document: Document) -> Session {
    let life_ms = if document.is_ended_early { 0 } else { LIFE_MS };
    let now_ms = if document.is_time_up { LIFE_MS } else { 0 };
    Session {
        id: SESSION_ID.to_owned(),
        status: document.status,
        revision: document.revision,
        amount: Amount::fen(1),
        description: String::new(),
        merchant_name: String::new(),
        payment_methods: PaymentMethod::ALL.to_vec(),
        payment_method_options: Vec::new(),
        payment: document.payment.map(|shown| Payment {
            id: format!("pay_{}", shown.no),
            payment_method: shown.method,
            flow: Flow::QrCode,
            status: shown.status,
            next_action: shown.has_action.then(|| NextAction {
                kind: NextActionType::DisplayQrCode,
                data: Some(format!("code_{}", shown.no)),
                url: None,
                fields: Vec::new(),
                expires_at: Some(Timestamp::from_unix_ms(life_ms)),
            }),
            failure_code: (shown.status == PaymentStatus::Failed)
                .then(|| code::GATEWAY_REJECTED.to_owned()),
            created_at: Timestamp::from_unix_ms(0),
        }),
        refund: document.refund,
        expires_at: Timestamp::from_unix_ms(life_ms),
        server_time: Timestamp::from_unix_ms(now_ms),
        hosted_url: String::new(),
    }
}

/// The error that a problem travels as: the table of `merchant::error`.
pub(crate) fn fault(problem: Problem) -> Fault {
    let (error_type, code, retryable) = match problem {
        Problem::Refused(Refusal::KeyReused) => {
            (ErrorType::Idempotency, code::IDEMPOTENCY_KEY_REUSED, false)
        }
        Problem::Refused(Refusal::SessionClosed(_)) => {
            (ErrorType::InvalidRequest, code::SESSION_CLOSED, false)
        }
        Problem::Refused(Refusal::PaymentClosed) => {
            (ErrorType::InvalidRequest, code::PAYMENT_CLOSED, false)
        }
        Problem::Refused(Refusal::StillOpen) => (ErrorType::Api, code::PAYMENT_STILL_OPEN, true),
        Problem::Refused(Refusal::OtherActive) | Problem::InProgress => {
            (ErrorType::Idempotency, code::IDEMPOTENCY_IN_PROGRESS, true)
        }
        Problem::GatewayUnavailable => (ErrorType::Api, code::GATEWAY_UNAVAILABLE, true),
        Problem::GatewayRejected => (ErrorType::Api, code::GATEWAY_REJECTED, false),
        Problem::Failed => return Fault::status(500),
    };
    Fault { retryable, ..Fault::new(error_type, code, "") }
}

/// `pay_3`, or a key, as a number.
pub(crate) fn number(id: &str) -> u8 {
    id.rsplit('_').next().and_then(|digits| digits.parse().ok()).unwrap_or(u8::MAX)
}

const SESSION_ID: &str = "cs_1";
const LIFE_MS: i64 = 1_800_000;
