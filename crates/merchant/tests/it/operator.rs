//! What an operator does: looks an order up, sends events again, refunds, checks, backs up.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use contract::{DeliveryStatus, Event, List, OrderRecord, Refund, RefundStatus};
use http::{Method, StatusCode};
use merchant_test_support::stored::Database;
use sandbox::DesktopFlow;
use serde_json::json;
use tokio::net::TcpListener;

use crate::bench::{Bench, SECRET_KEY, Shop, keys, payment_id, unique};

/// A receiver of events that refuses them until it is switched on.
async fn receiver() -> (Arc<AtomicBool>, String) {
    let accepts = Arc::new(AtomicBool::new(false));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let switch = Arc::clone(&accepts);
    let answer = async move || {
        if switch.load(Ordering::Relaxed) { StatusCode::OK } else { StatusCode::BAD_GATEWAY }
    };
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let section = format!(
        "[webhooks]\nurl = \"{url}\"\nsecret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"\n"
    );
    (accepts, section)
}

async fn events(shop: &Shop, query: &str) -> List<Event> {
    let answer = shop.merchant(Method::GET, &format!("/v1/events{query}"), "-", "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Waits until the newest event has this status.
async fn wait_for(shop: &Shop, status: DeliveryStatus) -> Event {
    for _ in 0..500 {
        let newest = events(shop, "?limit=1").await.data.pop();
        if let Some(event) = newest.filter(|event| event.deliveries[0].status == status) {
            return event;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("not {status}: {:?}", events(shop, "").await);
}

/// Waits until the newest event has been tried so often, and its last try has ended.
async fn wait_for_tries(shop: &Shop, attempts: u32) {
    shop.wait_for_attempts(attempts).await;
}

#[tokio::test]
async fn an_event_that_was_given_up_is_sent_again_by_request() {
    let (accepts, webhooks) = receiver().await;
    let bench = Bench::with(DesktopFlow::Precreate, &webhooks).await;
    let (session, _) = bench.shop.paid(&bench, "wechat_pay").await;
    let owed = wait_for(&bench.shop, DeliveryStatus::Pending).await;
    assert_eq!((owed.session_id.as_str(), owed.deliveries.len()), (session.id.as_str(), 1));
    assert_eq!(owed.kind.as_str(), "checkout.session.completed");
    wait_for_tries(&bench.shop, 1).await;
    bench.shop.clock.advance(4 * 86_400_000);
    let given_up = wait_for(&bench.shop, DeliveryStatus::GivenUp).await;
    assert_eq!(given_up.deliveries[0].next_attempt_at, None);
    accepts.store(true, Ordering::Relaxed);
    let path = format!("/v1/events/{}/resend", owed.id);
    let resent = bench.shop.merchant(Method::POST, &path, "-", "").await;
    assert_eq!(resent.status, 200, "{}", resent.text());
    let delivered = wait_for(&bench.shop, DeliveryStatus::Delivered).await;
    assert_eq!((delivered.id, delivered.created_at), (owed.id.clone(), owed.created_at));

    // What is wrong is named.
    let unknown = bench.shop.merchant(Method::POST, "/v1/events/msg_x/resend", "-", "").await;
    unknown.problem(404, "event_not_found");
    let query = format!("{path}?endpoint=books");
    let other = bench.shop.merchant(Method::POST, &query, "-", "").await;
    assert!(other.problem(400, "parameter_invalid").detail.contains("default"));
    let answer = bench.shop.merchant(Method::POST, &format!("{path}?to=x"), "-", "").await;
    assert_eq!(answer.status, 400);
    let shopper = bench.shop.browser(Method::GET, &session, "").await;
    assert_eq!(shopper.status, 200);
    let url = format!("{}/v1/events", bench.shop.base);
    let authorization = format!("Bearer {}", session.secret);
    let refused =
        crate::bench::call(Method::GET, &url, &[("authorization", &authorization)], "").await;
    refused.problem(401, "secret_key_invalid");
}

#[tokio::test]
async fn events_are_listed_in_pages_and_an_order_is_shown_whole() {
    let (accepts, webhooks) = receiver().await;
    accepts.store(true, Ordering::Relaxed);
    let bench = Bench::with(DesktopFlow::Precreate, &webhooks).await;
    let (_, done) = bench.shop.paid(&bench, "alipay").await;
    let body =
        json!({ "payment_id": payment_id(&done), "amount": { "value": 100, "currency": "CNY" } });
    let refund: Refund = bench.shop.refund("r", body).await.json();
    bench.shop.wait_for_refund(&refund.id).await;
    let all = events(&bench.shop, "").await;
    let kinds: Vec<_> = all.data.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["refund.updated", "refund.updated", "checkout.session.completed"]);
    let first = events(&bench.shop, "?limit=2").await;
    assert!(first.has_more && first.data[..] == all.data[..2]);
    let rest = events(&bench.shop, &format!("?limit=2&starting_after={}", first.data[1].id)).await;
    assert!(!rest.has_more && rest.data[..] == all.data[2..]);
    let wrong = bench.shop.merchant(Method::GET, "/v1/events?starting_after=msg_x", "-", "").await;
    wrong.problem(404, "event_not_found");

    let order_id: String = bench.shop.stored("SELECT order_id FROM sessions");
    let answer = bench.shop.merchant(Method::GET, &format!("/v1/orders/{order_id}"), "-", "").await;
    let order: OrderRecord = answer.json();
    assert_eq!((order.order_id, order.sessions.len()), (order_id, 1));
    assert_eq!(order.sessions[0].payments[0].refunded.value, 100);
    assert_eq!(order.sessions[0].client_secret, None, "no secret is shown");
    assert_eq!(order.refunds.len(), 1);
    assert_eq!(order.events.len(), 3);
    let unknown = bench.shop.merchant(Method::GET, "/v1/orders/none", "-", "").await;
    unknown.problem(404, "order_not_found");
}

/// A folder with the configuration of a shop, for the program.
struct Folder(PathBuf);

impl Folder {
    fn of(bench: &Bench, more: &str) -> Self {
        let folder = std::env::temp_dir().join(unique("opencashier-operator"));
        std::fs::create_dir_all(&folder).unwrap();
        let own = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\nsecret_key = \"{SECRET_KEY}\"\n\
             signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea\"\ndatabase = \"{}\"\n{more}",
            bench.shop.database.setting()
        );
        std::fs::write(folder.join("merchant.toml"), own).unwrap();
        let base = bench.sandbox.base_url();
        keys().write_gateways_toml(&folder, &base, DesktopFlow::Precreate).unwrap();
        Self(folder)
    }

    /// Runs a command; returns its output, and what it says if it fails.
    async fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_merchant"));
        command.args(arguments).current_dir(&self.0);
        command.args(["--config", "merchant.toml", "--config", "gateways.toml"]);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, errors) = (text(output.stdout), text(output.stderr));
        if output.status.success() { Ok(out) } else { Err(format!("{out}{errors}")) }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn an_operator_acts_from_the_command_line_beside_the_server() {
    let (accepts, webhooks) = receiver().await;
    accepts.store(true, Ordering::Relaxed);
    let bench = Bench::with(DesktopFlow::Precreate, &webhooks).await;
    let folder = Folder::of(&bench, &webhooks);
    let (_, done) = bench.shop.paid(&bench, "wechat_pay").await;
    let delivered = wait_for(&bench.shop, DeliveryStatus::Delivered).await;

    let listed = folder.run(&["events", "list", "--limit", "1"]).await.unwrap();
    let listed: List<Event> = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.data, std::slice::from_ref(&delivered));
    let resent = folder.run(&["events", "resend", &delivered.id]).await.unwrap();
    let resent: Event = serde_json::from_str(&resent).unwrap();
    assert_eq!(resent.deliveries[0].status, DeliveryStatus::Pending);
    let again = wait_for(&bench.shop, DeliveryStatus::Delivered).await;
    assert_ne!(again.deliveries[0].ended_at, delivered.deliveries[0].ended_at);

    let payment = payment_id(&done);
    let command = ["refund", &payment, "--amount", "100", "--reason", "broken cup"];
    let refund: Refund = serde_json::from_str(&folder.run(&command).await.unwrap()).unwrap();
    assert_eq!((refund.amount.value, refund.reason_text.as_deref()), (100, Some("broken cup")));
    let repeated: Refund = serde_json::from_str(&folder.run(&command).await.unwrap()).unwrap();
    assert_eq!(repeated.id, refund.id, "the same command refunds once");
    assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
    let too_much = folder.run(&["refund", &payment, "--amount", "99999"]).await.unwrap_err();
    let left = format!("--amount is more than the {} fen that are left", 12_800 - 100);
    assert!(too_much.contains(&left), "{too_much}");
    let other = ["refund", &payment, "--amount", "100", "--reason", "broken pot"];
    let other = folder.run(&other).await.unwrap_err();
    assert!(other.contains("--reason") && other.contains("another --key"), "{other}");
    let long = "x".repeat(81);
    let long = folder.run(&["refund", &payment, "--reason", &long]).await.unwrap_err();
    assert!(long.contains("--reason must be 1 to 80 bytes"), "{long}");
    let all: Refund =
        serde_json::from_str(&folder.run(&["refund", &payment]).await.unwrap()).unwrap();
    assert_eq!(all.amount.value, 12_700, "all that is left");
    let more = folder.run(&["refund", &payment, "--key", "2"]).await.unwrap_err();
    assert!(more.contains("nothing is left of the payment"), "{more}");

    let order_id: String = bench.shop.stored("SELECT order_id FROM sessions");
    let shown = folder.run(&["orders", "show", &order_id]).await.unwrap();
    let shown: OrderRecord = serde_json::from_str(&shown).unwrap();
    assert!(shown.refunds.iter().any(|shown| shown.id == refund.id));
    let unknown = folder.run(&["orders", "show", "none"]).await.unwrap_err();
    assert!(unknown.contains("no session was opened for this order"), "{unknown}");

    // There is no request whose id could find the cause.
    bench.shop.database.execute("ALTER TABLE sessions RENAME TO hidden");
    let failed = folder.run(&["orders", "show", &order_id]).await.unwrap_err();
    assert!(failed.contains("sessions") && !failed.contains("request's id"), "{failed}");
    bench.shop.database.execute("ALTER TABLE hidden RENAME TO sessions");
}

#[tokio::test]
async fn check_config_lists_what_is_right_and_every_problem() {
    let bench = Bench::new().await;
    let folder = Folder::of(&bench, "allowed_origins = [\"https://shop.example\"]\n");
    let good = folder.run(&["check-config"]).await.unwrap();
    // The folder's addresses and name are not the bench's, which is an instance that runs on the
    // same PostgreSQL.
    let is_good = |line: &str| line.starts_with("ok: ") || line.contains("of the running instance");
    assert!(good.lines().all(is_good), "{good}");
    for gateway in ["wechat_pay as merchant", "alipay as merchant"] {
        assert!(good.contains(gateway), "{good}");
    }
    assert_eq!(bench.orders().await.len(), 0, "nothing was ordered");
    assert!(!folder.run(&["check-config", "--offline"]).await.unwrap().contains("as merchant"));

    // The gateways do not know these numbers, and the folder does not exist.
    let more = "[wechat_pay]\nmerchant_serial = \"00000000000000000000000000000000000000FF\"\n[alipay]\napp_id = \"2021000000000009\"\n[server]\ndatabase = \"missing/merchant.db\"\n";
    std::fs::write(folder.0.join("wrong.toml"), more).unwrap();
    let found = folder.run(&["check-config", "--config", "wrong.toml"]).await;
    assert!(found.is_ok(), "later files override earlier ones: {found:?}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_merchant"));
    command.current_dir(&folder.0).args(["check-config", "--config", "merchant.toml"]);
    command.args(["--config", "gateways.toml", "--config", "wrong.toml"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success(), "{found}");
    let problems: Vec<_> = found.lines().filter(|line| line.starts_with("problem: ")).collect();
    assert_eq!(problems.len(), 3, "{found}");
    for part in ["server.database: the folder missing", "merchant_serial", "app_id"] {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{part}: {found}");
    }
}

#[tokio::test]
async fn a_backup_under_load_is_restored_with_the_same_books() {
    let bench = Bench::new().await;
    let folder = Folder::of(&bench, "");
    let Database::File(file) = &bench.shop.database else {
        let refused = folder.run(&["backup", "copy.db"]).await.unwrap_err();
        assert!(refused.contains("pg_dump"), "{refused}");
        return;
    };
    for _ in 0..3 {
        bench.shop.paid(&bench, "wechat_pay").await;
    }
    // Shoppers go on while the copy is written.
    let load = async {
        for _ in 0..10 {
            bench.shop.paid(&bench, "alipay").await;
        }
    };
    let (copied, ()) = tokio::join!(folder.run(&["backup", "copy.db"]), load);
    assert!(copied.unwrap().contains("written to copy.db"));
    let copy = folder.0.join("copy.db");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds personal data");
    }
    let missing = folder.run(&["backup", "missing/copy.db"]).await.unwrap_err();
    assert!(missing.contains("the folder missing does not exist; create it"), "{missing}");
    let exists = folder.run(&["backup", "copy.db"]).await.unwrap_err();
    assert!(exists.contains("the file exists"), "{exists}");

    // The books of the copy, and of the server for the same sessions.
    let books = |file: &std::path::Path, until: i64| -> Vec<(String, String, i64)> {
        let connection = rusqlite::Connection::open(file).unwrap();
        let sql =
            "SELECT sessions.id || ' ' || sessions.status || ' ' || payments.id, payments.status
             || ' ' || payments.transaction_id, payments.amount_value
             FROM sessions JOIN payments ON payments.session_id = sessions.id
             WHERE payments.paid_at <= ?1 ORDER BY payments.id";
        let mut statement = connection.prepare(sql).unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        statement.query_map([until], row).unwrap().map(Result::unwrap).collect()
    };
    let connection = rusqlite::Connection::open(&copy).unwrap();
    let last: i64 =
        connection.query_row("SELECT MAX(paid_at) FROM payments", [], |row| row.get(0)).unwrap();
    drop(connection);
    let copied = books(&copy, last);
    assert!(copied.len() >= 3, "{copied:?}");
    let present = books(file, last);
    for one in &copied {
        assert!(present.contains(one), "{one:?}");
    }

    // A server on the copy knows them, and takes new payments.
    let mut restored = Shop::start(
        &bench.sandbox,
        DesktopFlow::Precreate,
        "",
        Database::File(copy.clone()),
        merchant::Clock::default(),
    )
    .await;
    let sessions = restored.merchant(Method::GET, "/v1/checkout/sessions?limit=100", "-", "").await;
    let sessions: List<contract::SessionCreated> = sessions.json();
    let complete =
        sessions.data.iter().filter(|one| one.session.status == contract::SessionStatus::Complete);
    assert!(complete.count() >= copied.len());
    restored.paid(&bench, "wechat_pay").await;
    restored.stop().await;
}
