//! PostgreSQL: logins, schema, lost connections, transactions at the same time. The cluster is the
//! test process's own, whichever database the other tests use.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use merchant_test_support::cluster::{self, Cluster};

use super::rows::{START, captured, context, payment, request, session};
use crate::config::Database;
use crate::db::apply::apply;
use crate::db::payments::{self, PaymentRow, Started};
use crate::db::postgres::address::Address;
use crate::db::sql::{Isolation, params};
use crate::db::{Db, DbError, Versions, sessions};
use crate::rules::Refusal;

fn database(url: &str) -> Database {
    Database::Postgres { address: Address::parse(url, None).unwrap(), connections: 4 }
}

/// Opens a new database with two sessions, as an instance does.
async fn open(cluster: &Cluster) -> Db {
    let url = cluster.database();
    let (db, owner) = Db::serve(&database(&url)).await.unwrap();
    assert!(owner.is_none() && db.is_shared());
    let open = db.write(|tx| {
        sessions::insert(tx, &session("cs_1"))?;
        sessions::insert(tx, &session("cs_2"))
    });
    open.await.unwrap();
    db
}

async fn error(url: &str) -> DbError {
    Db::serve(&database(url)).await.err().unwrap()
}

#[tokio::test]
async fn each_fault_of_a_login_has_its_own_words() {
    let cluster = cluster::shared();
    let url = cluster.database();
    let absent = error("postgres://merchant:s3cret@127.0.0.1:1/books").await.to_string();
    assert!(absent.contains("postgres://merchant@127.0.0.1:1/books cannot be reached"), "{absent}");
    assert!(!absent.contains("s3cret"), "{absent}");
    let unknown = error(&cluster.url("nothing")).await.to_string();
    assert!(unknown.contains("create the database"), "{unknown}");
    let role = error(&url.replace("merchant@", "nobody:s3cret@")).await.to_string();
    let expected = "\"nobody\" does not exist (SQLSTATE 28000); correct the user";
    assert!(role.contains(expected), "{role}");
    let encrypted = error(&format!("{url}?sslmode=verify-full")).await.to_string();
    assert!(encrypted.contains("does not support TLS"), "{encrypted}");
    assert!(encrypted.contains("add sslmode=disable to server.database"), "{encrypted}");
    let option = error(&format!("{url}?options=-c%20nonsense%3D1")).await.to_string();
    assert!(option.contains("\"nonsense\" (SQLSTATE 42704); correct `options`"), "{option}");
    cluster.password("guarded", "the right one");
    let guarded = url.replace("merchant@", "guarded:s3cret@");
    let wrong = error(&guarded).await.to_string();
    assert!(wrong.contains("correct the password") && !wrong.contains("s3cret"), "{wrong}");
    let none = error(&url.replace("merchant@", "guarded@")).await.to_string();
    assert!(none.contains("set server.database_password"), "{none}");
    let guarded = url.replace("merchant@", "guarded@");
    let address = Address::parse(&guarded, Some("the right one")).unwrap();
    let right = Database::Postgres { address, connections: 1 };
    let refused = Db::serve(&right).await.err().unwrap();
    assert!(matches!(refused, DbError::Permission(_)), "it may not create tables: {refused}");
}

#[tokio::test]
async fn a_role_without_free_connections_is_told_apart_from_a_server_that_is_away() {
    let cluster = cluster::shared();
    let url = cluster.database();
    let (db, _) = Db::serve(&database(&url)).await.unwrap();
    let admin = merchant_test_support::stored::Database::Postgres(cluster.url("postgres"));
    admin.execute("CREATE ROLE full LOGIN CONNECTION LIMIT 0 PASSWORD 'x'");
    let full = error(&url.replace("merchant@", "full:x@")).await;
    assert!(matches!(full, DbError::Busy(_)), "{full}");
    for part in ["too many connections for role", "53300", "CONNECTION LIMIT of the role"] {
        assert!(full.to_string().contains(part), "{full}");
    }
    // The connection that listens logs in by itself.
    let name = url.rsplit('/').next().unwrap();
    admin.execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    let refused = db.listen("a").await.err().unwrap();
    assert!(refused.to_string().contains("SQLSTATE"), "{refused}");
}

