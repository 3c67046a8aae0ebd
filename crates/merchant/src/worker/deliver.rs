//! Sends one event to an endpoint of the merchant's systems.

use std::time::Instant;

use tracing::Instrument as _;

use crate::db::outbox::{self, Task};
use crate::error::Error;
use crate::rules::{AfterDelivery, Delivery, after_delivery};
use crate::service::Backend;
use crate::webhooks::Endpoint;

/// Sends the event, and writes that it was accepted, is sent again, or is given up by its age.
pub(super) async fn deliver(
    backend: &Backend,
    endpoint: &Endpoint,
    task: &Task,
) -> Result<(), Error> {
    let started = Instant::now();
    let span = tracing::debug_span!("webhook_delivery", endpoint = endpoint.name);
    let sent = endpoint.send(&task.event_id, &task.payload).instrument(span).await;
    let outcome = sent.as_ref().map_or_else(|error| error.outcome(), |()| "accepted");
    backend.metrics.delivery(&endpoint.name, outcome, started.elapsed());
    let answer = sent.as_ref().map_or_else(|error| error.answer(), |()| Delivery::Accepted);
    let error = sent.err().map(|error| error.to_string()).unwrap_or_default();
    let (task, now) = (task.clone(), backend.clock.now());
    let age_ms = now.since_ms(task.created_at);
    match after_delivery(answer, task.attempts, age_ms, random()?) {
        AfterDelivery::Done => {
            Ok(backend.db.single(move |one| outbox::finish(one, &task, now)).await?)
        }
        AfterDelivery::Again { wait_ms } => {
            tracing::warn!(
                session.id = %task.subject,
                webhook.id = %task.event_id,
                webhook.endpoint = endpoint.name,
                webhook.attempts = task.attempts,
                "an event was not accepted and will be sent again: {error}"
            );
            Ok(backend.db.single(move |one| outbox::again(one, &task, now, wait_ms)).await?)
        }
        AfterDelivery::Stop { wait_ms } => {
            if endpoint.stop() {
                tracing::error!(
                    alarm = true,
                    alarm.kind = "webhook_stopped",
                    webhook.endpoint = endpoint.name,
                    "an endpoint answered 410 Gone and gets no more events until the next start; they stay owed to it for three days"
                );
            }
            Ok(backend.db.single(move |one| outbox::again(one, &task, now, wait_ms)).await?)
        }
        AfterDelivery::GiveUp => {
            tracing::error!(
                alarm = true,
                alarm.kind = "webhook_given_up",
                session.id = %task.subject,
                webhook.id = %task.event_id,
                webhook.endpoint = endpoint.name,
                webhook.attempts = task.attempts,
                "an event was not accepted for three days and is given up: {error}"
            );
            Ok(backend.db.single(move |one| outbox::give_up(one, &task, now)).await?)
        }
    }
}

fn random() -> Result<u8, Error> {
    let mut byte = [0];
    getrandom::fill(&mut byte)
        .map_err(|error| Error::Internal(format!("no random byte: {error}")))?;
    let [byte] = byte;
    Ok(byte)
}
