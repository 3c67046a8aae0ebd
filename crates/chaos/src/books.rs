//! The books of backend and gateways, read when everything has settled.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::run::Broken;
use crate::world::World;

/// The backend's book.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) sessions: BTreeMap<String, SessionEntry>,
}

/// A session, with its payments.
#[derive(Clone, Debug)]
pub(crate) struct SessionEntry {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) amount_fen: i64,
    pub(crate) payments: Vec<PaymentEntry>,
}

/// A payment, with its refunds.
#[derive(Clone, Debug)]
pub(crate) struct PaymentEntry {
    pub(crate) id: String,
    pub(crate) out_trade_no: String,
    pub(crate) method: String,
    pub(crate) product: String,
    pub(crate) status: String,
    pub(crate) amount_fen: i64,
    pub(crate) transaction_id: Option<String>,
    pub(crate) refunds: Vec<RefundEntry>,
}

/// Money that the backend sent back, or means to.
#[derive(Clone, Debug)]
pub(crate) struct RefundEntry {
    pub(crate) amount_fen: i64,
    pub(crate) reason: String,
    pub(crate) status: String,
}

/// An order in a gateway's book.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) wallet: String,
    pub(crate) out_trade_no: String,
    pub(crate) state: String,
    pub(crate) amount_fen: i64,
    pub(crate) transaction_id: Option<String>,
    /// What was taken from the buyer in all.
    pub(crate) captured_fen: i64,
    pub(crate) refunds: Vec<OrderRefund>,
}

/// A refund in a gateway's book.
#[derive(Clone, Debug)]
pub(crate) struct OrderRefund {
    pub(crate) amount_fen: i64,
    pub(crate) state: String,
}

impl Order {
    /// What really went back.
    pub(crate) fn refunded_fen(&self) -> i64 {
        let done = self.refunds.iter().filter(|refund| refund.state == "SUCCESS");
        done.map(|refund| refund.amount_fen).sum()
    }

    pub(crate) const fn is_captured(&self) -> bool {
        self.captured_fen > 0
    }

    /// Captured, and nobody asked for any of it back.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_captured() && self.refunds.is_empty()
    }
}

/// What the backend has left to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    /// Payments to ask about within the minute that a claimed one is leased for.
    pub(crate) due: i64,
    /// Sessions that have passed their time and are still open.
    pub(crate) open: i64,
    /// Calls that must happen after a commit, and are due in the same way.
    pub(crate) calls: i64,
    /// All such calls, also those that wait for a later try.
    pub(crate) outbox: i64,
}

impl Left {
    /// Nothing until more time has passed.
    pub(crate) const fn is_nothing_now(self) -> bool {
        self.due == 0 && self.open == 0 && self.calls == 0
    }
}

/// Counts what is left to do at `now_ms`.
pub(crate) fn left(path: &Path, now_ms: u64) -> Result<Left, Broken> {
    let connection = open(path)?;
    let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
    let count = |sql: &str| {
        connection.query_row(sql, [now_ms], |row| row.get::<_, i64>(0)).map_err(unreadable)
    };
    Ok(Left {
        due: count("SELECT COUNT(*) FROM payments WHERE next_check_at <= ?1 + 60000")?,
        open: count("SELECT COUNT(*) FROM sessions WHERE status = 'open' AND expires_at <= ?1")?,
        calls: count(
            "SELECT COUNT(*) FROM outbox WHERE done_at IS NULL AND next_attempt_at <= ?1 + 60000",
        )?,
        outbox: count("SELECT COUNT(*) FROM outbox WHERE done_at IS NULL AND ?1 > 0")?,
    })
}

