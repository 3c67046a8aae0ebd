//! Compares a day's trade bill of each gateway with our books, and repairs what lost notifications
//! and queries had left open.

use contract::{
    Amount, BillDifference, BillEntry, Difference, PaymentMethod, Reconciliation,
    ReconciliationReport, Timestamp,
};
use gateways::{Bill, BillKind, BillLine, UnreadableRow};
use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};

use super::Backend;
use super::execute::Execution;
use crate::clock::{calendar, timestamp};
use crate::db::reconciliations::{self, Books, Number, OrderedBy};
use crate::db::record::MadeElsewhere;
use crate::db::refunds::{self, RefundRow};
use crate::db::{Db, DbError};
use crate::error::Error;
use crate::identity::Identity;
use crate::keys::{is_refund_number, is_trade_number};
use crate::rules::{self, Billed, Differing, Procedure, Request, Step};

impl Backend {
    /// Compares a gateway's bill with our books, queries captures that we do not have, and stores
    /// the report.
    pub(crate) async fn reconcile(
        &self,
        method: PaymentMethod,
        date: Date,
    ) -> Result<ReconciliationReport, Error> {
        let lines = self.bill(method, date).await?;
        let billed: Vec<Billed> = lines.lines.iter().map(billed).collect();
        let before = self.books(method, date, &billed).await?;
        let first = rules::reconcile(&before.booked, &billed);
        let mut repaired = Vec::new();
        for differing in &first.differences {
            if self.repair(method, differing, &before).await? {
                repaired.push(differing.clone());
            }
        }
        let (books, compared) = if repaired.is_empty() {
            (before, first)
        } else {
            let books = self.books(method, date, &billed).await?;
            let compared = rules::reconcile(&books.booked, &billed);
            (books, compared)
        };
        // A repaired entry does not differ any more, and is reported all the same.
        repaired.retain(|repaired| {
            !compared.differences.iter().any(|left| left.key() == repaired.key())
        });
        let differences = compared.differences.iter().map(|left| described(left, &books, false));
        let differences =
            differences.chain(repaired.iter().map(|one| described(one, &books, true)));
        let unreadable = lines.unreadable.iter().map(unreadable);
        let differences = differences.chain(unreadable).collect();
        let report = ReconciliationReport {
            payment_method: method,
            lines: u32::try_from(lines.lines.len() + lines.unreadable.len()).unwrap_or(u32::MAX),
            matched: compared.matched,
            foreign: compared.foreign,
            differences,
            created_at: self.clock.now(),
        };
        self.keep(date, &report).await?;
        Ok(report)
    }

    /// Fetches the gateway's bills of a day, of each merchant number of ours, as one.
    async fn bill(&self, method: PaymentMethod, date: Date) -> Result<Bill, Error> {
        let (from, until) = bounds(date);
        let ordered_by = self
            .db
            .read(move |connection| reconciliations::identities(connection, method, from, until))
            .await?;
        let mut identities: Vec<&Identity> = self.gateways.identity(method).into_iter().collect();
        for OrderedBy { identity, has_moved } in ordered_by {
            match self.gateways.identity_of(method, identity.as_ref()) {
                Ok(known) if identities.iter().any(|one| one.merchant_id == known.merchant_id) => {}
                Ok(known) => identities.push(known),
                Err(missing) => {
                    self.alarm_missing(&missing);
                    // Without this bill the books would differ by all the money that its merchant
                    // number moved.
                    if has_moved {
                        return Err(Error::MissingIdentity(missing));
                    }
                }
            }
        }
        let mut bill = Bill::default();
        for identity in identities {
            let one = self.gateways.bill(method, identity, date).await.map_err(|error| {
                tracing::warn!(
                    payment.method = %method,
                    merchant_id = identity.merchant_id,
                    bill.date = %date,
                    gateway.code = error.code(),
                    "the bill of a day could not be fetched: {error}"
                );
                Error::GatewayUnavailable
            })?;
            bill.lines.extend(one.lines);
            bill.unreadable.extend(one.unreadable);
        }
        Ok(bill)
    }

