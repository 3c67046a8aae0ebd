//! One kind of work, with its own limit of concurrent tasks.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{log_failure, spawn};
use crate::error::Error;
use crate::metrics;
use crate::service::Shared;

/// The limits of one kind of work.
pub(super) struct Lane {
    /// Its name in the metrics.
    pub(super) labels: metrics::Lane,
    /// Limit of concurrent tasks.
    pub(super) permits: usize,
    /// Limit of tasks per claim, which begin together.
    pub(super) batch: usize,
    /// Delay after a claim that found fewer tasks than permits.
    pub(super) interval: Duration,
    /// Delay after a claim that used every permit that it had.
    pub(super) pause: Duration,
}

impl Lane {
    /// Claims as many tasks as there are free permits, at most a batch, performs them, and repeats
    /// until the process stops; then waits for the running tasks.
    ///
    /// A claim counts as the begin of a try, so that nothing may delay a claimed task: one that
    /// waits in memory would use up its lease and its tries without being tried.
    pub(super) async fn run<T, Claim, Claimed, Perform, Performed>(
        self,
        backend: &Shared,
        claim: Claim,
        perform: Perform,
    ) where
        Claim: Fn(Shared, usize) -> Claimed,
        Claimed: Future<Output = Result<Vec<T>, Error>>,
        Perform: Fn(Shared, T) -> Performed,
        Performed: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let mut stop = backend.stop.clone();
        let permits = Arc::new(Semaphore::new(self.permits));
        backend.metrics.watch_lane(self.labels, Arc::clone(&permits), self.permits);
        loop {
            let free = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                free = take(&permits, self.batch) => free,
            };
            let limit = free.len();
            let claimed = match claim(Shared::clone(backend), limit).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    log_failure(&error, "the worker could not read its tasks");
                    Vec::new()
                }
            };
            let wait = if claimed.len() < limit { self.interval } else { self.pause };
            for (task, permit) in claimed.into_iter().zip(free) {
                spawn(permit, perform(Shared::clone(backend), task));
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
        // Fails only if the semaphore is closed, which never happens.
        let _ = permits.acquire_many(u32::try_from(self.permits).unwrap_or(u32::MAX)).await;
    }
}

/// Waits for a permit, and acquires others that are free, at most `limit` in total.
async fn take(permits: &Arc<Semaphore>, limit: usize) -> Vec<OwnedSemaphorePermit> {
    let first = Arc::clone(permits).acquire_owned().await;
    let others = std::iter::from_fn(|| Arc::clone(permits).try_acquire_owned().ok());
    first.into_iter().chain(others).take(limit).collect()
}
