//! One payment that is due: it is expired, closed, or queried.

use crate::db::payments::{self, ClaimedPayment};
use crate::error::Error;
use crate::rules::{Procedure, Request};
use crate::service::{Cashier, Execution};

/// Does what is due for the payment, and ends its lease.
pub(super) async fn attend(cashier: &Cashier, claimed: &ClaimedPayment) -> Result<(), Error> {
    let attended = attend_leased(cashier, claimed).await;
    let claimed = claimed.clone();
    cashier.db.write(move |tx| payments::release(tx, &claimed)).await?;
    attended
}

async fn attend_leased(cashier: &Cashier, claimed: &ClaimedPayment) -> Result<(), Error> {
    let Some(_lock) = cashier.locks.try_lock(&claimed.session_id) else {
        // A call is busy with this session, and perhaps asks the gateway itself.
        let (id, soon) = (claimed.id.clone(), cashier.clock.now().plus_ms(BUSY_RETRY_MS));
        return Ok(cashier.db.write(move |tx| payments::ask_at(tx, &id, soon)).await?);
    };
    let execution = Execution::of(&claimed.session_id, Some(&claimed.id));
    let stored = cashier.stored(&execution).await?;
    let progress = Procedure::begin(Request::Attend, cashier.situation(&stored));
    match cashier.execute(execution, stored, progress).await {
        // What cannot be decided yet is scheduled, and logged where it happened.
        Ok(()) | Err(Error::StillOpen) => Ok(()),
        // Nobody may be asked, so nothing is given up: with the identity configured, the next
        // start takes it up at once.
        Err(Error::MissingIdentity(_)) => {
            let (id, later) = (claimed.id.clone(), cashier.clock.now().plus_ms(IDENTITY_RETRY_MS));
            Ok(cashier.db.write(move |tx| payments::ask_at(tx, &id, later)).await?)
        }
        Err(error) => Err(error),
    }
}

const BUSY_RETRY_MS: i64 = 2_000;
const IDENTITY_RETRY_MS: i64 = 3_600_000;
