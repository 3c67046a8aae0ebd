//! From JSON text to the types of `contract`, and back.
//!
//! The browser parses and prints the text. What is sent is written by serde-wasm-bindgen.
//! What is received is read member by member: the derived decoders of the same types weigh
//! 11 kB brotli more (measured). The struct literals keep it honest: a member added to
//! `contract` does not compile until it is read.

use contract::{
    Amount, Currency, Flow, NameValue, NextAction, NextActionType, Payment, PaymentMethod,
    PaymentMethodOption, PaymentStatus, Problem, RefundStatus, Session, SessionStatus, StartPayment, Timestamp,
};
use js_sys::{Array, JSON};
use serde::Serialize as _;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::host::member;

/// Integers beyond 2^53 are not exact in JSON as browsers read it.
const LARGEST_EXACT: u64 = 1 << 53;

/// Reads a session; none where the text is not JSON, or not of a session.
pub(crate) fn session(text: &str) -> Option<Session> {
    let json = JSON::parse(text).ok()?;
    let amount = member(&json, "amount")?;
    let payment = match member(&json, "payment") {
        Some(json) => Some(payment(&json)?),
        None => None,
    };
    let names = ["id", "status", "description", "merchant_name", "hosted_url"];
    let [id, status, description, merchant_name, hosted_url] = strings(&json, names)?;
    Some(Session {
        id,
        status: SessionStatus::parse(&status),
        description,
        merchant_name,
        hosted_url,
        revision: u32::try_from(integer(&json, "revision")?).ok()?,
        amount: Amount {
            value: integer(&amount, "value")?,
            currency: Currency::parse(&string(&amount, "currency")?)?,
        },
        payment_methods: list(&json, "payment_methods", |item| {
            item.as_string().map(|text| PaymentMethod::parse(&text))
        })?,
        payment_method_options: list(&json, "payment_method_options", |item| {
            Some(PaymentMethodOption {
                payment_method: PaymentMethod::parse(&string(item, "payment_method")?),
                flows: list(item, "flows", |flow| Some(Flow::parse(&flow.as_string()?)))?,
            })
        })
        .unwrap_or_default(),
        payment,
        refund: string(&json, "refund").map(|text| RefundStatus::parse(&text)),
        expires_at: time(&json, "expires_at")?,
        server_time: time(&json, "server_time")?,
    })
}

/// Reads a problem document.
pub(crate) fn problem(text: &str) -> Option<Problem> {
    let json = JSON::parse(text).ok()?;
    let names = ["type", "title", "detail", "code", "request_id"];
    let [kind, title, detail, code, request_id] = strings(&json, names)?;
    Some(Problem {
        kind,
        title,
        detail,
        code,
        request_id,
        status: u16::try_from(integer(&json, "status")?).ok()?,
        retryable: member(&json, "retryable")?.as_bool()?,
    })
}

/// The JSON that starts a payment.
pub(crate) fn start_body(start: &StartPayment) -> Option<JsValue> {
    // Maps as objects, which is what JSON has.
    let value = start.serialize(&Serializer::json_compatible()).ok()?;
    JSON::stringify(&value).ok().map(JsValue::from)
}

fn payment(json: &JsValue) -> Option<Payment> {
    let next_action = match member(json, "next_action") {
        Some(json) => Some(next_action(&json)?),
        None => None,
    };
    let [id, payment_method, flow, status] =
        strings(json, ["id", "payment_method", "flow", "status"])?;
    Some(Payment {
        id,
        payment_method: PaymentMethod::parse(&payment_method),
        flow: Flow::parse(&flow),
        status: PaymentStatus::parse(&status),
        next_action,
        failure_code: string(json, "failure_code"),
        created_at: time(json, "created_at")?,
    })
}

fn next_action(json: &JsValue) -> Option<NextAction> {
    let fields = if member(json, "fields").is_some() {
        list(json, "fields", |item| {
            Some(NameValue { name: string(item, "name")?, value: string(item, "value")? })
        })?
    } else {
        Vec::new()
    };
    Some(NextAction {
        kind: NextActionType::parse(&string(json, "type")?),
        data: string(json, "data"),
        url: string(json, "url"),
        fields,
        expires_at: time(json, "expires_at"),
    })
}

/// Members that are texts and must all be there.
fn strings<const N: usize>(json: &JsValue, names: [&str; N]) -> Option<[String; N]> {
    let texts: Option<Vec<String>> = names.iter().map(|name| string(json, name)).collect();
    texts?.try_into().ok()
}

fn string(json: &JsValue, name: &str) -> Option<String> {
    member(json, name)?.as_string()
}

fn time(json: &JsValue, name: &str) -> Option<Timestamp> {
    Timestamp::parse(&string(json, name)?).ok()
}

/// A whole number; money is never anything else.
fn integer(json: &JsValue, name: &str) -> Option<i64> {
    let number = member(json, name)?.as_f64()?;
    let whole = number as i64;
    (whole as f64 == number && whole.unsigned_abs() <= LARGEST_EXACT).then_some(whole)
}

/// A list all of whose items can be read.
fn list<T>(json: &JsValue, name: &str, read: impl Fn(&JsValue) -> Option<T>) -> Option<Vec<T>> {
    let list = member(json, name).filter(Array::is_array)?;
    let list = Array::from(&list);
    let mut items = Vec::new();
    for index in 0..list.length() {
        items.push(read(&list.get(index))?);
    }
    Some(items)
}
