//! One kind of work, with a limit of its own on how much is done at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::spawn;
use crate::error::Error;
use crate::service::Shared;

/// The limits of one kind of work.
pub(super) struct Lane {
    /// Tasks at once.
    pub(super) permits: usize,
    /// The wait after a claim that left permits over: there was no more to do.
    pub(super) interval: Duration,
    /// The wait after a claim that used every permit.
    pub(super) pause: Duration,
}

impl Lane {
    /// Claims as many tasks as there are free permits, performs them, and so on until the process
    /// is to end; then waits for those that have begun.
    ///
    /// A claim counts as the begin of a try, so that nothing may stand between the two: a task
    /// that waits in memory would use up its lease and its tries without being tried.
    pub(super) async fn run<T, Claim, Claimed, Perform, Performed>(
        self,
        cashier: &Shared,
        claim: Claim,
        perform: Perform,
    ) where
        Claim: Fn(Shared, usize) -> Claimed,
        Claimed: Future<Output = Result<Vec<T>, Error>>,
        Perform: Fn(Shared, T) -> Performed,
        Performed: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let mut stop = cashier.stop.clone();
        let permits = Arc::new(Semaphore::new(self.permits));
        loop {
            let free = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                free = take_all(&permits) => free,
            };
            let limit = free.len();
            let claimed = match claim(Shared::clone(cashier), limit).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::error!(
                        cause = error.cause(),
                        "the worker could not read its tasks: {error}"
                    );
                    Vec::new()
                }
            };
            let wait = if claimed.len() < limit { self.interval } else { self.pause };
            for (task, permit) in claimed.into_iter().zip(free) {
                spawn(permit, perform(Shared::clone(cashier), task));
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
        // Fails only if the semaphore were closed, which nobody does.
        let _ = permits.acquire_many(u32::try_from(self.permits).unwrap_or(u32::MAX)).await;
    }
}

/// Waits for a permit, and takes every other one that is free.
async fn take_all(permits: &Arc<Semaphore>) -> Vec<OwnedSemaphorePermit> {
    let first = Arc::clone(permits).acquire_owned().await;
    let others = std::iter::from_fn(|| Arc::clone(permits).try_acquire_owned().ok());
    first.into_iter().chain(others).collect()
}
