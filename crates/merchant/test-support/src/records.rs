//! The backend's records, read from its database: sessions with their payments and refunds, events.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

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
    /// Reads all records.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut refunds = refunds(connection)?;
        let mut records = Self::default();
        let mut statement =
            connection.prepare("SELECT id, order_id, status, amount_value FROM sessions")?;
        let sessions = statement.query_map([], |row| {
            Ok(SessionEntry {
                id: row.get(0)?,
                order_id: row.get(1)?,
                status: row.get(2)?,
                amount_fen: row.get(3)?,
                payments: Vec::new(),
            })
        })?;
        for session in sessions {
            let session = session?;
            records.sessions.insert(session.id.clone(), session);
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
            if let Some(session) = records.sessions.get_mut(&session_id) {
                session.payments.push(payment);
            }
        }
        records.events = events(connection)?;
        Ok(records)
    }
}

fn refunds(connection: &Connection) -> rusqlite::Result<HashMap<String, Vec<RefundEntry>>> {
    let mut statement = connection.prepare(
        "SELECT payment_id, amount_value, reason, status, id, out_refund_no FROM refunds
         ORDER BY rowid",
    )?;
    let rows = statement.query_map([], |row| {
        let entry = RefundEntry {
            id: row.get(4)?,
            number: row.get(5)?,
            amount_fen: row.get(1)?,
            reason: row.get(2)?,
            status: row.get(3)?,
        };
        Ok((row.get::<_, String>(0)?, entry))
    })?;
    let mut refunds: HashMap<String, Vec<RefundEntry>> = HashMap::new();
    for row in rows {
        let (payment_id, entry) = row?;
        refunds.entry(payment_id).or_default().push(entry);
    }
    Ok(refunds)
}

fn events(connection: &Connection) -> rusqlite::Result<Vec<EventEntry>> {
    let mut statement = connection.prepare(
        "SELECT event_id, subject, payload, attempts, done_at IS NOT NULL FROM outbox
         WHERE kind = 'webhook' ORDER BY seq",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(EventEntry {
            id: row.get(0)?,
            session_id: row.get(1)?,
            payload: row.get(2)?,
            attempts: row.get(3)?,
            is_done: row.get(4)?,
        })
    })?;
    rows.collect()
}
