//! This process among the instances that share a database: its clock, and the settings that must be
//! equal.

mod fingerprint;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::db::instances::{self, InstanceRow};
use crate::db::{Db, DbError};
use crate::keys::new_id;
pub(crate) use fingerprint::{Fingerprint, Settings};

/// An instance that others may run beside.
pub(crate) struct Instance {
    row: InstanceRow,
    was_first: bool,
    waiting_elsewhere: AtomicU32,
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

/// The reason for which an instance could not join.
#[derive(Debug)]
pub(crate) enum JoinError {
    Db(DbError),
    Clash(Clash),
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
            id: new_id("in_").map_err(|error| JoinError::Db(error.into()))?,
            started_at: now,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: db.schema(),
            fingerprint: fingerprint.to_text(),
        };
        let (own, settings) = (row.clone(), fingerprint.clone());
        // Of two that start together, one sees the other.
        let joined = db.write(move |transaction| {
            let alive_since = now.plus_ms(-DEAD_AFTER_MS);
            let others = instances::others(transaction, &own.id, alive_since)?;
            for other in &others {
                if let Some(clash) =
                    settings.clash(&Fingerprint::parse(&other.fingerprint), &other.id)
                {
                    return Ok(Err(clash));
                }
            }
            instances::insert(transaction, &own, now)?;
            Ok(Ok(others))
        });
        let others = joined.await.map_err(JoinError::Db)?.map_err(JoinError::Clash)?;
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
        Ok(Self { row, was_first, waiting_elsewhere: AtomicU32::new(0) })
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
    pub(crate) async fn beat(&self, db: &Db, clock: &Clock, waiting: u32) -> Result<(), DbError> {
        let (row, now) = (self.row.clone(), clock.now());
        let beat = db.write_with(crate::db::sql::Isolation::ReadCommitted, move |transaction| {
            if !instances::beat(transaction, &row.id, now, waiting)? {
                // It was taken for dead.
                instances::insert(transaction, &row, now)?;
            }
            let alive_since = now.plus_ms(-DEAD_AFTER_MS);
            instances::waiting_elsewhere(transaction, &row.id, alive_since)
        });
        self.waiting_elsewhere.store(beat.await?, Ordering::Relaxed);
        Ok(())
    }

    /// Leaves the instances, before the process ends.
    pub(crate) async fn leave(&self, db: &Db) -> Result<(), DbError> {
        let id = self.row.id.clone();
        db.single(move |one| instances::delete(one, &id)).await
    }
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
