//! The state that all shoppers share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::net::Net;
use crate::options::Options;

/// The addresses, the clock, and the counters.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    pub(crate) net: Net,
    /// Delay of a gateway's answer, in milliseconds of the fast clock.
    pub(crate) gateway_ms: u64,
    /// The backend's address, without a slash at the end.
    pub(crate) merchant: String,
    /// The address of both gateways and of the phone.
    pub(crate) sandbox: String,
    /// True once all faults have ended.
    pub(crate) is_calm: AtomicBool,
    counts: Mutex<BTreeMap<(Count, String), u64>>,
}

/// The kinds of counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Count {
    Call,
    Fault,
    Outcome,
}

impl World {
    pub(crate) fn new(options: &Options, merchant: String, sandbox: String) -> Self {
        Self {
            seed: options.seed,
            clock: Clock::new(options.speed),
            gateway_ms: options.gateway_ms,
            net: Net::new(),
            merchant,
            sandbox,
            is_calm: AtomicBool::new(false),
            counts: Mutex::default(),
        }
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.is_calm.load(Ordering::Relaxed)
    }

    pub(crate) fn count(&self, what: Count, name: &str) {
        self.count_more(what, name, 1);
    }

    pub(crate) fn count_more(&self, what: Count, name: &str, more: u64) {
        *self.lock().entry((what, name.to_owned())).or_default() += more;
    }

    /// Records the greatest of the values under `name`.
    pub(crate) fn record_max(&self, what: Count, name: &str, number: u64) {
        let mut counts = self.lock();
        let most = counts.entry((what, name.to_owned())).or_default();
        *most = number.max(*most);
    }

    pub(crate) fn counted(&self, what: Count) -> Vec<(String, u64)> {
        let counts = self.lock();
        let of_kind = counts.iter().filter(|((kind, _), _)| *kind == what);
        of_kind.map(|((_, name), count)| (name.clone(), *count)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(Count, String), u64>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
