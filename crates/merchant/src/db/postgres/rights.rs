//! The rights that a server needs of its role.

use crate::db::DbError;
use crate::db::sql::{Connection, params};

/// Refuses a role that may not write every table, or make the tables where there are none.
pub(super) fn require(connection: &Connection) -> Result<(), DbError> {
    let sql = "SELECT COUNT(*) AS number,
             string_agg(tablename, ', ' ORDER BY tablename) FILTER (WHERE NOT (
                 has_table_privilege(place, 'SELECT') AND has_table_privilege(place, 'INSERT')
                 AND has_table_privilege(place, 'UPDATE') AND has_table_privilege(place, 'DELETE')
             )) AS refused,
             has_schema_privilege(current_schema(), 'CREATE') AS may_create
         FROM (SELECT tablename, format('%I.%I', schemaname, tablename) AS place FROM pg_tables
             WHERE schemaname = current_schema()) AS own";
    let (number, refused, may_create) = connection.query_one(sql, params![], |row| {
        let number: i64 = row.get("number")?;
        let refused: Option<String> = row.get("refused")?;
        Ok((number, refused, row.get::<Option<bool>>("may_create")?))
    })?;
    match refused {
        Some(tables) => Err(DbError::Permission(format!("no right to write {tables}"))),
        None if number == 0 && may_create == Some(false) => {
            Err(DbError::Permission("no right to make tables (CREATE) in the schema".to_owned()))
        }
        None => Ok(()),
    }
}
