//! Shoppers who pay, switch and cancel while the backend is killed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use merchant_test_support::stored::{Database, uses_postgres};
use serde_json::{Value, json};

use crate::call::{self, Answer};
use crate::dice::Dice;
use crate::process::SECRET_KEY;

pub(crate) struct World {
    pub(crate) base: String,
    pub(crate) gateway: String,
    pub(crate) has_ended: AtomicBool,
}

/// The answers to one shopper and to the merchant's server.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) session_id: String,
    secret: String,
    pub(crate) payments: Vec<String>,
    pub(crate) refunds: Vec<String>,
    /// The payment of the first answer with status `complete`.
    pub(crate) paid_by: Option<String>,
    revision: u64,
    /// The codes that were shown, the oldest first.
    codes: Vec<String>,
    current: Option<String>,
}

/// Checks out again and again until the test ends.
pub(crate) async fn shop(world: Arc<World>, mut dice: Dice) -> Vec<Record> {
    let mut records = Vec::new();
    while !world.has_ended.load(Ordering::Relaxed) {
        records.push(checkout(&world, &mut dice).await);
    }
    records
}

async fn checkout(world: &World, dice: &mut Dice) -> Record {
    let mut record = open(world, 100 + dice.below(50_000)).await;
    for _ in 0..2 + dice.below(6) {
        match dice.below(14) {
            0..=3 => start(world, &mut record, dice).await,
            4 => on_payment(world, &mut record, "cancel").await,
            5 => on_payment(world, &mut record, "refresh").await,
            6 => on_payment(world, &mut record, "check").await,
            7..=9 => {
                if let Some(code) = record.codes.last() {
                    pay(world, code).await;
                }
            }
            10 => {
                // Two phones at once, sometimes with an old code.
                if !record.codes.is_empty() {
                    let (one, other) = (dice.of(&record.codes), dice.of(&record.codes));
                    tokio::join!(pay(world, one), pay(world, other));
                }
            }
            11 => {
                look(world, &mut record).await;
            }
            12 if dice.below(3) == 0 => {
                let path = format!("/v1/checkout/sessions/{}/expire", record.session_id);
                merchant(world, &path, &unique("expire"), &json!({})).await;
            }
            _ => refund(world, &mut record, dice).await,
        }
    }
    // Most codes are paid in the end, and sometimes every earlier code, too.
    let from = if dice.below(3) == 0 { 0 } else { record.codes.len().saturating_sub(1) };
    for code in record.codes.iter().skip(from).filter(|_| dice.below(4) > 0) {
        pay(world, code).await;
    }
    record
}