    /// Returns the reports of a day; an error if no bill of it was compared.
    pub(crate) async fn reconciliation(&self, date: Date) -> Result<Reconciliation, Error> {
        let text = date.to_string();
        let day = text.clone();
        let reports =
            self.db.read(move |connection| reconciliations::of_day(connection, &day)).await?;
        let reports: Result<Vec<_>, _> =
            reports.iter().map(|report| serde_json::from_str(report)).collect();
        let reports =
            reports.map_err(|error| Error::Internal(format!("a stored report: {error}")))?;
        if reports.is_empty() {
            return Err(Error::ReconciliationNotFound);
        }
        Ok(Reconciliation { date: text, reports })
    }

    /// Returns the bills of the last few days that are ready and were not compared, the oldest
    /// first.
    pub(crate) async fn bills_due(&self) -> Result<Vec<(PaymentMethod, Date)>, Error> {
        let ready = last_ready(self.clock.now());
        let days = (0..CATCH_UP_DAYS).rev().map(|days| ready - Duration::days(days));
        let late = last_ready(self.clock.now().plus_ms(-LATE_BILL_MS));
        let methods = self.gateways.known();
        let wanted: Vec<(PaymentMethod, Date)> =
            days.flat_map(|day| methods.iter().map(move |method| (*method, day))).collect();
        let due = self.db.read(move |connection| {
            let mut due = Vec::new();
            for (method, day) in wanted {
                // A shop that did not exist yet has nothing to compare.
                if reconciliations::has_before(connection, method, bounds(day).1)?
                    && !reconciliations::is_stored(connection, &day.to_string(), method)?
                {
                    due.push((method, day));
                }
            }
            Ok(due)
        });
        let due = due.await?;
        for (method, day) in due.iter().filter(|(_, day)| *day <= late) {
            tracing::error!(
                alarm = true,
                payment.method = %method,
                bill.date = %day,
                "the bill of a day could not be fetched for a day and is still not compared"
            );
        }
        Ok(due)
    }

    async fn books(
        &self,
        method: PaymentMethod,
        date: Date,
        billed: &[Billed],
    ) -> Result<Books, Error> {
        let (from, until) = bounds(date);
        let books =
            self.db.read(move |connection| reconciliations::books(connection, method, from, until));
        // Numbers of another format are not looked up: a bigger shop may share our merchant number.
        let ours: Vec<Number> = billed.iter().filter(|line| line.is_ours).map(number).collect();
        Ok(look_up(&self.db, books.await?, method, &ours).await?)
    }

    /// Repairs a difference by querying the gateway: a capture that we do not have, a refund of
    /// ours without a final status, a refund made elsewhere. Returns true if it was written.
    async fn repair(
        &self,
        method: PaymentMethod,
        differing: &Differing,
        books: &Books,
    ) -> Result<bool, Error> {
        let id = books.id(&differing.key());
        match (differing.difference, differing.entry, id) {
            (BillDifference::OtherKind, BillEntry::Payment, Some(id)) => {
                self.repair_capture(&id).await
            }
            (BillDifference::OtherKind, BillEntry::Refund, Some(id)) => {
                self.repair_refund(&id).await
            }
            (BillDifference::MissingHere, BillEntry::Refund, None) => {
                self.repair_elsewhere(method, differing).await
            }
            _ => Ok(false),
        }
    }

