//! Compares a gateway's bill of a day with our books of that day.

use std::collections::{HashMap, HashSet};

use contract::{BillDifference, BillEntry};

/// An entry of our books: of the day, or named by the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// The kind of entry.
    pub entry: BillEntry,
    /// Our number of the order.
    pub order: String,
    /// Its number at the gateway: the payment's, or the refund's.
    pub number: String,
    /// The amount in fen.
    pub value: i64,
    /// True if the money has moved: captured, or refunded.
    pub is_done: bool,
    /// True if it moved within the day, so that it must be on the bill.
    pub is_due: bool,
}

/// An entry of the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billed {
    /// The kind of entry.
    pub entry: BillEntry,
    /// The order number.
    pub order: String,
    /// Its number at the gateway: the payment's, or the refund's.
    pub number: String,
    /// The amount in fen.
    pub value: i64,
    /// True if the order number has our format; others belong to other systems of the merchant.
    pub is_ours: bool,
}

/// One difference between the bill and the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// The kind of difference.
    pub difference: BillDifference,
    /// The kind of entry.
    pub entry: BillEntry,
    /// The order number.
    pub order: String,
    /// The entry's number at the gateway.
    pub number: String,
    /// The amount in our books, in fen.
    pub here: Option<i64>,
    /// The amount on the bill, in fen.
    pub there: Option<i64>,
}

/// The result of comparing a bill with the books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// The number of entries that are equal in our books.
    pub matched: u32,
    /// The number of entries that belong to other systems of the merchant.
    pub foreign: u32,
    /// The differences, in the order of the bill, then of the books.
    pub differences: Vec<Differing>,
}

/// Identifies an entry on the bill and in the books.
///
/// By the order and the number: Alipay's refund numbers are unique within one trade only. A refund
/// whose number is that of the order, as Alipay's console gives it (gateways.md B5.4), is apart from
/// the payment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryKey {
    order: String,
    number: String,
    is_refund_by_order: bool,
}

impl EntryKey {
    /// Returns the key of an entry with this number, of the order.
    #[must_use]
    pub fn new(entry: BillEntry, order: &str, number: &str) -> Self {
        Self {
            order: order.to_owned(),
            number: number.to_owned(),
            is_refund_by_order: entry == BillEntry::Refund && number == order,
        }
    }
}

impl Booked {
    /// Returns the key by which the bill has it.
    #[must_use]
    pub fn key(&self) -> EntryKey {
        EntryKey::new(self.entry, &self.order, &self.number)
    }
}

impl Billed {
    fn key(&self) -> EntryKey {
        EntryKey::new(self.entry, &self.order, &self.number)
    }
}

impl Differing {
    /// Returns the key of the entry.
    #[must_use]
    pub fn key(&self) -> EntryKey {
        EntryKey::new(self.entry, &self.order, &self.number)
    }
}

/// Compares a day's bill with our books.
#[must_use]
pub fn reconcile(booked: &[Booked], billed: &[Billed]) -> Compared {
    let by_key: HashMap<EntryKey, &Booked> =
        booked.iter().map(|booked| (booked.key(), booked)).collect();
    let mut seen: HashSet<EntryKey> = HashSet::new();
    let mut compared = Compared::default();
    for line in billed {
        let found = by_key.get(&line.key()).copied();
        if found.is_none() && !line.is_ours {
            compared.foreign = compared.foreign.saturating_add(1);
            continue;
        }
        // An entry that is on the bill twice is in our books only once.
        let is_first = seen.insert(line.key());
        match difference(found.filter(|_| is_first), line) {
            None => compared.matched = compared.matched.saturating_add(1),
            Some(difference) => compared.differences.push(Differing {
                difference,
                entry: line.entry,
                order: line.order.clone(),
                number: line.number.clone(),
                here: found.map(|found| found.value),
                there: Some(line.value),
            }),
        }
    }
    let missing = booked
        .iter()
        .filter(|booked| booked.is_due && booked.is_done)
        .filter(|booked| !seen.contains(&booked.key()));
    compared.differences.extend(missing.map(|booked| Differing {
        difference: BillDifference::MissingThere,
        entry: booked.entry,
        order: booked.order.clone(),
        number: booked.number.clone(),
        here: Some(booked.value),
        there: None,
    }));
    compared
}