/// Reads the backend's book.
pub(crate) fn ledger(path: &Path) -> Result<Ledger, Broken> {
    let connection = open(path)?;
    let mut refunds = refunds(&connection).map_err(unreadable)?;
    let mut read = || {
        let mut ledger = Ledger::default();
        let mut statement = connection.prepare("SELECT id, status, amount_value FROM sessions")?;
        let sessions = statement.query_map([], |row| {
            Ok(SessionEntry {
                id: row.get(0)?,
                status: row.get(1)?,
                amount_fen: row.get(2)?,
                payments: Vec::new(),
            })
        })?;
        for session in sessions {
            let session = session?;
            ledger.sessions.insert(session.id.clone(), session);
        }
        let mut statement = connection.prepare(
            "SELECT session_id, id, out_trade_no, payment_method, status, amount_value,
                transaction_id, product FROM payments ORDER BY created_at, rowid",
        )?;
        let payments = statement.query_map([], |row| {
            let entry = PaymentEntry {
                id: row.get(1)?,
                out_trade_no: row.get(2)?,
                method: row.get(3)?,
                status: row.get(4)?,
                amount_fen: row.get(5)?,
                transaction_id: row.get(6)?,
                product: row.get(7)?,
                refunds: Vec::new(),
            };
            Ok((row.get::<_, String>(0)?, entry))
        })?;
        for payment in payments {
            let (session_id, mut payment) = payment?;
            payment.refunds = refunds.remove(&payment.id).unwrap_or_default();
            if let Some(session) = ledger.sessions.get_mut(&session_id) {
                session.payments.push(payment);
            }
        }
        Ok(ledger)
    };
    read().map_err(unreadable)
}

/// Reads the gateways' books.
pub(crate) async fn orders(world: &World) -> Result<BTreeMap<String, Order>, Broken> {
    let url = format!("{}/sandbox/orders", world.sandbox);
    let answer = world.net.get(&url).await;
    let answer =
        answer.map_err(|_| Broken::plain("the sandbox does not list its orders".into()))?;
    let list = answer.json();
    let orders = list.as_array().map(Vec::as_slice).unwrap_or_default();
    orders.iter().map(|order| read_order(order).map(|it| (it.out_trade_no.clone(), it))).collect()
}

fn read_order(order: &Value) -> Result<Order, Broken> {
    let text = |name: &str| order.get(name).and_then(Value::as_str).map(str::to_owned);
    let missing =
        |name: &str| Broken::plain(format!("an order of the sandbox has no {name}: {order}"));
    let number = |name: &str| order.get(name).and_then(Value::as_i64);
    let refunds = order.get("refunds").and_then(Value::as_array);
    let refunds = refunds.into_iter().flatten().filter_map(|refund| {
        Some(OrderRefund {
            amount_fen: refund.get("amount")?.as_i64()?,
            state: refund.get("state")?.as_str()?.to_owned(),
        })
    });
    Ok(Order {
        wallet: text("wallet").ok_or_else(|| missing("wallet"))?,
        out_trade_no: text("out_trade_no").ok_or_else(|| missing("out_trade_no"))?,
        state: text("state").ok_or_else(|| missing("state"))?,
        amount_fen: number("amount").ok_or_else(|| missing("amount"))?,
        transaction_id: text("transaction_id"),
        captured_fen: number("captured").ok_or_else(|| missing("captured"))?,
        refunds: refunds.collect(),
    })
}

fn refunds(connection: &Connection) -> rusqlite::Result<HashMap<String, Vec<RefundEntry>>> {
    let mut statement = connection
        .prepare("SELECT payment_id, amount_value, reason, status FROM refunds ORDER BY rowid")?;
    let rows = statement.query_map([], |row| {
        let entry =
            RefundEntry { amount_fen: row.get(1)?, reason: row.get(2)?, status: row.get(3)? };
        Ok((row.get::<_, String>(0)?, entry))
    })?;
    let mut refunds: HashMap<String, Vec<RefundEntry>> = HashMap::new();
    for row in rows {
        let (payment_id, entry) = row?;
        refunds.entry(payment_id).or_default().push(entry);
    }
    Ok(refunds)
}

fn open(path: &Path) -> Result<Connection, Broken> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let connection = connection.map_err(unreadable)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(unreadable)?;
    Ok(connection)
}

fn unreadable(error: rusqlite::Error) -> Broken {
    Broken::new("the backend's database cannot be read", error)
}