    async fn repair_capture(&self, payment_id: &str) -> Result<bool, Error> {
        let Some(payment) = self.payment(payment_id).await? else { return Ok(false) };
        let execution = Execution::of(&payment.session_id, Some(payment_id));
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Repair, self.situation(&stored));
        if progress.step == Step::Done {
            return Ok(false);
        }
        self.execute(execution, stored, progress).await?;
        let after = self.payment(payment_id).await?;
        Ok(after.is_some_and(|payment| payment.is_captured()))
    }

    async fn repair_refund(&self, refund_id: &str) -> Result<bool, Error> {
        let find = async || {
            let id = refund_id.to_owned();
            self.db.read(move |connection| refunds::find(connection, &id)).await
        };
        let Some(refund) = find().await?.filter(RefundRow::is_pending) else { return Ok(false) };
        let execution =
            Execution::of(&refund.session_id, Some(&refund.payment_id)).with_refund(refund.clone());
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Refund { tries: 1 }, self.situation(&stored));
        self.execute(execution, stored, progress).await?;
        Ok(find().await?.is_some_and(|refund| !refund.is_pending()))
    }

    /// Handles a refund on the bill that is not ours, of an order that is.
    async fn repair_elsewhere(
        &self,
        method: PaymentMethod,
        differing: &Differing,
    ) -> Result<bool, Error> {
        let (order, number) = (&differing.order, &differing.number);
        let payment = self.payment_of_order(method, order).await?;
        let (Some(payment), Some(value)) = (payment, differing.there) else { return Ok(false) };
        if number.is_empty() {
            // Without a number it could be recorded twice.
            return Ok(false);
        }
        let recorded = if payment.is_captured() {
            let made = MadeElsewhere {
                out_refund_no: number.clone(),
                amount_value: value,
                gateway_refund_id: None,
            };
            self.record_elsewhere(&payment, made).await
        } else {
            // A bill is not signed: only the gateway's answer proves that it was paid.
            self.refunded_elsewhere(method, order, number).await
        };
        match recorded {
            // The capture could not be queried: the difference stays, with its alarm.
            Err(
                Error::GatewayUnavailable | Error::MissingIdentity(_) | Error::NotificationRefused,
            ) => Ok(false),
            recorded => recorded,
        }
    }

    async fn keep(&self, date: Date, report: &ReconciliationReport) -> Result<(), Error> {
        let (method, now) = (report.payment_method, report.created_at);
        let (lines, matched, foreign) = (report.lines, report.matched, report.foreign);
        if report.differences.is_empty() {
            tracing::info!(payment.method = %method, bill.date = %date, lines, matched, foreign, "the bill of a day equals the books");
        }
        for one in &report.differences {
            tracing::error!(
                alarm = true,
                payment.method = %method,
                bill.date = %date,
                bill.number = one.number,
                bill.difference = %one.difference,
                bill.entry = %one.entry,
                is_repaired = one.repaired,
                "the bill of a day differs from the books"
            );
        }
        let text = serde_json::to_string(report)
            .map_err(|error| Error::Internal(format!("a report: {error}")))?;
        let day = date.to_string();
        let store = self.db.write(move |tx| reconciliations::store(tx, &day, method, &text, now));
        Ok(store.await?)
    }
}

/// Adds what the books have of these numbers, a chunk at a time, so that notifications are written
/// in between.
async fn look_up(
    db: &Db,
    mut books: Books,
    method: PaymentMethod,
    numbers: &[Number],
) -> Result<Books, DbError> {
    for numbers in numbers.chunks(LOOK_UP_CHUNK) {
        let numbers = numbers.to_vec();
        let look_up = db.read(move |connection| {
            reconciliations::look_up(connection, &mut books, method, &numbers)?;
            Ok(books)
        });
        books = look_up.await?;
    }
    Ok(books)
}

fn billed(line: &BillLine) -> Billed {
    let (entry, number) = match (line.kind, &line.out_refund_no) {
        (BillKind::Payment, _) => (BillEntry::Payment, line.out_trade_no.clone()),
        (BillKind::Refund, number) => (BillEntry::Refund, number.clone().unwrap_or_default()),
    };
    let is_ours = is_trade_number(&line.out_trade_no) || is_refund_number(&number);
    let order = line.out_trade_no.clone();
    Billed { entry, order, number, value: line.amount.value(), is_ours }
}

