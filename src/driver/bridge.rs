//! The wallets' bridges, which in-app browsers put into the page (gateways.md A11.1, B11).
//!
//! What a bridge says is a hint. The machine asks the backend whatever it says.

use checkout::{BridgeOutcome, Event};
use contract::{NameValue, PaymentMethod};
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use yew::Callback;

use crate::host::{Handler, global, member, object};

/// A call of a bridge; its answer is not heard after it is dropped.
pub(crate) struct Call(
    #[expect(dead_code, reason = "kept alive for the bridge")] Handler,
);

impl Call {
    /// Asks the wallet, and reports [`BridgeOutcome::Refused`] at once where it is not there.
    pub(crate) fn invoke(
        method: PaymentMethod,
        fields: &[NameValue],
        report: &Callback<Event>,
    ) -> Option<Self> {
        let call = Self::try_invoke(method, fields, report.clone());
        if call.is_none() {
            report.emit(Event::BridgeReturned(BridgeOutcome::Refused));
        }
        call
    }

    fn try_invoke(
        method: PaymentMethod,
        fields: &[NameValue],
        report: Callback<Event>,
    ) -> Option<Self> {
        let (bridge, function, call) = match method {
            PaymentMethod::WechatPay => ("WeixinJSBridge", "invoke", "getBrandWCPayRequest"),
            PaymentMethod::Alipay => ("AlipayJSBridge", "call", "tradePay"),
            PaymentMethod::Unknown => return None,
        };
        let bridge = member(&global(), bridge)?;
        let function = Reflect::get(&bridge, &JsValue::from_str(function)).ok()?;
        let function = function.dyn_into::<Function>().ok()?;
        let members: Vec<_> = fields
            .iter()
            .map(|field| (field.name.as_str(), JsValue::from_str(&field.value)))
            .collect();
        let closure = Handler::new(move |answer: JsValue| {
            report.emit(Event::BridgeReturned(outcome(&answer)));
        });
        function
            .call3(&bridge, &JsValue::from_str(call), &object(&members), closure.as_ref())
            .ok()?;
        Some(Self(closure))
    }
}

fn outcome(answer: &JsValue) -> BridgeOutcome {
    let text = |name| member(answer, name).and_then(|value| value.as_string());
    let said = text("err_msg").or_else(|| text("resultCode")).unwrap_or_default();
    match said.as_str() {
        "get_brand_wcpay_request:ok" | "9000" | "8000" | "6004" => BridgeOutcome::MaybePaid,
        "get_brand_wcpay_request:cancel" | "6001" => BridgeOutcome::Left,
        _ => BridgeOutcome::Refused,
    }
}
