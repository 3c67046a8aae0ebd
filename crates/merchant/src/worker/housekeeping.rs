//! The work that is rare, or needs no gateway: idle sessions, bills, certificates, old rows, a wall
//! clock that was set back.

use std::sync::Arc;
use std::time::Duration;

use contract::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::MissedTickBehavior;

use super::lost_endpoints::LostEndpoints;
use super::{METHODS, RESUME_MS, TICK, daily, lease, log_failure, pull_in, spawn};
use crate::certificates;
use crate::db::{DbError, idle};
use crate::error::Error;
use crate::service::{Backend, Shared};

/// Runs the work that is rare, or needs no gateway.
pub(super) async fn run(backend: Shared) {
    let mut stop = backend.stop.clone();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut housekeeping = Housekeeping {
        wall_lead_ms: None,
        forget_at: Duration::ZERO,
        certificates_at: Duration::ZERO,
        bills_at: Duration::ZERO,
        lost_endpoints: LostEndpoints::default(),
        endpoints_at: Duration::ZERO,
        bill_permits: METHODS.map(|_| Arc::new(Semaphore::new(1))),
    };
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            _ = tick.tick() => {}
        }
        if let Err(error) = housekeeping.round(&backend).await {
            log_failure(&error, "the worker's housekeeping failed");
        }
    }
    for permits in housekeeping.bill_permits {
        // Fails only if the semaphore is closed, which never happens.
        let _ = permits.acquire().await;
    }
}

struct Housekeeping {
    /// The wall clock minus the uptime at the last check.
    wall_lead_ms: Option<i64>,
    /// The uptime at which finished work is deleted next.
    forget_at: Duration,
    /// The uptime of the next check of certificates and identities.
    certificates_at: Duration,
    /// The uptime of the next check for bills.
    bills_at: Duration,
    lost_endpoints: LostEndpoints,
    /// The uptime of the next check for events without an endpoint.
    endpoints_at: Duration,
    /// One bill at a time for each gateway.
    bill_permits: [Arc<Semaphore>; 2],
}

impl Housekeeping {
    async fn round(&mut self, backend: &Shared) -> Result<(), Error> {
        self.watch_clock(backend).await?;
        expire_idle(backend).await?;
        let uptime = backend.clock.uptime();
        if uptime >= self.certificates_at {
            self.certificates_at = uptime + CERTIFICATES_INTERVAL;
            for (app_id, certificates) in backend.gateways.all_certificates() {
                certificates::warn(app_id, certificates, backend.clock.now());
            }
            for (app_id, downloaded) in backend.gateways.downloaded_certificates() {
                certificates::warn_of_downloaded(app_id, &downloaded);
            }
            backend.check_identities().await?;
        }
        if uptime >= self.bills_at {
            self.bills_at = uptime + self.bills(backend).await?;
        }
        if uptime >= self.endpoints_at {
            self.endpoints_at = uptime + ENDPOINTS_INTERVAL;
            self.lost_endpoints.check(backend).await?;
        }
        if uptime >= self.forget_at {
            self.forget_at = uptime + FORGET_INTERVAL;
            daily::clean_up(backend).await?;
        }
        Ok(())
    }

    /// Moves up what was scheduled by a wall clock that has been set back since: it would otherwise
    /// lie too far ahead.
    async fn watch_clock(&mut self, backend: &Shared) -> Result<(), Error> {
        let lead_ms = wall_lead_ms(backend);
        let before_ms = self.wall_lead_ms.unwrap_or(lead_ms);
        if lead_ms >= before_ms - CLOCK_STEP_MS {
            self.wall_lead_ms = Some(lead_ms);
            return Ok(());
        }
        let step_ms = before_ms - lead_ms;
        tracing::warn!(clock.step_ms = step_ms, "the clock was set back; schedules follow it");
        let (lease, is_shared) = (lease(backend.clock.now()), backend.db.is_shared());
        let payments_at = lease.now.plus_ms(RESUME_MS);
        let pulled_in = backend.db.write(move |tx| pull_in(tx, is_shared, lease, payments_at));
        pulled_in.await?;
        // If the write failed, the step is found again.
        self.wall_lead_ms = Some(lead_ms);
        Ok(())
    }

    /// Compares the bills that are due; returns the delay of the next check. A bill that cannot be
    /// fetched is due again then, and delays no other.
    async fn bills(&self, backend: &Shared) -> Result<Duration, Error> {
        let due = backend.bills_due().await?;
        let again = if due.is_empty() { BILLS_INTERVAL } else { BILLS_RETRY_INTERVAL };
        for (method, permits) in METHODS.into_iter().zip(&self.bill_permits) {
            let dates: Vec<_> =
                due.iter().filter(|(of, _)| *of == method).map(|(_, date)| *date).collect();
            if dates.is_empty() {
                continue;
            }
            let Ok(permit) = Arc::clone(permits).try_acquire_owned() else { continue };
            let caller = Shared::clone(backend);
            spawn(permit, async move {
                for date in dates {
                    if *caller.stop.borrow() {
                        break;
                    }
                    daily::bill(&caller, method, date).await?;
                }
                Ok(())
            });
        }
        Ok(again)
    }
}

/// Expires sessions without an active payment.
async fn expire_idle(backend: &Shared) -> Result<(), Error> {
    let context = backend.write_context();
    let overdue = backend.db.read(move |db| idle::overdue(db, context.now, EXPIRE_BATCH)).await?;
    // Instances find the same sessions at the same time. A conflict repeats its whole transaction,
    // so that each session has its own there.
    let size = if backend.db.is_shared() { 1 } else { overdue.len().max(1) };
    for batch in overdue.chunks(size) {
        let ids = batch.to_vec();
        let expired = backend.db.write(move |tx| idle::expire_each(tx, &ids, context));
        let expired = match expired.await {
            Ok(expired) => expired,
            Err(DbError::Conflict) => continue, // Another instance has it, or the next round.
            Err(error) => return Err(error.into()),
        };
        for (session_id, revision) in expired {
            tracing::info!(session.id = %session_id, "a session expired unpaid");
            backend.hub.publish(&session_id, revision);
        }
    }
    Ok(())
}

fn wall_lead_ms(backend: &Backend) -> i64 {
    let uptime_ms = i64::try_from(backend.clock.uptime().as_millis()).unwrap_or(i64::MAX);
    backend.clock.now().since_ms(Timestamp::from_unix_ms(uptime_ms))
}

/// Interval of the checks for due bills.
const BILLS_INTERVAL: Duration = Duration::from_secs(60);
/// Longer than bills take; those that could not be fetched are tried again then.
const BILLS_RETRY_INTERVAL: Duration = Duration::from_secs(600);
/// Interval of the checks for events without an endpoint.
const ENDPOINTS_INTERVAL: Duration = Duration::from_secs(60);
/// Interval of the warnings about certificates that expire soon.
const CERTIFICATES_INTERVAL: Duration = Duration::from_secs(86_400);
/// Interval of the checks whether old rows are deleted for today.
const FORGET_INTERVAL: Duration = Duration::from_secs(3_600);
/// Limit of sessions that expire in one transaction.
const EXPIRE_BATCH: u32 = 200;
/// Limit of the wall clock's lag behind the uptime between two checks; more means that it was set
/// back.
const CLOCK_STEP_MS: i64 = 1_000;
