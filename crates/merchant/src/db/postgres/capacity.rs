//! The limits of connections that the server, the role and the database have.

use crate::db::DbError;
use crate::db::sql::{Connection, params};

/// A limit of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The name of what limits them.
    pub(crate) name: &'static str,
    pub(crate) connections: i64,
}

/// Returns the limits that hold for this role. A superuser has the server's only.
pub(super) fn limits(connection: &Connection) -> Result<Vec<Limit>, DbError> {
    // `reserved_connections` is new in PostgreSQL 16.
    let sql = "SELECT CAST(current_setting('max_connections') AS BIGINT) AS server,
             CAST(current_setting('superuser_reserved_connections') AS BIGINT)
                 + CAST(COALESCE(current_setting('reserved_connections', true), '0') AS BIGINT)
                 AS reserved,
             CAST(rolconnlimit AS BIGINT) AS role, CAST(datconnlimit AS BIGINT) AS database, rolsuper
         FROM pg_roles, pg_database
         WHERE rolname = current_user AND datname = current_database()";
    connection.query_one(sql, params![], |row| {
        let (server, reserved): (i64, i64) = (row.get("server")?, row.get("reserved")?);
        let of_server = |connections| Limit { name: "max_connections of the server", connections };
        if row.get("rolsuper")? {
            return Ok(vec![of_server(server)]);
        }
        let of_role =
            Limit { name: "the CONNECTION LIMIT of the role", connections: row.get("role")? };
        let of_database = Limit {
            name: "the CONNECTION LIMIT of the database",
            connections: row.get("database")?,
        };
        // -1 is no limit.
        let own = [of_role, of_database].into_iter().filter(|limit| limit.connections >= 0);
        Ok([of_server(server.saturating_sub(reserved))].into_iter().chain(own).collect())
    })
}
