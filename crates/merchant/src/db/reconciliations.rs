//! Our books of a day, and the reports of comparing them with the gateways' bills.

use std::collections::HashMap;

use super::sql::{Connection, params};
use contract::{BillEntry, PaymentMethod, RefundStatus, Timestamp};

use super::{DbError, payments, refunds};
use crate::identity::Identity;
use crate::rules::{Booked, EntryKey};

/// The books to compare with a bill, and the ids of their entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    pub(crate) booked: Vec<Booked>,
    ids: HashMap<EntryKey, String>,
}

impl Books {
    /// Returns the id of the payment or refund with this key.
    pub(crate) fn id(&self, key: &EntryKey) -> Option<String> {
        self.ids.get(key).cloned()
    }

    /// Adds the entries of `other` that are not there yet.
    pub(crate) fn merge(&mut self, mut other: Self) {
        for booked in other.booked {
            if let Some(id) = other.ids.remove(&booked.key()) {
                self.add(booked, id);
            }
        }
    }

    fn add(&mut self, booked: Booked, id: String) {
        if self.ids.insert(booked.key(), id).is_none() {
            self.booked.push(booked);
        }
    }
}

/// A number at a gateway: of an order, or of a refund of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Number {
    pub(crate) out_trade_no: String,
    pub(crate) out_refund_no: Option<String>,
}

/// An identity with orders.
pub(crate) struct OrderedBy {
    pub(crate) identity: Option<Identity>,
    /// True if money moved on that day; otherwise it may have moved unnoticed.
    pub(crate) has_moved: bool,
}

/// Returns the identities whose orders moved money at a gateway from `from` until before `until`,
/// or may have.
pub(crate) fn identities(
    connection: &Connection,
    method: PaymentMethod,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<OrderedBy>, DbError> {
    connection.query_all(
        "SELECT app_id, merchant_id, 1 AS has_moved FROM payments
         WHERE payment_method = ?1 AND paid_at >= ?2 AND paid_at < ?3
         UNION
         SELECT app_id, merchant_id, 1 FROM refunds JOIN payments ON payments.id = refunds.payment_id
         WHERE payment_method = ?1 AND ended_at >= ?2 AND ended_at < ?3
         UNION
         SELECT app_id, merchant_id, 0 FROM payments
         WHERE payment_method = ?1 AND next_check_at IS NOT NULL",
        params![method.as_str(), from.unix_ms(), until.unix_ms()],
        |row| {
            let has_moved = row.get("has_moved")?;
            Ok(OrderedBy { identity: payments::identity(row)?, has_moved })
        },
    )
}

/// Returns the books of the money that moved at a gateway from `from` until before `until`.
pub(crate) fn books(
    connection: &Connection,
    method: PaymentMethod,
    from: Timestamp,
    until: Timestamp,
) -> Result<Books, DbError> {
    let mut books = Books::default();
    let due = connection.query_all(
        "SELECT out_trade_no, NULL AS out_refund_no FROM payments
         WHERE payment_method = ?1 AND paid_at >= ?2 AND paid_at < ?3
         UNION ALL
         SELECT out_trade_no, out_refund_no FROM refunds
             JOIN payments ON payments.id = refunds.payment_id
         WHERE payment_method = ?1 AND refunds.status = 'succeeded'
             AND refunds.reason <> 'made_elsewhere'
             AND refunds.created_at >= ?2 AND ended_at >= ?2 AND ended_at < ?3",
        params![method.as_str(), from.unix_ms(), until.unix_ms()],
        |row| {
            let (out_trade_no, out_refund_no) =
                (row.get("out_trade_no")?, row.get("out_refund_no")?);
            Ok(Number { out_trade_no, out_refund_no })
        },
    )?;
    for number in due {
        add(connection, &mut books, method, &number, true)?;
    }
    Ok(books)
}

/// Adds the entries of the books with these numbers.
pub(crate) fn look_up(
    connection: &Connection,
    books: &mut Books,
    method: PaymentMethod,
    numbers: &[Number],
) -> Result<(), DbError> {
    numbers.iter().try_for_each(|number| add(connection, books, method, number, false))
}

fn add(
    connection: &Connection,
    books: &mut Books,
    method: PaymentMethod,
    number: &Number,
    is_due: bool,
) -> Result<(), DbError> {
    let order = &number.out_trade_no;
    let Some(refund_number) = &number.out_refund_no else {
        let payment = payments::find_by_out_trade_no(connection, order)?;
        if let Some(payment) = payment.filter(|payment| payment.payment_method == method) {
            let booked = Booked {
                entry: BillEntry::Payment,
                order: order.clone(),
                number: order.clone(),
                value: payment.amount.value,
                is_done: payment.is_captured(),
                is_due,
            };
            books.add(booked, payment.id);
        }
        return Ok(());
    };
    let refund = refunds::find_by_number(connection, order, refund_number)?;
    if let Some(refund) = refund.filter(|refund| refund.payment_method == method) {
        let booked = Booked {
            entry: BillEntry::Refund,
            order: order.clone(),
            number: refund_number.clone(),
            value: refund.amount.value,
            is_done: refund.status == RefundStatus::Succeeded,
            is_due,
        };
        books.add(booked, refund.id);
    }
    Ok(())
}

/// True if there were payments by a method before `moment`.
pub(crate) fn has_before(
    connection: &Connection,
    method: PaymentMethod,
    moment: Timestamp,
) -> Result<bool, DbError> {
    connection.query_one(
        "SELECT EXISTS (SELECT 1 FROM payments
             WHERE payment_method = ?1 AND created_at < ?2) AS found",
        params![method.as_str(), moment.unix_ms()],
        |row| row.get("found"),
    )
}

/// Stores a report, replacing an earlier one of the same day.
pub(crate) fn store(
    connection: &Connection,
    date: &str,
    method: PaymentMethod,
    report: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    connection.execute(
        "INSERT INTO reconciliations (date, payment_method, report, created_at)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (date, payment_method) DO UPDATE SET report = ?3, created_at = ?4",
        params![date, method.as_str(), report, now.unix_ms()],
    )?;
    Ok(())
}

/// True if a report of the day is stored.
pub(crate) fn is_stored(
    connection: &Connection,
    date: &str,
    method: PaymentMethod,
) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM reconciliations WHERE date = ?1 AND payment_method = ?2";
    let found = connection.query_optional(sql, params![date, method.as_str()], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Returns the reports of a day.
pub(crate) fn of_day(connection: &Connection, date: &str) -> Result<Vec<String>, DbError> {
    connection.query_all(
        "SELECT report FROM reconciliations WHERE date = ?1 ORDER BY payment_method",
        params![date],
        |row| row.get("report"),
    )
}
