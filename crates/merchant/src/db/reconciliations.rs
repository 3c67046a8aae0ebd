//! Our books of a day, and the reports of comparing them with the gateways' bills.

use std::collections::HashMap;

use contract::{BillEntry, PaymentMethod, RefundStatus, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{DbError, execute, payments, refunds};
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
    let mut statement = connection.prepare_cached(
        "SELECT app_id, merchant_id, 1 AS has_moved FROM payments
         WHERE payment_method = ?1 AND paid_at >= ?2 AND paid_at < ?3
         UNION
         SELECT app_id, merchant_id, 1 FROM refunds JOIN payments ON payments.id = refunds.payment_id
         WHERE payment_method = ?1 AND ended_at >= ?2 AND ended_at < ?3
         UNION
         SELECT app_id, merchant_id, 0 FROM payments
         WHERE payment_method = ?1 AND next_check_at IS NOT NULL",
    )?;
    let day = params![method.as_str(), from.unix_ms(), until.unix_ms()];
    let found = statement.query_map(day, |row| {
        let has_moved = row.get("has_moved")?;
        Ok(OrderedBy { identity: payments::identity(row)?, has_moved })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns the books of the money that moved at a gateway from `from` until before `until`.
pub(crate) fn books(
    connection: &Connection,
    method: PaymentMethod,
    from: Timestamp,
    until: Timestamp,
) -> Result<Books, DbError> {
    let mut books = Books::default();
    let mut statement = connection.prepare_cached(
        "SELECT out_trade_no, NULL FROM payments
         WHERE payment_method = ?1 AND paid_at >= ?2 AND paid_at < ?3
         UNION ALL
         SELECT out_trade_no, out_refund_no FROM refunds
             JOIN payments ON payments.id = refunds.payment_id
         WHERE payment_method = ?1 AND refunds.status = 'succeeded'
             AND refunds.reason <> 'made_elsewhere'
             AND refunds.created_at >= ?2 AND ended_at >= ?2 AND ended_at < ?3",
    )?;
    let day = params![method.as_str(), from.unix_ms(), until.unix_ms()];
    let due = statement.query_map(day, |row| {
        Ok(Number { out_trade_no: row.get(0)?, out_refund_no: row.get(1)? })
    })?;
    for number in due.collect::<Result<Vec<_>, _>>()? {
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
    let found = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM payments WHERE payment_method = ?1 AND created_at < ?2)",
        params![method.as_str(), moment.unix_ms()],
        |row| row.get(0),
    )?;
    Ok(found)
}

/// Stores a report, replacing an earlier one of the same day.
pub(crate) fn store(
    connection: &Connection,
    date: &str,
    method: PaymentMethod,
    report: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    execute(
        connection,
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
    let found = connection
        .prepare_cached(sql)?
        .query_row([date, method.as_str()], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Returns the reports of a day.
pub(crate) fn of_day(connection: &Connection, date: &str) -> Result<Vec<String>, DbError> {
    let mut statement = connection.prepare_cached(
        "SELECT report FROM reconciliations WHERE date = ?1 ORDER BY payment_method",
    )?;
    let reports = statement.query_map([date], |row| row.get(0))?;
    Ok(reports.collect::<Result<_, _>>()?)
}