#[tokio::test]
async fn a_schema_that_is_missing_or_has_no_version_is_named() {
    let cluster = cluster::shared();
    let url = cluster.database();
    let nowhere = format!("{url}?options=-c%20search_path%3Dnowhere");
    let missing = error(&nowhere).await;
    assert!(matches!(missing, DbError::NoSchema(_)), "{missing}");
    assert!(missing.to_string().contains("CREATE SCHEMA"), "{missing}");
    let missing = Db::versions(&database(&nowhere)).await.unwrap_err();
    assert!(matches!(missing, DbError::NoSchema(_)), "{missing}");
    Db::serve(&database(&url)).await.unwrap();
    let stored = merchant_test_support::stored::Database::Postgres(url.clone());
    stored.execute("DELETE FROM schema_version");
    let empty = error(&url).await;
    assert!(matches!(empty, DbError::NoVersion), "{empty}");
    assert!(empty.to_string().contains("schema_version has no row"), "{empty}");
}

/// A way to a server that can be held up: it then carries nothing, and ends nothing.
async fn way(port: u16) -> (u16, tokio::sync::watch::Sender<bool>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let (hold, held) = tokio::sync::watch::channel(false);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let mut held = held.clone();
            tokio::spawn(async move {
                held.wait_for(|held| !held).await.unwrap();
                let far = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let (one, other) = (near.into_split(), far.into_split());
                for (mut from, mut to) in [(one.0, other.1), (other.0, one.1)] {
                    let mut held = held.clone();
                    tokio::spawn(async move {
                        let mut bytes = [0; 4_096];
                        while let Ok(count) = from.read(&mut bytes).await
                            && count > 0
                        {
                            held.wait_for(|held| !held).await.unwrap();
                            to.write_all(&bytes[..count]).await.unwrap();
                        }
                    });
                }
            });
        }
    });
    (own, hold)
}

#[tokio::test]
async fn a_server_that_hangs_holds_no_call_up_for_long() {
    let cluster = cluster::shared();
    let (port, hold) = way(cluster.port()).await;
    let url = cluster.database().replace(&cluster.port().to_string(), &port.to_string());
    let (db, _) = Db::serve(&database(&url)).await.unwrap();
    db.write(|tx| sessions::insert(tx, &session("cs_1"))).await.unwrap();
    let touch = || db.write(|tx| sessions::touch(tx, "cs_1", None));
    hold.send_replace(true);
    let begun = std::time::Instant::now();
    let first = touch().await.unwrap_err();
    assert!(matches!(first, DbError::Silent(_)) && first.is_temporary(), "{first}");
    let took = begun.elapsed();
    assert!(took.as_secs_f32() < 7.0, "{took:?}");
    let begun = std::time::Instant::now();
    let next = touch().await.unwrap_err();
    assert!(matches!(next, DbError::Unreachable { .. }), "{next}");
    assert!(next.to_string().contains("no answer within 3s"), "{next}");
    let took = begun.elapsed();
    assert!(took.as_secs_f32() < 4.0, "{took:?}");
    hold.send_replace(false);
    assert_eq!(touch().await.unwrap(), 2);
}

