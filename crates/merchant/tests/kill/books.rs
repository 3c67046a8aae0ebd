//! Compares the merchant's books with the gateways'.

use std::collections::BTreeMap;
use std::fmt;

use merchant_test_support::records::{EventEntry, PaymentEntry, Records, SessionEntry};
use merchant_test_support::stored::Database;
use serde_json::Value;

use crate::receiver::Taken;
use crate::shopper::Record;

pub(crate) struct Books {
    database: Database,
    records: Records,
    /// The orders by number.
    orders: BTreeMap<String, Value>,
}

/// The numbers of compared entries.
pub(crate) struct Figures {
    sessions: usize,
    complete: usize,
    payments: usize,
    captures: usize,
    refunds: usize,
    by_itself: u32,
    notifications: usize,
    webhooks: usize,
}

impl Books {
    /// Reads the file as the crash left it, and the gateways' orders.
    pub(crate) fn read(database: &Database, orders: &Value) -> Self {
        if let Database::File(_) = database {
            assert_eq!(database.one::<String>("PRAGMA integrity_check"), "ok");
            assert!(database.rows("PRAGMA foreign_key_check").is_empty(), "rows point nowhere");
        }
        let orders = orders
            .as_array()
            .unwrap()
            .iter()
            .map(|order| (order["out_trade_no"].as_str().unwrap().to_owned(), order.clone()));
        let records = Records::stored(database);
        Self { database: database.clone(), records, orders: orders.collect() }
    }

    pub(crate) fn compare(&self, records: &[Record], taken: &Taken) -> Figures {
        let sessions = &self.records.sessions;
        for record in records {
            self.compare_record(record);
        }
        let notifications = self.compare_orders();
        for session in sessions.values() {
            compare_session(session, &self.orders);
        }
        assert_eq!(self.count("SELECT count(*) FROM outbox WHERE done_at IS NULL"), 0);
        assert_eq!(self.count("SELECT count(*) FROM refunds WHERE status <> 'succeeded'"), 0);
        let webhooks = self.compare_webhooks(taken);
        Figures {
            sessions: sessions.len(),
            complete: sessions.values().filter(|session| session.status == "complete").count(),
            payments: self.payments().count(),
            captures: self.payments().filter(|payment| payment.transaction_id.is_some()).count(),
            refunds: self
                .orders
                .values()
                .map(|order| order["refunds"].as_array().unwrap().len())
                .sum(),
            by_itself: self
                .count("SELECT count(*) FROM refunds WHERE reason <> 'requested_by_merchant'"),
            notifications,
            webhooks,
        }
    }

    /// Checks that everything that was acknowledged is stored.
    fn compare_record(&self, record: &Record) {
        let SessionEntry { status, payments, .. } = &self.records.sessions[&record.session_id];
        for id in &record.payments {
            let is_stored = payments.iter().any(|payment| payment.id == *id);
            assert!(is_stored, "{id} was acknowledged and is lost");
        }
        for id in &record.refunds {
            let sql = format!("SELECT count(*) FROM refunds WHERE id = '{id}'");
            assert_eq!(self.count(&sql), 1, "{id} was acknowledged and is lost");
        }
        if let Some(id) = &record.paid_by {
            assert_eq!(status, "complete", "{} was shown as paid", record.session_id);
            let kept = payments.iter().find(|payment| payment.id == *id).unwrap();
            assert_eq!(kept.status, "succeeded");
        }
    }

