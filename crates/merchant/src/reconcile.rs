//! The worker that asks the gateways: for notifications that never came, for shoppers who wait,
//! for sessions whose time is up, and for what was given up but may still be paid.
//!
//! All that it has to do is in the database, so a restart goes on where it stopped.

use std::sync::Arc;
use std::time::Duration;

use contract::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::MissedTickBehavior;

use crate::db::apply::Update;
use crate::db::outbox::{self, Kind, Task};
use crate::db::payments::{self, PaymentRow};
use crate::db::{idempotency, sessions};
use crate::error::Error;
use crate::rules::{self, CloseAnswer, Ending, WorkerAction};
use crate::service::{Asked, Cashier, Shared};
use crate::webhooks;

/// Works until the process is to end, then finishes what it has begun.
pub(crate) async fn run(cashier: Shared) {
    let mut stop = cashier.stop.clone();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let places = Places {
        gateways: Arc::new(Semaphore::new(GATEWAY_PLACES)),
        webhooks: Arc::new(Semaphore::new(WEBHOOK_PLACES)),
    };
    if let Err(error) = resume(&cashier).await {
        tracing::error!(cause = error.cause(), "what was under way could not be resumed: {error}");
    }
    let mut rounds =
        Rounds { forgot_at: Timestamp::from_unix_ms(0), bills_at: Timestamp::from_unix_ms(0) };
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            _ = tick.tick() => {}
        }
        if let Err(error) = round(&cashier, &places, &mut rounds).await {
            tracing::error!(cause = error.cause(), "the worker could not read its tasks: {error}");
        }
    }
    for (places, all) in [(places.gateways, GATEWAY_PLACES), (places.webhooks, WEBHOOK_PLACES)] {
        // Fails only if the semaphore were closed, which nobody does.
        let _ = places.acquire_many(u32::try_from(all).unwrap_or(1)).await;
    }
}

/// How much is done at once. A receiver of webhooks that hangs must not hold up the gateways.
struct Places {
    gateways: Arc<Semaphore>,
    webhooks: Arc<Semaphore>,
}

/// Does `work` as soon as there is a place, unless the process ends first: then it stays claimed
/// and is taken up at the next start.
fn spawn<F>(cashier: &Shared, places: &Arc<Semaphore>, what: String, work: F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (stop, places) = (cashier.stop.clone(), Arc::clone(places));
    tokio::spawn(async move {
        let Ok(_place) = places.acquire_owned().await else { return };
        if *stop.borrow() {
            return;
        }
        if let Err(error) = work.await {
            tracing::error!(subject.id = %what, cause = error.cause(), "the worker could not do its task: {error}");
        }
    });
}

/// When what is rarely done was last looked at.
struct Rounds {
    forgot_at: Timestamp,
    /// When bills are looked for next.
    bills_at: Timestamp,
}

async fn round(cashier: &Shared, places: &Places, rounds: &mut Rounds) -> Result<(), Error> {
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
        let (caller, id) = (Shared::clone(cashier), payment.id.clone());
        spawn(cashier, &places.gateways, id, async move { attend(&caller, &payment).await });
    }
    let tasks = cashier.db.write(move |tx| outbox::claim_due(tx, now, now.plus_ms(LEASE_MS)));
    for task in tasks.await? {
        let (caller, id) = (Shared::clone(cashier), task.id.clone());
        match task.kind {
            Kind::Refund => {
                let work = async move { caller.carry_out(&task).await };
                spawn(cashier, &places.gateways, id, work);
            }
            Kind::Webhook => {
                let work = async move { deliver(&caller, &task).await };
                spawn(cashier, &places.webhooks, id, work);
            }
        }
    }
    expire_idle(cashier).await?;
    if now >= rounds.bills_at {
        rounds.bills_at = now.plus_ms(bills(cashier, places).await?);
    }
    if now.since_ms(rounds.forgot_at) > FORGET_EVERY_MS {
        rounds.forgot_at = now;
        let before = now.plus_ms(-KEEP_KEYS_MS);
        let forget = cashier.db.write(move |tx| {
            idempotency::forget_before(tx, before)?;
            outbox::forget_before(tx, before)
        });
        forget.await?;
    }
    Ok(())
}

/// Compares the bills that are due; answers when to look again, in milliseconds from now. One
/// that cannot be had is due again then, and holds up no other.
async fn bills(cashier: &Shared, places: &Places) -> Result<i64, Error> {
    let due = cashier.bills_due().await?;
    let again_ms = if due.is_empty() { BILLS_EVERY_MS } else { BILLS_AGAIN_MS };
    for (method, date) in due {
        let caller = Shared::clone(cashier);
        let work = async move { caller.reconcile(method, date).await.map(|_| ()) };
        spawn(cashier, &places.gateways, format!("bill {method} {date}"), work);
    }
    Ok(again_ms)
}

