//! The worker: queries for notifications that never came and for shoppers who wait, sessions that
//! expire, payments that are closed, refunds, events, bills.
//!
//! Everything that it has to do is in the database, so a restart goes on where it stopped. Work is
//! claimed only with a permit in hand ([`lane`]), and each kind has permits of its own for each
//! gateway: what is owed cannot be crowded out by what is merely frequent, nor one gateway or the
//! receiver of events by another that hangs.

mod attend;
mod deliver;
mod lane;

use std::sync::Arc;
use std::time::Duration;

use contract::{PaymentMethod, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::certificates;
use crate::db::payments::{self, Waiting};
use crate::db::{Lease, idempotency, outbox, sessions};
use crate::error::Error;
use crate::rules::schedule;
use crate::service::{Cashier, Shared};
use lane::Lane;

/// Works until the process is to end, then finishes what it has begun.
pub(crate) async fn run(cashier: Shared) {
    if let Err(error) = resume(&cashier).await {
        tracing::error!(
            cause = error.cause(),
            "the last process's work could not be resumed: {error}"
        );
    }
    let mut lanes = JoinSet::new();
    lanes.spawn(webhooks(Shared::clone(&cashier)));
    for method in METHODS {
        lanes.spawn(refunds(Shared::clone(&cashier), method));
        lanes.spawn(owed(Shared::clone(&cashier), method));
        lanes.spawn(asked(Shared::clone(&cashier), method));
    }
    lanes.spawn(housekeeping(cashier));
    while let Some(ended) = lanes.join_next().await {
        if let Err(error) = ended {
            tracing::error!(alarm = true, "a part of the worker broke off: {error}");
        }
    }
}

/// Sends events to the merchant's systems.
async fn webhooks(cashier: Shared) {
    let lane = Lane {
        permits: WEBHOOK_PERMITS,
        batch: WEBHOOK_PERMITS,
        interval: TICK,
        pause: BUSY_PAUSE,
    };
    let claim = |cashier: Shared, limit| async move {
        let lease = Lease::starting(cashier.clock.now());
        Ok(cashier.db.write(move |tx| outbox::claim_webhooks(tx, lease, limit)).await?)
    };
    lane.run(
        &cashier,
        claim,
        |cashier, task| async move { deliver::deliver(&cashier, &task).await },
    )
    .await;
}

/// Asks a gateway for refunds, and how they stand.
async fn refunds(cashier: Shared, method: PaymentMethod) {
    let lane =
        Lane { permits: REFUND_PERMITS, batch: REFUND_BATCH, interval: TICK, pause: OWED_PAUSE };
    let claim = move |cashier: Shared, limit| async move {
        let lease = Lease::starting(cashier.clock.now());
        Ok(cashier.db.write(move |tx| outbox::claim_refunds(tx, method, lease, limit)).await?)
    };
    lane.run(&cashier, claim, |cashier, task| async move { cashier.try_refund(&task).await }).await;
}

/// Expires and closes payments at a gateway.
async fn owed(cashier: Shared, method: PaymentMethod) {
    let lane = Lane { permits: OWED_PERMITS, batch: OWED_BATCH, interval: TICK, pause: OWED_PAUSE };
    let claim = move |cashier: Shared, limit| async move {
        let lease = Lease::starting(cashier.clock.now());
        Ok(cashier.db.write(move |tx| payments::claim_owed(tx, method, lease, limit)).await?)
    };
    lane.run(&cashier, claim, |cashier, claimed| async move {
        attend::attend(&cashier, &claimed).await
    })
    .await;
}

/// Queries payments at a gateway: by the schedule, and for shoppers who wait.
async fn asked(cashier: Shared, method: PaymentMethod) {
    let lane =
        Lane { permits: ASKED_PERMITS, batch: ASKED_BATCH, interval: TICK, pause: ASKED_PAUSE };
    let claim = move |cashier: Shared, limit| async move {
        let lease = Lease::starting(cashier.clock.now());
        let session_ids = cashier.hub.waited_for(cashier.clock.uptime());
        let interval_ms = schedule::waiting_interval_ms(session_ids.len());
        let waiting = Waiting { session_ids, interval_ms };
        let claimed =
            cashier.db.write(move |tx| payments::claim_asked(tx, method, &waiting, lease, limit));
        Ok(claimed.await?)
    };
    lane.run(&cashier, claim, |cashier, claimed| async move {
        attend::attend(&cashier, &claimed).await
    })
    .await;
}

/// What is done rarely, or without a gateway.
async fn housekeeping(cashier: Shared) {
    let mut stop = cashier.stop.clone();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut housekeeping = Housekeeping {
        wall_lead_ms: None,
        forget_at: Duration::ZERO,
        certificates_at: Duration::ZERO,
        bills_at: Duration::ZERO,
        bill_permits: METHODS.map(|_| Arc::new(Semaphore::new(1))),
    };
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            _ = tick.tick() => {}
        }
        if let Err(error) = housekeeping.round(&cashier).await {
            tracing::error!(cause = error.cause(), "the worker could not tidy up: {error}");
        }
    }
    for permits in housekeeping.bill_permits {
        // Fails only if the semaphore were closed, which nobody does.
        let _ = permits.acquire().await;
    }
}

