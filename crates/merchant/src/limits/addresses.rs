//! How often one client address may call, in memory that is bounded.
//!
//! It keeps one stranger from crowding out the others. It guards no secret: those are too long
//! to be guessed at any rate.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::config::AddressLimits;
use crate::error::Error;

/// The limits per address: a restart forgives.
pub(crate) struct Addresses {
    allowed: AddressLimits,
    buckets: Mutex<Buckets>,
    has_met_proxy: AtomicBool,
}

/// A kind of thing that is counted per address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    /// A browser's call about a session.
    Call,
    /// The opening of a session by the merchant's servers.
    Open,
    /// A secret that opens nothing.
    WrongSecret,
}

#[derive(Default)]
struct Buckets {
    by_address: HashMap<(Counted, IpAddr), Bucket>,
    swept_at: Option<Duration>,
}

/// What of a minute's allowance is used up, times [`MINUTE_MS`], so that a call costs
/// [`MINUTE_MS`] and each millisecond gives back as much as the allowance is.
#[derive(Clone, Copy)]
struct Bucket {
    used: i64,
    at: Duration,
}

impl Addresses {
    pub(crate) fn new(allowed: AddressLimits) -> Self {
        Self { allowed, buckets: Mutex::default(), has_met_proxy: AtomicBool::new(false) }
    }

    /// Whether this is the first call that came by a proxy which nobody told us of.
    pub(crate) fn is_first_proxy(&self) -> bool {
        !self.has_met_proxy.swap(true, Ordering::Relaxed)
    }

    /// Counts something that `address` did.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if it has used up what a minute allows.
    pub(crate) fn take(
        &self,
        counted: Counted,
        address: IpAddr,
        now: Duration,
    ) -> Result<(), Error> {
        let allowed = i64::from(self.per_minute(counted));
        if allowed == 0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = buckets.key(counted, network(address), now);
        let bucket = buckets.by_address.entry(key).or_insert(Bucket { used: 0, at: now });
        let used = bucket.used_at(now, allowed);
        let excess = used + MINUTE_MS - allowed * MINUTE_MS;
        if excess > 0 {
            let wait_s = (excess / allowed + 1_000) / 1_000;
            return Err(Error::RateLimited { retry_after_s: u32::try_from(wait_s).unwrap_or(60) });
        }
        *bucket = Bucket { used: used + MINUTE_MS, at: now };
        Ok(())
    }

    const fn per_minute(&self, counted: Counted) -> u32 {
        match counted {
            Counted::Call => self.allowed.calls_per_minute,
            Counted::Open => self.allowed.sessions_per_minute,
            Counted::WrongSecret => self.allowed.wrong_secrets_per_minute,
        }
    }
}

impl Buckets {
    /// The bucket of an address. When there are too many addresses, those that are new share
    /// one: who floods us from everywhere is held back, and our memory is not.
    fn key(&mut self, counted: Counted, address: IpAddr, now: Duration) -> (Counted, IpAddr) {
        let key = (counted, address);
        if self.by_address.len() < MOST || self.by_address.contains_key(&key) {
            return key;
        }
        if self.swept_at.is_none_or(|at| now.saturating_sub(at) >= SWEEP_INTERVAL) {
            self.swept_at = Some(now);
            // Whatever was used is given back within a minute.
            self.by_address.retain(|_, bucket| now.saturating_sub(bucket.at) < MINUTE);
        }
        if self.by_address.len() < MOST {
            return key;
        }
        (counted, IpAddr::V6(Ipv6Addr::UNSPECIFIED))
    }
}

impl Bucket {
    fn used_at(self, now: Duration, allowed: i64) -> i64 {
        let passed = now.saturating_sub(self.at).min(MINUTE);
        let passed_ms = i64::try_from(passed.as_millis()).unwrap_or(MINUTE_MS);
        (self.used - passed_ms * allowed).max(0)
    }
}

/// The network of one customer, as far as it shows: of IPv6 a customer has a /64 at least.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        address @ IpAddr::V4(_) => address,
    }
}

const MINUTE: Duration = Duration::from_millis(60_000);
const MINUTE_MS: i64 = 60_000;
/// Buckets that are kept, and one more of each kind: a megabyte or so.
const MOST: usize = 16_384;
/// How often it is looked which are needed no more, while there are too many.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
