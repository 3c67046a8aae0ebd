//! The schema of new and of older files, and the file itself.

use contract::PaymentMethod;
use rusqlite::Connection;

use super::rows::{START, lease};
use crate::action::Action;
use crate::db::owner::Owner;
use crate::db::sql;
use crate::db::{Db, DbError, migrations, outbox, payments, refunds};
use crate::rules::Product;

#[test]
fn the_schema_is_made_once_and_never_downgraded() {
    let connection = Connection::open_in_memory().unwrap();
    migrations::run(&connection).unwrap();
    migrations::run(&connection).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(migrations::run(&connection), Err(DbError::TooNew { found: 99, .. })));
}

#[test]
fn a_command_without_a_database_file_makes_none() {
    let file = std::env::temp_dir().join(crate::keys::new_id("no-database-").unwrap());
    assert!(matches!(Db::open_file_beside_server(&file), Err(DbError::NoFile(_))));
    assert!(!file.exists());
}

#[test]
fn a_command_leaves_an_empty_file_as_it_is() {
    let file = std::env::temp_dir().join(crate::keys::new_id("empty-database-").unwrap());
    std::fs::write(&file, "").unwrap();
    let refused = Db::open_file_beside_server(&file).err().unwrap();
    assert!(matches!(refused, DbError::Outdated { found: 0, .. }), "{refused}");
    assert!(refused.to_string().starts_with("the database is empty"), "{refused}");
    assert_eq!(std::fs::metadata(&file).unwrap().len(), 0);
    std::fs::remove_file(file).unwrap();
}

#[test]
fn d1_the_linked_sqlite_is_newer_than_its_wal_reset_fault() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

#[cfg(unix)]
#[test]
fn l7_only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let path = std::env::temp_dir().join(format!("opencashier-private-{}.db", std::process::id()));
    drop(Db::open_file(&path).unwrap());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn refunds_that_an_earlier_version_only_marked_are_migrated() {
    let connection = Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "foreign_keys", "ON").unwrap();
    connection
        .execute_batch(include_str!("../migrations/sqlite/0001_sessions_and_payments.sql"))
        .unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    insert_session_as_then(&connection);
    insert_as_then(&connection, "pay_1", "'canceled', NULL, NULL, NULL");
    insert_as_then(&connection, "pay_2", "'canceled', 'duplicate', 'T2', 5");
    migrations::run(&connection).unwrap();
    let refund: (String, String, i64) = connection
        .query_row("SELECT payment_id, reason, held_value FROM refunds", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(refund, ("pay_2".to_owned(), "duplicate".to_owned(), 12_800));
    let connection = sql::Connection::Sqlite(connection);
    let lease = lease(START);
    let tasks = outbox::claim_refunds(&connection, PaymentMethod::Alipay, lease, 64).unwrap();
    assert_eq!(tasks.len(), 1);
    assert!(refunds::find(&connection, &tasks[0].subject).unwrap().is_some());
    assert!(payments::find(&connection, "pay_1").unwrap().is_some());
}

#[test]
fn payments_of_earlier_versions_keep_their_product_and_action() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(include_str!("../migrations/sqlite/0001_sessions_and_payments.sql"))
        .unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    insert_session_as_then(&connection);
    insert_as_then(&connection, "pay_1", "'requires_action', NULL, NULL, NULL");
    migrations::run(&connection).unwrap();
    let connection = sql::Connection::Sqlite(connection);
    let read = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert_eq!(read.product, Product::Page);
    assert_eq!(read.action, Some(Action::redirect("https://a".to_owned())));
    assert!(read.is_handed_out());
}

/// A payment as the first version wrote it. `rest` is status, refund_due, transaction_id, paid_at.
/// A session as the first schema had it.
fn insert_session_as_then(connection: &Connection) {
    let sql = "INSERT INTO sessions (id, status, revision, order_id, amount_value, currency,
            description, payment_methods, secret_hash, created_at, expires_at)
         VALUES ('cs_1', 'open', 1, 'order-1', 12800, 'CNY', '', 'alipay', x'01', 1, 2)";
    connection.execute(sql, []).unwrap();
}

fn insert_as_then(connection: &Connection, id: &str, rest: &str) {
    let sql = format!(
        "INSERT INTO payments (id, session_id, out_trade_no, payment_method, flow, amount_value,
            currency, order_expires_at, notify_url, created_at, action,
            status, refund_due, transaction_id, paid_at)
         VALUES ('{id}', 'cs_1', 'OC{id}', 'alipay', 'redirect', 12800, 'CNY', 1, '', 1, 'https://a',
            {rest})"
    );
    connection.execute(&sql, []).unwrap();
}

#[test]
fn a_file_of_an_older_schema_is_not_changed_by_a_command() {
    let path = std::env::temp_dir().join(format!("opencashier-older-{}.db", std::process::id()));
    let older = u32::try_from(migrations::STEPS.len()).unwrap() - 1;
    let connection = Connection::open(&path).unwrap();
    for step in migrations::STEPS.iter().take(migrations::STEPS.len() - 1) {
        connection.execute_batch(step).unwrap();
    }
    connection.pragma_update(None, "user_version", older).unwrap();
    let version = || -> u32 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    let refused = Db::open_file_beside_server(&path).err().unwrap();
    assert!(matches!(refused, DbError::Outdated { .. }), "{refused}");
    assert!(refused.to_string().contains("run `merchant migrate`"), "{refused}");
    assert_eq!(version(), older);
    drop(Db::open_file(&path).unwrap());
    assert_eq!(version(), older + 1);
    let server = Owner::of(&path).unwrap();
    Db::open_file_beside_server(&path).unwrap();
    drop((server, connection));
    for end in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
}
