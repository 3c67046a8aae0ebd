//! A day's trade bill of each gateway beside our books, and the repair of what a lost
//! notification and every question had left open.

use contract::{
    Amount, BillDifference, BillEntry, Difference, PaymentMethod, Reconciliation,
    ReconciliationReport, Timestamp,
};
use gateways::{BillKind, BillLine};
use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};

use super::Cashier;
use super::execute::Execution;
use crate::clock::{calendar, timestamp};
use crate::db::payments;
use crate::db::reconciliations::{self, Books};
use crate::error::Error;
use crate::keys::{is_refund_number, is_trade_number};
use crate::rules::{self, Billed, Differing, Procedure, Request, Step};

impl Cashier {
    /// Compares a gateway's bill with our books, asks about captures that we do not have, and
    /// keeps the report.
    pub(crate) async fn reconcile(
        &self,
        method: PaymentMethod,
        date: Date,
    ) -> Result<ReconciliationReport, Error> {
        let lines = self.wallets.bill(method, date).await.map_err(|error| {
            tracing::warn!(
                payment.method = %method,
                bill.date = %date,
                gateway.code = error.code(),
                "the bill of a day could not be had: {error}"
            );
            Error::GatewayUnavailable
        })?;
        let billed: Vec<Billed> = lines.iter().map(billed).collect();
        let before = self.books(method, date, &billed).await?;
        let first = rules::reconcile(&before.booked, &billed);
        let mut repaired = Vec::new();
        for differing in &first.differences {
            if self.repair(differing, &before).await? {
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
        // What was repaired differs no more, and is told all the same.
        repaired.retain(|repaired| {
            !compared.differences.iter().any(|left| left.number == repaired.number)
        });
        let tell = |differing: &Differing, is_repaired| told(differing, &books, is_repaired);
        let differences = compared.differences.iter().map(|left| tell(left, false));
        let differences = differences.chain(repaired.iter().map(|one| tell(one, true))).collect();
        let report = ReconciliationReport {
            payment_method: method,
            lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            matched: compared.matched,
            foreign: compared.foreign,
            differences,
            created_at: self.clock.now(),
        };
        self.keep(date, &report).await?;
        Ok(report)
    }

    /// The reports of a day; none if no bill of it was compared.
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

    /// The bills of the last few days that are ready and were not compared, the oldest first.
    pub(crate) async fn bills_due(&self) -> Result<Vec<(PaymentMethod, Date)>, Error> {
        let ready = last_ready(self.clock.now());
        let days = (0..CATCH_UP_DAYS).rev().map(|days| ready - Duration::days(days));
        let methods = self.wallets.offered();
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
        Ok(due.await?)
    }

    async fn books(
        &self,
        method: PaymentMethod,
        date: Date,
        billed: &[Billed],
    ) -> Result<Books, Error> {
        let numbers: Vec<String> = billed.iter().map(|line| line.number.clone()).collect();
        let (from, until) = bounds(date);
        let books = self.db.read(move |connection| {
            reconciliations::books(connection, method, from, until, &numbers)
        });
        Ok(books.await?)
    }

    /// A capture that we do not have is asked about, and written as a notification would be.
    async fn repair(&self, differing: &Differing, books: &Books) -> Result<bool, Error> {
        let is_uncaptured = differing.difference == BillDifference::OtherKind
            && differing.entry == BillEntry::Payment;
        let Some(id) = books.id(&differing.number).filter(|_| is_uncaptured) else {
            return Ok(false);
        };
        let Some(payment) = self.payment(&id).await? else { return Ok(false) };
        let execution = Execution::of(&payment.session_id, Some(&id));
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Repair, self.situation(&stored));
        if progress.step == Step::Done {
            return Ok(false);
        }
        self.execute(execution, stored, progress).await?;
        let after = self.db.read(move |connection| payments::find(connection, &id)).await?;
        Ok(after.is_some_and(|payment| payment.is_captured()))
    }

    async fn keep(&self, date: Date, report: &ReconciliationReport) -> Result<(), Error> {
        let (method, now) = (report.payment_method, report.created_at);
        let (lines, matched, foreign) = (report.lines, report.matched, report.foreign);
        if report.differences.is_empty() {
            tracing::info!(payment.method = %method, bill.date = %date, lines, matched, foreign, "the bill of a day agrees with the books");
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

fn billed(line: &BillLine) -> Billed {
    let (entry, number) = match line.kind {
        BillKind::Payment => (BillEntry::Payment, line.out_trade_no.clone()),
        BillKind::Refund => (BillEntry::Refund, line.out_refund_no.clone().unwrap_or_default()),
    };
    let is_ours = is_trade_number(&line.out_trade_no) || is_refund_number(&number);
    Billed { entry, number, value: line.amount.value(), is_ours }
}

fn told(differing: &Differing, books: &Books, repaired: bool) -> Difference {
    Difference {
        difference: differing.difference,
        entry: differing.entry,
        number: differing.number.clone(),
        id: books.id(&differing.number),
        here: differing.here.map(Amount::fen),
        there: differing.there.map(Amount::fen),
        repaired,
    }
}

/// The last day whose bill the gateways have: yesterday's from ten in the morning on, in China.
fn last_ready(now: Timestamp) -> Date {
    let in_china = calendar(now).to_offset(CHINA);
    let days = if in_china.hour() < READY_HOUR { 2 } else { 1 };
    in_china.date() - Duration::days(days)
}

/// A day in China, from its first moment until before its last.
fn bounds(date: Date) -> (Timestamp, Timestamp) {
    let start = OffsetDateTime::new_in_offset(date, Time::MIDNIGHT, CHINA);
    (timestamp(start), timestamp(start + Duration::days(1)))
}

/// Fixed: no table of zones is needed (gateways.md D18).
const CHINA: UtcOffset = time::macros::offset!(+8);
const READY_HOUR: u8 = 10;
/// How many days are made up for after an outage.
const CATCH_UP_DAYS: i64 = 3;

#[cfg(test)]
mod tests {
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
}
