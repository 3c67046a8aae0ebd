//! One lock per session, for calls that talk to a gateway between two transactions.
//!
//! The lock prevents needless conflicts between calls; without it, the database would still keep
//! every write correct.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// The locks of sessions.
#[derive(Default)]
pub(crate) struct Locks {
    sessions: Mutex<HashMap<String, Arc<AsyncMutex<()>>>>,
}

impl Locks {
    /// Waits for the session's lock, at most [`LOCK_TIMEOUT`].
    pub(crate) async fn lock(&self, session_id: &str) -> Option<OwnedMutexGuard<()>> {
        let lock = self.of(session_id);
        tokio::time::timeout(LOCK_TIMEOUT, lock.lock_owned()).await.ok()
    }

    /// Returns the session's lock if it is free.
    pub(crate) fn try_lock(&self, session_id: &str) -> Option<OwnedMutexGuard<()>> {
        self.of(session_id).try_lock_owned().ok()
    }

    fn of(&self, session_id: &str) -> Arc<AsyncMutex<()>> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SWEEP_AT {
            sessions.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        Arc::clone(sessions.entry(session_id.to_owned()).or_default())
    }
}

/// Longer than a successful gateway call, shorter than a browser's timeout.
const LOCK_TIMEOUT: Duration = Duration::from_secs(8);
const SWEEP_AT: usize = 1_024;
