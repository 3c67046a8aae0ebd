//! The work that is done once for a day, over all instances: bills, and the deletion of old rows.

use std::time::Duration;

use contract::{PaymentMethod, Timestamp};
use time::Date;

use super::CLAIM;
use crate::clock::calendar;
use crate::db::jobs::{self, Job};
use crate::db::{Lease, event_log, idempotency, notifications, outbox, payments, session_leases};
use crate::error::Error;
use crate::service::Backend;

/// Compares the bill of a day, unless another instance does. One that cannot be fetched is taken
/// again, by any instance, once the lease has run out.
pub(super) async fn bill(
    backend: &Backend,
    method: PaymentMethod,
    date: Date,
) -> Result<(), Error> {
    let job = Job { name: format!("bill {method}"), day: date.to_string() };
    if !take(backend, &job).await? {
        return Ok(());
    }
    // Its failure is logged where it happens.
    if backend.reconcile(method, date).await.is_err() {
        return Ok(());
    }
    finish(backend, job).await
}

/// Deletes old rows, unless that is done for today.
pub(super) async fn clean_up(backend: &Backend) -> Result<(), Error> {
    let now = backend.clock.now();
    let job = Job { name: "clean-up".to_owned(), day: calendar(now).date().to_string() };
    if !take(backend, &job).await? {
        return Ok(());
    }
    let is_shared = backend.db.is_shared();
    let keep_payers_ms = i64::from(backend.settings.personal_data_days) * DAY_MS;
    // It reads whole tables, and decides nothing by them.
    let forget = backend.db.write_with(CLAIM, move |tx| {
        tx.allow(Some(CLEAN_UP_TIMEOUT))?;
        let before = now.plus_ms(-KEEP_KEYS_MS);
        idempotency::forget_before(tx, before, now.plus_ms(-KEEP_REFUND_KEYS_MS))?;
        notifications::forget_before(tx, now.plus_ms(-KEEP_NOTIFICATIONS_MS))?;
        payments::forget_payers(tx, now.plus_ms(-keep_payers_ms))?;
        jobs::forget_before(tx, now.plus_ms(-KEEP_JOBS_MS))?;
        if is_shared {
            session_leases::forget_before(tx, now.plus_ms(-KEEP_LEASES_MS))?;
        }
        outbox::forget_before(tx, before)?;
        event_log::give_up_before(tx, now.plus_ms(-KEEP_EVENTS_MS), now)
    });
    let given_up = forget.await?;
    if given_up > 0 {
        tracing::error!(
            alarm = true,
            alarm.kind = "webhook_given_up",
            events = given_up,
            "events for endpoints that are not configured any more, or have stopped, are given up"
        );
    }
    finish(backend, job).await
}

pub(super) async fn take(backend: &Backend, job: &Job) -> Result<bool, Error> {
    let (job, owner, lease) = (job.clone(), backend.owner.clone(), lease(backend.clock.now()));
    Ok(backend.db.write_with(CLAIM, move |tx| jobs::take(tx, &job, &owner, lease)).await?)
}

pub(super) async fn finish(backend: &Backend, job: Job) -> Result<(), Error> {
    let now = backend.clock.now();
    Ok(backend.db.write_with(CLAIM, move |tx| jobs::finish(tx, &job, now)).await?)
}

fn lease(now: Timestamp) -> Lease {
    Lease { now, until: now.plus_ms(LEASE_MS) }
}

/// Limit of one of its statements.
const CLEAN_UP_TIMEOUT: Duration = Duration::from_secs(120);
const DAY_MS: i64 = 86_400_000;
/// Longer than a bill takes, shorter than the interval of the tries to fetch one.
const LEASE_MS: i64 = 540_000;
/// Longer than either gateway refunds a payment: a year.
const KEEP_REFUND_KEYS_MS: i64 = 400 * DAY_MS;
/// The longest life of a session, and one day.
const KEEP_KEYS_MS: i64 = 8 * DAY_MS;
/// Much longer than the gateways repeat a notification: a day (gateways.md A8, B9).
const KEEP_NOTIFICATIONS_MS: i64 = 30 * DAY_MS;
/// The age at which events are given up, and an hour for their last try.
const KEEP_EVENTS_MS: i64 = 3 * DAY_MS + 3_600_000;
/// Longer than bills are compared after an outage.
const KEEP_JOBS_MS: i64 = 100 * DAY_MS;
/// Long after the end of a lease, and of an instance that was not seen.
const KEEP_LEASES_MS: i64 = DAY_MS;
