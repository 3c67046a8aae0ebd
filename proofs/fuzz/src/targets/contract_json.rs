//! The contract's JSON: a document that is read and written is read again as equal, and additions
//! by a newer server are accepted.

use core::fmt::Debug;

use contract::{
    CreateRefund, CreateSession, Problem, Refund, Session, SessionCreated, StartPayment,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::input::Input;

pub(crate) const WORDS: &[&str] = &[
    SESSION,
    "\"status\":\"open\"",
    "\"payment\":null",
    "\"fields\":[]",
    "\"next_action\":{",
    "\"value\":9007199254740993",
    "-9223372036854775808",
    "1e400",
    "\\ud800",
    "\\u0000",
    "null",
    "requires_action",
    "display_qr_code",
];

/// A kind of document: a complete example, and the members in which a newer server may use a new
/// word.
struct Kind {
    example: &'static str,
    open: &'static [&'static str],
    objects: &'static [&'static str],
    /// True if a merchant's server sends it: unknown members are refused.
    is_closed: bool,
    check: fn(&[u8]) -> bool,
}

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = input.pick(&KINDS);
    if input.flag() {
        extended(&mut input, kind);
    } else {
        (kind.check)(input.rest());
    }
}

/// Tests the example with unknown words and unknown members, which is accepted unless the kind is
/// closed.
fn extended(input: &mut Input<'_>, kind: &Kind) {
    let mut document: Value = serde_json::from_str(kind.example).expect("an example");
    let mut is_refused = false;
    while !input.is_empty() {
        let name = format!("x{}", input.text(12));
        let places = if input.flag() { kind.open } else { kind.objects };
        let Some(place) = places.get(input.below(places.len())) else { continue };
        match document.pointer_mut(place) {
            Some(Value::String(word)) => *word = name,
            Some(Value::Object(members)) => {
                members.insert(name, any_json(input, 3));
                is_refused |= kind.is_closed;
            }
            _ => {}
        }
    }
    let text = document.to_string();
    assert_eq!((kind.check)(text.as_bytes()), !is_refused, "{text}");
}

fn any_json(input: &mut Input<'_>, depth: u8) -> Value {
    match input.below(7) {
        1 => Value::Bool(input.flag()),
        2 => Value::from(input.i64()),
        3 => Value::String(input.text(20)),
        4 if depth > 0 => (0..input.below(4)).map(|_| any_json(input, depth - 1)).collect(),
        5 if depth > 0 => {
            let members = (0..input.below(4)).map(|_| (input.text(8), any_json(input, depth - 1)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}

/// Returns true if `text` is a document of this type; panics if it is written as another one.
fn round_trips<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<T>(text) else { return false };
    let written = serde_json::to_string(&document).expect("it is written");
    let again: T =
        serde_json::from_str(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(document, again, "{written}");
    assert_eq!(serde_json::to_string(&again).expect("it is written"), written);
    true
}

const SESSION: &str = r#"{"id":"cs_1","status":"open","revision":3,"amount":{"value":12800,"currency":"CNY"},"description":"Tea","merchant_name":"Tea House","payment_methods":["alipay","wechat_pay"],"payment":{"id":"pay_1","payment_method":"alipay","flow":"qr_code","status":"requires_action","next_action":{"type":"submit_form","data":"weixin://wxpay/bizpayurl?pr=1","url":"https://openapi.alipay.com/gateway.do","fields":[{"name":"a","value":"b"}],"expires_at":"2026-11-23T10:00:00.000Z"},"failure_code":"gateway_rejected","created_at":"2026-11-23T08:00:00.000Z"},"refund":"pending","expires_at":"2026-11-23T09:00:00.000Z","server_time":"2026-11-23T08:00:00.000Z","hosted_url":"https://shop.example/p"}"#;
const CREATED: &str = r#"{"session":{"id":"cs_1","status":"open","revision":0,"amount":{"value":1,"currency":"CNY"},"description":"","merchant_name":"","payment_methods":[],"expires_at":"2026-11-23T09:00:00Z","server_time":"2026-11-23T08:00:00Z","hosted_url":""},"order_id":"A-1","client_secret":"cs_1_secret_2"}"#;
const CREATE: &str = r#"{"order_id":"A-1","amount":{"value":1,"currency":"CNY"},"description":"Tea","payment_methods":["alipay"],"expires_in_s":900,"return_url":"https://shop.example/"}"#;
const START: &str = r#"{"payment_method":"wechat_pay","environment":"desktop","flow":"qr_code","return_url":"https://shop.example/"}"#;
const PROBLEM: &str = r#"{"type":"urn:opencashier:problem:api_error","title":"t","status":502,"detail":"d","code":"gateway_unavailable","retryable":true,"request_id":"r"}"#;
const REFUND: &str = r#"{"id":"re_1","session_id":"cs_1","payment_id":"pay_1","amount":{"value":1,"currency":"CNY"},"reason":"late","status":"failed","failure_code":"NOT_ENOUGH","created_at":"2026-11-23T09:00:00Z"}"#;
const CREATE_REFUND: &str = r#"{"payment_id":"pay_1","amount":{"value":1,"currency":"CNY"}}"#;

const KINDS: [&Kind; 7] = [
    &Kind {
        example: SESSION,
        open: &[
            "/status",
            "/payment_methods/0",
            "/payment/payment_method",
            "/payment/flow",
            "/payment/status",
            "/payment/next_action/type",
            "/refund",
        ],
        objects: &[
            "",
            "/amount",
            "/payment",
            "/payment/next_action",
            "/payment/next_action/fields/0",
        ],
        is_closed: false,
        check: round_trips::<Session>,
    },
    &Kind {
        example: CREATED,
        open: &["/session/status"],
        objects: &["", "/session", "/session/amount"],
        is_closed: false,
        check: round_trips::<SessionCreated>,
    },
    &Kind {
        example: CREATE,
        open: &["/payment_methods/0"],
        objects: &["", "/amount"],
        is_closed: true,
        check: round_trips::<CreateSession>,
    },
    &Kind {
        example: START,
        open: &["/payment_method", "/environment", "/flow"],
        objects: &[""],
        is_closed: false,
        check: round_trips::<StartPayment>,
    },
    &Kind {
        example: PROBLEM,
        open: &["/type", "/code"],
        objects: &[""],
        is_closed: false,
        check: problem,
    },
    &Kind {
        example: REFUND,
        open: &["/reason", "/status", "/failure_code"],
        objects: &["", "/amount"],
        is_closed: false,
        check: round_trips::<Refund>,
    },
    &Kind {
        example: CREATE_REFUND,
        open: &["/payment_id"],
        objects: &["", "/amount"],
        is_closed: true,
        check: round_trips::<CreateRefund>,
    },
];

fn problem(text: &[u8]) -> bool {
    if let Ok(problem) = serde_json::from_slice::<Problem>(text) {
        // Every problem becomes a fault with a known type.
        let code = problem.code.clone();
        let fault = checkout::Fault::problem(problem);
        assert_eq!(fault.code, code);
        assert!(fault.error_type != contract::ErrorType::Unknown);
    }
    round_trips::<Problem>(text)
}
