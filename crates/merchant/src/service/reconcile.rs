//! Compares a day's trade bill of each gateway with our books, and repairs what lost notifications
//! and queries had left open.

use std::sync::Arc;

use contract::{
    Amount, BillDifference, BillEntry, Difference, PaymentMethod, Reconciliation,
    ReconciliationReport,
};
use gateways::{Bill, BillKind, BillLine};
use time::Date;

use super::Backend;
use super::bills::bounds;
use crate::db::reconciliations::{self, Books, Number};
use crate::db::{Db, DbError};
use crate::error::Error;
use crate::keys::{is_refund_number, is_trade_number};
use crate::rules::{self, Billed, Compared, Differing};

impl Backend {
    /// Compares a gateway's bill with our books, queries captures that we do not have, and stores
    /// the report.
    pub(crate) async fn reconcile(
        &self,
        method: PaymentMethod,
        date: Date,
    ) -> Result<ReconciliationReport, Error> {
        let bill = self.bill(method, date).await?;
        let unreadable = unreadable(&bill);
        let unread = bill.unreadable.len().saturating_add(bill.further_unreadable);
        let lines = u32::try_from(bill.lines.len().saturating_add(unread)).unwrap_or(u32::MAX);
        let billed: Billing =
            blocking(move || bill.lines.into_iter().map(billed).collect()).await?;
        let before = self.books(method, date, &billed).await?;
        let (before, first) = compare(before, &billed).await?;
        let mut repaired = Vec::new();
        for differing in &first.differences {
            if self.repair(method, differing, &before).await? {
                repaired.push(differing.clone());
            }
        }
        let (books, compared) = if repaired.is_empty() {
            (before, first)
        } else {
            compare(self.books(method, date, &billed).await?, &billed).await?
        };
        // A repaired entry does not differ any more, and is reported all the same.
        repaired.retain(|repaired| {
            !compared.differences.iter().any(|left| left.key() == repaired.key())
        });
        let (differences, further) = listed(&compared.differences, &repaired, &books);
        let report = ReconciliationReport {
            payment_method: method,
            lines,
            matched: compared.matched,
            foreign: compared.foreign,
            differences: differences.into_iter().chain(unreadable).collect(),
            further_differences: further,
            created_at: self.clock.now(),
        };
        self.keep(date, &report).await?;
        Ok(report)
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

    async fn keep(&self, date: Date, report: &ReconciliationReport) -> Result<(), Error> {
        let (method, now) = (report.payment_method, report.created_at);
        let (lines, matched, foreign) = (report.lines, report.matched, report.foreign);
        let repaired = report.differences.iter().filter(|one| one.repaired).count();
        let further = report.further_differences;
        match u64::try_from(report.differences.len()).unwrap_or(u64::MAX) {
            0 => {
                tracing::info!(payment.method = %method, bill.date = %date, lines, matched, foreign, "the bill of a day equals the books");
            }
            // One for each report: a damaged bill can have millions of them.
            differences => tracing::error!(
                alarm = true, alarm.kind = "bill_difference",
                payment.method = %method,
                bill.date = %date,
                differences = differences.saturating_add(further.into()),
                unlisted = further,
                repaired,
                "the bill of a day differs from the books"
            ),
        }
        for one in &report.differences {
            tracing::warn!(
                payment.method = %method,
                bill.date = %date,
                bill.number = one.number,
                bill.difference = %one.difference,
                bill.entry = %one.entry,
                is_repaired = one.repaired,
                "a line of a day's bill differs from the books"
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
            let mut found = Books::default();
            reconciliations::look_up(connection, &mut found, method, &numbers)?;
            Ok(found)
        });
        books.merge(look_up.await?);
    }
    Ok(books)
}

/// The entries of a bill. Shared, since several comparisons need them.
type Billing = Arc<[Billed]>;

/// Compares the books with the bill.
async fn compare(books: Books, billed: &Billing) -> Result<(Books, Compared), Error> {
    let billed = Arc::clone(billed);
    blocking(move || {
        let compared = rules::reconcile(&books.booked, &billed);
        (books, compared)
    })
    .await
}

/// Runs a computation on a thread that may be blocked: the largest bill takes seconds.
async fn blocking<T: Send + 'static>(
    compute: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let computed = tokio::task::spawn_blocking(compute).await;
    computed.map_err(|error| Error::Internal(format!("a comparison ended unexpectedly: {error}")))
}

