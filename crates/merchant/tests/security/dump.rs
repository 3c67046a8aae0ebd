//! Dumps every row of every table, to check that nothing changed.

use std::collections::BTreeMap;

use merchant_test_support::stored::Database;

/// Columns that the worker's queries change at any time.
const MOVING: &[&str] = &["checks", "claim", "last_check_at", "leased_until", "next_check_at"];

/// Tables that the worker writes at any time: jobs of the day, leases, instances.
const OF_THE_WORKER: &[&str] = &["instances", "jobs", "session_leases"];

/// Rows by table, each as text.
pub(crate) type Dump = BTreeMap<String, Vec<String>>;

/// Reads all tables of the database.
pub(crate) fn dump(database: &Database) -> Dump {
    tables(database)
        .into_iter()
        .filter(|table| !OF_THE_WORKER.contains(&table.as_str()))
        .map(|table| (rows(database, &table), table))
        .map(|(rows, table)| (table, rows))
        .collect()
}

/// Returns the names of all tables.
pub(crate) fn tables(database: &Database) -> Vec<String> {
    texts(
        database,
        match database {
            Database::File(_) => {
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            }
            Database::Postgres(_) => {
                "SELECT table_name FROM information_schema.tables
                 WHERE table_schema = current_schema() ORDER BY table_name"
            }
        },
    )
}

fn rows(database: &Database, table: &str) -> Vec<String> {
    let names = texts(
        database,
        &match database {
            Database::File(_) => format!("SELECT name FROM pragma_table_info('{table}')"),
            Database::Postgres(_) => format!(
                "SELECT column_name FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        },
    );
    let kept: Vec<_> = names.into_iter().filter(|name| !MOVING.contains(&name.as_str())).collect();
    let columns: Vec<_> = kept.iter().map(|name| format!("\"{name}\"")).collect();
    let sql = format!("SELECT {} FROM \"{table}\"", columns.join(", "));
    let mut all: Vec<String> = database
        .rows(&sql)
        .into_iter()
        .map(|row| {
            let cells = kept.iter().zip(row).map(|(name, cell)| format!("{name}={cell:?}"));
            cells.collect::<Vec<_>>().join(" ")
        })
        .collect();
    all.sort();
    all
}

fn texts(database: &Database, sql: &str) -> Vec<String> {
    database.rows(sql).into_iter().map(|mut row| row.swap_remove(0).unwrap()).collect()
}
