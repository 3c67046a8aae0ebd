//! The wallets' bridges, which in-app browsers put into the page (gateways.md A11.1, B11).
//!
//! A bridge may appear after the page was loaded, so it is waited for, up to a limit. Its answer
//! is a hint: the machine asks the backend in any case.

use std::cell::Cell;
use std::rc::Rc;

use checkout::{BridgeOutcome, Event};
use contract::{NameValue, PaymentMethod};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Error, Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use yew::Callback;

use super::json;

/// Limits how long a bridge may take to appear.
const BRIDGE_TIMEOUT_MS: u32 = 3_000;

/// Waits for a bridge until it is dropped.
pub(crate) struct PendingCall {
    _listener: EventListener,
    _timeout: Timeout,
}

/// The names of one wallet's bridge.
struct Bridge {
    object: &'static str,
    ready_event: &'static str,
    function: &'static str,
    operation: &'static str,
}

const ALIPAY: Bridge = Bridge {
    object: "AlipayJSBridge",
    ready_event: "AlipayJSBridgeReady",
    function: "call",
    operation: "tradePay",
};
const WECHAT_PAY: Bridge = Bridge {
    object: "WeixinJSBridge",
    ready_event: "WeixinJSBridgeReady",
    function: "invoke",
    operation: "getBrandWCPayRequest",
};

/// Calls the wallet as soon as its bridge exists. Reports [`BridgeOutcome::Refused`] if the
/// bridge refuses the call or does not appear in time.
pub(crate) fn invoke(
    method: PaymentMethod,
    fields: &[NameValue],
    report: &Callback<Event>,
) -> Option<PendingCall> {
    let bridge = match method {
        PaymentMethod::Alipay => ALIPAY,
        PaymentMethod::WechatPay | PaymentMethod::Unknown => WECHAT_PAY,
    };
    let ready_event = bridge.ready_event;
    let parameters = parameters(fields);
    let report = report.clone();
    let is_done = Cell::new(false);
    let attempt = Rc::new(move |is_last: bool| {
        let target = Reflect::get(&js_sys::global(), &bridge.object.into()).ok();
        let target = target.filter(JsValue::is_object);
        if is_done.get() || (target.is_none() && !is_last) {
            return;
        }
        is_done.set(true);
        match target.map(|target| call(&target, &bridge, &parameters, &report)) {
            Some(Ok(())) => {}
            Some(Err(thrown)) => report.emit(Event::BridgeRefused { reason: reason_of(&thrown) }),
            None => report.emit(Event::BridgeReturned(BridgeOutcome::Refused)),
        }
    });
    attempt(false);
    let document = web_sys::window()?.document()?;
    let last_attempt = Rc::clone(&attempt);
    Some(PendingCall {
        _listener: EventListener::new(&document, ready_event, move |_| attempt(false)),
        _timeout: Timeout::new(BRIDGE_TIMEOUT_MS, move || last_attempt(true)),
    })
}

fn parameters(fields: &[NameValue]) -> Object {
    let parameters = Object::new();
    for field in fields {
        // Cannot fail on a fresh plain object.
        Reflect::set(&parameters, &field.name.as_str().into(), &field.value.as_str().into()).ok();
    }
    parameters
}

fn call(
    target: &JsValue,
    bridge: &Bridge,
    parameters: &Object,
    report: &Callback<Event>,
) -> Result<(), JsValue> {
    let function: Function = Reflect::get(target, &bridge.function.into())?.dyn_into()?;
    let report = report.clone();
    // The bridge owns the callback: it may call back after the widget was unmounted.
    let callback = Closure::once_into_js(move |answer: JsValue| {
        report.emit(returned(&answer));
    });
    function.call3(target, &bridge.operation.into(), parameters, &callback).map(|_| ())
}

/// Returns the words of what a bridge threw, for the page's author.
fn reason_of(thrown: &JsValue) -> String {
    let message = thrown.dyn_ref::<Error>().map(|error| String::from(error.message()));
    format!("the bridge threw {}", message.unwrap_or_default())
}

/// Reads the answer of either bridge. Each member is read for itself: an app may send one of them as
/// a number, or leave it out.
fn returned(answer: &JsValue) -> Event {
    let answer = json::own_members(answer).unwrap_or_default();
    let member = |name| json::text(&answer, name);
    let mut reason = member("err_msg").or_else(|| member("resultCode")).unwrap_or_default();
    match reason.as_str() {
        "get_brand_wcpay_request:ok" | "9000" | "8000" | "6004" | "5000" => {
            Event::BridgeReturned(BridgeOutcome::MaybePaid)
        }
        "get_brand_wcpay_request:cancel" | "6001" | "99" => {
            Event::BridgeReturned(BridgeOutcome::Left)
        }
        _ => {
            if let Some(words) = member("err_desc").or_else(|| member("memo")) {
                reason.push(' ');
                reason.push_str(&words);
            }
            Event::BridgeRefused { reason }
        }
    }
}
