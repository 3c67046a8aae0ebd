//! The waiting shoppers, by session.
//!
//! A shopper waits if an event stream is open, or if the page has called within [`PRESENCE`]:
//! both make the worker query the gateway more often.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// Publishes revisions to event streams.
#[derive(Default)]
pub(crate) struct Hub {
    sessions: Mutex<HashMap<String, Waiting>>,
}

struct Waiting {
    revision: watch::Sender<u32>,
    asked_at: Duration,
}

impl Hub {
    /// Returns a stream of the session's revisions, unless it has [`MAX_STREAMS`] already.
    pub(crate) fn subscribe(
        &self,
        session_id: &str,
        now: Duration,
    ) -> Option<watch::Receiver<u32>> {
        let mut sessions = self.lock();
        let waiting = sessions.entry(session_id.to_owned()).or_insert_with(|| Waiting::new(now));
        (waiting.revision.receiver_count() < MAX_STREAMS).then(|| waiting.revision.subscribe())
    }

    /// Records that a shopper's page has called about the session.
    pub(crate) fn note_asked(&self, session_id: &str, now: Duration) {
        let mut sessions = self.lock();
        sessions.entry(session_id.to_owned()).or_insert_with(|| Waiting::new(now)).asked_at = now;
    }

    /// Sends the session's new revision to its streams.
    pub(crate) fn publish(&self, session_id: &str, revision: u32) {
        if let Some(waiting) = self.lock().get(session_id) {
            // Two changes may be published in the wrong order; the newer one is kept.
            waiting.revision.send_if_modified(|known| {
                let is_newer = revision > *known;
                *known = revision.max(*known);
                is_newer
            });
        }
    }

    /// Returns the sessions with an open event stream.
    pub(crate) fn streamed(&self) -> Vec<String> {
        let sessions = self.lock();
        let streamed = sessions.iter().filter(|(_, waiting)| waiting.revision.receiver_count() > 0);
        streamed.map(|(id, _)| id.clone()).collect()
    }

    /// Returns the sessions with a waiting shopper, and removes the others.
    pub(crate) fn waited_for(&self, now: Duration) -> Vec<String> {
        let mut sessions = self.lock();
        sessions.retain(|_, waiting| {
            waiting.revision.receiver_count() > 0 || now.saturating_sub(waiting.asked_at) < PRESENCE
        });
        sessions.keys().cloned().collect()
    }

    /// Returns the numbers of open streams, and of sessions with a waiting shopper.
    pub(crate) fn count(&self, now: Duration) -> (usize, usize) {
        let sessions = self.waited_for(now).len();
        let streams = self.lock().values().map(|waiting| waiting.revision.receiver_count()).sum();
        (streams, sessions)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Waiting>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn new(now: Duration) -> Self {
        Self { revision: watch::Sender::new(0), asked_at: now }
    }
}

/// Time for which a page counts as waiting after its last call.
const PRESENCE: Duration = Duration::from_secs(15);
/// Limit of streams per session: enough for a shopper's tabs, too few for an attack.
const MAX_STREAMS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(60);

    #[test]
    fn streams_and_recent_calls_count_as_waiting() {
        let hub = Hub::default();
        hub.note_asked("cs_asked", NOW);
        let stream = hub.subscribe("cs_stream", NOW).unwrap();
        assert_eq!(hub.waited_for(NOW).len(), 2);
        assert_eq!(hub.count(NOW), (1, 2));
        assert_eq!(hub.streamed(), ["cs_stream"]);
        assert_eq!(hub.waited_for(NOW + PRESENCE), ["cs_stream"]);
        drop(stream);
        assert!(hub.waited_for(NOW + PRESENCE).is_empty());
    }

    #[test]
    fn an_older_revision_is_not_published() {
        let hub = Hub::default();
        let mut stream = hub.subscribe("cs_a", NOW).unwrap();
        hub.publish("cs_a", 3);
        assert_eq!(*stream.borrow_and_update(), 3);
        hub.publish("cs_a", 2);
        assert!(!stream.has_changed().unwrap());
        let streams: Vec<_> = (1..MAX_STREAMS).map(|_| hub.subscribe("cs_a", NOW)).collect();
        assert!(streams.iter().all(Option::is_some));
        assert!(hub.subscribe("cs_a", NOW).is_none());
    }
}
