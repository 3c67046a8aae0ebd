//! From JSON text to the types of `contract`, and back.
//!
//! The browser parses and prints the text. What is sent is one flat object.
//! What is received is read member by member: the derived decoders of the same types weigh
//! 11 kB brotli more (measured). The struct literals keep it honest: a member added to
//! `contract` does not compile until it is read.

use contract::{
    Amount, Currency, Flow, NameValue, NextAction, NextActionType, Payment, PaymentMethod,
    PaymentMethodOption, PaymentStatus, Problem, RefundStatus, Session, SessionStatus,
    StartPayment, Timestamp,
};
use js_sys::{Array, JSON};
use wasm_bindgen::JsValue;

use crate::host::{member, object};

/// Integers beyond 2^53 are not exact in JSON as browsers read it.
const LARGEST_EXACT: u64 = 1 << 53;

/// Reads a session; none where the text is not JSON, or not of a session.
pub(crate) fn session(text: &str) -> Option<Session> {
    let json = JSON::parse(text).ok()?;
    let mut whole = Whole(true);
    let amount = member(&json, "amount")?;
    let amount = Amount {
        value: integer(&amount, "value")?,
        currency: Currency::parse(&string(&amount, "currency")?)?,
    };
    let session = Session {
        revision: u32::try_from(integer(&json, "revision")?).ok()?,
        amount,
        expires_at: time(&json, "expires_at")?,
        server_time: time(&json, "server_time")?,
        id: whole.string(&json, "id"),
        status: SessionStatus::parse(&whole.string(&json, "status")),
        description: whole.string(&json, "description"),
        merchant_name: whole.string(&json, "merchant_name"),
        hosted_url: whole.string(&json, "hosted_url"),
        payment_methods: whole.list(&json, "payment_methods", |item, whole| {
            PaymentMethod::parse(&whole.text(item.as_string()))
        }),
        payment_method_options: whole.list_or_none(
            &json,
            "payment_method_options",
            |item, whole| PaymentMethodOption {
                payment_method: PaymentMethod::parse(&whole.string(item, "payment_method")),
                flows: whole
                    .list(item, "flows", |flow, whole| Flow::parse(&whole.text(flow.as_string()))),
            },
        ),
        payment: member(&json, "payment").and_then(|json| whole.payment(&json)),
        refund: string(&json, "refund").map(|text| RefundStatus::parse(&text)),
    };
    whole.0.then_some(session)
}

/// Reads a problem document.
pub(crate) fn problem(text: &str) -> Option<Problem> {
    let json = JSON::parse(text).ok()?;
    let mut whole = Whole(true);
    let problem = Problem {
        status: u16::try_from(integer(&json, "status")?).ok()?,
        retryable: member(&json, "retryable")?.as_bool()?,
        kind: whole.string(&json, "type"),
        title: whole.string(&json, "title"),
        detail: whole.string(&json, "detail"),
        code: whole.string(&json, "code"),
        request_id: whole.string(&json, "request_id"),
    };
    whole.0.then_some(problem)
}

/// The JSON that starts a payment.
pub(crate) fn start_body(start: &StartPayment) -> Option<JsValue> {
    // What is undefined is left out of JSON.
    let members = start
        .members()
        .map(|(name, value)| (name, value.map_or(JsValue::UNDEFINED, JsValue::from_str)));
    JSON::stringify(&object(&members)).ok().map(JsValue::from)
}

/// Whether all that must be there has been there; what is not there is read as empty.
///
/// Looked at once, at the end: a way out at each member, with all that was read before to be
/// dropped on it, weighs more than the reading.
struct Whole(bool);

impl Whole {
    fn text(&mut self, text: Option<String>) -> String {
        self.0 &= text.is_some();
        text.unwrap_or_default()
    }

    /// A member that is a text.
    fn string(&mut self, json: &JsValue, name: &str) -> String {
        self.text(string(json, name))
    }

    /// A list.
    fn list<T>(
        &mut self,
        json: &JsValue,
        name: &str,
        read: impl Fn(&JsValue, &mut Self) -> T,
    ) -> Vec<T> {
        let list = member(json, name).filter(Array::is_array);
        self.0 &= list.is_some();
        let list = list.map_or_else(Array::new, |list| Array::from(&list));
        (0..list.length()).map(|index| read(&list.get(index), self)).collect()
    }

    /// A list that may be left out.
    fn list_or_none<T>(
        &mut self,
        json: &JsValue,
        name: &str,
        read: impl Fn(&JsValue, &mut Self) -> T,
    ) -> Vec<T> {
        if member(json, name).is_some() { self.list(json, name, read) } else { Vec::new() }
    }

    fn payment(&mut self, json: &JsValue) -> Option<Payment> {
        let created_at = time(json, "created_at");
        self.0 &= created_at.is_some();
        Some(Payment {
            created_at: created_at?,
            id: self.string(json, "id"),
            payment_method: PaymentMethod::parse(&self.string(json, "payment_method")),
            flow: Flow::parse(&self.string(json, "flow")),
            status: PaymentStatus::parse(&self.string(json, "status")),
            next_action: member(json, "next_action").map(|json| self.next_action(&json)),
            failure_code: string(json, "failure_code"),
        })
    }

    fn next_action(&mut self, json: &JsValue) -> NextAction {
        NextAction {
            kind: NextActionType::parse(&self.string(json, "type")),
            data: string(json, "data"),
            url: string(json, "url"),
            fields: self.list_or_none(json, "fields", |item, whole| NameValue {
                name: whole.string(item, "name"),
                value: whole.string(item, "value"),
            }),
            expires_at: time(json, "expires_at"),
        }
    }
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
