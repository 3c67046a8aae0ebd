//! This process among the instances that share a database: its clock, and the settings that must be
//! equal.

mod clash;
mod fingerprint;
mod settings;

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use contract::Timestamp;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::db::instances::{self, InstanceRow};
use crate::db::sql::Isolation;
use crate::db::subscriptions::{self, Subscription};
use crate::db::{Db, DbError};
use crate::keys::new_id;
use crate::limits::hourly::Hourly;
pub use clash::Clash;
pub(crate) use clash::JoinError;
use clash::first_clash;
pub(crate) use fingerprint::Fingerprint;

/// An instance that others may run beside.
pub(crate) struct Instance {
    row: InstanceRow,
    fingerprint: Fingerprint,
    subscriptions: Vec<Subscription>,
    /// The differences that were told, by instance and setting.
    told: Hourly<(String, String)>,
    waiting_elsewhere: AtomicU32,
    /// The time at which it joined, or joined again, in Unix milliseconds.
    entered_at: AtomicI64,
    /// The reason for which it may not go on.
    clash: watch::Sender<Option<Clash>>,
}

impl Instance {
    /// Joins the instances of a database, unless its settings would do harm beside one that runs.
    /// Harmless differences are logged. From now on the events of `subscriptions` are owed to their
    /// endpoints.
    pub(crate) async fn join(
        db: &Db,
        clock: &Clock,
        fingerprint: Fingerprint,
        subscriptions: Vec<Subscription>,
    ) -> Result<Self, JoinError> {
        let now = clock.now();
        let row = InstanceRow {
            id: new_id("in_").map_err(DbError::from)?,
            started_at: now,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: db.schema(),
            fingerprint: fingerprint.to_text(),
        };
        let instance = Self {
            row,
            fingerprint,
            subscriptions,
            told: Hourly::default(),
            waiting_elsewhere: AtomicU32::new(0),
            entered_at: AtomicI64::new(0),
            clash: watch::Sender::new(None),
        };
        let others = instance.enter(db, now).await??;
        for other in &others {
            if other.version != instance.row.version {
                tracing::info!(instance.id = %other.id, instance.version = %other.version, "an instance of another version is running");
            }
        }
        instance.tell_differences(&others, clock.uptime());
        tracing::info!(instance.id = %instance.row.id, others = others.len(), "this instance has joined");
        Ok(instance)
    }

    /// Writes it beside the others and returns those, unless its settings would do harm there.
    async fn enter(
        &self,
        db: &Db,
        now: Timestamp,
    ) -> Result<Result<Vec<InstanceRow>, Clash>, DbError> {
        let (row, settings) = (self.row.clone(), self.fingerprint.clone());
        let wanted = self.subscriptions.clone();
        // Of two that start together, one sees the other.
        let entered = db.write(move |transaction| {
            let others = instances::others(transaction, &row.id, now.plus_ms(-DEAD_AFTER_MS))?;
            if let Some(clash) = first_clash(&settings, &others) {
                return Ok(Err(clash));
            }
            instances::insert(transaction, &row, now)?;
            subscriptions::replace(transaction, &row.id, &wanted)?;
            subscriptions::delete_departed(transaction)?;
            Ok(Ok(others))
        });
        let entered = entered.await?;
        self.entered_at.store(now.unix_ms(), Ordering::Relaxed);
        Ok(entered)
    }

    /// Tells the differences from others that do no harm.
    fn tell_differences(&self, others: &[InstanceRow], uptime: Duration) {
        for (id, setting) in self.untold_differences(others, uptime) {
            tracing::error!(
                alarm = true,
                alarm.kind = "instances_differ",
                instance.id = %id,
                setting,
                "a setting differs from that of another running instance; make them equal"
            );
        }
    }

    /// Returns the differences that were not told in the last hour, by instance and setting.
    fn untold_differences(
        &self,
        others: &[InstanceRow],
        uptime: Duration,
    ) -> Vec<(String, String)> {
        let differing = differences(&self.fingerprint, others);
        differing.filter(|difference| self.told.allow(difference, uptime)).collect()
    }

    /// Its id, which no other life of the process has had.
    pub(crate) fn id(&self) -> &str {
        &self.row.id
    }

    /// The sessions with a waiting shopper at the other instances.
    pub(crate) fn waiting_elsewhere(&self) -> u32 {
        self.waiting_elsewhere.load(Ordering::Relaxed)
    }

    /// Tells the others that it is alive and how many sessions have a waiting shopper here, and
    /// reads how many have one there.
    ///
    /// # Errors
    /// It was silent for so long that others took it for dead, and its settings would do harm beside
    /// those of one that has joined since: it may not go on.
    pub(crate) async fn beat(&self, db: &Db, clock: &Clock, waiting: u32) -> Result<(), JoinError> {
        let now = clock.now();
        let others = match self.tell(db, now, waiting).await? {
            Some(others) => others,
            None => {
                self.rejoin(db, now).await?;
                self.tell(db, now, waiting).await?.unwrap_or_default()
            }
        };
        self.tell_differences(&others, clock.uptime());
        Ok(())
    }

