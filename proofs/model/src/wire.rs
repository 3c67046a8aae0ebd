//! The messages between a page and the backend, in the contract's types.

use checkout::{Config, Fault, Intent};
use contract::{
    Amount, ErrorType, Flow, NameValue, NextAction, NextActionType, Payment, PaymentMethod,
    PaymentStatus, Session, Timestamp, code,
};
use payments::Refusal;

use crate::browser::{Away, Browser};
use crate::task::{Document, Problem, Shown, Shows};

/// Returns the options of a page, with its stored intent.
pub(crate) fn config(browser: Browser, has_left: bool, remembered: Option<Intent>) -> Config {
    Config {
        session_id: SESSION_ID.to_owned(),
        environment: browser.environment(),
        return_url: None,
        flow: None,
        payment_methods: Vec::new(),
        payment_method_order: Vec::new(),
        read_only: false,
        api_origin: String::new(),
        redirect_hosts: Vec::new(),
        remembered,
        has_left,
        selected: None,
        visible: true,
        jitter_seed: 1,
    }
}

/// Returns the session of an answer, in the contract's type.
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
            payment_method: shown.product.method(),
            flow: shown.product.flow(),
            status: shown.status,
            next_action: shown.action.map(|shows| next_action(shown, shows, life_ms)),
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

fn next_action(shown: Shown, shows: Shows, life_ms: i64) -> NextAction {
    let no = shown.no;
    let mut next = NextAction {
        kind: NextActionType::RedirectToUrl,
        data: None,
        url: None,
        fields: Vec::new(),
        expires_at: Some(Timestamp::from_unix_ms(life_ms)),
    };
    match (shows, shown.product.flow()) {
        (Shows::Oauth, _) => next.url = Some(format!("{OAUTH}{no}")),
        (Shows::Product, Flow::Redirect) => next.url = Some(format!("{COUNTER}{no}")),
        (Shows::Product, Flow::Jsapi) => {
            next.kind = NextActionType::InvokeWechatJsapi;
            let value = format!("order_{no}");
            next.fields = vec![NameValue { name: "package".to_owned(), value }];
        }
        (Shows::Product, _) => {
            next.kind = NextActionType::DisplayQrCode;
            next.data = Some(format!("code_{no}"));
        }
    }
    next
}

/// Returns the location of a browser that navigates to `url`.
pub(crate) fn away(url: &str) -> Away {
    if url.starts_with(OAUTH) { Away::AtOauth(number(url)) } else { Away::Elsewhere }
}

/// Returns the fault that a page gets for a problem, as `merchant::error` maps it.
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
        Problem::Refused(Refusal::GatewayUnavailable) => {
            (ErrorType::Api, code::GATEWAY_UNAVAILABLE, true)
        }
        Problem::Refused(Refusal::OrderPaid) => {
            (ErrorType::InvalidRequest, code::ORDER_ALREADY_PAID, false)
        }
        Problem::FlowUnavailable => (ErrorType::InvalidRequest, code::FLOW_UNAVAILABLE, false),
        Problem::Refused(Refusal::GatewayRejected) => {
            (ErrorType::Api, code::GATEWAY_REJECTED, false)
        }
        Problem::Failed | Problem::Refused(Refusal::OutOfStep) => return Fault::status(500),
    };
    Fault { retryable, ..Fault::new(error_type, code, "") }
}

/// Returns the number of `pay_3` or of a key.
pub(crate) fn number(id: &str) -> u8 {
    id.rsplit('_').next().and_then(|digits| digits.parse().ok()).unwrap_or(u8::MAX)
}

const SESSION_ID: &str = "cs_1";
/// Addresses that the widget follows; they end in the payment's number.
const OAUTH: &str = "https://open.weixin.qq.com/connect/oauth2/authorize?state=pay_";
const COUNTER: &str = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx_";
const LIFE_MS: i64 = 1_800_000;
