//! One lock per session, for calls that talk to a gateway between two transactions.
//!
//! The lock prevents needless conflicts between calls; without it, the database would still keep
//! every write correct. Within an instance waiting calls are woken one after the other. A session
//! that instances share has a lease in the database, too, which is looked at again and again while
//! another instance has it.

mod leases;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::error::Error;
use crate::limits::sweep::Sweep;
use leases::HeldLease;
pub(crate) use leases::Leases;

/// The locks of sessions.
#[derive(Default)]
pub(crate) struct Locks {
    sessions: Mutex<Sessions>,
    /// Absent if this process is the database's only server.
    leases: Option<Arc<Leases>>,
}

struct Sessions {
    locks: HashMap<String, Arc<AsyncMutex<()>>>,
    started: Instant,
    sweep: Sweep,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { locks: HashMap::new(), started: Instant::now(), sweep: Sweep::default() }
    }
}

/// The lock of a session, until it is dropped.
pub(crate) struct SessionLock {
    lease: Option<HeldLease>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Locks {
    /// Returns the locks of an instance that shares its sessions by `leases`.
    pub(crate) fn shared(leases: Leases) -> Self {
        Self { leases: Some(Arc::new(leases)), ..Self::default() }
    }

    /// Waits for the session's lock.
    ///
    /// # Errors
    /// [`Error::InProgress`] after [`LOCK_TIMEOUT`]; the database failed.
    pub(crate) async fn lock(&self, session_id: &str) -> Result<SessionLock, Error> {
        let deadline = Instant::now() + LOCK_TIMEOUT;
        let guard = timeout_at(deadline, self.of(session_id).lock_owned()).await;
        let guard = guard.map_err(|_| Error::InProgress)?;
        let Some(leases) = &self.leases else {
            return Ok(SessionLock { lease: None, guard: Some(guard) });
        };
        loop {
            if let Some(lease) = leases.try_take(session_id).await? {
                return Ok(SessionLock { lease: Some(lease), guard: Some(guard) });
            }
            let again = Instant::now() + leases::poll_delay();
            if again >= deadline {
                return Err(Error::InProgress);
            }
            tokio::time::sleep_until(again).await;
        }
    }

    /// Returns the session's lock if it is free.
    pub(crate) async fn try_lock(&self, session_id: &str) -> Result<Option<SessionLock>, Error> {
        let Ok(guard) = self.of(session_id).try_lock_owned() else { return Ok(None) };
        let Some(leases) = &self.leases else {
            return Ok(Some(SessionLock { lease: None, guard: Some(guard) }));
        };
        let lease = leases.try_take(session_id).await?;
        Ok(lease.map(|lease| SessionLock { lease: Some(lease), guard: Some(guard) }))
    }

    /// Ends the leases of this instance, which stops.
    pub(crate) async fn release_all(&self) -> Result<(), Error> {
        match &self.leases {
            Some(leases) => leases.release_all().await,
            None => Ok(()),
        }
    }

    fn of(&self, session_id: &str) -> Arc<AsyncMutex<()>> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let now = sessions.started.elapsed();
        sessions.sweep(now);
        Arc::clone(sessions.locks.entry(session_id.to_owned()).or_default())
    }
}

impl Sessions {
    /// Removes unused locks if there are many.
    fn sweep(&mut self, now: Duration) {
        if self.sweep.is_due(self.locks.len(), SWEEP_AT, now) {
            self.locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
    }
}

impl Drop for SessionLock {
    fn drop(&mut self) {
        // A call that waits in this instance takes the lease over; one that waits elsewhere finds
        // it released.
        if let Some(lease) = self.lease.take() {
            lease.release();
        }
        drop(self.guard.take());
    }
}

/// Longer than a successful gateway call, shorter than a browser's timeout.
const LOCK_TIMEOUT: Duration = Duration::from_secs(8);
const SWEEP_AT: usize = 1_024;

#[cfg(test)]
mod tests;
