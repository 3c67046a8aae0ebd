//! Checks whether payments can be accepted.

use std::time::Duration;

use tokio::sync::Mutex;

use super::Backend;
use crate::db::readiness::{self, Lateness};
use crate::db::sql::Isolation;

/// The last check of the database. Anybody can ask, and each check is a write: a result is reused
/// for a second, and those who ask during a check wait for it.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<LastCheck>>);

struct LastCheck {
    /// The process's uptime at its end.
    at: Duration,
    /// `None` if nothing could be written.
    late: Option<Lateness>,
}

impl Backend {
    /// Returns the worker's lateness; `None` if nothing can be written.
    pub(crate) async fn lateness(&self) -> Option<Lateness> {
        let mut last = self.readiness.0.lock().await;
        if let Some(LastCheck { at, late }) = &*last
            && self.clock.uptime().saturating_sub(*at) < REUSE
        {
            return *late;
        }
        let late = self.check_writable().await;
        *last = Some(LastCheck { at: self.clock.uptime(), late });
        late
    }

    /// Writes the heartbeat. Raises an alarm if that fails.
    async fn check_writable(&self) -> Option<Lateness> {
        let now = self.clock.now();
        let endpoints = self.running_endpoints();
        let ready = self.db.write_with(Isolation::ReadCommitted, move |tx| {
            readiness::beat(tx, now)?;
            readiness::lateness(tx, &endpoints, now)
        });
        match tokio::time::timeout(WRITE_TIMEOUT, ready).await {
            Ok(Ok(_)) if self.db.is_full() => self.tell_unwritable("the database's disk is full"),
            Ok(Ok(late)) => return Some(late),
            Ok(Err(error)) => self.tell_unwritable(&error.to_string()),
            Err(_) => self.tell_unwritable(&format!("no answer within {WRITE_TIMEOUT:?}")),
        }
        None
    }

    fn tell_unwritable(&self, cause: &str) {
        if let Some(suppressed) = self.unwritable.allow(self.clock.uptime()) {
            tracing::error!(
                alarm = true,
                alarm.kind = "database_unwritable",
                suppressed,
                "nothing can be written: {cause}"
            );
        }
    }
}

/// Shorter than the interval of a load balancer's checks.
const REUSE: Duration = Duration::from_secs(1);
/// Shorter than the usual timeout of a load balancer's check.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);
