//! The log of a database's outages: a line when one begins, one a minute while it lasts, and one when
//! it is over, however many calls fail meanwhile.
//!
//! Callers do not log these failures again ([`DbError::outage`]): while PostgreSQL is away, the worker
//! alone makes 18 calls a second.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::DbError;

/// A reason for which all calls fail alike while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    Away,
    Busy,
    /// The file of SQLite is damaged. It ends with the process only.
    Damaged,
    Full,
    Login,
    ReadOnly,
}

/// The outages of one connection or pool.
pub(crate) struct OutageLog {
    /// The thing that cannot be used.
    subject: &'static str,
    started: Instant,
    /// True while an outage lasts: the calls that succeed need no lock otherwise.
    has_any: AtomicBool,
    outages: Mutex<Outages>,
}

impl OutageLog {
    /// Makes a log of what `subject` names. An outage is over with the first success, at least
    /// `quiet` after the last failure.
    pub(crate) fn new(subject: &'static str, quiet: Duration) -> Self {
        let outages = Outages { quiet, ongoing: Vec::new() };
        Self {
            subject,
            started: Instant::now(),
            has_any: AtomicBool::new(false),
            outages: Mutex::new(outages),
        }
    }

    /// Notes a failed call, and logs it if it is the first of an outage, or the first for a minute.
    pub(crate) fn failed(&self, kind: Outage, cause: &dyn Display) {
        self.has_any.store(true, Ordering::Relaxed);
        let mut outages = self.outages.lock().unwrap_or_else(PoisonError::into_inner);
        let (subject, now) = (self.subject, self.started.elapsed());
        match outages.failed(kind, now) {
            Some(Line::Begin) if kind == Outage::Damaged => tracing::error!(
                alarm = true,
                alarm.kind = "database_damaged",
                outage = kind.as_str(),
                "{subject} cannot be used: {cause}"
            ),
            Some(Line::Begin) => tracing::error!(
                outage = kind.as_str(),
                "{subject} cannot be used, and is tried again until it can: {cause}"
            ),
            Some(Line::Reminder { failed, lasts }) => tracing::error!(
                outage = kind.as_str(),
                failed,
                lasts_s = lasts.as_secs(),
                "{subject} still cannot be used: {cause}"
            ),
            None => {}
        }
    }

    /// True if writes fail for want of room, although some succeed.
    pub(crate) fn is_full(&self) -> bool {
        let outages = self.outages.lock().unwrap_or_else(PoisonError::into_inner);
        outages.ongoing.iter().any(|outage| outage.kind == Outage::Full)
    }

    /// Notes a call that succeeded, and logs the outages that are over.
    pub(crate) fn succeeded(&self) {
        if !self.has_any.load(Ordering::Relaxed) {
            return;
        }
        let mut outages = self.outages.lock().unwrap_or_else(PoisonError::into_inner);
        for over in outages.succeeded(self.started.elapsed()) {
            let lasted_s = over.failed_at.saturating_sub(over.since).as_secs();
            tracing::info!(
                outage = over.kind.as_str(),
                failed = over.failed,
                lasted_s,
                "{} can be used again",
                self.subject
            );
        }
        self.has_any.store(!outages.ongoing.is_empty(), Ordering::Relaxed);
    }
}

impl Outage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Busy => "busy",
            Self::Damaged => "damaged",
            Self::Full => "full",
            Self::Login => "login",
            Self::ReadOnly => "read_only",
        }
    }
}

impl DbError {
    /// Returns the outage that the error is of. The log has it already: [`OutageLog`].
    pub(crate) fn outage(&self) -> Option<Outage> {
        use rusqlite::ErrorCode as Code;
        match self {
            Self::Unreachable { .. }
            | Self::NoSession { .. }
            | Self::ConnectionLost(_)
            | Self::Silent(_) => Some(Outage::Away),
            Self::Login { .. } => Some(Outage::Login),
            Self::ReadOnly(_) => Some(Outage::ReadOnly),
            Self::Busy(_) => Some(Outage::Busy),
            Self::Damaged(_) => Some(Outage::Damaged),
            Self::DiskFull(_) => Some(Outage::Full),
            Self::Sqlite(error) => match error.sqlite_error_code()? {
                Code::DiskFull => Some(Outage::Full),
                Code::DatabaseBusy | Code::DatabaseLocked => Some(Outage::Busy),
                Code::ReadOnly => Some(Outage::ReadOnly),
                Code::CannotOpen | Code::SystemIoFailure => Some(Outage::Away),
                _ => None,
            },
            _ => None,
        }
    }

    /// True if the disk of the database is full. Once there is room, calls succeed again.
    pub(crate) fn is_disk_full(&self) -> bool {
        self.outage() == Some(Outage::Full)
    }
}

