//! Publishes the changes that other instances commit to the event streams of this one.

use std::time::Duration;

use crate::db::outage::{Outage, OutageLog};
use crate::db::{DbError, sessions};
use crate::service::{Backend, Shared};

/// Listens until the process stops. After a lost connection it connects again, and reads the
/// revisions of the sessions with a stream here, so that no change is missed.
pub(super) async fn run(backend: Shared) {
    let mut stop = backend.stop.clone();
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        () = listen(&backend) => {}
    }
}

async fn listen(backend: &Backend) {
    let outages = OutageLog::new("the connection that hears other instances", Duration::ZERO);
    let mut delay = MIN_DELAY;
    loop {
        let before = backend.clock.uptime();
        if let Err(error) = connection(backend, &outages).await {
            outages.failed(error.outage().unwrap_or(Outage::Away), &error);
        }
        // A connection that has lasted is replaced at once.
        let has_lasted = backend.clock.uptime().saturating_sub(before) > MAX_DELAY;
        delay = if has_lasted { MIN_DELAY } else { delay.saturating_mul(2).min(MAX_DELAY) };
        tokio::time::sleep(jittered(delay)).await;
    }
}

/// Listens on one connection until it is lost.
async fn connection(backend: &Backend, outages: &OutageLog) -> Result<(), DbError> {
    let Some(mut listener) = backend.db.listen(sessions::CHANNEL).await? else {
        // One process has the database: it publishes its own changes.
        return std::future::pending().await;
    };
    // What was committed while nobody listened.
    let ids = backend.hub.streamed();
    let revisions = backend.db.read(move |connection| sessions::revisions(connection, &ids));
    for (session_id, revision) in revisions.await? {
        backend.hub.publish(&session_id, revision);
    }
    outages.succeeded();
    loop {
        let payload = listener.next().await?;
        match sessions::read_change(&payload) {
            Some((session_id, revision)) => backend.hub.publish(session_id, revision),
            None => tracing::warn!("a notification on {} is none of ours", sessions::CHANNEL),
        }
    }
}

/// Returns a delay of a half to the whole of `delay`, so that instances do not connect together.
fn jittered(delay: Duration) -> Duration {
    let mut random = [0; 1];
    // Without randomness the delay is the shortest, which is correct, too.
    let _ = getrandom::fill(&mut random);
    let [random] = random;
    delay / 2 + delay / 512 * u32::from(random)
}

const MIN_DELAY: Duration = Duration::from_millis(100);
const MAX_DELAY: Duration = Duration::from_secs(5);