/// Expires sessions that nobody is paying.
async fn expire_idle(cashier: &Shared) -> Result<(), Error> {
    let context = cashier.write_context();
    let now = context.now;
    let late = cashier.db.read(move |connection| sessions::idle_and_late(connection, now)).await?;
    for session_id in late {
        let id = session_id.clone();
        let revision = cashier
            .db
            .write(move |transaction| sessions::expire_idle(transaction, &id, context))
            .await?;
        if let Some(revision) = revision {
            tracing::info!(session.id = %session_id, "a session expired unpaid");
            cashier.hub.publish(&session_id, revision);
        }
    }
    Ok(())
}

/// Sends one event to the merchant's systems.
async fn deliver(cashier: &Cashier, task: &Task) -> Result<(), Error> {
    let sent = match &cashier.webhooks {
        Some(webhooks) => webhooks.send(&task.id, &task.payload).await,
        // They were configured when it was written, and are not any more: nobody wants it.
        None => Ok(()),
    };
    let (id, now) = (task.id.clone(), cashier.clock.now());
    let Err(error) = sent else {
        return Ok(cashier.db.write(move |tx| outbox::finish(tx, &id, now)).await?);
    };
    match webhooks::retry_after_ms(task.attempts) {
        Some(wait_ms) => {
            tracing::warn!(session.id = %task.subject, webhook.id = %id, "an event was not taken, it is sent again: {error}");
            let at = now.plus_ms(wait_ms);
            Ok(cashier.db.write(move |tx| outbox::again(tx, &id, at)).await?)
        }
        None => {
            tracing::error!(alarm = true, session.id = %task.subject, webhook.id = %id, "an event was never taken and is given up: {error}");
            Ok(cashier.db.write(move |tx| outbox::finish(tx, &id, now)).await?)
        }
    }
}

/// Takes up what the last process left behind.
async fn resume(cashier: &Cashier) -> Result<(), Error> {
    let now = cashier.clock.now();
    let (payments, tasks) = cashier
        .db
        .write(move |tx| {
            let tasks = outbox::resume(tx, now.plus_ms(RESUME_TASKS_MS))?;
            Ok((payments::resume(tx, now.plus_ms(RESUME_MS))?, tasks))
        })
        .await?;
    tracing::info!(payments, tasks, "going on with what was under way");
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
    let is_time_up = cashier.is_time_up(&session);
    match rules::attend(payment.status, is_time_up, payment.is_close_wanted) {
        WorkerAction::Expire => cashier.expire(&payment.session_id).await.map(|_| ()),
        WorkerAction::Close => close(cashier, &payment).await,
        WorkerAction::Ask => {
            cashier.ask(&payment, rules::found_closed(is_time_up)).await.map(|_| ())
        }
    }
}

/// Closes what has ended here; if that cannot be, asks, and goes on watching.
async fn close(cashier: &Shared, payment: &PaymentRow) -> Result<(), Error> {
    let close = cashier.close_at_gateway(payment).await;
    let mut query = None;
    if close == CloseAnswer::Failed
        && let Asked::Answered { state, .. } = cashier.ask(payment, Ending::Canceled).await?
    {
        query = Some(state);
    }
    if let Some(signal) = rules::after_worker_close(close, query) {
        cashier.apply(&payment.id, Update::Plain(signal)).await?;
    }
    Ok(())
}

const TICK: Duration = Duration::from_millis(500);
/// Gateway calls of the worker at once.
const GATEWAY_PLACES: usize = 8;
/// Events on their way at once.
const WEBHOOK_PLACES: usize = 8;
/// How often the gateway is asked while a shopper waits.
const WHILE_WAITED_FOR_MS: i64 = 8_000;
/// Longer than the gateway calls that one payment can need.
const LEASE_MS: i64 = 60_000;
const BUSY_MS: i64 = 2_000;
/// How long after a start what is under way is asked about.
const RESUME_MS: i64 = 2_000;
/// As long as Alipay wants between a refund and the question about it (gateways.md B5.4).
const RESUME_TASKS_MS: i64 = 10_000;
/// How often it is looked whether a day's bill is due.
const BILLS_EVERY_MS: i64 = 60_000;
/// Longer than bills take; whichever could not be had is asked for again then.
const BILLS_AGAIN_MS: i64 = 600_000;
const FORGET_EVERY_MS: i64 = 3_600_000;
/// The longest life of a session and a day more.
const KEEP_KEYS_MS: i64 = 8 * 86_400_000;
