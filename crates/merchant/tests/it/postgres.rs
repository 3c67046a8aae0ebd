//! Faults of PostgreSQL while shoppers pay. Each test has a cluster of its own, whichever database
//! the other tests use.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use contract::{Session, SessionStatus};
use http::Method;
use merchant::Clock;
use sandbox::{DesktopFlow, Options, Sandbox};
use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::bench::{
    Answer, Bench, Opened, SECRET_KEY, Shop, call, code, keys, path, start_body, unique,
};
use crate::cluster::{self, Cluster};
use crate::events::Events;
use crate::stored::Database;

async fn bench(cluster: &Cluster) -> Bench {
    let options = Options { keys: Some(keys()), notify_speed: 1_000, ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let database = Database::Postgres(cluster.database());
    let shop = Shop::start(&sandbox, DesktopFlow::Precreate, "", database, Clock::default()).await;
    Bench { sandbox, shop }
}

#[tokio::test]
async fn a_payment_goes_on_after_the_server_was_away() {
    let cluster = Cluster::start();
    let bench = bench(&cluster).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    cluster.stop();
    let answer = bench.shop.browser(Method::GET, &session, "").await;
    let problem = answer.problem(503, "request_timed_out");
    assert!(problem.retryable, "{problem:?}");
    assert_eq!(answer.header("retry-after"), "2");
    let ready = call(Method::GET, &format!("{}/readyz", bench.shop.base), &[], "").await;
    assert_eq!(ready.json::<Value>(), json!({ "status": "cannot_write" }));
    a_shopper_reads_a_page(&session).await;
    // The gateway sends its notification again until it is acknowledged.
    assert_eq!(bench.approve(&code(&started)).await.status, 200);
    tokio::time::sleep(Duration::from_millis(500)).await;
    cluster.start_again();
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    bench.shop.clock.advance(1_000);
    let ready = call(Method::GET, &format!("{}/readyz", bench.shop.base), &[], "").await;
    assert_eq!(ready.status, 200, "{}", ready.text());
    let kept = "SELECT count(*) FROM payments WHERE status = 'succeeded'";
    assert_eq!(bench.shop.stored::<u32>(kept), 1);
}

/// The database is away: the page says so in the shopper's language, and loads itself again.
async fn a_shopper_reads_a_page(session: &Opened) {
    let chinese = [("accept-language", "zh-CN")];
    let page = call(Method::GET, &session.hosted_url, &chinese, "").await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (503, "2"));
    assert_eq!((page.header("refresh"), page.header("content-language")), ("5", "zh-Hans"));
    assert!(page.header("content-type").starts_with("text/html"), "{}", page.text());
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let html = page.text();
    assert!(
        html.contains("付款页面暂时无法打开") && html.contains("href=\"../hosted.css\""),
        "{html}"
    );
    // A form leads back to the page.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = call(Method::POST, &format!("{}/check", session.hosted_url), &form, "").await;
    let token = session.hosted_url.rsplit('/').next().unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.header("location"), format!("../{token}?notice=request_timed_out"));
}

