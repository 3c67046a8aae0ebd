//! The shop: serves a limited number of orders at once, and kills the backend meanwhile.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::dice::Dice;
use crate::error::RunError;
use crate::options::Options;
use crate::order::{self, Served};
use crate::plan::Plan;
use crate::report;
use crate::world::World;

/// One kill of the backend: some milliseconds after a number of finished checkouts.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Kill {
    after: u32,
    delay: Duration,
    down_ms: u64,
}

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

    /// Serves all shoppers and kills the backend meanwhile; returns the number of kills.
    pub(crate) async fn serve_all(
        &self,
        at_once: u32,
        kills: &[Kill],
        backend: &mut Backend,
        out: &mut (dyn Write + Send),
    ) -> Result<u32, RunError> {
        let mut serving = JoinSet::new();
        for _ in 0..at_once {
            serving.spawn(self.serve_orders());
        }
        let all = u32::try_from(self.indexes.len()).unwrap_or(u32::MAX);
        let mut kills = kills.iter().peekable();
        let (mut killed, mut reported) = (0, Instant::now());
        loop {
            let finished = self.finished.load(Ordering::Relaxed);
            if finished >= all {
                break;
            }
            if reported.elapsed() > PROGRESS_INTERVAL {
                reported = Instant::now();
                report::line(out, &format!("  {finished} of {all}, {killed} kills"));
            }
            if let Some(kill) = kills.next_if(|kill| kill.after <= finished) {
                tokio::time::sleep(kill.delay).await;
                backend.kill()?;
                self.world.clock.sleep(kill.down_ms).await;
                backend.start(&self.world.clock)?;
                killed += 1;
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
        Ok(killed)
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

/// Returns the kills of a run: in a long one after about every fifty checkouts.
pub(crate) fn kills(options: &Options) -> Vec<Kill> {
    let mut dice = Dice::new(&[options.seed, KILLS]);
    let gap = u64::from(options.checkouts / 10).clamp(4, 50);
    let mut kills = Vec::new();
    let mut after = 0;
    loop {
        after += u32::try_from(dice.range(gap / 2, gap * 3 / 2)).unwrap_or(1);
        if after >= options.checkouts || options.only.is_some() {
            return kills;
        }
        let delay = Duration::from_millis(dice.range(0, 150));
        kills.push(Kill { after, delay, down_ms: dice.range(0, 8_000) });
    }
}

/// Seed of these random numbers.
const KILLS: u64 = 5;
const POLL: Duration = Duration::from_millis(20);
const PROGRESS_INTERVAL: Duration = Duration::from_secs(15);
