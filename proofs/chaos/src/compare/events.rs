//! Compares the events that the merchant's systems received with the backend's books.

use std::collections::BTreeMap;

use contract::{PaymentEvent, RefundEvent, SessionEvent, WebhookEvent, WebhookType};
use serde_json::Value;

use crate::books::{Ledger, PaymentEntry, SessionEntry};
use crate::receiver::Received;

/// Returns the differences between received events, written events and final states.
pub(super) fn differences(ledger: &Ledger, received: &Received) -> Vec<String> {
    let mut differences = received.errors.clone();
    let mut by_session: BTreeMap<&str, Vec<Event>> = BTreeMap::new();
    for event in &ledger.events {
        match received.bodies.get(&event.id) {
            None => differences.push(format!("an event never arrived: {event:?}")),
            Some(body) if *body != event.payload => {
                differences.push(format!("{event:?} arrived as {body}"));
            }
            Some(body) => match Event::read(body) {
                Ok(read) => by_session.entry(&event.session_id).or_default().push(read),
                Err(error) => differences.push(format!("{event:?} cannot be read: {error}")),
            },
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

/// A received event.
struct Event {
    kind: WebhookType,
    subject: Subject,
}

/// The data of an event.
enum Subject {
    Session(SessionEvent),
    Payment(PaymentEvent),
    Refund(RefundEvent),
}

impl Event {
    fn read(body: &str) -> Result<Self, String> {
        let event: WebhookEvent<Value> =
            serde_json::from_str(body).map_err(|error| error.to_string())?;
        let subject = match event.kind {
            WebhookType::SessionCompleted | WebhookType::SessionExpired => {
                serde_json::from_value(event.data).map(Subject::Session)
            }
            WebhookType::PaymentFailed => serde_json::from_value(event.data).map(Subject::Payment),
            WebhookType::RefundUpdated | WebhookType::DuplicateRefunded => {
                serde_json::from_value(event.data).map(Subject::Refund)
            }
            WebhookType::Unknown => return Err("its type is unknown".to_owned()),
        };
        let subject = subject.map_err(|error| error.to_string())?;
        Ok(Self { kind: event.kind, subject })
    }

    /// The refund in an event's data.
    fn updated_refund(&self) -> Option<&contract::Refund> {
        match &self.subject {
            Subject::Refund(event) if self.kind == WebhookType::RefundUpdated => {
                Some(&event.refund)
            }
            _ => None,
        }
    }
}

fn of_session(session: &SessionEntry, events: &[Event]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |kind: WebhookType, is_right: &dyn Fn(&Event) -> bool, count: usize| {
        let all = events.iter().filter(|event| event.kind == kind).count();
        let right = events.iter().filter(|event| event.kind == kind && is_right(event)).count();
        if (right, all) != (count, count) {
            wrong.push(format!("{right} of {all} {kind} are right, {count} are wanted"));
        }
    };
    let is_complete = session.status == "complete";
    let kept = session.payments.iter().find(|payment| payment.status == "succeeded");
    let is_completed = |event: &Event| match &event.subject {
        Subject::Session(event) => {
            event.order_id == session.order_id
                && event.amount.value == session.amount_fen
                && event.payment.as_ref().map(|payment| &payment.id) == kept.map(|kept| &kept.id)
        }
        Subject::Payment(_) | Subject::Refund(_) => false,
    };
    expect(WebhookType::SessionCompleted, &is_completed, usize::from(is_complete));
    expect(WebhookType::SessionExpired, &|_| true, usize::from(session.status == "expired"));
    let failed = || session.payments.iter().filter(|payment| payment.status == "failed");
    let is_of_failed = |event: &Event| match &event.subject {
        Subject::Payment(event) => failed().any(|payment| payment.id == event.payment.id),
        Subject::Session(_) | Subject::Refund(_) => false,
    };
    expect(WebhookType::PaymentFailed, &is_of_failed, failed().count());
    let refunds = || session.payments.iter().flat_map(|payment| &payment.refunds);
    let returned =
        refunds().filter(|refund| is_by_itself(&refund.reason) && refund.status == "succeeded");
    expect(WebhookType::DuplicateRefunded, &|_| true, returned.count());
    for refund in refunds() {
        let mut updates = events.iter().filter_map(Event::updated_refund);
        let is_end = |update: &contract::Refund| {
            update.id == refund.id && update.status.as_str() == refund.status
        };
        if !updates.any(is_end) {
            wrong.push(format!("no event has the outcome of {refund:?}"));
        }
    }
    wrong.extend(unknown_refunds(&session.payments, events));
    wrong
}

/// Returns the events of refunds that the books do not have.
fn unknown_refunds(payments: &[PaymentEntry], events: &[Event]) -> Vec<String> {
    let is_known = |id: &str| {
        payments.iter().flat_map(|payment| &payment.refunds).any(|refund| refund.id == id)
    };
    let updates = events.iter().filter_map(Event::updated_refund);
    let unknown = updates.filter(|refund| !is_known(&refund.id));
    unknown
        .map(|refund| format!("an event has a refund that the books do not: {refund:?}"))
        .collect()
}

fn is_by_itself(reason: &str) -> bool {
    !matches!(reason, "requested_by_merchant" | "made_elsewhere")
}
