//! Several instances of the backend on one PostgreSQL.

use std::time::{Duration, Instant};

use contract::{Session, SessionStatus};
use merchant::{App, Clock, Finding, StartError};
use sandbox::{DesktopFlow, Flows, Options, Running, Sandbox};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::bench::{Bench, Shop, code, config, keys, payment_id, start_body, unique};
use crate::events::Events;
use crate::{cluster, stored};

/// Starts the gateways and an instance, on a database of PostgreSQL whatever the test run names.
async fn first(database: &stored::Database) -> Bench {
    let options = Options { keys: Some(keys()), notify_speed: 1_000, ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let shop = another(&sandbox, database, Clock::default()).await;
    Bench { sandbox, shop }
}

/// Starts another instance.
async fn another(sandbox: &Running, database: &stored::Database, clock: Clock) -> Shop {
    Shop::start(sandbox, DesktopFlow::Precreate, "", database.clone(), clock).await
}

const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn schema() -> stored::Database {
    stored::Database::Postgres(cluster::shared().schema())
}

/// An instance in a runtime of its own, which can be killed.
struct Mortal {
    shop: Shop,
    runtime: Runtime,
}

impl Mortal {
    fn start(sandbox: &Running, database: &stored::Database, clock: Clock) -> Self {
        let runtime = Runtime::new().unwrap();
        let shop = std::thread::scope(|scope| {
            let start = || runtime.block_on(another(sandbox, database, clock));
            scope.spawn(start).join().unwrap()
        });
        Self { shop, runtime }
    }

    /// Ends all of its tasks where they are.
    fn kill(self) {
        self.runtime.shutdown_background();
    }
}

/// Waits until a statement returns true.
async fn until(database: &stored::Database, sql: &str) {
    let start = Instant::now();
    while !database.one::<bool>(sql) {
        assert!(start.elapsed() < Duration::from_secs(10), "waited in vain: {sql}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn next_with(events: &mut Events, status: SessionStatus) -> Session {
    loop {
        let session = events.next().await.expect("the stream goes on");
        if session.status == status {
            return session;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_told_at_the_instance_where_the_shopper_waits() {
    let database = schema();
    let bench = first(&database).await;
    let other = another(&bench.sandbox, &database, bench.shop.clock.clone()).await;
    let session = bench.shop.open().await;
    let mut events = Events::open(&other, &session, None).await;
    events.next().await.unwrap();
    // The notification goes to the instance at which the payment was started.
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.approve(&code(&started)).await;
    next_with(&mut events, SessionStatus::Complete).await;
    assert!(database.one::<bool>("SELECT last_check_at IS NULL FROM payments"), "nobody asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_at_several_instances_make_one_payment() {
    let database = schema();
    let bench = first(&database).await;
    let clock = &bench.shop.clock;
    let second = another(&bench.sandbox, &database, clock.clone()).await;
    let third = another(&bench.sandbox, &database, clock.clone()).await;
    let session = bench.shop.open().await;
    bench.faults(json!({ "slow_ms": 300 })).await;
    let body = || start_body("wechat_pay");
    // A repeated request, and another tab's.
    let answers = tokio::join!(
        bench.shop.try_start(&session, "k", body()),
        second.try_start(&session, "k", body()),
        third.try_start(&session, "other", body()),
    );
    let ids = [answers.0, answers.1, answers.2].map(|answer| {
        assert_eq!(answer.status, 200, "{}", answer.text());
        payment_id(&answer.json())
    });
    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids[0], ids[2]);
    assert_eq!(bench.orders().await.len(), 1);
    until(&database, "SELECT COUNT(*) = 0 FROM session_leases").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_whose_instance_dies_is_continued_at_another() {
    let database = schema();
    let bench = first(&database).await;
    let clock = bench.shop.clock.clone();
    let mortal = Mortal::start(&bench.sandbox, &database, clock.clone());
    let session = bench.shop.open().await;
    bench.faults(json!({ "slow_ms": 60_000 })).await;
    let (base, opened) = (mortal.shop.base.clone(), session.clone());
    tokio::spawn(async move {
        // It gets no answer.
        let authorization = format!("Bearer {}", opened.secret);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", "k"),
        ];
        let url = format!("{base}/v1/checkout/sessions/{}/payments", opened.id);
        let body = start_body("wechat_pay").to_string();
        crate::bench::call(http::Method::POST, &url, &headers, &body).await
    });
    until(&database, "SELECT COUNT(*) = 1 FROM payments").await;
    bench.faults(json!({ "slow_ms": 0 })).await;
    let again = bench.shop.try_start(&session, "k", start_body("wechat_pay"));
    let (answer, ()) = tokio::join!(again, async {
        mortal.kill();
        // The other one waits for the lease meanwhile.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let held = "SELECT COUNT(*) = 1 FROM session_leases";
        assert!(database.one::<bool>(held), "nothing is taken from who may be alive");
        clock.advance(31_000);
    });
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(bench.orders().await.len(), 1);
    bench.approve(&code(&answer.json())).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_whose_instance_dies_is_made_by_another() {
    let database = schema();
    let options = Options { keys: Some(keys()), notify_speed: 1_000, ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let clock = Clock::default();
    let mortal = Mortal::start(&sandbox, &database, clock.clone());
    let session = mortal.shop.open().await;
    let started = mortal.shop.start_payment(&session, "wechat_pay").await;
    let bench = Bench { shop: another(&sandbox, &schema(), Clock::default()).await, sandbox };
    bench.faults(json!({ "drop_notifications": true, "slow_ms": 60_000 })).await;
    bench.approve(&code(&started)).await;
    clock.advance(6_000);
    until(&database, "SELECT leased_until IS NOT NULL FROM payments").await;
    mortal.kill();
    bench.faults(json!({ "slow_ms": 0 })).await;
    let claim: i64 = database.one("SELECT claim FROM payments");
    let other = another(&bench.sandbox, &database, clock.clone()).await;
    // It looks every half a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(database.one::<i64>("SELECT claim FROM payments"), claim, "the lease is respected");
    // Longer than a lease.
    clock.advance(140_000);
    other.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_during_a_cut_connection_is_told() {
    // A database of its own: connections of other tests stay.
    let database = stored::Database::Postgres(cluster::shared().database());
    let bench = first(&database).await;
    let session = bench.shop.open().await;
    let mut events = Events::open(&bench.shop, &session, None).await;
    events.next().await.unwrap();
    // Nobody is notified of this change, as if it was committed while nobody listened.
    database.execute("UPDATE sessions SET revision = 7");
    let cut = database.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN %'",
    );
    assert_eq!(cut.len(), 1);
    assert_eq!(events.next().await.unwrap().revision, 7);
    // And it listens again.
    let other = another(&bench.sandbox, &database, bench.shop.clock.clone()).await;
    let started = other.start_payment(&session, "alipay").await;
    while events.next().await.unwrap().revision < started.revision {}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bills_of_a_day_are_compared_once() {
    let database = schema();
    let bench = first(&database).await;
    bench.faults(json!({ "bills_of_today": true })).await;
    for method in ["wechat_pay", "alipay"] {
        bench.shop.paid(&bench, method).await;
    }
    let other = another(&bench.sandbox, &database, bench.shop.clock.clone()).await;
    bench.shop.clock.advance(36 * 3_600_000);
    until(
        &database,
        "SELECT COUNT(*) >= 2 FROM jobs WHERE name LIKE 'bill %' AND done_at IS NOT NULL",
    )
    .await;
    let twice =
        "SELECT COUNT(*) FROM jobs WHERE name LIKE 'bill %' GROUP BY name, day HAVING COUNT(*) > 1";
    assert!(database.rows(twice).is_empty());
    assert!(database.one::<bool>("SELECT COUNT(*) >= 2 FROM reconciliations"));
    drop(other);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_whose_settings_would_do_harm_is_refused() {
    let database = schema();
    let bench = first(&database).await;
    let start = async |more: &str| {
        let config = config(&bench.shop.base, &bench.sandbox, Flows::default(), more, &database);
        App::start(config, Clock::default()).await
    };
    let other_key = "[server]\nsigning_key = \"fedcba9876543210fedcba9876543210\"\n";
    let refused = start(other_key).await.err().unwrap();
    let StartError::Clash(clash) = &refused else { panic!("{refused}") };
    assert_eq!(clash.setting, "server.signing_key");
    assert!(!refused.to_string().contains("fedcba"), "{refused}");
    let refused = start("[server]\norders = \"independent\"\n").await.err().unwrap();
    assert!(refused.to_string().contains("could be paid twice"), "{refused}");
    let check = async |more: &str| {
        let config = config(&bench.shop.base, &bench.sandbox, Flows::default(), more, &database);
        merchant::check_config(config, true).await
    };
    let says = |findings: &[Finding], part: &str| {
        findings.iter().any(|one| matches!(one, Finding::Problem(text) if text.contains(part)))
    };
    let problems = check(other_key).await;
    assert!(says(&problems, "server.signing_key differs"), "{problems:?}");
    assert!(!says(&check("").await, ""), "the same settings");
    let elsewhere = "[wechat_pay]\nbase_url = \"http://127.0.0.1:9\"\n";
    assert!(says(&check(elsewhere).await, "the address of a gateway"));
    let overlap = "[server]\nsigning_key = [\"fedcba9876543210fedcba9876543210\", \"0123456789abcdef0123456789abcdef\"]\n";
    let joined = start(overlap).await.unwrap();
    assert_eq!(database.one::<i64>("SELECT COUNT(*) FROM instances"), 2);
    joined.stop().await;
    assert_eq!(database.one::<i64>("SELECT COUNT(*) FROM instances"), 1);
    let stored: String = database.one("SELECT fingerprint FROM instances");
    assert!(!stored.contains("0123456789abcdef"), "no secret is stored: {stored}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_that_differs_is_known_by_its_name() {
    let database = schema();
    let bench = first(&database).await;
    let webhooks = |types: &str, secret: &str| {
        format!(
            "[webhooks]\nurl = \"http://127.0.0.1:9/\"\ntypes = [\"{types}\"]\nsecret = \"{secret}\"\n"
        )
    };
    let start = async |more: String| {
        let config = config(&bench.shop.base, &bench.sandbox, Flows::default(), &more, &database);
        let app = App::start(config, Clock::default()).await.unwrap();
        let stored: String =
            database.one("SELECT fingerprint FROM instances ORDER BY started_at DESC, id LIMIT 1");
        app.stop().await;
        serde_json::from_str::<serde_json::Value>(&stored).unwrap()["settings"].clone()
    };
    let one = start(webhooks("payment.failed", SECRET)).await;
    let server = "[server]\nmerchant_name = \"Other\"\npersonal_data_days = 1\nsession_default_expiry_s = 300\nsecret_key = \"sk_test_another_0123456789abcdef\"\n";
    let other_secret = SECRET.replace("MDEy", "AAAA");
    let other = start(webhooks("refund.updated", &other_secret) + server).await;
    let one = one.as_object().unwrap();
    let differing: Vec<_> = one.keys().filter(|name| one[*name] != other[*name]).collect();
    assert_eq!(
        differing,
        [
            "server.merchant_name",
            "server.personal_data_days",
            "server.secret_key",
            "server.session_default_expiry_s",
            "webhooks.secret (default)",
            "webhooks.types (default)",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_was_taken_for_dead_stops_beside_one_with_another_key() {
    let database = schema();
    let bench = first(&database).await;
    // For the next one, the first was silent for a minute.
    let later = Clock::default();
    later.advance(60_000);
    let key = "[server]\nsigning_key = \"fedcba9876543210fedcba9876543210\"\n";
    let flow = DesktopFlow::Precreate;
    let other = Shop::start(&bench.sandbox, flow, key, database.clone(), later).await;
    let Bench { shop, sandbox: _sandbox } = bench;
    shop.clock.advance(60_000);
    let clash = shop.ended().await.unwrap_err();
    assert_eq!(clash.setting, "server.signing_key");
    assert_eq!(database.one::<i64>("SELECT COUNT(*) FROM instances"), 1);
    other.open().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_owed_to_the_endpoints_of_every_running_instance() {
    let database = schema();
    let bench = first(&database).await;
    let start = async |name: &str, types: &str| {
        let more = format!(
            "[webhooks]\nname = \"{name}\"\nurl = \"http://127.0.0.1:9/\"\ntypes = [{types}]\nsecret = \"{SECRET}\"\n"
        );
        let flow = DesktopFlow::Precreate;
        let clock = bench.shop.clock.clone();
        Shop::start(&bench.sandbox, flow, &more, database.clone(), clock).await
    };
    let mut old = start("accounts", r#""checkout.session.expired", "payment.failed""#).await;
    let accounts = start("accounts", r#""payment.failed""#).await;
    let mail = start("mail", r#""checkout.session.expired""#).await;
    let owed = async |shop: &Shop| -> String {
        database.execute("DELETE FROM outbox");
        let session = shop.open_with(json!({ "expires_in_s": 60 })).await;
        shop.clock.advance(61_000);
        shop.wait_for_status(&session, SessionStatus::Expired).await;
        until(&database, "SELECT COUNT(*) > 0 FROM outbox").await;
        database.one("SELECT string_agg(endpoint, ' ' ORDER BY endpoint) FROM outbox")
    };
    assert_eq!(owed(&mail).await, "accounts mail");
    old.stop().await;
    let gone = "SELECT COUNT(*) = 1 FROM instance_subscriptions WHERE endpoint = 'accounts'";
    until(&database, gone).await;
    assert_eq!(owed(&accounts).await, "mail", "nobody running wants it for `accounts`");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_minutes_between_the_clocks_of_two_instances_do_nothing() {
    let database = schema();
    let bench = first(&database).await;
    let clock = bench.shop.clock.clone();
    let ahead = another(&bench.sandbox, &database, clock.of_another_machine(-600_000)).await;
    let behind = another(&bench.sandbox, &database, clock.of_another_machine(600_000)).await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let started = ahead.try_start(&session, &unique("k"), start_body("wechat_pay")).await;
    assert_eq!(started.status, 200, "its time is not up there: {}", started.text());
    // Every worker has looked at it.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Open);
    clock.advance(60_000);
    for shop in [&behind, &ahead] {
        shop.wait_for_status(&session, SessionStatus::Expired).await;
    }
}
