//! Rate limits per client address, in bounded memory.
//!
//! Our own instead of the `governor` crate: its keyed limiter grows with the number of keys, and can
//! neither be bounded nor asked whether it knows a key before it adds it, so that new addresses could
//! not share one allowance when there are too many.
//!
//! They keep one client from crowding out the others. They protect no secret: secrets are too long
//! to be guessed at any rate.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::sweep::Sweep;
use crate::config::AddressLimits;
use crate::error::Error;

/// The limits per address; a restart resets them.
pub(crate) struct Addresses {
    allowed: AddressLimits,
    buckets: Mutex<Buckets>,
    has_met_proxy: AtomicBool,
}

/// A kind of call that is counted per address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    /// A browser's call about a session.
    Call,
    /// The opening of a session by the merchant's servers.
    Open,
    /// A call with an invalid secret.
    WrongSecret,
}

#[derive(Default)]
struct Buckets {
    by_address: HashMap<(Counted, IpAddr), Bucket>,
    sweep: Sweep,
}

/// The used part of a minute's allowance, times [`MINUTE_MS`]: a call costs [`MINUTE_MS`], and each
/// millisecond gives back the allowance.
#[derive(Clone, Copy)]
struct Bucket {
    used: i64,
    at: Duration,
}

impl Addresses {
    pub(crate) fn new(allowed: AddressLimits) -> Self {
        Self { allowed, buckets: Mutex::default(), has_met_proxy: AtomicBool::new(false) }
    }

    /// True on the first call through an unknown proxy.
    pub(crate) fn is_first_proxy(&self) -> bool {
        !self.has_met_proxy.swap(true, Ordering::Relaxed)
    }

    /// Counts a call of `address`.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if the address has used up its allowance.
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
    /// Returns the bucket of an address. Beyond the limit of buckets, new addresses share one: a
    /// flood from many addresses is limited, and memory stays bounded.
    fn key(&mut self, counted: Counted, address: IpAddr, now: Duration) -> (Counted, IpAddr) {
        let key = (counted, address);
        if self.by_address.len() < MAX_BUCKETS || self.by_address.contains_key(&key) {
            return key;
        }
        if self.sweep.is_due(self.by_address.len(), MAX_BUCKETS, now) {
            // Every allowance is full again after a minute.
            self.by_address.retain(|_, bucket| now.saturating_sub(bucket.at) < MINUTE);
        }
        if self.by_address.len() < MAX_BUCKETS {
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

/// The network of one customer: in IPv6 at least a /64.
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
/// Limit of buckets, besides one shared of each kind: about a megabyte.
const MAX_BUCKETS: usize = 16_384;

#[cfg(test)]
mod tests;