fn number(line: &Billed) -> Number {
    Number {
        out_trade_no: line.order.clone(),
        out_refund_no: (line.entry == BillEntry::Refund).then(|| line.number.clone()),
    }
}

fn described(differing: &Differing, books: &Books, repaired: bool) -> Difference {
    Difference {
        difference: differing.difference,
        entry: differing.entry,
        number: differing.number.clone(),
        id: books.id(&differing.key()),
        here: differing.here.map(Amount::fen),
        there: differing.there.map(Amount::fen),
        repaired,
    }
}

fn unreadable(row: &UnreadableRow) -> Difference {
    Difference {
        difference: BillDifference::Unreadable,
        entry: BillEntry::Unknown,
        number: format!("row {}: {}", row.number, row.problem),
        id: None,
        here: None,
        there: None,
        repaired: false,
    }
}

/// Returns the last day whose bill is ready: yesterday's from ten in the morning on, in China.
fn last_ready(now: Timestamp) -> Date {
    let in_china = calendar(now).to_offset(CHINA);
    let days = if in_china.hour() < READY_HOUR { 2 } else { 1 };
    in_china.date() - Duration::days(days)
}

/// Returns the first moment of a day in China and of the next.
fn bounds(date: Date) -> (Timestamp, Timestamp) {
    let start = OffsetDateTime::new_in_offset(date, Time::MIDNIGHT, CHINA);
    (timestamp(start), timestamp(start + Duration::days(1)))
}

/// A fixed offset: no time zone database is needed (gateways.md D18).
const CHINA: UtcOffset = time::macros::offset!(+8);
const READY_HOUR: u8 = 10;
/// Limit of past days that are compared after an outage. Both gateways keep bills for three months.
const CATCH_UP_DAYS: i64 = 60;
/// Time after which a bill that is ready but missing raises an alarm.
const LATE_BILL_MS: i64 = 86_400_000;
/// Limit of numbers looked up in one transaction.
const LOOK_UP_CHUNK: usize = 500;

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use time::macros::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_bill_is_ready_at_ten_in_china() {
        assert_eq!(last_ready(at("2026-11-28T01:59:59Z")), date!(2026 - 11 - 26));
        assert_eq!(last_ready(at("2026-11-28T02:00:00Z")), date!(2026 - 11 - 27));
        // In London it is still the 27th.
        assert_eq!(last_ready(at("2026-11-27T16:00:00Z")), date!(2026 - 11 - 26));
        assert_eq!(last_ready(at("2027-01-01T03:00:00Z")), date!(2026 - 12 - 31));
    }

    #[test]
    fn d18_a_day_is_one_in_china() {
        let (from, until) = bounds(date!(2026 - 11 - 27));
        assert_eq!(from, at("2026-11-27T00:00:00+08:00"));
        assert_eq!(until, at("2026-11-28T00:00:00+08:00"));
    }

    #[tokio::test]
    async fn l13_a_notification_is_written_while_the_numbers_of_a_bill_are_looked_up() {
        let file = format!("opencashier-look-up-{}.db", std::process::id());
        let path = std::env::temp_dir().join(file);
        let db = Db::open(&path).unwrap();
        let number =
            |index: usize| Number { out_trade_no: format!("OC{index:024}"), out_refund_no: None };
        let numbers: Vec<Number> = (0..LOOK_UP_CHUNK * 20).map(number).collect();
        let done = Mutex::new(Vec::new());
        let bill = async {
            let books = look_up(&db, Books::default(), PaymentMethod::WechatPay, &numbers).await;
            assert!(books.unwrap().booked.is_empty());
            done.lock().unwrap().push("bill");
        };
        let notification = async {
            db.write(|_| Ok(())).await.unwrap();
            done.lock().unwrap().push("notification");
        };
        tokio::join!(bill, notification);
        assert_eq!(*done.lock().unwrap(), ["notification", "bill"]);
        drop(db);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", path.display()));
        }
    }
}
