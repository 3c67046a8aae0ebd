//! What the page is told: names and details of the events.

use checkout::{Checkout, Fault, HandledAction, HostEvent};
use contract::PaymentMethod;
use wasm_bindgen::JsValue;

use crate::host::{Host, object};

/// Where every code is explained; `#<code>` follows. Only a text: nothing is fetched.
const ERROR_DOCS: &str = "https://github.com/opencashier/opencashier/blob/main/docs/ERRORS.md#";

/// Dispatches what the machine wants told.
pub(crate) fn tell(host: &Host, event: &HostEvent, checkout: &Checkout) {
    let text = JsValue::from_str;
    let (name, detail) = match event {
        HostEvent::Ready => {
            let methods: js_sys::Array =
                checkout.methods().iter().map(|method| text(method.as_str())).collect();
            ("ready", object(&[("paymentMethods", methods.into())]))
        }
        HostEvent::LoadError(fault) => ("load-error", error(fault)),
        HostEvent::Change(method) => ("change", chosen(*method)),
        HostEvent::StateChange(from, to, reason) => (
            "state-change",
            object(&[("from", text(from)), ("to", text(to)), ("reason", text(reason))]),
        ),
        HostEvent::ActionHandled(action) => {
            let action = match action {
                HandledAction::QrCodeLoaded => "qr-code-loaded",
                HandledAction::StatusWaiting => "status-waiting",
                HandledAction::PerformingRedirect => "performing-redirect",
                HandledAction::AppOpened => "app-opened",
            };
            ("action-handled", object(&[("action", text(action))]))
        }
        HostEvent::Expired => ("expired", about(checkout, None)),
        HostEvent::Refreshed => ("refreshed", about(checkout, None)),
        HostEvent::PaymentCompleted => ("payment-completed", about(checkout, None)),
        HostEvent::PaymentFailed(code) => ("payment-failed", about(checkout, Some(code))),
        HostEvent::PaymentPending => ("payment-pending", about(checkout, None)),
        HostEvent::Cancel => ("cancel", about(checkout, None)),
        HostEvent::Error(fault) => ("error", error(fault)),
    };
    host.emit(name, &detail);
}

/// The detail of `change` and `submit`.
pub(crate) fn chosen(method: PaymentMethod) -> JsValue {
    object(&[("paymentMethod", JsValue::from_str(method.as_str()))])
}

/// Which session and payment an event is about.
fn about(checkout: &Checkout, code: Option<&str>) -> JsValue {
    let session = checkout.session();
    let payment = session.and_then(|session| session.payment.as_ref());
    let or_null = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from_str);
    let mut members = vec![
        ("sessionId", or_null(session.map(|session| session.id.as_str()))),
        ("paymentId", or_null(payment.map(|payment| payment.id.as_str()))),
        ("paymentMethod", or_null(payment.map(|payment| payment.payment_method.as_str()))),
    ];
    if let Some(code) = code {
        members.push(("code", JsValue::from_str(code)));
    }
    object(&members)
}

fn error(fault: &Fault) -> JsValue {
    let mut doc_url = ERROR_DOCS.to_owned();
    doc_url.push_str(&fault.code);
    object(&[
        ("type", JsValue::from_str(fault.error_type.as_str())),
        ("code", JsValue::from_str(&fault.code)),
        ("message", JsValue::from_str(&fault.message)),
        ("retryable", JsValue::from_bool(fault.retryable)),
        ("requestId", JsValue::from_str(&fault.request_id)),
        ("docUrl", JsValue::from_str(&doc_url)),
    ])
}
