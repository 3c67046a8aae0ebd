//! Limits of the gateway calls of a session; and in `addresses`, limits of the calls of a client
//! address.

pub(crate) mod addresses;
pub(crate) mod hourly;
pub(crate) mod sweep;
pub(crate) mod warnings;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Error;
use sweep::Sweep;

/// Rate limits in memory; a restart resets them.
#[derive(Default)]
pub(crate) struct Limits {
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// The earliest time at which the bucket is full again, per bucket.
    full_at: HashMap<String, Duration>,
    sweep: Sweep,
}

/// A kind of call that is limited.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limited {
    /// Starts of any kind, also those that return an existing payment, per session: sixty at once,
    /// then one a second.
    Start,
    /// Starts and renewals of payments, per session: ten at once, then one every three seconds.
    Order,
    /// "I have paid", per payment: one every two seconds.
    Check,
}

impl Limited {
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Order => "order",
            Self::Check => "check",
        }
    }

    const fn interval(self) -> Duration {
        match self {
            Self::Start => Duration::from_secs(1),
            Self::Order => Duration::from_secs(3),
            Self::Check => Duration::from_secs(2),
        }
    }

    const fn burst(self) -> u32 {
        match self {
            Self::Start => 60,
            Self::Order => 10,
            Self::Check => 1,
        }
    }
}

impl Limits {
    /// Counts a call for `subject`; `now` is the process's uptime.
    pub(crate) fn take(&self, limited: Limited, subject: &str, now: Duration) -> Result<(), Error> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.sweep(now);
        let key = format!("{}:{subject}", limited.name());
        let bucket = buckets.full_at.entry(key).or_insert(now);
        let start = (*bucket).max(now);
        let debt = (start - now) + limited.interval();
        let allowed = limited.interval() * limited.burst();
        if debt > allowed {
            let wait_s = (debt - allowed).as_millis().div_ceil(1_000);
            return Err(Error::RateLimited { retry_after_s: u32::try_from(wait_s).unwrap_or(1) });
        }
        *bucket = start + limited.interval();
        Ok(())
    }
}

impl Buckets {
    /// Removes full buckets if there are many.
    fn sweep(&mut self, now: Duration) {
        if self.sweep.is_due(self.full_at.len(), SWEEP_AT, now) {
            self.full_at.retain(|_, moment| *moment > now);
        }
    }
}

const SWEEP_AT: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_rate() {
        let limits = Limits::default();
        let now = Duration::from_secs(60);
        for _ in 0..10 {
            limits.take(Limited::Order, "cs_a", now).unwrap();
        }
        assert!(matches!(
            limits.take(Limited::Order, "cs_a", now),
            Err(Error::RateLimited { retry_after_s: 3 })
        ));
        limits.take(Limited::Order, "cs_b", now).unwrap();
        limits.take(Limited::Order, "cs_a", now + Duration::from_millis(3_000)).unwrap();
        limits.take(Limited::Order, "cs_a", now + Duration::from_millis(3_000)).unwrap_err();
        limits.take(Limited::Check, "pay_a", now).unwrap();
        limits.take(Limited::Check, "pay_a", now + Duration::from_millis(1_999)).unwrap_err();
        limits.take(Limited::Check, "pay_a", now + Duration::from_millis(2_000)).unwrap();
    }

    #[test]
    fn full_buckets_are_removed_once_a_second() {
        let limits = Limits::default();
        let at = |ms: u64| Duration::from_millis(60_000 + ms);
        let count = || limits.buckets.lock().unwrap().full_at.len();
        for number in 0..SWEEP_AT {
            limits.take(Limited::Start, &format!("cs_{number}"), at(0)).unwrap();
        }
        limits.take(Limited::Start, "cs_a", at(500)).unwrap();
        assert_eq!(count(), SWEEP_AT + 1, "no bucket is full yet");
        limits.take(Limited::Start, "cs_b", at(1_499)).unwrap();
        assert_eq!(count(), SWEEP_AT + 2, "the last search was less than a second ago");
        limits.take(Limited::Start, "cs_c", at(1_500)).unwrap();
        assert_eq!(count(), 2, "cs_b and cs_c");
    }
}
