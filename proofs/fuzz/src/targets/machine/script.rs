//! Reads a script of events from bytes.

use checkout::{BridgeOutcome, Config, Event, Fault, Intent, Millis};
use contract::{
    Amount, Environment, ErrorType, Flow, NameValue, NextAction, NextActionType, Payment,
    PaymentMethod, PaymentMethodOption, PaymentStatus, Session, SessionStatus, Timestamp, code,
};

use crate::input::Input;

pub(super) const ID: &str = "cs_1";
pub(super) const SERVER_START_MS: i64 = 1_800_000_000_000;

/// One step of a script.
pub(super) enum Step {
    Event(Event),
    /// "Pay" is pressed, and every question is answered with yes at once.
    Pay,
    /// The open question is answered: with yes or a new key, or with no or no key.
    Reply(bool),
    /// A question that is no longer open is answered.
    StaleReply,
    /// The request in flight is answered.
    Answer,
    /// The request in flight fails.
    Fail,
    /// A request that is no longer in flight is answered.
    Repeat,
    /// The stream sends a session.
    Stream,
    Reconfigure,
    Wait(u64),
    Sleep(u64),
}

pub(super) fn step(input: &mut Input<'_>) -> Step {
    match input.below(32) {
        0..=7 => Step::Answer,
        8..=9 => Step::Fail,
        10 | 11 => Step::Pay,
        12 => match input.below(8) {
            6 => Step::Reply(false),
            7 => Step::StaleReply,
            _ => Step::Reply(true),
        },
        13 => Step::Repeat,
        14..=15 => Step::Stream,
        16 => Step::Reconfigure,
        17..=18 => Step::Wait(u64::from(input.u16())),
        19 => Step::Wait(u64::from(input.u16()) * 64),
        20 => Step::Sleep(u64::from(input.u16()) * 1_000),
        _ => Step::Event(event(input)),
    }
}

fn event(input: &mut Input<'_>) -> Event {
    match input.below(19) {
        0 | 1 => Event::Selected(PaymentMethod::Alipay),
        2 | 3 => Event::Selected(PaymentMethod::WechatPay),
        4 => Event::Selected(PaymentMethod::Unknown),
        5 => Event::SwitchRequested,
        6 => Event::PaidClaimed,
        7 => Event::RefreshRequested,
        8 => Event::ContinueRequested,
        9 => Event::CancelRequested,
        10 => Event::RetryRequested,
        11 => Event::StreamAlive,
        12 => Event::StreamEnded { fault: None },
        13 => Event::StreamEnded { fault: Some(fault(input)) },
        14 => Event::BridgeReturned(input.pick(&[
            BridgeOutcome::MaybePaid,
            BridgeOutcome::Left,
            BridgeOutcome::Refused,
        ])),
        15 => Event::PageShown,
        16 => Event::PageHidden,
        17 => Event::PayRequested,
        _ => input.pick(&[Event::Tick, Event::NavigationStopped]),
    }
}

pub(super) fn config(input: &mut Input<'_>) -> Config {
    let methods = |input: &mut Input<'_>| {
        let both = [PaymentMethod::Alipay, PaymentMethod::WechatPay];
        match input.below(4) {
            2 => vec![input.pick(&both)],
            3 => vec![PaymentMethod::WechatPay, PaymentMethod::Alipay],
            _ => Vec::new(),
        }
    };
    let remembered = input.one_in(3).then(|| Intent {
        payment_method: input.pick(&[PaymentMethod::Alipay, PaymentMethod::WechatPay]),
        key: "key_remembered".to_owned(),
    });
    Config {
        session_id: ID.to_owned(),
        environment: input.pick(Environment::ALL),
        return_url: input.flag().then(|| "https://shop.example/cart".to_owned()),
        flow: input.flag().then_some(Flow::QrCode),
        payment_methods: methods(input),
        payment_method_order: methods(input),
        read_only: input.one_in(8),
        api_origin: input.pick(&["https://shop.example", "http://127.0.0.1:8787"]).to_owned(),
        redirect_hosts: Vec::new(),
        remembered,
        has_left: input.flag(),
        selected: input.one_in(4).then(|| {
            input.pick(&[PaymentMethod::Alipay, PaymentMethod::WechatPay, PaymentMethod::Unknown])
        }),
        visible: !input.one_in(8),
        jitter_seed: u32::from(input.u16()),
    }
}

pub(super) fn fault(input: &mut Input<'_>) -> Fault {
    let refused = |error_type, code| Fault::new(error_type, code, "refused");
    let fault = match input.below(14) {
        0..=3 => Fault::connection(),
        4 => Fault::unreadable("missing: id"),
        5 => Fault::status(500),
        6 => Fault::status(404),
        7 => Fault::status(429),
        8 => refused(ErrorType::InvalidRequest, code::SESSION_CLOSED),
        9 => refused(ErrorType::Idempotency, code::IDEMPOTENCY_KEY_REUSED),
        10 => refused(ErrorType::InvalidRequest, code::PAYMENT_CLOSED),
        11 => refused(
            ErrorType::InvalidRequest,
            input.pick(&[code::GATEWAY_REJECTED, code::FLOW_UNAVAILABLE]),
        ),
        12 => Fault {
            retryable: true,
            ..refused(ErrorType::InvalidRequest, code::PAYMENT_STILL_OPEN)
        },
        _ => Fault::status(401),
    };
    let retry_after_ms = match input.below(6) {
        4 => Some(u64::from(input.u16())),
        5 => Some(u64::MAX),
        _ => None,
    };
    fault.retry_after(retry_after_ms)
}

