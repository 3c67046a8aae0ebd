//! Trade bills: the payments and refunds of a day, in types that both gateways share.

use std::collections::HashMap;

use time::OffsetDateTime;

use crate::Fen;

/// The kind of a line of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BillKind {
    /// A payment to the merchant.
    Payment,
    /// A refund to the payer.
    Refund,
}

/// One payment or one refund of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillLine {
    /// The merchant's number of the order.
    pub out_trade_no: String,
    /// Alipay `trade_no`, WeChat Pay `transaction_id`.
    pub transaction_id: String,
    /// The merchant's number of the refund; `None` for a payment.
    pub out_refund_no: Option<String>,
    /// The ordered amount, or the amount of this refund. Never negative.
    pub amount: Fen,
    /// Payment or refund.
    pub kind: BillKind,
    /// The time of the payment or of the refund, as the bill states it.
    pub at: OffsetDateTime,
}

/// A day's bill. A row that cannot be read does not affect the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bill {
    /// Its payments and refunds.
    pub lines: Vec<BillLine>,
    /// The first rows that cannot be read, 1,000 at most (our own limit).
    pub unreadable: Vec<UnreadableRow>,
    /// The number of further rows that cannot be read.
    pub further_unreadable: usize,
}

/// A row of a bill that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableRow {
    /// Its number, from 1, below the line of column names.
    pub number: usize,
    /// The reason.
    pub problem: &'static str,
}

impl Bill {
    /// Adds the next row as it was read.
    pub(crate) fn push(&mut self, number: usize, row: Result<Option<BillLine>, &'static str>) {
        match row {
            Ok(line) => self.lines.extend(line),
            Err(problem) => self.push_unreadable(UnreadableRow { number, problem }),
        }
    }

    /// Adds the bill of another merchant number.
    pub fn append(&mut self, other: Self) {
        self.lines.extend(other.lines);
        other.unreadable.into_iter().for_each(|row| self.push_unreadable(row));
        self.further_unreadable += other.further_unreadable;
    }

    fn push_unreadable(&mut self, row: UnreadableRow) {
        if self.unreadable.len() < MAX_UNREADABLE {
            self.unreadable.push(row);
        } else {
            self.further_unreadable += 1;
        }
    }
}

const MAX_UNREADABLE: usize = 1_000;

/// Checks the length of a bill's row, and its number from 1; 0 is the line of column names. The
/// limits are our own: without them a small packed file could take gigabytes of memory.
pub(crate) fn check_row(number: usize, row: &str) -> Result<(), &'static str> {
    if number > MAX_ROWS {
        return Err("a bill of more than 2000000 rows");
    }
    if row.len() > MAX_ROW_BYTES {
        return Err("a bill with a row of more than 16 KiB");
    }
    Ok(())
}

/// Twice the rows that the largest file of a bill has.
const MAX_ROWS: usize = 2_000_000;
/// The texts of shops and payers are limited to some 256 characters.
const MAX_ROW_BYTES: usize = 16 * 1024;
/// Both gateways have fewer than 30.
const MAX_COLUMNS: usize = 128;

/// Reads a file on a thread that may be blocked: the largest bill takes seconds.
pub(crate) async fn read_blocking(
    read: impl FnOnce() -> Result<Bill, &'static str> + Send + 'static,
) -> Result<Bill, &'static str> {
    tokio::task::spawn_blocking(read).await.unwrap_or(Err("a bill whose reading was stopped"))
}

/// The reason for which a file cannot be read as a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BillError(pub(crate) &'static str);

/// A bill's columns by name. Gateways add columns, so none is known by its position.
pub(crate) struct Columns(HashMap<String, usize>);

impl Columns {
    /// Reads the names of the header line, without blanks, byte order mark and "(yuan)".
    ///
    /// # Errors
    /// There are more columns than our own limit allows.
    pub(crate) fn of(header: &[String]) -> Result<Self, &'static str> {
        if header.len() > MAX_COLUMNS {
            return Err("a bill of more than 128 columns");
        }
        let name = |text: &String| {
            text.trim_start_matches('\u{feff}')
                .replace("（元）", "")
                .replace("(元)", "")
                .trim()
                .to_owned()
        };
        Ok(Self(header.iter().enumerate().map(|(at, text)| (name(text), at)).collect()))
    }

    /// Returns the row's value in the first column of `names` that the bill has; trimmed, empty if
    /// it has none.
    pub(crate) fn value<'a>(&self, row: &'a [String], names: &[&str]) -> &'a str {
        let at = names.iter().find_map(|name| self.0.get(*name));
        at.and_then(|at| row.get(*at)).map_or("", |text| text.trim())
    }

    /// Joins the split values of the one column with free text: a description may contain the
    /// separator, and would shift the amounts after it.
    pub(crate) fn rejoin(&self, row: &mut Vec<String>, columns: usize, names: &[&str]) {
        let at = names.iter().find_map(|name| self.0.get(*name)).copied();
        let (Some(at), Some(extra)) = (at, row.len().checked_sub(columns)) else { return };
        if extra == 0 || at >= columns {
            return;
        }
        let joined: Vec<String> = row.drain(at..=at + extra).collect();
        row.insert(at, joined.join(",`"));
    }

    pub(crate) fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.0.contains_key(*name))
    }
}

/// Reads an amount in yuan; a refund's may have a sign.
pub(crate) fn unsigned_yuan(text: &str) -> Result<Fen, &'static str> {
    Fen::from_yuan(text.strip_prefix('-').unwrap_or(text))
        .map_err(|_not_yuan| "an unreadable amount")
}

/// Splits a line of CSV at its commas; a quoted field may contain some.
///
/// Line by line, so that a quote that is never closed damages one row and not the rest of the bill.
pub(crate) fn fields(line: &str) -> Vec<String> {
    let mut record = csv::StringRecord::new();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .terminator(csv::Terminator::Any(b'\n'))
        .buffer_capacity(line.len().max(1))
        .from_reader(line.as_bytes());
    match reader.read_record(&mut record) {
        Ok(true) => record.iter().map(str::to_owned).collect(),
        // Only a file or other bytes than UTF-8 could fail.
        Ok(false) | Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
