//! The events that the page receives: their names and details.

use checkout::{Checkout, Fault, HandledAction, HostEvent, PageQuestion};
use contract::{ErrorType, PaymentMethod};
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::browser::json;
use crate::host::Host;

/// Every error code is explained under `#<code>`. Only a text: nothing is fetched.
const ERROR_DOCS: &str = "https://github.com/opencashier/opencashier/blob/main/docs/ERRORS.md#";

/// Dispatches an event of the machine.
pub(crate) fn emit(host: &Host, event: &HostEvent, checkout: &Checkout) {
    let (name, detail) = describe(event, checkout);
    host.emit(name, &detail.to_object());
}

/// Dispatches the cancelable event of a question. True if no listener prevented it.
pub(crate) fn ask(host: &Host, question: PageQuestion) -> bool {
    match question {
        PageQuestion::Submit(payment_method) => {
            host.allows("submit", &Detail::Wallet { payment_method }.to_object())
        }
        PageQuestion::BeforeRedirect { url } => {
            host.allows("before-redirect", &Detail::Redirect { url }.to_object())
        }
    }
}

/// The `detail` of an event.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Detail {
    Ready { payment_methods: Vec<PaymentMethod> },
    Wallet { payment_method: PaymentMethod },
    Redirect { url: String },
    StateChange { from: &'static str, to: &'static str, reason: &'static str },
    ActionHandled { action: &'static str },
    Payment(PaymentDetail),
    Error(ErrorDetail),
}

/// The session and payment that an event is about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentDetail {
    session_id: Option<String>,
    payment_id: Option<String>,
    payment_method: Option<PaymentMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorDetail {
    r#type: ErrorType,
    code: String,
    message: String,
    retryable: bool,
    request_id: String,
    doc_url: String,
}

impl Detail {
    fn to_object(&self) -> JsValue {
        json::to_object(self).unwrap_or(JsValue::NULL)
    }
}

fn describe(event: &HostEvent, checkout: &Checkout) -> (&'static str, Detail) {
    match event {
        HostEvent::Ready => ("ready", Detail::Ready { payment_methods: checkout.methods() }),
        HostEvent::LoadError(fault) => ("load-error", error(fault)),
        HostEvent::Change(method) => ("change", Detail::Wallet { payment_method: *method }),
        HostEvent::StateChange(from, to, reason) => {
            ("state-change", Detail::StateChange { from, to, reason })
        }
        HostEvent::ActionHandled(action) => {
            ("action-handled", Detail::ActionHandled { action: action_name(*action) })
        }
        HostEvent::Expired => ("expired", payment(checkout, None)),
        HostEvent::Refreshed => ("refreshed", payment(checkout, None)),
        HostEvent::PaymentCompleted => ("payment-completed", payment(checkout, None)),
        HostEvent::PaymentFailed(code) => ("payment-failed", payment(checkout, Some(code))),
        HostEvent::PaymentPending => ("payment-pending", payment(checkout, None)),
        HostEvent::Cancel => ("cancel", payment(checkout, None)),
        HostEvent::Error(fault) => ("error", error(fault)),
    }
}

const fn action_name(action: HandledAction) -> &'static str {
    match action {
        HandledAction::QrCodeLoaded => "qr-code-loaded",
        HandledAction::StatusWaiting => "status-waiting",
        HandledAction::PerformingRedirect => "performing-redirect",
        HandledAction::AppOpened => "app-opened",
    }
}

fn payment(checkout: &Checkout, code: Option<&str>) -> Detail {
    let session = checkout.session();
    let payment = session.and_then(|session| session.payment.as_ref());
    Detail::Payment(PaymentDetail {
        session_id: session.map(|session| session.id.clone()),
        payment_id: payment.map(|payment| payment.id.clone()),
        payment_method: payment.map(|payment| payment.payment_method),
        code: code.map(str::to_owned),
    })
}

fn error(fault: &Fault) -> Detail {
    Detail::Error(ErrorDetail {
        r#type: fault.error_type,
        code: fault.code.clone(),
        message: fault.message.clone(),
        retryable: fault.retryable,
        request_id: fault.request_id.clone(),
        doc_url: format!("{ERROR_DOCS}{}", fault.code),
    })
}
