//! The worker: queries for lost notifications and for waiting shoppers, expiry of sessions, closing
//! of payments, refunds, events, bills.
//!
//! All of its work is in the database, so a restart continues where it stopped. Work is claimed
//! only with a permit ([`lane`]), and each kind has its own permits for each gateway: owed work is
//! not crowded out by frequent work, nor one gateway or endpoint for events by another that
//! hangs.

mod attend;
mod daily;
mod deliver;
mod housekeeping;
mod lane;
mod listen;
mod lost_endpoints;
mod membership;

use std::sync::Arc;
use std::time::Duration;

use contract::{PaymentMethod, Timestamp};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;

use crate::db::claims::{self, Waiting};
use crate::db::sql::{Isolation, Transaction};
use crate::db::{DbError, Lease, in_background, jobs, outbox, session_leases};
use crate::error::Error;
use crate::gateway::CALL_TIMEOUT;
use crate::instance::Instance;
use crate::metrics;
use crate::rules::schedule;
use crate::service::{Backend, Shared};
use crate::webhooks::Endpoint;
use lane::Lane;

/// Works until the process stops, then finishes the running tasks.
pub(crate) async fn run(backend: Shared) {
    if let Err(error) = resume(&backend).await {
        tracing::error!("the last process's work could not be resumed: {error}");
    }
    let mut lanes = JoinSet::new();
    for endpoint in &backend.endpoints {
        lanes.spawn(webhooks(Shared::clone(&backend), Arc::clone(endpoint)));
    }
    for method in METHODS {
        lanes.spawn(refunds(Shared::clone(&backend), method));
        lanes.spawn(owed(Shared::clone(&backend), method));
        lanes.spawn(asked(Shared::clone(&backend), method));
    }
    lanes.spawn(listen::run(Shared::clone(&backend)));
    lanes.spawn(membership::run(Shared::clone(&backend)));
    lanes.spawn(housekeeping::run(backend));
    while let Some(ended) = lanes.join_next().await {
        if let Err(error) = ended {
            tracing::error!(
                alarm = true,
                alarm.kind = "worker_ended",
                "a part of the worker ended unexpectedly: {error}"
            );
        }
    }
}

/// Sends events to an endpoint of the merchant's systems.
async fn webhooks(backend: Shared, endpoint: Arc<Endpoint>) {
    let lane = Lane {
        labels: metrics::Lane::of("webhooks", &endpoint.name),
        permits: WEBHOOK_PERMITS,
        batch: WEBHOOK_PERMITS,
        interval: TICK,
        pause: BUSY_PAUSE,
    };
    let claim = |backend: Shared, limit| {
        let endpoint = Arc::clone(&endpoint);
        async move {
            if endpoint.is_stopped() {
                return Ok(Vec::new());
            }
            let lease = lease(backend.clock.now());
            let claimed = backend.db.write_with(CLAIM, move |tx| {
                outbox::claim_webhooks(tx, &endpoint.name, lease, limit)
            });
            Ok(claimed.await?)
        }
    };
    lane.run(&backend, claim, |backend, task| {
        let endpoint = Arc::clone(&endpoint);
        async move { deliver::deliver(&backend, &endpoint, &task).await }
    })
    .await;
}

/// Sends and queries refunds at a gateway.
async fn refunds(backend: Shared, method: PaymentMethod) {
    let lane = Lane {
        labels: metrics::Lane::of("refunds", method.as_str()),
        permits: REFUND_PERMITS,
        batch: REFUND_BATCH,
        interval: TICK,
        pause: REFUND_PAUSE,
    };
    let claim = move |backend: Shared, limit| async move {
        let lease = lease(backend.clock.now());
        Ok(backend
            .db
            .write_with(CLAIM, move |tx| outbox::claim_refunds(tx, method, lease, limit))
            .await?)
    };
    lane.run(&backend, claim, |backend, task| async move { backend.try_refund(&task).await }).await;
}

/// Expires and closes payments at a gateway.
async fn owed(backend: Shared, method: PaymentMethod) {
    let lane = Lane {
        labels: metrics::Lane::of("closing", method.as_str()),
        permits: OWED_PERMITS,
        batch: OWED_BATCH,
        interval: TICK,
        pause: OWED_PAUSE,
    };
    let claim = move |backend: Shared, limit| async move {
        let lease = lease(backend.clock.now());
        Ok(backend
            .db
            .write_with(CLAIM, move |tx| claims::claim_owed(tx, method, lease, limit))
            .await?)
    };
    lane.run(&backend, claim, |backend, claimed| async move {
        attend::attend(&backend, &claimed).await
    })
    .await;
}

/// Queries payments at a gateway: by the schedule, and for waiting shoppers.
async fn asked(backend: Shared, method: PaymentMethod) {
    let lane = Lane {
        labels: metrics::Lane::of("queries", method.as_str()),
        permits: ASKED_PERMITS,
        batch: ASKED_BATCH,
        interval: TICK,
        pause: ASKED_PAUSE,
    };
    let claim = move |backend: Shared, limit| async move {
        let lease = lease(backend.clock.now());
        let session_ids = backend.hub.waited_for(backend.clock.uptime());
        // The gateways limit the queries of all instances together.
        let elsewhere = backend.instance.as_ref().map_or(0, Instance::waiting_elsewhere);
        let everywhere =
            session_ids.len().saturating_add(usize::try_from(elsewhere).unwrap_or(usize::MAX));
        let interval_ms = schedule::waiting_interval_ms(everywhere);
        let waiting = Waiting { session_ids, interval_ms };
        let claimed = backend
            .db
            .write_with(CLAIM, move |tx| claims::claim_asked(tx, method, &waiting, lease, limit));
        Ok(claimed.await?)
    };
    // The most frequent work, and nothing is lost if it is late.
    lane.run(&backend, claim, |backend, claimed| {
        in_background(async move { attend::attend(&backend, &claimed).await })
    })
    .await;
}