/// Returns the wallets that the session offers.
pub(super) fn offered(input: &mut Input<'_>) -> Vec<PaymentMethod> {
    match input.below(8) {
        5 => vec![PaymentMethod::Unknown, PaymentMethod::Alipay, PaymentMethod::Alipay],
        6 => vec![PaymentMethod::WechatPay],
        7 => Vec::new(),
        _ => vec![PaymentMethod::Alipay, PaymentMethod::WechatPay],
    }
}

pub(super) fn session(
    input: &mut Input<'_>,
    now: Millis,
    payment_methods: Vec<PaymentMethod>,
) -> Session {
    let elapsed_ms = i64::try_from(now.0).unwrap_or(i64::MAX);
    let server_now_ms = SERVER_START_MS.saturating_add(elapsed_ms);
    let odd_moment = |input: &mut Input<'_>, usual: i64| match input.below(16) {
        12 => usual.saturating_sub(600_000),
        13 => usual.saturating_add(600_000),
        14 => usual.saturating_add(i64::from(input.u16())),
        15 => input.i64(),
        _ => usual,
    };
    let id = if input.one_in(32) { "cs_2" } else { ID };
    Session {
        id: id.to_owned(),
        status: match input.below(16) {
            12 => SessionStatus::Complete,
            13 => SessionStatus::Expired,
            14 => SessionStatus::Canceled,
            15 => SessionStatus::Unknown,
            _ => SessionStatus::Open,
        },
        revision: if input.one_in(64) { u32::MAX } else { u32::from(input.byte()) % 40 },
        amount: Amount::fen(12_800),
        description: "Tea".to_owned(),
        merchant_name: "Tea House".to_owned(),
        payment_methods,
        payment_method_options: options(input),
        payment: payment(input, server_now_ms),
        refund: None,
        expires_at: Timestamp::from_unix_ms(odd_moment(input, SERVER_START_MS + 1_800_000)),
        server_time: Timestamp::from_unix_ms(odd_moment(input, server_now_ms)),
        hosted_url: "https://shop.example/hosted".to_owned(),
    }
}

/// Returns the flows of the merchant's contracts, if the backend lists them.
fn options(input: &mut Input<'_>) -> Vec<PaymentMethodOption> {
    let both = [PaymentMethod::Alipay, PaymentMethod::WechatPay];
    let flows = match input.below(8) {
        4 => vec![Flow::QrCode],
        5 => vec![Flow::Redirect, Flow::Jsapi],
        6 => vec![Flow::Unknown],
        7 => Flow::ALL.to_vec(),
        _ => return Vec::new(),
    };
    both.map(|payment_method| PaymentMethodOption { payment_method, flows: flows.clone() }).into()
}

fn payment(input: &mut Input<'_>, server_now_ms: i64) -> Option<Payment> {
    let status = match input.below(16) {
        0..=3 => return None,
        10 => PaymentStatus::Processing,
        11 => PaymentStatus::Succeeded,
        12 => PaymentStatus::Failed,
        13 => PaymentStatus::Canceled,
        14 => PaymentStatus::Expired,
        15 => PaymentStatus::Unknown,
        _ => PaymentStatus::RequiresAction,
    };
    Some(Payment {
        id: input.pick(&["pay_1", "pay_2", "pay_3"]).to_owned(),
        payment_method: match input.below(16) {
            15 => PaymentMethod::Unknown,
            number if number % 2 == 0 => PaymentMethod::Alipay,
            _ => PaymentMethod::WechatPay,
        },
        flow: Flow::QrCode,
        status,
        next_action: next_action(input, server_now_ms),
        failure_code: input.flag().then(|| code::GATEWAY_REJECTED.to_owned()),
        created_at: Timestamp::from_unix_ms(SERVER_START_MS),
    })
}

fn next_action(input: &mut Input<'_>, server_now_ms: i64) -> Option<NextAction> {
    let kind = match input.below(16) {
        8 => NextActionType::RedirectToUrl,
        9 => NextActionType::DisplayFrame,
        10 => NextActionType::SubmitForm,
        11 => NextActionType::InvokeWechatJsapi,
        12 => NextActionType::InvokeAlipayJsapi,
        13 => NextActionType::Unknown,
        14 => return None,
        _ => NextActionType::DisplayQrCode,
    };
    let data = match input.below(8) {
        6 => None,
        7 => Some("x".repeat(3_000)),
        number => Some(format!("weixin://wxpay/bizpayurl?pr={number}")),
    };
    let url = match input.below(8) {
        4 => Some("http://127.0.0.1:8787/pay".to_owned()),
        5 => Some("https://openapi.alipay.com.evil.example/".to_owned()),
        6 => Some("javascript:alert(1)".to_owned()),
        7 => Some(input.text(40)),
        _ => Some("https://openapi.alipay.com/gateway.do?a=b".to_owned()),
    };
    let url = match kind {
        NextActionType::DisplayQrCode => match input.below(8) {
            6 => Some("alipays://platformapi/startapp?saId=10000007&qrcode=x".to_owned()),
            7 => url,
            _ => None,
        },
        _ => url,
    };
    let expires_in_ms = match input.below(8) {
        4 => Some(0),
        5 => Some(-60_000),
        6 => Some(60_000),
        7 => Some(input.i64()),
        _ => None,
    };
    Some(NextAction {
        kind,
        data,
        url,
        fields: vec![NameValue { name: "a".to_owned(), value: "b".to_owned() }],
        expires_at: expires_in_ms
            .map(|ms| Timestamp::from_unix_ms(server_now_ms.saturating_add(ms))),
    })
}