struct Housekeeping {
    /// The wall clock minus the uptime when both were last looked at.
    wall_lead_ms: Option<i64>,
    /// The uptime at which finished work is deleted next.
    forget_at: Duration,
    /// The uptime at which certificates and identities are looked at next.
    certificates_at: Duration,
    /// The uptime at which bills are looked for next.
    bills_at: Duration,
    /// One bill at a time for each gateway.
    bill_permits: [Arc<Semaphore>; 2],
}

impl Housekeeping {
    async fn round(&mut self, cashier: &Shared) -> Result<(), Error> {
        self.watch_clock(cashier).await?;
        expire_idle(cashier).await?;
        let uptime = cashier.clock.uptime();
        if uptime >= self.certificates_at {
            self.certificates_at = uptime + CERTIFICATES_INTERVAL;
            for (app_id, certificates) in cashier.wallets.all_certificates() {
                certificates::warn(app_id, certificates, cashier.clock.now());
            }
            for (app_id, downloaded) in cashier.wallets.downloaded_certificates() {
                certificates::warn_of_downloaded(app_id, &downloaded);
            }
            cashier.check_identities().await?;
        }
        if uptime >= self.bills_at {
            self.bills_at = uptime + self.bills(cashier).await?;
        }
        if uptime >= self.forget_at {
            self.forget_at = uptime + FORGET_INTERVAL;
            let now = cashier.clock.now();
            let forget = cashier.db.write(move |tx| {
                let before = now.plus_ms(-KEEP_KEYS_MS);
                idempotency::forget_before(tx, before, now.plus_ms(-KEEP_REFUND_KEYS_MS))?;
                payments::forget_payers(tx, now.plus_ms(-KEEP_PAYERS_MS))?;
                outbox::forget_before(tx, before)
            });
            forget.await?;
        }
        Ok(())
    }

    /// Pulls in what was scheduled by a wall clock that has been set back since. Scheduled moments
    /// would otherwise lie that much too far ahead.
    async fn watch_clock(&mut self, cashier: &Shared) -> Result<(), Error> {
        let lead_ms = wall_lead_ms(cashier);
        let before_ms = self.wall_lead_ms.replace(lead_ms).unwrap_or(lead_ms);
        if lead_ms >= before_ms - CLOCK_STEP_MS {
            return Ok(());
        }
        let step_ms = before_ms - lead_ms;
        tracing::warn!(clock.step_ms = step_ms, "the wall clock was set back; schedules follow it");
        let lease = Lease::starting(cashier.clock.now());
        let pull_in = cashier.db.write(move |tx| {
            outbox::pull_in(tx, lease)?;
            payments::pull_in(tx, lease, lease.now.plus_ms(RESUME_MS))
        });
        Ok(pull_in.await?)
    }

    /// Compares the bills that are due; answers when to look again. A bill that cannot be had is
    /// due again then, and holds up no other.
    async fn bills(&self, cashier: &Shared) -> Result<Duration, Error> {
        let due = cashier.bills_due().await?;
        let again = if due.is_empty() { BILLS_INTERVAL } else { BILLS_RETRY_INTERVAL };
        for (method, permits) in METHODS.into_iter().zip(&self.bill_permits) {
            let dates: Vec<_> =
                due.iter().filter(|(of, _)| *of == method).map(|(_, date)| *date).collect();
            if dates.is_empty() {
                continue;
            }
            let Ok(permit) = Arc::clone(permits).try_acquire_owned() else { continue };
            let caller = Shared::clone(cashier);
            spawn(permit, async move {
                for date in dates {
                    if *caller.stop.borrow() {
                        break;
                    }
                    // Its failure is logged where it happens.
                    let _ = caller.reconcile(method, date).await;
                }
                Ok(())
            });
        }
        Ok(again)
    }
}