/// The outages that are not over.
struct Outages {
    quiet: Duration,
    ongoing: Vec<Ongoing>,
}

/// An outage that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ongoing {
    kind: Outage,
    since: Duration,
    failed_at: Duration,
    logged_at: Duration,
    failed: u64,
}

/// A line of the log.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Begin,
    Reminder { failed: u64, lasts: Duration },
}

impl Outages {
    fn failed(&mut self, kind: Outage, now: Duration) -> Option<Line> {
        let Some(outage) = self.ongoing.iter_mut().find(|outage| outage.kind == kind) else {
            let (since, failed_at, logged_at) = (now, now, now);
            self.ongoing.push(Ongoing { kind, since, failed_at, logged_at, failed: 1 });
            return Some(Line::Begin);
        };
        outage.failed = outage.failed.saturating_add(1);
        outage.failed_at = now;
        if now.saturating_sub(outage.logged_at) < REMINDER_INTERVAL {
            return None;
        }
        outage.logged_at = now;
        let lasts = now.saturating_sub(outage.since);
        Some(Line::Reminder { failed: outage.failed, lasts })
    }

    /// Returns the outages that a success ends. One success between failures ends none: with a full
    /// disk or a standby, reads succeed.
    fn succeeded(&mut self, now: Duration) -> Vec<Ongoing> {
        let quiet = self.quiet;
        // A damaged file does not heal, although calls succeed that do not read its damaged part.
        let is_over = |outage: &mut Ongoing| {
            outage.kind != Outage::Damaged && now.saturating_sub(outage.failed_at) >= quiet
        };
        self.ongoing.extract_if(.., is_over).collect()
    }
}

const REMINDER_INTERVAL: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn an_outage_has_a_line_at_its_begin_and_one_a_minute_and_ends_once() {
        let mut outages = Outages { quiet: at(5_000), ongoing: Vec::new() };
        let mut lines = Vec::new();
        for call in 0..3_600 {
            lines.extend(outages.failed(Outage::Away, at(1_000 + call * 50)));
        }
        let reminder =
            |failed, lasts_s| Line::Reminder { failed, lasts: Duration::from_secs(lasts_s) };
        assert_eq!(lines, [Line::Begin, reminder(1_201, 60), reminder(2_401, 120)]);
        let last = 1_000 + 3_599 * 50;
        assert_eq!(outages.succeeded(at(last + 4_999)), []);
        let over = outages.succeeded(at(last + 5_000));
        assert_eq!(
            over.iter().map(|over| (over.kind, over.failed)).collect::<Vec<_>>(),
            [(Outage::Away, 3_600)]
        );
        assert_eq!(outages.succeeded(at(last + 9_000)), []);
    }

    #[test]
    fn an_outage_of_writes_goes_on_although_reads_succeed() {
        let mut outages = Outages { quiet: at(5_000), ongoing: Vec::new() };
        assert_eq!(outages.failed(Outage::ReadOnly, at(0)), Some(Line::Begin));
        for call in 1..100 {
            assert_eq!(outages.succeeded(at(call * 500 - 100)), []);
            assert_eq!(outages.failed(Outage::ReadOnly, at(call * 500)), None);
        }
        assert_eq!(outages.failed(Outage::Busy, at(50_000)), Some(Line::Begin), "of another kind");
        assert_eq!(outages.succeeded(at(60_000)).len(), 2);
    }

    #[test]
    fn a_damaged_file_stays_damaged_and_is_not_tried_again() {
        let mut outages = Outages { quiet: at(5_000), ongoing: Vec::new() };
        assert_eq!(outages.failed(Outage::Damaged, at(0)), Some(Line::Begin));
        assert_eq!(outages.succeeded(at(9_000)), []);
        assert_eq!(outages.failed(Outage::Damaged, at(10_000)), None, "one alarm");
        for code in [rusqlite::ffi::SQLITE_CORRUPT, rusqlite::ffi::SQLITE_NOTADB] {
            let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
            let error = DbError::from(error);
            assert_eq!(error.outage(), Some(Outage::Damaged));
            assert!(!error.is_temporary() && error.to_string().contains("restore a backup"));
        }
    }

    #[test]
    fn a_full_disk_is_an_outage_on_both_databases() {
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let sqlite = DbError::Sqlite(rusqlite::Error::SqliteFailure(full, None));
        for error in [sqlite, DbError::DiskFull("could not extend file".to_owned())] {
            assert_eq!(error.outage(), Some(Outage::Full));
            assert!(error.is_temporary(), "the same call succeeds once there is room: {error}");
        }
    }
}
