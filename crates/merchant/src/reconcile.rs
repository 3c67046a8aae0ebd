//! The worker that asks the gateways: for notifications that never came, for shoppers who wait,
//! for sessions whose time is up, and for what was given up but may still be paid.
//!
//! All that it has to do is in the database, so a restart goes on where it stopped.

use std::sync::Arc;
use std::time::Duration;

use contract::Timestamp;
use gateways::TradeState;
use tokio::sync::Semaphore;
use tokio::time::MissedTickBehavior;

use crate::db::apply::News;
use crate::db::payments::{self, PaymentRow};
use crate::db::{idempotency, sessions};
use crate::error::Error;
use crate::rules::{Ending, Signal};
use crate::service::{Asked, Shared, note_failure};
use crate::wallets::Closing;

/// Works until the process is to end, then finishes what it has begun.
pub(crate) async fn run(cashier: Shared) {
    let mut stop = cashier.stop.clone();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let places = Arc::new(Semaphore::new(PLACES));
    let mut forgot_at = Timestamp::from_unix_ms(0);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            _ = tick.tick() => {}
        }
        if let Err(error) = round(&cashier, &places, &mut forgot_at).await {
            tracing::error!(cause = error.cause(), "the worker could not read its tasks: {error}");
        }
    }
    let all = u32::try_from(PLACES).unwrap_or(1);
    // Fails only if the semaphore were closed, which nobody does.
    let _ = places.acquire_many(all).await;
}

async fn round(
    cashier: &Shared,
    places: &Arc<Semaphore>,
    forgot_at: &mut Timestamp,
) -> Result<(), Error> {
    let now = cashier.clock.now();
    let waited_for = cashier.hub.waited_for(now);
    let due = cashier
        .db
        .write(move |transaction| {
            let stale_before = now.plus_ms(-WHILE_WAITED_FOR_MS);
            payments::claim_due(transaction, &waited_for, now, stale_before, now.plus_ms(LEASE_MS))
        })
        .await?;
    for payment in due {
        let (cashier, places) = (Shared::clone(cashier), Arc::clone(places));
        tokio::spawn(async move {
            let Ok(_place) = places.acquire_owned().await else { return };
            if let Err(error) = attend(&cashier, &payment).await {
                tracing::error!(
                    payment.id = %payment.id,
                    cause = error.cause(),
                    "the worker could not settle a payment: {error}"
                );
            }
        });
    }
    expire_idle(cashier, now).await?;
    if now.since_ms(*forgot_at) > FORGET_EVERY_MS {
        *forgot_at = now;
        let before = now.plus_ms(-KEEP_KEYS_MS);
        cashier.db.write(move |tx| idempotency::forget_before(tx, before)).await?;
    }
    Ok(())
}

/// Expires sessions that nobody is paying.
async fn expire_idle(cashier: &Shared, now: Timestamp) -> Result<(), Error> {
    let late = cashier.db.read(move |connection| sessions::idle_and_late(connection, now)).await?;
    for session_id in late {
        let id = session_id.clone();
        let revision = cashier
            .db
            .write(move |transaction| sessions::expire_idle(transaction, &id, now))
            .await?;
        if let Some(revision) = revision {
            tracing::info!(session.id = %session_id, "a session expired unpaid");
            cashier.hub.publish(&session_id, revision);
        }
    }
    Ok(())
}

/// Does what is due for one payment.
async fn attend(cashier: &Shared, claimed: &PaymentRow) -> Result<(), Error> {
    let Some(_lock) = cashier.locks.try_lock(&claimed.session_id) else {
        // A call is busy with this session, and perhaps asks the gateway itself.
        let (id, soon) = (claimed.id.clone(), cashier.clock.now().plus_ms(BUSY_MS));
        cashier.db.write(move |transaction| payments::ask_at(transaction, &id, soon)).await?;
        return Ok(());
    };
    let Some(payment) = cashier.payment(&claimed.id).await? else { return Ok(()) };
    let session = cashier.session(&payment.session_id).await?;
    if !payment.status.is_final() && cashier.clock.now() >= session.expires_at {
        cashier.expire(&payment.session_id).await?;
    } else if payment.is_close_wanted {
        close(cashier, &payment).await?;
    } else {
        cashier.ask(&payment, Ending::Expired).await?;
    }
    Ok(())
}

/// Closes what has ended here; if that cannot be, asks, and goes on watching.
async fn close(cashier: &Shared, payment: &PaymentRow) -> Result<(), Error> {
    let news = match cashier.wallets.close(payment.payment_method, &payment.out_trade_no).await {
        Ok(Closing::Closed) => Signal::Closed(Ending::Canceled),
        Ok(Closing::NotCreated) => Signal::Abandoned(Ending::Canceled),
        Err(error) => {
            note_failure(payment, "close", &error);
            match cashier.ask(payment, Ending::Canceled).await? {
                Asked::Answered { state: TradeState::NotCreated, .. } => {
                    Signal::Abandoned(Ending::Canceled)
                }
                // What else it said is already written; what is still open is closed later.
                Asked::Answered { .. } | Asked::Nothing => return Ok(()),
            }
        }
    };
    cashier.apply(&payment.id, News::Plain(news)).await?;
    Ok(())
}

const TICK: Duration = Duration::from_millis(500);
/// Gateway calls of the worker at once.
const PLACES: usize = 8;
/// How often the gateway is asked while a shopper waits.
const WHILE_WAITED_FOR_MS: i64 = 8_000;
/// Longer than the gateway calls that one payment can need.
const LEASE_MS: i64 = 60_000;
const BUSY_MS: i64 = 2_000;
const FORGET_EVERY_MS: i64 = 3_600_000;
/// The longest life of a session and a day more.
const KEEP_KEYS_MS: i64 = 8 * 86_400_000;