/// Expires sessions that nobody is paying.
async fn expire_idle(cashier: &Shared) -> Result<(), Error> {
    let context = cashier.write_context();
    let expired =
        cashier.db.write(move |tx| sessions::expire_all_idle(tx, context, EXPIRE_BATCH)).await?;
    for (session_id, revision) in expired {
        tracing::info!(session.id = %session_id, "a session expired unpaid");
        cashier.hub.publish(&session_id, revision);
    }
    Ok(())
}

/// Takes up what the last process left behind.
async fn resume(cashier: &Cashier) -> Result<(), Error> {
    let now = cashier.clock.now();
    let resumed = cashier.db.write(move |tx| {
        let tasks = outbox::resume(tx, now.plus_ms(RESUME_TASKS_MS))?;
        outbox::pull_in(tx, Lease::starting(now))?;
        Ok((payments::resume(tx, now.plus_ms(RESUME_MS))?, tasks))
    });
    let (payments, tasks) = resumed.await?;
    tracing::info!(payments, tasks, "the work of the last process is resumed");
    Ok(())
}

/// Performs one task, and gives its permit back. A task that has begun is finished even if the
/// process is to end.
fn spawn<F>(permit: OwnedSemaphorePermit, work: F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    tokio::spawn(async move {
        let _permit = permit;
        if let Err(error) = work.await {
            tracing::error!(cause = error.cause(), "the worker could not do its task: {error}");
        }
    });
}

fn wall_lead_ms(cashier: &Cashier) -> i64 {
    let uptime_ms = i64::try_from(cashier.clock.uptime().as_millis()).unwrap_or(i64::MAX);
    cashier.clock.now().since_ms(Timestamp::from_unix_ms(uptime_ms))
}

/// The gateways that have permits of their own.
const METHODS: [PaymentMethod; 2] = [PaymentMethod::Alipay, PaymentMethod::WechatPay];
/// Events sent at once.
const WEBHOOK_PERMITS: usize = 16;
/// Refunds at once, for each gateway.
const REFUND_PERMITS: usize = 32;
/// Refunds that begin together. Between two batches is [`OWED_PAUSE`].
const REFUND_BATCH: usize = 8;
/// Payments that are closed or expired at once, for each gateway. Ten a second of a gateway that
/// answers both calls, close and query, in three seconds each.
const OWED_PERMITS: usize = 64;
/// Payments whose closing begins together: a backlog is not sent to the gateway all at once.
const OWED_BATCH: usize = 8;
/// Payments that are queried at once, for each gateway: 50 a second of a gateway that answers in
/// three and a half seconds.
const ASKED_PERMITS: usize = 200;
/// Queries that begin together.
const ASKED_BATCH: usize = 32;
/// How often each kind of work is looked for.
const TICK: Duration = Duration::from_millis(500);
/// The pause after a claim that took all that was free: freed permits are used together.
const BUSY_PAUSE: Duration = Duration::from_millis(50);
/// The same for what is owed at a gateway: at most 80 begin per second.
const OWED_PAUSE: Duration = Duration::from_millis(100);
/// The same for queries, whose claim reads the list of all who wait.
const ASKED_PAUSE: Duration = Duration::from_millis(500);
/// Sessions that expire in one transaction.
const EXPIRE_BATCH: u32 = 200;
/// How far the wall clock may fall behind the uptime between two looks without having been set.
const CLOCK_STEP_MS: i64 = 1_000;
/// Delay after a start before everything under way is queried.
const RESUME_MS: i64 = 2_000;
/// Delay after a start before claimed tasks are tried again: as long as Alipay wants between a
/// refund and the query about it (gateways.md B5.4).
const RESUME_TASKS_MS: i64 = 10_000;
/// How often it is looked whether a day's bill is due.
const BILLS_INTERVAL: Duration = Duration::from_secs(60);
/// Longer than bills take; whichever could not be had is asked for again then.
const BILLS_RETRY_INTERVAL: Duration = Duration::from_secs(600);
/// How often certificates that end soon are warned of.
const CERTIFICATES_INTERVAL: Duration = Duration::from_secs(86_400);
const FORGET_INTERVAL: Duration = Duration::from_secs(3_600);
/// Longer than either gateway refunds a payment: a year.
const KEEP_REFUND_KEYS_MS: i64 = 400 * 86_400_000;
/// How long after its order's end a payment keeps who paid and from where.
const KEEP_PAYERS_MS: i64 = 30 * 86_400_000;
/// The longest life of a session and a day more.
const KEEP_KEYS_MS: i64 = 8 * 86_400_000;