    /// Checks that every order has its payment, and that every capture is recorded correctly.
    fn compare_orders(&self) -> usize {
        let mut acknowledged = 0;
        for (number, order) in &self.orders {
            let payment = self.payments().find(|payment| payment.out_trade_no == *number);
            let payment = payment.unwrap_or_else(|| panic!("nobody knows of {order}"));
            let captures = order["captures"].as_u64().unwrap();
            assert!(captures <= 1, "{order}");
            let expected = (captures == 1).then(|| order["transaction_id"].as_str().unwrap());
            assert_eq!(payment.transaction_id.as_deref(), expected, "{order}");
            assert_eq!(order["amount"].as_i64(), Some(payment.amount_fen), "{order}");
            let refunded = order["refunded"].as_i64().unwrap();
            assert_eq!(refunded, payment.refunded_fen(), "{} {order}", payment.id);
            assert!(refunded <= order["captured"].as_i64().unwrap(), "{order}");
            let is_delivered = |attempt: &Value| attempt["outcome"] == "delivered";
            if order["notifications"].as_array().unwrap().iter().any(is_delivered) {
                acknowledged += 1;
                let sql =
                    format!("SELECT count(*) FROM notifications WHERE out_trade_no = '{number}'");
                assert!(self.count(&sql) > 0, "acknowledged and not in the database: {order}");
            }
        }
        let unknown = self.payments().find(|payment| {
            payment.transaction_id.is_some() && !self.orders.contains_key(&payment.out_trade_no)
        });
        assert!(unknown.is_none(), "a capture that no gateway knows");
        acknowledged
    }

    /// Checks that every event was accepted, unchanged. Those of a session are in their order, but
    /// for one whose first try a kill or a refusal ended: others may pass it (B7).
    fn compare_webhooks(&self, taken: &Taken) -> usize {
        let positions: BTreeMap<_, _> =
            taken.order.iter().enumerate().map(|(position, id)| (id.as_str(), position)).collect();
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for EventEntry { id, session_id, payload, attempts, .. } in &self.records.events {
            assert_eq!(taken.bodies.get(id), Some(payload), "never sent: {payload}");
            if *attempts > 1 {
                continue;
            }
            let position = positions[id.as_str()];
            let before = last.insert(session_id, position);
            assert!(before.is_none_or(|before| before < position), "sent out of order: {payload}");
        }
        let count = self.records.events.len();
        assert_eq!(taken.bodies.len(), count, "an event that is not in the outbox was sent");
        count
    }

    fn payments(&self) -> impl Iterator<Item = &PaymentEntry> {
        self.records.sessions.values().flat_map(|session| &session.payments)
    }

    fn count(&self, sql: &str) -> u32 {
        self.database.one(sql)
    }
}

/// Checks that a complete session keeps one payment, any other none, and that all other captures
/// were refunded in full.
fn compare_session(session: &SessionEntry, orders: &BTreeMap<String, Value>) {
    let SessionEntry { id, status, amount_fen: amount, payments, .. } = session;
    let kept: Vec<_> = payments.iter().filter(|payment| payment.status == "succeeded").collect();
    match status.as_str() {
        "complete" => assert_eq!(kept.len(), 1, "{id}"),
        "expired" => assert!(kept.is_empty(), "{id}"),
        other => panic!("{id} is {other}"),
    }
    for payment in payments {
        assert_eq!(payment.amount_fen, *amount, "{id}");
        let Some(order) = orders.get(&payment.out_trade_no) else { continue };
        let fen = |name: &str| order[name].as_i64().unwrap();
        if payment.status == "succeeded" {
            assert_eq!(fen("captured"), *amount, "{id} is complete without its money: {order}");
        } else {
            assert_eq!(fen("captured"), fen("refunded"), "{id} keeps too much: {order}");
        }
    }
    let not_returned = |payment: &&PaymentEntry| {
        orders
            .get(&payment.out_trade_no)
            .is_some_and(|order| order["captured"].as_i64() > order["refunded"].as_i64())
    };
    assert!(payments.iter().filter(not_returned).count() <= 1, "{id} is paid twice");
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} checkouts, {} complete; {} payments, {} captures, {} refunds, {} of them by itself; \
             {} acknowledged notifications; {} webhooks; not one difference",
            self.sessions,
            self.complete,
            self.payments,
            self.captures,
            self.refunds,
            self.by_itself,
            self.notifications,
            self.webhooks
        )
    }
}
