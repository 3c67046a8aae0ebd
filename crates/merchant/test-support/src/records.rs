//! The backend's records, read from its database: sessions with their payments and refunds, events.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use crate::stored::{Database, Values, sqlite_rows};

/// All records of a backend.
#[derive(Debug, Default)]
pub struct Records {
    /// The sessions by id.
    pub sessions: BTreeMap<String, SessionEntry>,
    /// The events for the merchant's systems, oldest first.
    pub events: Vec<EventEntry>,
}

/// An event for the merchant's systems.
#[derive(Clone, Debug)]
pub struct EventEntry {
    /// Its id.
    pub id: String,
    /// The session that it is about.
    pub session_id: String,
    /// Its body.
    pub payload: String,
    /// The number of tries that have begun.
    pub attempts: u32,
    /// True if it was accepted, or given up.
    pub is_done: bool,
}

/// A session, with its payments.
#[derive(Clone, Debug)]
pub struct SessionEntry {
    /// Its id.
    pub id: String,
    /// The merchant's number of its order.
    pub order_id: String,
    /// Its status.
    pub status: String,
    /// Its amount in fen.
    pub amount_fen: i64,
    /// Its payments, oldest first.
    pub payments: Vec<PaymentEntry>,
}

/// A payment, with its refunds.
#[derive(Clone, Debug)]
pub struct PaymentEntry {
    /// Its id.
    pub id: String,
    /// The number of its order at the gateway.
    pub out_trade_no: String,
    /// The payment method.
    pub method: String,
    /// The gateway's product.
    pub product: String,
    /// Its status.
    pub status: String,
    /// Its amount in fen.
    pub amount_fen: i64,
    /// The gateway's number of its capture.
    pub transaction_id: Option<String>,
    /// Its refunds, oldest first.
    pub refunds: Vec<RefundEntry>,
}

/// A refund by the backend, executed or pending, or a refund that was made elsewhere.
#[derive(Clone, Debug)]
pub struct RefundEntry {
    /// Its id.
    pub id: String,
    /// Its number at the gateway.
    pub number: String,
    /// Its amount in fen.
    pub amount_fen: i64,
    /// The reason for which it was made.
    pub reason: String,
    /// Its status.
    pub status: String,
}

impl PaymentEntry {
    /// The sum of the refunds that succeeded, in fen.
    #[must_use]
    pub fn refunded_fen(&self) -> i64 {
        let done = self.refunds.iter().filter(|refund| refund.status == "succeeded");
        done.map(|refund| refund.amount_fen).sum()
    }
}

impl RefundEntry {
    /// True if the backend has recorded it as made elsewhere.
    #[must_use]
    pub fn is_made_elsewhere(&self) -> bool {
        self.reason == "made_elsewhere"
    }
}

impl Records {
    /// Reads all records of a file of SQLite.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        Self::of(|sql| sqlite_rows(connection, sql))
    }

    /// Reads all records of a test's database.
    pub fn stored(database: &Database) -> Self {
        let read: Result<_, std::convert::Infallible> = Self::of(|sql| Ok(database.rows(sql)));
        let Ok(records) = read;
        records
    }

    fn of<E>(rows: impl Fn(&str) -> Result<Vec<Values>, E>) -> Result<Self, E> {
        let mut refunds: HashMap<String, Vec<RefundEntry>> = HashMap::new();
        let sql = "SELECT payment_id, amount_value, reason, status, id, out_refund_no FROM refunds
             ORDER BY rowid";
        for row in rows(sql)? {
            let entry = RefundEntry {
                id: text(&row, 4),
                number: text(&row, 5),
                amount_fen: number(&row, 1),
                reason: text(&row, 2),
                status: text(&row, 3),
            };
            refunds.entry(text(&row, 0)).or_default().push(entry);
        }
        let mut records = Self::default();
        for row in rows("SELECT id, order_id, status, amount_value FROM sessions")? {
            let session = SessionEntry {
                id: text(&row, 0),
                order_id: text(&row, 1),
                status: text(&row, 2),
                amount_fen: number(&row, 3),
                payments: Vec::new(),
            };
            records.sessions.insert(session.id.clone(), session);
        }
        let sql = "SELECT session_id, id, out_trade_no, payment_method, status, amount_value,
                transaction_id, product FROM payments ORDER BY created_at, rowid";
        for row in rows(sql)? {
            let id = text(&row, 1);
            let payment = PaymentEntry {
                refunds: refunds.remove(&id).unwrap_or_default(),
                id,
                out_trade_no: text(&row, 2),
                method: text(&row, 3),
                status: text(&row, 4),
                amount_fen: number(&row, 5),
                transaction_id: row[6].clone(),
                product: text(&row, 7),
            };
            if let Some(session) = records.sessions.get_mut(&text(&row, 0)) {
                session.payments.push(payment);
            }
        }
        let sql = "SELECT event_id, subject, payload, attempts,
                CASE WHEN done_at IS NOT NULL THEN 1 ELSE 0 END
             FROM outbox WHERE kind = 'webhook' ORDER BY seq";
        for row in rows(sql)? {
            records.events.push(EventEntry {
                id: text(&row, 0),
                session_id: text(&row, 1),
                payload: text(&row, 2),
                attempts: u32::try_from(number(&row, 3)).unwrap(),
                is_done: number(&row, 4) == 1,
            });
        }
        Ok(records)
    }
}

fn text(row: &Values, index: usize) -> String {
    row[index].clone().unwrap()
}

fn number(row: &Values, index: usize) -> i64 {
    text(row, index).parse().unwrap()
}
