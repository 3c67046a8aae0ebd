//! OAuth codes of both wallets: a backend exchanges each once, within five minutes.

use time::{Duration, OffsetDateTime};

use crate::bounded::Bounded;
use crate::wallet::Wallet;
use crate::{clock, random};

/// The user that a code identifies.
#[derive(Debug)]
struct Grant {
    wallet: Wallet,
    user: String,
    made_at: OffsetDateTime,
    is_used: bool,
}

/// The reason for which a code is not exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GrantError {
    Unknown,
    Used,
    Expired,
}

/// All codes that have been given.
#[derive(Debug, Default)]
pub(crate) struct Grants(Bounded<Grant>);

impl Grants {
    /// Creates a code for `user`, which the browser brings to the merchant.
    pub(crate) fn give(&mut self, wallet: Wallet, user: &str, now: OffsetDateTime) -> String {
        let code = random::lower_hex(32);
        let grant = Grant { wallet, user: user.to_owned(), made_at: now, is_used: false };
        self.0.insert(code.clone(), grant);
        code
    }

    /// Returns the user that the code identifies, and invalidates the code.
    pub(crate) fn redeem(
        &mut self,
        wallet: Wallet,
        code: &str,
        now: OffsetDateTime,
    ) -> Result<String, GrantError> {
        let grant = self.0.get_mut(code).ok_or(GrantError::Unknown)?;
        if grant.wallet != wallet {
            return Err(GrantError::Unknown);
        }
        if grant.is_used {
            return Err(GrantError::Used);
        }
        if now >= clock::after(grant.made_at, LIFE) {
            return Err(GrantError::Expired);
        }
        grant.is_used = true;
        Ok(grant.user.clone())
    }
}

/// The lifetime of a code (gateways.md A11.1).
const LIFE: Duration = Duration::minutes(5);
