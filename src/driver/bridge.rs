//! The wallets' bridges, which in-app browsers put into the page (gateways.md A11.1, B11).
//!
//! A bridge may come after the page; it is waited for, but not for ever. What it says is a
//! hint: the machine asks the backend whatever it says.

use std::cell::Cell;
use std::rc::Rc;

use checkout::{BridgeOutcome, Event};
use contract::{NameValue, PaymentMethod};
use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use yew::Callback;

use super::page::Listener;
use super::timer::Timeout;
use crate::host::{Handler, global, member, object, once, window};

/// How long a bridge may take to come, in milliseconds.
const PATIENCE_MS: u32 = 3_000;

/// Waits for a bridge; gives up when it is dropped.
pub(crate) struct Waiting {
    _listener: Listener,
    _timeout: Timeout,
}

/// Asks the wallet as soon as its bridge is there, and reports [`BridgeOutcome::Refused`] where
/// it refuses the call or does not come.
pub(crate) fn invoke(
    method: PaymentMethod,
    fields: &[NameValue],
    report: &Callback<Event>,
) -> Option<Waiting> {
    let (bridge, ready, function, name) = match method {
        PaymentMethod::Alipay => ("AlipayJSBridge", "AlipayJSBridgeReady", "call", "tradePay"),
        PaymentMethod::WechatPay | PaymentMethod::Unknown => {
            ("WeixinJSBridge", "WeixinJSBridgeReady", "invoke", "getBrandWCPayRequest")
        }
    };
    let members: Vec<_> =
        fields.iter().map(|field| (field.name.as_str(), JsValue::from_str(&field.value))).collect();
    let parameters = object(&members);
    let report = report.clone();
    let is_over = Cell::new(false);
    let attempt = Rc::new(move |is_last: bool| {
        let bridge = member(&global(), bridge);
        if is_over.get() || (bridge.is_none() && !is_last) {
            return;
        }
        is_over.set(true);
        if bridge.and_then(|bridge| call(&bridge, function, name, &parameters, &report)).is_none() {
            report.emit(Event::BridgeReturned(BridgeOutcome::Refused));
        }
    });
    attempt(false);
    let document = window().document()?;
    let at_last = Rc::clone(&attempt);
    let handler = Handler::new(move |_event| attempt(false));
    Some(Waiting {
        _listener: Listener::new(&document, ready, handler),
        _timeout: Timeout::new(PATIENCE_MS, Handler::new(move |_| at_last(true))),
    })
}

fn call(
    bridge: &JsValue,
    function: &str,
    name: &str,
    parameters: &JsValue,
    report: &Callback<Event>,
) -> Option<()> {
    let function = member(bridge, function)?;
    let report = report.clone();
    // Given away: the bridge may call back when nobody waits for it any more.
    let answered = once(Box::new(move |answer| {
        report.emit(Event::BridgeReturned(outcome(&answer)));
    }));
    let function = function.dyn_into::<Function>().ok()?;
    function.call3(bridge, &JsValue::from_str(name), parameters, &answered).ok().map(|_| ())
}

fn outcome(answer: &JsValue) -> BridgeOutcome {
    let text = |name| member(answer, name).and_then(|value| value.as_string());
    let said = text("err_msg").or_else(|| text("resultCode")).unwrap_or_default();
    match said.as_str() {
        "get_brand_wcpay_request:ok" | "9000" | "8000" | "6004" | "5000" => {
            BridgeOutcome::MaybePaid
        }
        "get_brand_wcpay_request:cancel" | "6001" | "99" => BridgeOutcome::Left,
        _ => BridgeOutcome::Refused,
    }
}
