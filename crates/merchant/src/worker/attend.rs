//! Expires, closes or queries one due payment.

use crate::db::claims::{self, ClaimedPayment};
use crate::db::payments;
use crate::error::Error;
use crate::rules::{Procedure, Request};
use crate::service::{Backend, Execution};

/// Does the due work of the payment, and ends its lease.
pub(super) async fn attend(backend: &Backend, claimed: &ClaimedPayment) -> Result<(), Error> {
    let attended = attend_leased(backend, claimed).await;
    let claimed = claimed.clone();
    backend.db.single(move |one| claims::release(one, &claimed)).await?;
    attended
}

async fn attend_leased(backend: &Backend, claimed: &ClaimedPayment) -> Result<(), Error> {
    let Some(_lock) = backend.locks.try_lock(&claimed.session_id).await? else {
        // Another call holds the session's lock, and may query the gateway itself.
        let (id, soon) = (claimed.id.clone(), backend.clock.now().plus_ms(BUSY_RETRY_MS));
        return Ok(backend.db.single(move |one| payments::ask_at(one, &id, soon)).await?);
    };
    let execution = Execution::of(&claimed.session_id, Some(&claimed.id));
    let stored = backend.stored(&execution).await?;
    let progress = Procedure::begin(Request::Attend, backend.situation(&stored));
    match backend.execute(execution, stored, progress).await {
        // A payment that cannot be decided yet has its next query scheduled; the cause is logged
        // already.
        Ok(()) | Err(Error::StillOpen) => Ok(()),
        // The gateway cannot be called, so nothing is given up: once the identity is configured,
        // the next start queries it at once.
        Err(Error::MissingIdentity(_)) => {
            let (id, later) = (claimed.id.clone(), backend.clock.now().plus_ms(IDENTITY_RETRY_MS));
            Ok(backend.db.single(move |one| payments::ask_at(one, &id, later)).await?)
        }
        Err(error) => Err(error),
    }
}

const BUSY_RETRY_MS: i64 = 2_000;
const IDENTITY_RETRY_MS: i64 = 3_600_000;
