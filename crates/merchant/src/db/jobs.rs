//! Work that is done once for a day, over all instances.

use contract::Timestamp;

use super::sql::{Connection, params};
use super::{DbError, Lease};

/// A piece of work for a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) name: String,
    /// The day, such as `2026-11-30`.
    pub(crate) day: String,
}

/// Takes the job, unless it is done or another lease of it has not run out; returns true if it is
/// taken.
pub(crate) fn take(
    connection: &Connection,
    job: &Job,
    owner: &str,
    lease: Lease,
) -> Result<bool, DbError> {
    let taken = connection.execute(
        "INSERT INTO jobs (name, day, owner, until_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name, day) DO UPDATE SET owner = ?3, until_at = ?4
         WHERE jobs.done_at IS NULL AND jobs.until_at <= ?5",
        params![job.name, job.day, owner, lease.until.unix_ms(), lease.now.unix_ms()],
    )?;
    Ok(taken == 1)
}

/// Writes that the job is done, whoever has its lease.
pub(crate) fn finish(connection: &Connection, job: &Job, now: Timestamp) -> Result<(), DbError> {
    connection.execute(
        "UPDATE jobs SET done_at = ?3 WHERE name = ?1 AND day = ?2 AND done_at IS NULL",
        params![job.name, job.day, now.unix_ms()],
    )?;
    Ok(())
}

/// Ends the leases of the last process: for a database with one server, of which it is the owner.
pub(crate) fn resume(connection: &Connection, now: Timestamp) -> Result<(), DbError> {
    connection.execute(
        "UPDATE jobs SET until_at = ?1 WHERE done_at IS NULL AND until_at > ?1",
        params![now.unix_ms()],
    )?;
    Ok(())
}

/// Deletes the jobs whose lease ended before `moment`.
pub(crate) fn forget_before(connection: &Connection, moment: Timestamp) -> Result<(), DbError> {
    connection.execute("DELETE FROM jobs WHERE until_at < ?1", params![moment.unix_ms()])?;
    Ok(())
}
