//! This process among the instances that share a database: its clock, and the settings that must be
//! equal.

mod fingerprint;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use contract::Timestamp;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::db::instances::{self, InstanceRow};
use crate::db::sql::{Isolation, Transaction};
use crate::db::{Db, DbError};
use crate::keys::new_id;
pub(crate) use fingerprint::{Fingerprint, Settings};

/// An instance that others may run beside.
pub(crate) struct Instance {
    row: InstanceRow,
    was_first: bool,
    waiting_elsewhere: AtomicU32,
    /// The reason for which it may not go on.
    clash: watch::Sender<Option<Clash>>,
}

/// The reason for which an instance may not run beside another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} differs from that of the running instance {other}: {harm}; {advice}")]
pub struct Clash {
    /// The setting.
    pub setting: &'static str,
    /// The other instance's id.
    pub other: String,
    /// The harm that both together would do.
    pub harm: &'static str,
    /// The operator's next step.
    pub advice: &'static str,
}

/// The reason for which an instance could not join, or join again.
#[derive(Debug)]
pub(crate) enum JoinError {
    Db(DbError),
    Clash(Clash),
}

impl From<DbError> for JoinError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl Instance {
    /// True if no other instance ran when this one joined.
    pub(crate) fn was_first(&self) -> bool {
        self.was_first
    }

    /// Joins the instances of a database, unless its settings would do harm beside one that runs.
    /// Differences that do none are told in the log.
    pub(crate) async fn join(
        db: &Db,
        clock: &Clock,
        fingerprint: &Fingerprint,
    ) -> Result<Self, JoinError> {
        let now = clock.now();
        let row = InstanceRow {
            id: new_id("in_").map_err(DbError::from)?,
            started_at: now,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: db.schema(),
            fingerprint: fingerprint.to_text(),
        };
        let (own, settings) = (row.clone(), fingerprint.clone());
        // Of two that start together, one sees the other.
        let joined = db.write(move |transaction| enter(transaction, &settings, &own, now));
        let others = joined.await?.map_err(JoinError::Clash)?;
        for other in &others {
            if other.version != row.version {
                tracing::info!(instance.id = %other.id, instance.version = %other.version, "an instance of another version is running");
            }
            for setting in fingerprint.differing(&Fingerprint::parse(&other.fingerprint)) {
                tracing::error!(
                    alarm = true,
                    alarm.kind = "instances_differ",
                    instance.id = %other.id,
                    setting,
                    "a setting differs from that of another running instance; make them equal"
                );
            }
        }
        tracing::info!(instance.id = %row.id, others = others.len(), "this instance has joined");
        let was_first = others.is_empty();
        Ok(Self {
            row,
            was_first,
            waiting_elsewhere: AtomicU32::new(0),
            clash: watch::Sender::new(None),
        })
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
        if !self.tell(db, now, waiting).await? {
            self.rejoin(db, now).await?;
            self.tell(db, now, waiting).await?;
        }
        Ok(())
    }

    /// Tells and reads what [`Self::beat`] does; false if others may have taken it for dead.
    async fn tell(&self, db: &Db, now: Timestamp, waiting: u32) -> Result<bool, DbError> {
        let (id, alive_since) = (self.row.id.clone(), now.plus_ms(-DEAD_AFTER_MS));
        let told = db.write_with(Isolation::ReadCommitted, move |transaction| {
            if !instances::beat(transaction, &id, alive_since, now, waiting)? {
                return Ok(None);
            }
            Ok(Some(instances::waiting_elsewhere(transaction, &id, alive_since)?))
        });
        let Some(elsewhere) = told.await? else { return Ok(false) };
        self.waiting_elsewhere.store(elsewhere, Ordering::Relaxed);
        Ok(true)
    }

    /// Joins again after a silence.
    async fn rejoin(&self, db: &Db, now: Timestamp) -> Result<(), JoinError> {
        let row = self.row.clone();
        let joined = db.write(move |transaction| {
            enter(transaction, &Fingerprint::parse(&row.fingerprint), &row, now)
        });
        joined.await?.map_err(|clash| {
            self.clash.send_replace(Some(clash.clone()));
            JoinError::Clash(clash)
        })?;
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

/// Writes an instance beside the others and returns those, unless its settings would do harm there.
fn enter(
    transaction: &Transaction<'_>,
    settings: &Fingerprint,
    row: &InstanceRow,
    now: Timestamp,
) -> Result<Result<Vec<InstanceRow>, Clash>, DbError> {
    let others = instances::others(transaction, &row.id, now.plus_ms(-DEAD_AFTER_MS))?;
    if let Some(clash) = first_clash(settings, &others) {
        return Ok(Err(clash));
    }
    instances::insert(transaction, row, now)?;
    Ok(Ok(others))
}

/// Returns the first difference from `others` that would do harm.
fn first_clash(settings: &Fingerprint, others: &[InstanceRow]) -> Option<Clash> {
    others
        .iter()
        .find_map(|other| settings.clash(&Fingerprint::parse(&other.fingerprint), &other.id))
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
/// The error of a later measurement is half of this at most.
const MAX_MEASUREMENT: Duration = Duration::from_secs(1);