fn billed(line: BillLine) -> Billed {
    let (entry, number) = match (line.kind, line.out_refund_no) {
        (BillKind::Payment, _) => (BillEntry::Payment, line.out_trade_no.clone()),
        (BillKind::Refund, number) => (BillEntry::Refund, number.unwrap_or_default()),
    };
    let is_ours = is_trade_number(&line.out_trade_no) || is_refund_number(&number);
    Billed { entry, order: line.out_trade_no, number, value: line.amount.value(), is_ours }
}

fn number(line: &Billed) -> Number {
    Number {
        out_trade_no: line.order.clone(),
        out_refund_no: (line.entry == BillEntry::Refund).then(|| line.number.clone()),
    }
}

/// Describes the differences up to a limit, those that are left first; returns the number of the
/// others, too. A wrong merchant number or a damaged file can have millions.
fn listed(left: &[Differing], repaired: &[Differing], books: &Books) -> (Vec<Difference>, u32) {
    let all = left.len().saturating_add(repaired.len());
    let left = left.iter().map(|one| described(one, books, false));
    let repaired = repaired.iter().map(|one| described(one, books, true));
    let further = u32::try_from(all.saturating_sub(MAX_LISTED)).unwrap_or(u32::MAX);
    (left.chain(repaired).take(MAX_LISTED).collect(), further)
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

/// Describes the rows that cannot be read; the last description counts those that are not listed.
fn unreadable(bill: &Bill) -> Vec<Difference> {
    let listed = bill.unreadable.iter().map(|row| format!("row {}: {}", row.number, row.problem));
    let further = bill.further_unreadable;
    let further = (further > 0).then(|| format!("{further} further rows"));
    let described = |number| Difference {
        difference: BillDifference::Unreadable,
        entry: BillEntry::Unknown,
        number,
        id: None,
        here: None,
        there: None,
        repaired: false,
    };
    listed.chain(further).map(described).collect()
}

/// Limit of numbers looked up in one transaction.
const LOOK_UP_CHUNK: usize = 500;
/// Limit of differences in one report, besides unreadable rows, which have the same.
const MAX_LISTED: usize = 1_000;

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use gateways::UnreadableRow;

    use super::*;

    #[test]
    fn rows_that_cannot_be_read_are_listed_up_to_a_limit_and_counted() {
        let row = UnreadableRow { number: 7, problem: "an unreadable amount" };
        let mut bill = Bill { unreadable: vec![row], ..Bill::default() };
        let numbers = |bill: &Bill| -> Vec<String> {
            unreadable(bill).into_iter().map(|one| one.number).collect()
        };
        assert_eq!(numbers(&bill), ["row 7: an unreadable amount"]);
        bill.further_unreadable = 12;
        assert_eq!(numbers(&bill), ["row 7: an unreadable amount", "12 further rows"]);
    }

    #[test]
    fn differences_are_listed_up_to_a_limit_and_counted() {
        let differing = |index: usize| Differing {
            difference: BillDifference::MissingHere,
            entry: BillEntry::Payment,
            order: format!("OC{index:024}"),
            number: format!("OC{index:024}"),
            here: None,
            there: Some(1),
        };
        let left: Vec<_> = (0..MAX_LISTED - 1).map(differing).collect();
        let repaired: Vec<_> = (MAX_LISTED..MAX_LISTED + 8).map(differing).collect();
        let (differences, further) = listed(&left, &repaired, &Books::default());
        assert_eq!((differences.len(), further), (MAX_LISTED, 7));
        assert_eq!(differences.iter().filter(|one| one.repaired).count(), 1, "the last");
        let (differences, further) = listed(&left, &[], &Books::default());
        assert_eq!((differences.len(), further), (MAX_LISTED - 1, 0));
    }

    #[tokio::test]
    async fn l13_a_notification_is_written_while_the_numbers_of_a_bill_are_looked_up() {
        let file = format!("opencashier-look-up-{}.db", std::process::id());
        let path = std::env::temp_dir().join(file);
        let db = Db::open_file(&path).unwrap();
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