/// Resumes the unfinished work of the last process.
async fn resume(backend: &Backend) -> Result<(), Error> {
    let now = backend.clock.now();
    if backend.db.is_shared() {
        // The claims of an instance that has died end with their leases.
        let at = now.plus_ms(RESUME_MS);
        let resume = move |tx: &Transaction<'_>| {
            // No claim of a living instance is shortened: the limits are those of new claims.
            pull_in(tx, true, lease(now), at)?;
            claims::resume_beside_others(tx, at)
        };
        let payments = backend.db.write_with(Isolation::ReadCommitted, resume).await?;
        tracing::info!(payments, "every open payment is queried again");
        return Ok(());
    }
    let resumed = backend.db.write(move |tx| {
        let tasks = outbox::resume(tx, now, RESUME_TASKS_MS)?;
        outbox::pull_in(tx, lease(now))?;
        jobs::resume(tx, now)?;
        Ok((claims::resume(tx, now.plus_ms(RESUME_MS))?, tasks))
    });
    let (payments, tasks) = resumed.await?;
    tracing::info!(payments, tasks, "the work of the last process is resumed");
    Ok(())
}

/// Moves up everything that lies further ahead than the clock explains: it was set back since.
fn pull_in(
    tx: &Transaction<'_>,
    is_shared: bool,
    lease: Lease,
    payments_at: Timestamp,
) -> Result<(), DbError> {
    outbox::pull_in(tx, lease)?;
    if is_shared {
        session_leases::pull_in(tx, lease.until)?;
    }
    claims::pull_in(tx, lease, payments_at)
}

/// Performs one task, and releases its permit. A running task is finished even if the process
/// stops.
fn spawn<F>(permit: OwnedSemaphorePermit, work: F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    tokio::spawn(async move {
        let _permit = permit;
        if let Err(error) = work.await {
            log_failure(&error, "a task of the worker failed");
        }
    });
}

/// Logs the failure of a part of the worker, which is repeated. Outages have their own lines.
fn log_failure(error: &Error, failure: &str) {
    if !error.is_outage() {
        tracing::error!("{failure}: {error}");
    }
}

/// Returns a lease that begins `now` and outlasts every gateway call of one task.
fn lease(now: Timestamp) -> Lease {
    let ms = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
    Lease { now, until: now.plus_ms(ms) }
}

/// Three calls, as when a query finds that the session's time is up: it is followed by a close and
/// another query. Two more for WeChat Pay's certificate mode, where calls may download
/// certificates first, at most once a minute. The margin is for the database between them.
const LEASE: Duration = CALL_TIMEOUT.saturating_mul(5).saturating_add(Duration::from_secs(30));
/// A claim is right by itself: it takes only rows that no other claim has locked.
const CLAIM: Isolation = Isolation::ReadCommitted;
/// The gateways that have permits of their own.
const METHODS: [PaymentMethod; 2] = [PaymentMethod::Alipay, PaymentMethod::WechatPay];
/// Limit of events sent at once, for each endpoint.
const WEBHOOK_PERMITS: usize = 16;
/// Limit of refund calls at once, for each gateway.
const REFUND_PERMITS: usize = 32;
/// Limit of refund calls that begin together, [`REFUND_PAUSE`] apart: WeChat Pay allows six calls
/// a second that fail, as all do while the balance is empty (gateways.md A10).
const REFUND_BATCH: usize = 6;
const REFUND_PAUSE: Duration = Duration::from_secs(1);
/// Limit of payments that are closed or expired at once, for each gateway: ten a second at a
/// gateway that answers both calls, close and query, in three seconds each.
const OWED_PERMITS: usize = 64;
/// Limit of payments whose closing begins together: a backlog is not sent to the gateway at once.
const OWED_BATCH: usize = 8;
/// Limit of payments that are queried at once, for each gateway: 50 a second at a gateway that
/// answers in three and a half seconds.
const ASKED_PERMITS: usize = 200;
/// Limit of queries that begin together.
const ASKED_BATCH: usize = 32;
/// Interval of the checks for each kind of work.
const TICK: Duration = Duration::from_millis(500);
/// Delay after a claim that used every permit, so that permits freed meanwhile are used together.
const BUSY_PAUSE: Duration = Duration::from_millis(50);
/// The same delay for closing at a gateway: at most 80 begin per second.
const OWED_PAUSE: Duration = Duration::from_millis(100);
/// The same delay for queries, whose claim reads the list of all waiting shoppers.
const ASKED_PAUSE: Duration = Duration::from_millis(500);
/// Delay after a start before everything under way is queried.
const RESUME_MS: i64 = 2_000;
/// Delay after a start before claimed tasks are tried again: as long as Alipay requires between a
/// refund and the query of it (gateways.md B5.4).
const RESUME_TASKS_MS: i64 = 10_000;
