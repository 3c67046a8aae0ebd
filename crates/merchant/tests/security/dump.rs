//! Dumps every row of every table, to check that nothing changed.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

/// Columns that the worker's queries change at any time.
const MOVING: &[&str] = &["checks", "last_check_at", "next_check_at"];

/// Rows by table, each as text.
pub(crate) type Dump = BTreeMap<String, Vec<String>>;

/// Reads all tables of the database.
pub(crate) fn dump(database: &Path) -> Dump {
    let connection = Connection::open(database).unwrap();
    tables(&connection)
        .into_iter()
        .map(|table| (rows(&connection, &table), table))
        .map(|(rows, table)| (table, rows))
        .collect()
}

/// Returns the names of all tables.
pub(crate) fn tables(connection: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn rows(connection: &Connection, table: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut all = Vec::new();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let cells = names.iter().enumerate().filter(|(_, name)| !MOVING.contains(&name.as_str()));
        let texts: Vec<String> = cells
            .map(|(index, name)| format!("{name}={:?}", row.get::<_, Value>(index).unwrap()))
            .collect();
        all.push(texts.join(" "));
    }
    all.sort();
    all
}