#[tokio::test]
async fn a_payment_goes_on_after_the_server_took_no_writes() {
    let cluster = Cluster::start();
    let bench = bench(&cluster).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    cluster.demote();
    let answer = bench.shop.try_start(&session, "other", start_body("alipay")).await;
    let problem = answer.problem(503, "request_timed_out");
    assert!(problem.retryable, "{problem:?}");
    assert_eq!(answer.header("retry-after"), "2");
    let ready = call(Method::GET, &format!("{}/readyz", bench.shop.base), &[], "").await;
    assert_eq!((ready.status.as_u16(), ready.json()), (503, json!({ "status": "cannot_write" })));
    assert_eq!(bench.approve(&code(&started)).await.status, 200);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    cluster.promote();
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    let ready = call(Method::GET, &format!("{}/readyz", bench.shop.base), &[], "").await;
    assert_eq!(ready.status, 200, "{}", ready.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_outlives_a_moment_without_the_database() {
    let bench = bench(cluster::shared()).await;
    let session = bench.shop.open().await;
    let mut events = Events::open(&bench.shop, &session, None).await;
    assert_eq!(events.next().await.unwrap().revision, 1);
    let lock = bench.shop.database.lock("LOCK TABLE sessions");
    // As if another instance had changed it: the session is read, and the lock is waited for too long.
    let changed = format!("NOTIFY opencashier_sessions, '{} 2'", session.id);
    bench.shop.database.execute(&changed);
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    drop(lock);
    until_done(async || bench.shop.try_start(&session, "k", start_body("alipay")).await).await;
    let sent = events.next().await.expect("the stream goes on");
    assert!(sent.payment.is_some() && sent.revision > 2, "{sent:?}");
}

#[tokio::test]
async fn an_outage_has_a_few_lines_in_the_log() {
    let cluster = Cluster::start();
    let config = path().with_extension("outage.toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\nsecret_key = \"{SECRET_KEY}\"\n\
         signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea\"\ndatabase = \"{}\"\n{}",
        cluster.database(),
        keys().gateways_toml("http://127.0.0.1:2", DesktopFlow::Page)
    );
    std::fs::write(&config, text).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_merchant"))
        .arg("--config")
        .arg(&config)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let base = ready.trim().strip_prefix("merchant listening on ").expect(&ready).to_owned();
    cluster.stop();
    for _ in 0..10 {
        let ready = call(Method::GET, &format!("{base}/readyz"), &[], "").await;
        assert_eq!(ready.status, 503);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    cluster.start_again();
    let log = BufReader::new(child.stderr.take().unwrap());
    let lines = tokio::task::spawn_blocking(move || {
        let mut lines = Vec::new();
        for line in log.lines().map_while(Result::ok) {
            let is_over = line.contains("the database can be used again");
            lines.push(line);
            if is_over {
                break;
            }
        }
        lines
    });
    let lines = tokio::time::timeout(Duration::from_secs(20), lines).await.unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_file(config).unwrap();
    let count = |part: &str| lines.iter().filter(|line| line.contains(part)).count();
    let log = lines.join("\n");
    assert_eq!(count("the database cannot be used"), 1, "{log}");
    assert_eq!(count("the connection that hears other instances cannot be used"), 1, "{log}");
    assert_eq!(count("the connection that hears other instances can be used again"), 1, "{log}");
    assert_eq!(count("alarm.kind=\"database_unwritable\""), 1, "{log}");
    assert!(count("ERROR") + count("WARN") <= 8, "{log}");
}

/// Repeats a call while the database is away, as a browser does.
async fn until_done(call: impl AsyncFn() -> Answer) -> Answer {
    for _ in 0..500 {
        let answer = call().await;
        if answer.status != 503 && answer.status != 409 {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the database never came back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_lose_and_double_nothing() {
    let cluster = Cluster::start();
    let bench = Arc::new(bench(&cluster).await);
    let has_ended = Arc::new(AtomicBool::new(false));
    let cutter = {
        let (has_ended, database) = (Arc::clone(&has_ended), bench.shop.database.clone());
        std::thread::spawn(move || {
            let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let mut connections = 0;
            // Not for good: on a busy machine nothing would get through between two cuts.
            for _ in 0..CUTS {
                if has_ended.load(Ordering::Relaxed) {
                    break;
                }
                connections += database.one::<u32>(cut);
                std::thread::sleep(Duration::from_millis(100));
            }
            connections
        })
    };
    let shoppers = LocalSet::new();
    for number in 0..12 {
        let bench = Arc::clone(&bench);
        shoppers.spawn_local(async move {
            let method = if number % 2 == 0 { "alipay" } else { "wechat_pay" };
            pay(&bench, method).await;
        });
    }
    shoppers.await;
    has_ended.store(true, Ordering::Relaxed);
    let cut = tokio::task::spawn_blocking(|| cutter.join().unwrap()).await.unwrap();
    assert!(cut > 5, "only {cut} connections were cut");
    let count = |sql: &str| bench.shop.stored::<u32>(sql);
    assert_eq!(count("SELECT count(*) FROM payments WHERE status = 'succeeded'"), 12);
    assert_eq!(count("SELECT count(*) FROM sessions WHERE status = 'complete'"), 12);
    assert_eq!(count("SELECT count(*) FROM refunds"), 0);
    assert_eq!(bench.orders().await.len(), 12, "no order was made twice");
}

const CUTS: u32 = 40;

async fn pay(bench: &Bench, method: &str) {
    let (key, shop) = (unique("cut"), &bench.shop);
    let opened = until_done(async || shop.create(&key, json!({})).await).await;
    assert!([200, 201].contains(&opened.status.as_u16()), "{}", opened.text());
    let created: contract::SessionCreated = opened.json();
    let session = Opened {
        id: created.session.id,
        secret: created.client_secret.unwrap(),
        hosted_url: created.session.hosted_url,
    };
    let start = async || shop.try_start(&session, &key, start_body(method)).await;
    let started = until_done(start).await;
    assert_eq!(started.status, 200, "{}", started.text());
    let started: Session = started.json();
    assert_eq!(bench.approve(&code(&started)).await.status, 200);
    for _ in 0..500 {
        let read = until_done(async || shop.browser(Method::GET, &session, "").await).await;
        assert_eq!(read.status, 200, "{}", read.text());
        if read.json::<Session>().status == SessionStatus::Complete {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never complete: {}", session.id);
}
