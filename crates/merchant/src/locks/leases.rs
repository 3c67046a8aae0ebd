//! The leases of one instance.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::clock::Clock;
use crate::db::session_leases::{self, SessionLease};
use crate::db::{Db, Lease};
use crate::error::Error;

/// Takes, extends and releases the leases of one instance.
pub(crate) struct Leases {
    db: Db,
    clock: Clock,
    owner: String,
    claims: AtomicI64,
}

/// A lease that is extended until it is released.
pub(super) struct HeldLease {
    leases: Arc<Leases>,
    lease: SessionLease,
    extension: AbortHandle,
}

impl Leases {
    pub(crate) fn new(db: Db, clock: Clock, owner: String) -> Self {
        Self { db, clock, owner, claims: AtomicI64::new(1) }
    }

    /// Takes the session's lease; `None` if another instance has it.
    pub(super) async fn try_take(
        self: &Arc<Self>,
        session_id: &str,
    ) -> Result<Option<HeldLease>, Error> {
        let wanted = SessionLease {
            session_id: session_id.to_owned(),
            owner: self.owner.clone(),
            claim: self.claims.fetch_add(1, Ordering::Relaxed),
        };
        let (take, lease) = (wanted.clone(), self.lease());
        let taken = self.db.single(move |one| session_leases::take(one, &take, lease)).await?;
        if !taken {
            return Ok(None);
        }
        let extension = tokio::spawn(extend(Arc::clone(self), wanted.clone())).abort_handle();
        Ok(Some(HeldLease { leases: Arc::clone(self), lease: wanted, extension }))
    }

    pub(super) async fn release_all(&self) -> Result<(), Error> {
        let owner = self.owner.clone();
        Ok(self.db.single(move |one| session_leases::release_all(one, &owner)).await?)
    }

    fn lease(&self) -> Lease {
        let now = self.clock.now();
        Lease { now, until: now.plus_ms(LEASE_MS) }
    }
}

impl HeldLease {
    /// Releases the lease, without waiting for the database. If that fails it runs out.
    pub(super) fn release(self) {
        self.extension.abort();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let Self { leases, lease, .. } = self;
                let released =
                    leases.db.single(move |one| session_leases::release(one, &lease)).await;
                if let Err(error) = released
                    && error.outage().is_none()
                {
                    tracing::warn!("a session's lease was not released, and runs out: {error}");
                }
            });
        }
    }
}

/// Extends a lease while its call runs.
async fn extend(leases: Arc<Leases>, held: SessionLease) {
    loop {
        tokio::time::sleep(EXTENSION_INTERVAL).await;
        let (lease, until) = (held.clone(), leases.lease().until);
        let extend = move |one: &_| session_leases::extend(one, &lease, until);
        match leases.db.single(extend).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(
                    session.id = %held.session_id,
                    "a session's lease was lost to another instance; the database keeps its writes correct"
                );
                return;
            }
            Err(error) if error.outage().is_some() => {}
            Err(error) => tracing::warn!("a session's lease could not be extended: {error}"),
        }
    }
}

/// Returns the delay before the next look at a lease of another instance: random, so that those who
/// wait do not look together.
pub(super) fn poll_delay() -> Duration {
    let mut random = [0; 1];
    // Without randomness the delay is the shortest, which is correct, too.
    let _ = getrandom::fill(&mut random);
    let [random] = random;
    MIN_POLL_DELAY + Duration::from_micros(u64::from(random) * 400)
}

/// Time after which an instance that has died is replaced. A call that takes longer extends its
/// lease.
const LEASE_MS: i64 = 30_000;
/// A third of the lease: one extension may fail.
const EXTENSION_INTERVAL: Duration = Duration::from_secs(10);
/// The longest delay is a tenth of a second longer.
const MIN_POLL_DELAY: Duration = Duration::from_millis(50);
