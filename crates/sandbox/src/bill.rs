//! A day's bill of either gateway, from the books: the payments and refunds of a date in China.

mod archive;

use time::macros::offset;
use time::{Date, OffsetDateTime};

pub(crate) use archive::{gzip, zip};

use crate::book::{Book, Order, Refund, RefundState, Trade};
use crate::faults::{BillFault, Faults};

/// One payment or one refund.
#[derive(Debug, Clone)]
pub(crate) struct Line<'a, T> {
    pub(crate) order: &'a T,
    /// The refund; `None` for a payment.
    pub(crate) refund: Option<&'a Refund>,
    /// In fen.
    pub(crate) amount: i64,
    pub(crate) at: OffsetDateTime,
}

/// WeChat Pay's lines of a day, by time.
pub(crate) fn wechat_lines<'a>(book: &'a Book, faults: &Faults, day: Date) -> Vec<Line<'a, Order>> {
    let mut lines = Vec::new();
    for order in book.wechat.all() {
        let paid = order.paid().map(|paid| (paid.at, order.total));
        collect(&mut lines, order, paid, order.refunds.iter(), day);
    }
    spoiled(lines, faults)
}

/// Alipay's lines of a day, by time.
pub(crate) fn alipay_lines<'a>(book: &'a Book, faults: &Faults, day: Date) -> Vec<Line<'a, Trade>> {
    let mut lines = Vec::new();
    for trade in book.alipay.all() {
        let paid = trade.paid_at().map(|at| (at, trade.total));
        collect(&mut lines, trade, paid, trade.refunds.iter(), day);
    }
    spoiled(lines, faults)
}

fn collect<'a, T>(
    lines: &mut Vec<Line<'a, T>>,
    order: &'a T,
    paid: Option<(OffsetDateTime, i64)>,
    refunds: impl Iterator<Item = &'a Refund>,
    day: Date,
) {
    if let Some((at, amount)) = paid.filter(|(at, _)| china_date(*at) == day) {
        lines.push(Line { order, refund: None, amount, at });
    }
    for refund in refunds.filter(|refund| refund.state == RefundState::Success) {
        if let Some(at) = refund.done_at.filter(|at| china_date(*at) == day) {
            lines.push(Line { order, refund: Some(refund), amount: refund.amount, at });
        }
    }
}

/// Sorts the lines, and applies the fault switch.
fn spoiled<'a, T>(mut lines: Vec<Line<'a, T>>, faults: &Faults) -> Vec<Line<'a, T>> {
    lines.sort_by_key(|line| line.at);
    match faults.bill_fault {
        None => {}
        Some(BillFault::DropLine) => {
            lines.drain(..lines.len().min(1));
        }
        Some(BillFault::AlterLine) => {
            if let Some(first) = lines.first_mut() {
                first.amount = first.amount.saturating_add(1);
            }
        }
    }
    lines
}

/// The date in China.
pub(crate) fn china_date(at: OffsetDateTime) -> Date {
    at.to_offset(offset!(+8)).date()
}

/// A cell of a table: a character that would end it becomes a blank.
pub(crate) fn cell(text: &str) -> String {
    text.chars().map(|letter| if ",\r\n\t`".contains(letter) { ' ' } else { letter }).collect()
}
