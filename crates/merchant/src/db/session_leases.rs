//! Leases of sessions: of several instances, one talks to a gateway about a session at a time.
//!
//! Only a database that instances share has them. A file has one server; `merchant reconcile`, which
//! may run beside it, executes no procedure that needs a session for itself.

use contract::Timestamp;

use super::sql::{Connection, params};
use super::{DbError, Lease};

/// A lease of a session.
#[derive(Clone, Debug)]
pub(crate) struct SessionLease {
    pub(crate) session_id: String,
    /// The instance.
    pub(crate) owner: String,
    /// Differs between the leases of one instance.
    pub(crate) claim: i64,
}

/// Takes the lease if nobody has it, if it has run out, or if this instance has it: within an
/// instance a session is locked already. Returns false if another instance has it.
pub(crate) fn take(
    connection: &Connection,
    wanted: &SessionLease,
    lease: Lease,
) -> Result<bool, DbError> {
    let taken = connection.execute(
        "INSERT INTO session_leases (session_id, owner, claim, until_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (session_id) DO UPDATE SET owner = ?2, claim = ?3, until_at = ?4
         WHERE session_leases.until_at <= ?5 OR session_leases.owner = ?2",
        params![
            wanted.session_id,
            wanted.owner,
            wanted.claim,
            lease.until.unix_ms(),
            lease.now.unix_ms()
        ],
    )?;
    Ok(taken == 1)
}

/// Extends the lease; false if it was lost to another.
pub(crate) fn extend(
    connection: &Connection,
    held: &SessionLease,
    until: Timestamp,
) -> Result<bool, DbError> {
    let extended = connection.execute(
        "UPDATE session_leases SET until_at = ?4
         WHERE session_id = ?1 AND owner = ?2 AND claim = ?3",
        params![held.session_id, held.owner, held.claim, until.unix_ms()],
    )?;
    Ok(extended == 1)
}

/// Ends the lease, unless another has taken it since.
pub(crate) fn release(connection: &Connection, held: &SessionLease) -> Result<(), DbError> {
    connection.execute(
        "DELETE FROM session_leases WHERE session_id = ?1 AND owner = ?2 AND claim = ?3",
        params![held.session_id, held.owner, held.claim],
    )?;
    Ok(())
}

/// Ends all leases of an instance that stops.
pub(crate) fn release_all(connection: &Connection, owner: &str) -> Result<(), DbError> {
    connection.execute("DELETE FROM session_leases WHERE owner = ?1", params![owner])?;
    Ok(())
}

/// Shortens leases that end after `until`: the clock was set back.
pub(crate) fn pull_in(connection: &Connection, until: Timestamp) -> Result<(), DbError> {
    connection.execute(
        "UPDATE session_leases SET until_at = ?1 WHERE until_at > ?1",
        params![until.unix_ms()],
    )?;
    Ok(())
}

/// Deletes the leases that instances which died have left.
pub(crate) fn forget_before(connection: &Connection, moment: Timestamp) -> Result<(), DbError> {
    connection
        .execute("DELETE FROM session_leases WHERE until_at < ?1", params![moment.unix_ms()])?;
    Ok(())
}
