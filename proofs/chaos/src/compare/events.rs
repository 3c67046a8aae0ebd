//! The events that the merchant's systems received beside the backend's books.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::books::{Ledger, PaymentEntry, SessionEntry};
use crate::receiver::Received;

/// The differences between received events, written events and final states.
pub(super) fn differences(ledger: &Ledger, received: &Received) -> Vec<String> {
    let mut differences = received.errors.clone();
    let mut by_session: BTreeMap<&str, Vec<Event>> = BTreeMap::new();
    for event in &ledger.events {
        match received.bodies.get(&event.id) {
            None => differences.push(format!("an event never arrived: {event:?}")),
            Some(body) if *body != event.payload => {
                differences.push(format!("{event:?} arrived as {body}"));
            }
            Some(body) => {
                let read = Event::read(body);
                by_session.entry(&event.session_id).or_default().push(read);
            }
        }
        if !event.is_done {
            differences.push(format!("an event is still to be sent: {event:?}"));
        }
    }
    if received.bodies.len() > ledger.events.len() {
        differences.push(format!(
            "{} events arrived, {} were written",
            received.bodies.len(),
            ledger.events.len()
        ));
    }
    for session in ledger.sessions.values() {
        let events = by_session.remove(session.id.as_str()).unwrap_or_default();
        let wrong = of_session(session, &events);
        differences.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", session.id)));
    }
    differences
}

/// An event, as far as it is compared.
struct Event {
    name: String,
    data: Value,
}

impl Event {
    fn read(body: &str) -> Self {
        let event: Value = serde_json::from_str(body).unwrap_or_default();
        let name = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { name, data: event.get("data").cloned().unwrap_or_default() }
    }

    fn text(&self, pointer: &str) -> &str {
        self.data.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

fn of_session(session: &SessionEntry, events: &[Event]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |name: &str, is_it: &dyn Fn(&Event) -> bool, count: usize| {
        let all = events.iter().filter(|event| event.name == name).count();
        let right = events.iter().filter(|event| event.name == name && is_it(event)).count();
        if (right, all) != (count, count) {
            wrong.push(format!("{right} of {all} {name} are right, {count} are wanted"));
        }
    };
    let is_complete = session.status == "complete";
    let kept = session.payments.iter().find(|payment| payment.status == "succeeded");
    let is_completed = |event: &Event| {
        event.text("/order_id") == session.order_id
            && event.data.pointer("/amount/value").and_then(Value::as_i64)
                == Some(session.amount_fen)
            && kept.is_some_and(|kept| event.text("/payment/id") == kept.id)
    };
    expect("checkout.session.completed", &is_completed, usize::from(is_complete));
    expect("checkout.session.expired", &|_| true, usize::from(session.status == "expired"));
    let failed = session.payments.iter().filter(|payment| payment.status == "failed").count();
    expect("payment.failed", &|_| true, failed);
    let refunds = || session.payments.iter().flat_map(|payment| &payment.refunds);
    let returned =
        refunds().filter(|refund| is_by_itself(&refund.reason) && refund.status == "succeeded");
    expect("payment.duplicate_refunded", &|_| true, returned.count());
    for refund in refunds() {
        let told = events.iter().filter(|event| {
            event.name == "refund.updated" && event.text("/refund/id") == refund.id
        });
        if !told.clone().any(|event| event.text("/refund/status") == refund.status) {
            wrong.push(format!("nobody was told how {refund:?} ended"));
        }
    }
    wrong.extend(unknown_refunds(&session.payments, events));
    wrong
}

/// Events of refunds that the books do not have.
fn unknown_refunds(payments: &[PaymentEntry], events: &[Event]) -> Vec<String> {
    let is_known = |id: &str| {
        payments.iter().flat_map(|payment| &payment.refunds).any(|refund| refund.id == id)
    };
    let told = events.iter().filter(|event| event.name == "refund.updated");
    let unknown = told.filter(|event| !is_known(event.text("/refund/id")));
    unknown.map(|event| format!("a refund was told that nobody has: {}", event.data)).collect()
}

fn is_by_itself(reason: &str) -> bool {
    !matches!(reason, "requested_by_merchant" | "made_elsewhere")
}