#[tokio::test]
async fn two_instances_that_start_together_make_the_schema_once() {
    let url = cluster::shared().database();
    let database = database(&url);
    let none = Db::versions(&database).await.unwrap();
    assert_eq!(none.found, 0);
    assert!(matches!(Db::beside_server(&database).await.err(), Some(DbError::Outdated { .. })));
    let (one, other) = tokio::join!(Db::serve(&database), Db::serve(&database));
    let (db, _) = one.unwrap();
    other.unwrap();
    let Versions { found, needed } = Db::versions(&database).await.unwrap();
    assert_eq!((found, needed), (none.needed, none.needed));
    Db::beside_server(&database).await.unwrap();
    let newer = "UPDATE schema_version SET version = 99";
    db.write(|tx| tx.execute(newer, params![])).await.unwrap();
    let refused = Db::serve(&database).await.err().unwrap();
    assert!(matches!(refused, DbError::TooNew { found: 99, .. }), "{refused}");
    assert!(matches!(Db::beside_server(&database).await.err(), Some(DbError::TooNew { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_payments_that_start_together_in_a_session_one_is_active() {
    let db = open(cluster::shared()).await;
    let starts = (0..16).map(|number| {
        let (db, id) = (db.clone(), format!("pay_{number}"));
        // Half of them are in another session, which none may hold up for good.
        let session_id = format!("cs_{}", number % 2 + 1);
        tokio::spawn(async move {
            let row = PaymentRow { session_id, ..payment(&id) };
            let request = request(&id);
            db.write(move |tx| payments::start(tx, &row, &request, START)).await.unwrap()
        })
    });
    let mut started = 0;
    for start in starts.collect::<Vec<_>>() {
        match start.await.unwrap() {
            Started::Yes(_) => started += 1,
            Started::No(refusal) => assert_eq!(refusal, Refusal::OtherActive),
        }
    }
    assert_eq!(started, 2, "one of each session");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_captures_that_arrive_together_each_is_applied_once() {
    let db = open(cluster::shared()).await;
    let start = db.write(|tx| payments::start(tx, &payment("pay_1"), &request("k"), START));
    start.await.unwrap();
    let captures = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            db.write(|tx| apply(tx, "pay_1", &captured("T1"), context(START))).await.unwrap()
        })
    });
    let mut completed = 0;
    for capture in captures.collect::<Vec<_>>() {
        completed += u32::from(capture.await.unwrap().revision.is_some());
    }
    assert_eq!(completed, 1);
    let events = db.read(|connection| {
        let sql = "SELECT COUNT(*) AS value FROM outbox";
        connection.query_one(sql, params![], |row| row.get::<u32>("value"))
    });
    assert_eq!(events.await.unwrap(), 1, "one event of the completed session");
}

#[tokio::test]
async fn a_read_sees_one_state() {
    let db = open(cluster::shared()).await;
    let (writer, runtime) = (db.clone(), tokio::runtime::Handle::current());
    let read = db.read(move |connection| {
        let before = sessions::find(connection, "cs_1")?.map(|session| session.revision);
        runtime.block_on(writer.write(|tx| sessions::touch(tx, "cs_1", None)))?;
        let after = sessions::find(connection, "cs_1")?.map(|session| session.revision);
        Ok((before, after))
    });
    assert_eq!(read.await.unwrap(), (Some(1), Some(1)));
}

/// Ends the server's side of all other connections.
const CUT: &str = "SELECT COUNT(pg_terminate_backend(pid)) AS value FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn a_connection_that_is_cut_before_the_commit_is_replaced() {
    let cluster = cluster::shared();
    let url = cluster.database();
    let (db, _) = Db::serve(&database(&url)).await.unwrap();
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    let cut = move || merchant_test_support::stored::Database::Postgres(url.clone()).rows(CUT);
    let written = db.write(move |tx| {
        sessions::insert(tx, &session("cs_1"))?;
        if counted.fetch_add(1, Ordering::Relaxed) == 0 {
            cut();
        }
        sessions::touch(tx, "cs_1", None)
    });
    assert_eq!(written.await.unwrap(), 2);
    assert_eq!(tries.load(Ordering::Relaxed), 2, "nothing was committed at first");
    let found = db.read(|connection| sessions::find(connection, "cs_1")).await.unwrap();
    assert_eq!(found.map(|session| session.revision), Some(2));
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_not_repeated() {
    let cluster = cluster::shared();
    let url = cluster.database();
    let (db, _) = Db::serve(&database(&url)).await.unwrap();
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    let cut = move || merchant_test_support::stored::Database::Postgres(url.clone()).rows(CUT);
    let written = db.write(move |tx| {
        counted.fetch_add(1, Ordering::Relaxed);
        sessions::insert(tx, &session("cs_1"))?;
        cut();
        Ok(())
    });
    let error = written.await.unwrap_err();
    assert!(matches!(error, DbError::UnknownOutcome(_)), "{error}");
    assert!(error.is_temporary());
    assert_eq!(tries.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_server_that_is_away_is_busy_and_one_that_returns_is_used() {
    let cluster = Cluster::start();
    let db = open(&cluster).await;
    cluster.stop();
    let find = || db.read(|connection| sessions::find(connection, "cs_1"));
    let away = find().await.unwrap_err();
    assert!(away.is_temporary(), "{away}");
    let away = db.write(|tx| sessions::touch(tx, "cs_1", None)).await.unwrap_err();
    assert!(matches!(away, DbError::Unreachable { .. }), "{away}");
    cluster.start_again();
    assert!(find().await.unwrap().is_some(), "what was committed survived the crash");
    assert_eq!(db.write(|tx| sessions::touch(tx, "cs_1", None)).await.unwrap(), 2);
}

#[tokio::test]
async fn a_server_with_a_full_disk_is_busy() {
    let db = open(cluster::shared()).await;
    let full =
        "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$";
    let refused = db.write(|tx| tx.execute_batch(full)).await.unwrap_err();
    assert!(matches!(refused, DbError::DiskFull(_)) && refused.is_temporary(), "{refused}");
    assert_eq!(db.write(|tx| sessions::touch(tx, "cs_1", None)).await.unwrap(), 2);
}

#[tokio::test]
async fn a_connection_that_has_become_read_only_is_replaced() {
    let db = open(cluster::shared()).await;
    let read_only = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";
    for isolation in [Isolation::Serializable, Isolation::ReadCommitted] {
        db.single(|connection| connection.execute_batch(read_only)).await.unwrap();
        let written = db.write_with(isolation, |tx| sessions::touch(tx, "cs_1", None));
        written.await.unwrap();
    }
}

#[tokio::test]
async fn a_server_without_writes_is_away_until_it_takes_them() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let (db, _) = Db::serve(&database(&url)).await.unwrap();
    db.write(|tx| sessions::insert(tx, &session("cs_1"))).await.unwrap();
    let touch = || db.write(|tx| sessions::touch(tx, "cs_1", None));
    cluster.demote();
    for _ in 0..6 {
        let refused = touch().await.unwrap_err();
        assert!(matches!(refused, DbError::ReadOnly(_)) && refused.is_temporary(), "{refused}");
    }
    let refused = error(&url).await;
    assert!(matches!(refused, DbError::ReadOnly(_)), "{refused}");
    assert!(refused.to_string().contains("name the primary server"), "{refused}");
    assert!(matches!(db.listen("a").await.err(), Some(DbError::ReadOnly(_))));
    let checked = Db::versions(&database(&url)).await;
    assert!(matches!(checked, Err(DbError::ReadOnly(_))), "{checked:?}");
    cluster.promote();
    assert_eq!(touch().await.unwrap(), 2);
}

#[tokio::test]
async fn of_several_hosts_the_one_that_takes_writes_is_used() {
    let (standby, primary) = (Cluster::start(), Cluster::start());
    let name = standby.database();
    assert_eq!(name.rsplit('/').next(), primary.database().rsplit('/').next());
    standby.demote();
    let hosts = [&standby, &primary].map(|one| format!("127.0.0.1:{}", one.port()));
    let url = format!("postgres://merchant@{}/test_0", hosts.join(","));
    let (db, _) = Db::serve(&database(&url)).await.unwrap();
    db.write(|tx| sessions::insert(tx, &session("cs_1"))).await.unwrap();
}

#[tokio::test]
async fn a_lock_that_another_holds_is_waited_for_a_few_seconds() {
    let cluster = cluster::shared();
    let url = cluster.database();
    let (db, _) = Db::serve(&database(&url)).await.unwrap();
    let stored = merchant_test_support::stored::Database::Postgres(url);
    let lock = stored.lock("LOCK TABLE sessions");
    let busy = db.write(|tx| sessions::insert(tx, &session("cs_1"))).await.unwrap_err();
    assert!(matches!(busy, DbError::Busy(_)) && busy.is_temporary(), "{busy}");
    drop(lock);
    db.write(|tx| sessions::insert(tx, &session("cs_1"))).await.unwrap();
}

#[tokio::test]
async fn claims_of_two_instances_take_different_rows() {
    use crate::db::claims;
    use contract::PaymentMethod::Alipay;
    let url = cluster::shared().database();
    let (one, _) = Db::serve(&database(&url)).await.unwrap();
    let (other, _) = Db::serve(&database(&url)).await.unwrap();
    let fill = one.write(|tx| {
        for number in 0..40 {
            let (session_id, id) = (format!("cs_{number}"), format!("pay_{number}"));
            sessions::insert(tx, &session(&session_id))?;
            let row = PaymentRow { session_id, ..payment(&id) };
            payments::start(tx, &row, &request(&id), START)?;
        }
        Ok(())
    });
    fill.await.unwrap();
    let claim = |db: &Db| {
        let db = db.clone();
        async move {
            let waiting = claims::Waiting { session_ids: Vec::new(), interval_ms: 8_000 };
            let lease = super::rows::lease(START.plus_ms(60_000));
            let claim = db.write_with(Isolation::ReadCommitted, move |tx| {
                claims::claim_asked(tx, Alipay, &waiting, lease, 32)
            });
            claim.await.unwrap().into_iter().map(|claimed| claimed.id).collect::<Vec<_>>()
        }
    };
    let mut all = Vec::new();
    for _ in 0..4 {
        let (first, second) = tokio::join!(claim(&one), claim(&other));
        all.extend(first);
        all.extend(second);
    }
    all.sort();
    let taken = all.len();
    all.dedup();
    assert_eq!((taken, all.len()), (40, 40), "each once");
}
