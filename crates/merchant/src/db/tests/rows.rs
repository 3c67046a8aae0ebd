//! Rows, claims and updates that the tests share.

use std::sync::OnceLock;

use contract::{Amount, PaymentMethod, PaymentStatus as P, SessionStatus as S, Timestamp};
use merchant_test_support::stored::uses_postgres;
use tokio::runtime::Runtime;

use crate::action::Action;
use crate::db::apply::{Outcome, Update, apply};
use crate::db::claims::{self, ClaimedPayment, Waiting};
use crate::db::idempotency::Request;
use crate::db::outbox::{self, Task};
use crate::db::payments::{self, PaymentRow, Started};
use crate::db::postgres::Postgres;
use crate::db::postgres::address::Address;
use crate::db::sessions::{self, SessionRow};
use crate::db::sql::{Connection, Isolation, params};
use crate::db::{Lease, WriteContext, migrations};
use crate::rules::Product;

pub(super) const START: Timestamp = Timestamp::from_unix_ms(1_795_392_000_000);
pub(super) const LEASE_MS: i64 = 90_000;
pub(super) const LATE: Timestamp = Timestamp::from_unix_ms(1_795_392_000_000 + 1_800_000);

/// Returns a new database with one session: of the kind that the test run names.
pub(super) fn database() -> Connection {
    let connection = if uses_postgres() { server() } else { memory() };
    sessions::insert(&connection, &session("cs_1")).unwrap();
    connection
}

fn memory() -> Connection {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "foreign_keys", "ON").unwrap();
    migrations::run(&connection).unwrap();
    Connection::Sqlite(connection)
}

fn server() -> Connection {
    let postgres = Postgres::new(&address(), 1).unwrap();
    runtime().block_on(async {
        postgres.migrate().await.unwrap();
        postgres.connection().await.unwrap()
    })
}

/// Returns the address of a new schema of PostgreSQL.
pub(super) fn address() -> Address {
    let url = merchant_test_support::cluster::shared().schema();
    Address::parse(&url, None).unwrap()
}

/// The runtime of the tests' connections.
pub(super) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// Returns the number that a statement selects as `value`.
pub(super) fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_one(sql, params![], |row| row.get("value")).unwrap()
}

pub(super) fn session(id: &str) -> SessionRow {
    SessionRow {
        id: id.to_owned(),
        status: S::Open,
        revision: 1,
        order_id: "order-1".to_owned(),
        amount: Amount::fen(12_800),
        description: "茶".to_owned(),
        payment_methods: vec![PaymentMethod::WechatPay, PaymentMethod::Alipay],
        return_url: None,
        secret_hash: vec![1; 32],
        one_per_order: false,
        metadata: [("shop".to_owned(), "茶".to_owned())].into(),
        created_at: START,
        expires_at: LATE,
    }
}

pub(super) fn payment(id: &str) -> PaymentRow {
    PaymentRow {
        id: id.to_owned(),
        session_id: "cs_1".to_owned(),
        out_trade_no: format!("OC{id}"),
        payment_method: PaymentMethod::Alipay,
        product: Product::Precreate,
        amount: Amount::fen(12_800),
        identity: None,
        reference: None,
        order_expires_at: LATE,
        notify_url: "https://shop.example/v1/notifications/alipay".to_owned(),
        return_url: None,
        payer_client_ip: None,
        payer: None,
        status: P::Processing,
        failure_code: None,
        action: None,
        action_expires_at: None,
        transaction_id: None,
        paid_at: None,
        is_settled: false,
        is_close_wanted: false,
        checks: 0,
        created_at: START,
    }
}

pub(super) fn context(now: Timestamp) -> WriteContext {
    WriteContext { now }
}

pub(super) fn request(key: &str) -> Request {
    Request::new("cs_1", key, &"body")
}

pub(super) fn start(connection: &Connection, id: &str, now: Timestamp) -> Started {
    payments::start(connection, &payment(id), &request(id), now).unwrap()
}

pub(super) fn apply_update(
    connection: &Connection,
    id: &str,
    update: &Update,
    now: Timestamp,
) -> Outcome {
    let transaction = connection.begin(Isolation::Serializable).unwrap();
    let outcome = apply(&transaction, id, update, context(now)).unwrap();
    transaction.commit().unwrap();
    outcome
}

/// Returns a lease of a minute and a half.
pub(super) fn lease(now: Timestamp) -> Lease {
    Lease { now, until: now.plus_ms(LEASE_MS) }
}

pub(super) fn captured(transaction_id: &str) -> Update {
    Update::Captured {
        transaction_id: transaction_id.to_owned(),
        paid_at: Some(START),
        is_refunded: false,
    }
}

pub(super) fn ordered() -> Update {
    Update::Ordered { action: Action::code("https://qr.alipay.com/x".to_owned()), expires_at: LATE }
}

/// Returns what the worker claims at `now`, owed or asked, in the order of its claims.
pub(super) fn claim(
    connection: &Connection,
    waiting: &[&str],
    now: Timestamp,
) -> Vec<ClaimedPayment> {
    let lease = self::lease(now);
    let waiting = Waiting {
        session_ids: waiting.iter().map(|id| (*id).to_owned()).collect(),
        interval_ms: 8_000,
    };
    let owed = claims::claim_owed(connection, PaymentMethod::Alipay, lease, 64).unwrap();
    let asked = claims::claim_asked(connection, PaymentMethod::Alipay, &waiting, lease, 64);
    owed.into_iter().chain(asked.unwrap()).collect()
}

pub(super) fn due(connection: &Connection, waiting: &[&str], now: Timestamp) -> Vec<String> {
    claim(connection, waiting, now).into_iter().map(|claimed| claimed.id).collect()
}

/// Claims the events that are due at `now`.
pub(super) fn claim_webhooks(connection: &Connection, now: Timestamp) -> Vec<Task> {
    outbox::claim_webhooks(connection, "default", lease(now), 64).unwrap()
}

/// Starts a payment with a code, in a session of its own.
pub(super) fn start_shown(connection: &Connection, number: usize) -> String {
    let session_id = format!("cs_shown_{number:05}");
    sessions::insert(connection, &session(&session_id)).unwrap();
    let id = format!("pay_{number:05}");
    let row = PaymentRow { session_id: session_id.clone(), ..payment(&id) };
    payments::start(connection, &row, &request(&id), START).unwrap();
    apply_update(connection, &id, &ordered(), START);
    session_id
}