fn difference(found: Option<&Booked>, line: &Billed) -> Option<BillDifference> {
    let Some(booked) = found else { return Some(BillDifference::MissingHere) };
    if booked.entry != line.entry || !booked.is_done {
        return Some(BillDifference::OtherKind);
    }
    (booked.value != line.value).then_some(BillDifference::OtherAmount)
}

#[cfg(test)]
mod tests {
    use contract::BillDifference::*;
    use contract::BillEntry::{Payment, Refund};

    use super::*;

    fn here(entry: BillEntry, number: &str, value: i64) -> Booked {
        Booked {
            entry,
            order: "OC".to_owned(),
            number: number.to_owned(),
            value,
            is_done: true,
            is_due: true,
        }
    }

    fn there(entry: BillEntry, number: &str, value: i64) -> Billed {
        Billed {
            entry,
            order: "OC".to_owned(),
            number: number.to_owned(),
            value,
            is_ours: number.starts_with('O'),
        }
    }

    fn differences(booked: &[Booked], billed: &[Billed]) -> Vec<(BillDifference, String)> {
        let compared = reconcile(booked, billed);
        compared.differences.into_iter().map(|one| (one.difference, one.number)).collect()
    }

    #[test]
    fn equal_books_and_bill_have_no_differences() {
        let booked = [here(Payment, "OC1", 100), here(Refund, "OR1", 40)];
        let billed = [there(Payment, "OC1", 100), there(Refund, "OR1", 40), there(Payment, "X", 1)];
        let compared = reconcile(&booked, &billed);
        assert_eq!(compared, Compared { matched: 2, foreign: 1, differences: vec![] });
        assert_eq!(reconcile(&[], &[]), Compared::default());
    }

    #[test]
    fn each_difference_has_its_kind() {
        let booked =
            [here(Payment, "OC1", 100), here(Payment, "OC2", 100), here(Refund, "OR1", 40)];
        let billed =
            [there(Payment, "OC1", 99), there(Payment, "OC3", 100), there(Payment, "OR1", 40)];
        let expected = [
            (OtherAmount, "OC1".to_owned()),
            (MissingHere, "OC3".to_owned()),
            (OtherKind, "OR1".to_owned()),
            (MissingThere, "OC2".to_owned()),
        ];
        assert_eq!(differences(&booked, &billed), expected);
        let amounts = &reconcile(&booked, &billed).differences[0];
        assert_eq!((amounts.here, amounts.there), (Some(100), Some(99)));
    }

    #[test]
    fn an_entry_not_captured_here_is_of_other_kind() {
        let open = Booked { is_done: false, is_due: false, ..here(Payment, "OC1", 100) };
        let line = there(Payment, "OC1", 100);
        assert_eq!(
            differences(std::slice::from_ref(&open), &[line]),
            [(OtherKind, "OC1".to_owned())]
        );
        // An entry that is not captured or refunded need not be on any bill.
        assert_eq!(differences(&[open], &[]), []);
    }

    #[test]
    fn an_entry_of_another_day_may_be_on_the_bill_or_not() {
        let late = Booked { is_due: false, ..here(Refund, "OR1", 40) };
        assert_eq!(differences(std::slice::from_ref(&late), &[]), []);
        assert_eq!(differences(&[late], &[there(Refund, "OR1", 40)]), []);
    }

    #[test]
    fn a_refund_with_the_number_of_its_order_is_another_entry_than_the_payment() {
        let billed = [there(Payment, "OC", 100), there(Refund, "OC", 100)];
        let mut compared = reconcile(&[here(Payment, "OC", 100)], &billed);
        let refund = compared.differences.remove(0);
        assert_eq!((compared.matched, compared.differences.len()), (1, 0));
        assert_eq!((refund.difference, refund.entry), (MissingHere, Refund));
        let booked = [here(Payment, "OC", 100), here(Refund, "OC", 100)];
        assert_eq!(reconcile(&booked, &billed).matched, 2);
    }

    #[test]
    fn an_entry_billed_twice_is_missing_once() {
        let billed = [there(Payment, "OC1", 100), there(Payment, "OC1", 100)];
        let found = differences(&[here(Payment, "OC1", 100)], &billed);
        assert_eq!(found, [(MissingHere, "OC1".to_owned())]);
    }
}
