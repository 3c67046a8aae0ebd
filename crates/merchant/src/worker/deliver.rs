//! Sends one event to the merchant's systems.

use crate::db::outbox::{self, Task};
use crate::error::Error;
use crate::rules::schedule;
use crate::service::Backend;

/// Sends the event, and writes that it was accepted, is sent again, or is given up by its age.
pub(super) async fn deliver(backend: &Backend, task: &Task) -> Result<(), Error> {
    let sent = match &backend.webhooks {
        Some(webhooks) => webhooks.send(&task.id, &task.payload).await,
        // Webhooks were configured when it was written, and are not any more: it is dropped.
        None => Ok(()),
    };
    let (task, now) = (task.clone(), backend.clock.now());
    let Err(error) = sent else {
        return Ok(backend.db.write(move |tx| outbox::finish(tx, &task, now)).await?);
    };
    match schedule::webhook_retry_ms(task.attempts, now.since_ms(task.created_at)) {
        Some(wait_ms) => {
            tracing::warn!(
                session.id = %task.subject,
                webhook.id = %task.id,
                webhook.attempts = task.attempts,
                "an event was not accepted and will be sent again: {error}"
            );
            let at = now.plus_ms(wait_ms);
            Ok(backend.db.write(move |tx| outbox::again(tx, &task, at)).await?)
        }
        None => {
            tracing::error!(
                alarm = true,
                session.id = %task.subject,
                webhook.id = %task.id,
                webhook.attempts = task.attempts,
                "an event was not accepted for three days and is given up: {error}"
            );
            Ok(backend.db.write(move |tx| outbox::finish(tx, &task, now)).await?)
        }
    }
}