    /// Tells and reads what [`Self::beat`] does, and returns the others; `None` if those may have
    /// taken it for dead.
    async fn tell(
        &self,
        db: &Db,
        now: Timestamp,
        waiting: u32,
    ) -> Result<Option<Vec<InstanceRow>>, DbError> {
        let (id, alive_since) = (self.row.id.clone(), now.plus_ms(-DEAD_AFTER_MS));
        // After an outage of the database the others need a moment to be seen again.
        let forgets = now.unix_ms() - self.entered_at.load(Ordering::Relaxed) >= DEAD_AFTER_MS;
        let told = db.write_with(Isolation::ReadCommitted, move |transaction| {
            if !instances::beat(transaction, &id, alive_since, now, waiting)? {
                return Ok(None);
            }
            if forgets {
                instances::forget_before(transaction, now.plus_ms(-FORGOTTEN_AFTER_MS))?;
            }
            subscriptions::delete_departed(transaction)?;
            let elsewhere = instances::waiting_elsewhere(transaction, &id, alive_since)?;
            Ok(Some((elsewhere, instances::others(transaction, &id, alive_since)?)))
        });
        let Some((elsewhere, others)) = told.await? else { return Ok(None) };
        self.waiting_elsewhere.store(elsewhere, Ordering::Relaxed);
        Ok(Some(others))
    }

    /// Joins again after a silence.
    async fn rejoin(&self, db: &Db, now: Timestamp) -> Result<(), JoinError> {
        if let Err(clash) = self.enter(db, now).await? {
            self.clash.send_replace(Some(clash.clone()));
            return Err(clash.into());
        }
        tracing::warn!(instance.id = %self.row.id, "this instance was silent and has joined again");
        Ok(())
    }

    /// Resolves when it may not go on beside the others.
    pub(crate) async fn clashed(&self) -> Clash {
        let mut clash = self.clash.subscribe();
        match clash.wait_for(Option::is_some).await.ok().and_then(|clash| clash.clone()) {
            Some(clash) => clash,
            // The sender lives as long as `self`.
            None => std::future::pending().await,
        }
    }

    /// Leaves the instances, before the process ends.
    pub(crate) async fn leave(&self, db: &Db) -> Result<(), DbError> {
        let id = self.row.id.clone();
        db.single(move |one| instances::delete(one, &id)).await
    }
}

/// Returns the instances that run on the database.
pub(crate) async fn running(db: &Db) -> Result<Vec<InstanceRow>, DbError> {
    db.single(|one| {
        let now = Timestamp::from_unix_ms(instances::server_time(one)?.unwrap_or_default());
        instances::others(one, "", now.plus_ms(-DEAD_AFTER_MS))
    })
    .await
}

/// Compares settings with those of the instances that run, as a start would: returns the reason for
/// which it would be refused, or the settings that differ, by instance.
pub(crate) fn compare(
    fingerprint: &Fingerprint,
    running: &[InstanceRow],
) -> Result<Vec<(String, String)>, Clash> {
    match first_clash(fingerprint, running) {
        Some(clash) => Err(clash),
        None => Ok(differences(fingerprint, running).collect()),
    }
}

/// Returns the settings that differ from those of others and do no harm, by instance.
fn differences<'a>(
    fingerprint: &'a Fingerprint,
    others: &'a [InstanceRow],
) -> impl Iterator<Item = (String, String)> + 'a {
    others.iter().flat_map(|other| {
        let settings = fingerprint.differing(&Fingerprint::parse(&other.fingerprint));
        settings.into_iter().map(|setting| (other.id.clone(), setting)).collect::<Vec<_>>()
    })
}

/// Measures the clock of the database server, and lets `clock` follow it. Without a server nothing
/// changes.
pub(crate) async fn follow_server(db: &Db, clock: &Clock) -> Result<(), DbError> {
    let measured = db.single(|one| {
        let before = Instant::now();
        let time = instances::server_time(one)?;
        Ok(time.map(|time| (time, before, before.elapsed())))
    });
    let Some((time, before, took)) = measured.await? else { return Ok(()) };
    // The first one is used however long it took: the wall clock may be wrong by more.
    if took > MAX_MEASUREMENT && clock.follows_server() {
        return Err(DbError::Busy(format!("its clock was read in {took:?}")));
    }
    // It was read about in the middle.
    clock.follow(time, before + took / 2);
    Ok(())
}

/// Time after which an instance that was not seen counts as dead.
pub(crate) const DEAD_AFTER_MS: i64 = 30_000;
/// Time after which an instance that was not seen is forgotten: it has died, and was not started
/// again with the same settings. Events are no longer owed to endpoints that only it had.
const FORGOTTEN_AFTER_MS: i64 = 600_000;
/// The error of a later measurement is half of this at most.
const MAX_MEASUREMENT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, settings: &str) -> InstanceRow {
        InstanceRow {
            id: id.to_owned(),
            started_at: Timestamp::from_unix_ms(0),
            version: "1.0.0".to_owned(),
            schema: 15,
            fingerprint: format!("{{\"settings\":{settings}}}"),
        }
    }

    #[test]
    fn an_instance_that_runs_tells_what_differs_at_one_that_joins() {
        let own = row("in_1", r#"{"webhooks":"1","server.public_url":"1"}"#);
        let instance = Instance {
            fingerprint: Fingerprint::parse(&own.fingerprint),
            row: own,
            subscriptions: Vec::new(),
            told: Hourly::default(),
            waiting_elsewhere: AtomicU32::new(0),
            entered_at: AtomicI64::new(0),
            clash: watch::Sender::new(None),
        };
        let uptime = Duration::from_secs(60);
        let same = row("in_2", r#"{"webhooks":"1","server.public_url":"1"}"#);
        assert!(instance.untold_differences(&[same], uptime).is_empty());
        let other = [row("in_3", r#"{"webhooks":"2","server.public_url":"1"}"#)];
        let expected = [("in_3".to_owned(), "webhooks".to_owned())];
        assert_eq!(instance.untold_differences(&other, uptime), expected);
        assert!(instance.untold_differences(&other, uptime).is_empty(), "not at every beat");
    }
}
