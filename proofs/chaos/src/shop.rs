//! The shop: serves a limited number of orders at once, while the backend is killed and its database
//! is restarted.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::crashes::{Crash, Crashes};
use crate::error::RunError;
use crate::order::{self, Served};
use crate::plan::Plan;
use crate::report;
use crate::world::World;

/// The shop: serves a limited number of shoppers at once.
pub(crate) struct Shop {
    world: Arc<World>,
    indexes: Arc<Vec<u32>>,
    next: Arc<AtomicU32>,
    finished: Arc<AtomicU32>,
    served: Arc<Mutex<Vec<Served>>>,
}

impl Shop {
    pub(crate) fn new(world: Arc<World>, indexes: Vec<u32>) -> Self {
        Self {
            world,
            indexes: Arc::new(indexes),
            next: Arc::default(),
            finished: Arc::default(),
            served: Arc::default(),
        }
    }

    /// Serves all shoppers with crashes meanwhile; returns their numbers.
    pub(crate) async fn serve_all(
        &self,
        at_once: u32,
        crashes: &[Crash],
        backend: &mut Backend,
        out: &mut (dyn Write + Send),
    ) -> Result<Crashes, RunError> {
        let mut serving = JoinSet::new();
        for _ in 0..at_once {
            serving.spawn(self.serve_orders());
        }
        let all = u32::try_from(self.indexes.len()).unwrap_or(u32::MAX);
        let mut crashes = crashes.iter().peekable();
        let (mut crashed, mut reported) = (Crashes::default(), Instant::now());
        loop {
            let finished = self.finished.load(Ordering::Relaxed);
            if finished >= all {
                break;
            }
            if reported.elapsed() > PROGRESS_INTERVAL {
                reported = Instant::now();
                report::line(out, &format!("  {finished} of {all}, {crashed}"));
            }
            if let Some(crash) = crashes.next_if(|crash| crash.after <= finished) {
                crash.happen(&self.world.clock, backend, &mut crashed).await?;
            }
            match tokio::time::timeout(POLL, serving.join_next()).await {
                Ok(Some(Ok(Err(broken)))) => return Err(broken),
                Ok(Some(Err(error))) => {
                    return Err(RunError::new("a shopper's task failed", error));
                }
                Ok(Some(Ok(Ok(()))) | None) => tokio::time::sleep(POLL).await,
                Err(_) => {}
            }
        }
        Ok(crashed)
    }

    /// Serves one order after the other.
    fn serve_orders(&self) -> impl Future<Output = Result<(), RunError>> + Send + 'static {
        let (world, indexes) = (Arc::clone(&self.world), Arc::clone(&self.indexes));
        let (next, finished) = (Arc::clone(&self.next), Arc::clone(&self.finished));
        let all = Arc::clone(&self.served);
        async move {
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                let Some(index) = indexes.get(turn as usize) else { return Ok(()) };
                let served = order::serve(&world, Plan::new(world.seed, *index)).await?;
                all.lock().unwrap_or_else(PoisonError::into_inner).push(served);
                finished.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Removes and returns the served orders.
    pub(crate) fn served(&mut self) -> Vec<Served> {
        std::mem::take(&mut *self.served.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

const POLL: Duration = Duration::from_millis(20);
const PROGRESS_INTERVAL: Duration = Duration::from_secs(15);