async fn open(world: &World, fen: u64) -> Record {
    let key = unique("order");
    let body = json!({
        "order_id": key,
        "amount": { "value": fen, "currency": "CNY" },
        "description": key,
    });
    let answer = merchant(world, "/v1/checkout/sessions", &key, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let created = answer.json();
    Record {
        session_id: created["session"]["id"].as_str().unwrap().to_owned(),
        secret: created["client_secret"].as_str().unwrap().to_owned(),
        ..Record::default()
    }
}

async fn start(world: &World, record: &mut Record, dice: &mut Dice) {
    let method = *dice.of(&["alipay", "wechat_pay"]);
    let key = unique("start");
    let body = json!({ "payment_method": method, "environment": "desktop" });
    if dice.below(3) == 0 {
        // Two clicks at the same time.
        let (one, other) = tokio::join!(
            browser(world, record, "/payments", &key, &body),
            browser(world, record, "/payments", &key, &body)
        );
        let ids = [&one, &other].map(payment_of);
        if let [Some(one), Some(other)] = ids {
            // Once an older code is paid, answers show that payment.
            assert_eq!(one, other, "one click, one payment");
        }
        see(record, &one);
    } else {
        let answer = browser(world, record, "/payments", &key, &body).await;
        see(record, &answer);
    }
}

async fn on_payment(world: &World, record: &mut Record, call: &str) {
    let Some(id) = record.current.clone() else { return };
    let answer = browser(world, record, &format!("/payments/{id}/{call}"), "-", &json!({})).await;
    see(record, &answer);
}

async fn look(world: &World, record: &mut Record) {
    let url = format!("{}/v1/checkout/sessions/{}", world.base, record.session_id);
    let authorization = format!("Bearer {}", record.secret);
    let headers = [("authorization", authorization.as_str())];
    let answer = until_answered(Method::GET, &url, &headers, &Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    see(record, &answer);
}

async fn refund(world: &World, record: &mut Record, dice: &mut Dice) {
    let Some(payment_id) = record.paid_by.clone() else { return };
    let mut body = json!({ "payment_id": payment_id });
    if dice.below(2) == 0 {
        body["amount"] = json!({ "value": 1 + dice.below(100), "currency": "CNY" });
    }
    let answer = merchant(world, "/v1/refunds", &unique("refund"), &body).await;
    match answer.status {
        201 => record.refunds.push(answer.json()["id"].as_str().unwrap().to_owned()),
        409 => {}
        _ => panic!("{}", answer.text()),
    }
}

/// Approves with a wallet; a code that is closed or paid may be refused.
async fn pay(world: &World, code: &str) {
    let url = format!("{}/sandbox/approve", world.gateway);
    let answer = call::post(&url, &[], &json!({ "code": code })).await.unwrap();
    assert!([200, 404, 409, 410].contains(&answer.status), "{}", answer.text());
}

async fn browser(world: &World, record: &Record, path: &str, key: &str, body: &Value) -> Answer {
    let url = format!("{}/v1/checkout/sessions/{}{path}", world.base, record.session_id);
    let authorization = format!("Bearer {}", record.secret);
    let headers = [("authorization", authorization.as_str()), ("idempotency-key", key)];
    until_answered(Method::POST, &url, &headers, body).await
}

async fn merchant(world: &World, path: &str, key: &str, body: &Value) -> Answer {
    let url = format!("{}{path}", world.base);
    let authorization = format!("Bearer {SECRET_KEY}");
    let headers = [("authorization", authorization.as_str()), ("idempotency-key", key)];
    until_answered(Method::POST, &url, &headers, body).await
}

/// Repeats a call until its answer cannot be explained by a crash.
async fn until_answered(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let start = Instant::now();
    // On PostgreSQL the session's lease of a killed process must run out first.
    let limit_s = if uses_postgres() { 90 } else { 30 };
    loop {
        let answer = call::call(method.clone(), url, headers, body.to_string()).await;
        match answer {
            Some(answer) if answer.status < 500 || answer.status == 502 => return answer,
            answer => {
                let text = answer.map_or("no answer".to_owned(), |answer| answer.text());
                assert!(
                    start.elapsed() < Duration::from_secs(limit_s),
                    "no answer in time: {text}"
                );
            }
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// Returns the payment of an open session.
fn payment_of(answer: &Answer) -> Option<String> {
    let session = (answer.status == 200).then(|| answer.json())?;
    let id = session["payment"]["id"].as_str().map(str::to_owned);
    id.filter(|_| session["status"] == "open")
}

/// Records an answer, and compares it with the earlier ones.
fn see(record: &mut Record, answer: &Answer) {
    if answer.status != 200 {
        // Allowed: closed, in progress, rate-limited, refused. Not allowed: not found, malformed.
        assert!([409, 429, 502].contains(&answer.status), "{}", answer.text());
        return;
    }
    let session = answer.json();
    let revision = session["revision"].as_u64().unwrap();
    assert!(revision >= record.revision, "it went back: {session}");
    record.revision = revision;
    let payment = &session["payment"];
    let id = payment["id"].as_str().map(str::to_owned);
    if let Some(paid_by) = &record.paid_by {
        assert_eq!(session["status"], "complete", "what is paid stays paid: {session}");
        assert_eq!(id.as_ref(), Some(paid_by));
    }
    if session["status"] == "complete" {
        record.paid_by.clone_from(&id);
    }
    record.current.clone_from(&id);
    record.payments.extend(id);
    if let Some(code) = payment["next_action"]["data"].as_str()
        && record.codes.last().is_none_or(|last| last != code)
    {
        record.codes.push(code.to_owned());
    }
}

/// Ends every open session, and waits until no work is left.
pub(crate) async fn settle(world: &World, records: &[Record], database: &Database) {
    // On PostgreSQL the claims of a killed process end with their leases.
    let limit_s = if uses_postgres() { 300 } else { 120 };
    let deadline = Instant::now() + Duration::from_secs(limit_s);
    for record in records {
        let path = format!("/v1/checkout/sessions/{}/expire", record.session_id);
        while merchant(world, &path, "-", &json!({})).await.status != 200 {
            assert!(Instant::now() < deadline, "{} cannot be ended", record.session_id);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    loop {
        let orders = call::get(&format!("{}/sandbox/orders", world.gateway), &[]).await.unwrap();
        let orders = orders.json();
        let count = |sql: &str| database.one::<u32>(sql);
        let tasks = count("SELECT count(*) FROM outbox WHERE done_at IS NULL");
        let unfinished = count("SELECT count(*) FROM payments WHERE is_close_wanted = 1");
        let unknown = unknown_captures(database, &orders);
        if tasks == 0 && unfinished == 0 && unknown.is_empty() {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "never settled: {tasks} tasks, {unfinished} to close, captures {unknown:?}"
        );
        // Their notifications are lost: the shopper clicks "I have paid".
        for (session_id, payment_id) in unknown {
            let record = records.iter().find(|record| record.session_id == session_id).unwrap();
            let path = format!("/payments/{payment_id}/check");
            let answer = browser(world, record, &path, "-", &json!({})).await;
            assert!([200, 429].contains(&answer.status), "{}", answer.text());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Returns the captures that the merchant has not recorded, as session and payment.
fn unknown_captures(database: &Database, orders: &Value) -> Vec<(String, String)> {
    let rows = database
        .rows("SELECT out_trade_no, session_id, id FROM payments WHERE transaction_id IS NULL");
    let mut open: BTreeMap<_, _> = rows
        .into_iter()
        .map(|row| <[String; 3]>::try_from(row.into_iter().flatten().collect::<Vec<_>>()).unwrap())
        .map(|[number, session_id, id]| (number, (session_id, id)))
        .collect();
    let captured = orders.as_array().unwrap().iter().filter(|order| order["captures"] != 0);
    captured
        .filter_map(|order| {
            let number = order["out_trade_no"].as_str().unwrap();
            open.remove(number)
        })
        .collect()
}

fn unique(prefix: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{prefix}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}
