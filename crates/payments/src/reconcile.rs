//! A gateway's bill of a day beside our books of that day.

use std::collections::{HashMap, HashSet};

use contract::{BillDifference, BillEntry};

/// What our books have of a number: everything of the day, and whatever else the bill names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// What it is.
    pub entry: BillEntry,
    /// Our number of the order.
    pub order: String,
    /// Its number at the gateway: the order's, or that of the refund.
    pub number: String,
    /// How much, in fen.
    pub value: i64,
    /// The money has moved: captured, or gone back.
    pub is_done: bool,
    /// It moved within the day, so that it must be on the bill.
    pub is_due: bool,
}

/// An entry of the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billed {
    /// What it is.
    pub entry: BillEntry,
    /// The number of the order.
    pub order: String,
    /// Its number: the order's, or that of the refund.
    pub number: String,
    /// How much, in fen.
    pub value: i64,
    /// The order's number is of a shape that we give; others are of other systems of the merchant's.
    pub is_ours: bool,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// How.
    pub difference: BillDifference,
    /// What it is about.
    pub entry: BillEntry,
    /// The number of the order.
    pub order: String,
    /// Its number.
    pub number: String,
    /// What our books say, in fen.
    pub here: Option<i64>,
    /// What the bill says, in fen.
    pub there: Option<i64>,
}

/// What a bill came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Entries that our books have just so.
    pub matched: u32,
    /// Entries that are no business of ours.
    pub foreign: u32,
    /// What differs, in the order of the bill, then of the books.
    pub differences: Vec<Differing>,
}

/// Compares a day's bill with our books.
#[must_use]
pub fn reconcile(booked: &[Booked], billed: &[Billed]) -> Compared {
    // Alipay knows the number of a refund for each trade apart.
    let by_number: HashMap<(&str, &str), &Booked> = booked
        .iter()
        .map(|booked| ((booked.order.as_str(), booked.number.as_str()), booked))
        .collect();
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    let mut compared = Compared::default();
    for line in billed {
        let found = by_number.get(&(line.order.as_str(), line.number.as_str())).copied();
        if found.is_none() && !line.is_ours {
            compared.foreign = compared.foreign.saturating_add(1);
            continue;
        }
        // What stands there twice, we have only once.
        let is_first = seen.insert((&line.order, &line.number));
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
        .filter(|booked| !seen.contains(&(booked.order.as_str(), booked.number.as_str())));
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
    fn a_day_that_agrees_is_silent() {
        let booked = [here(Payment, "OC1", 100), here(Refund, "OR1", 40)];
        let billed = [there(Payment, "OC1", 100), there(Refund, "OR1", 40), there(Payment, "X", 1)];
        let compared = reconcile(&booked, &billed);
        assert_eq!(compared, Compared { matched: 2, foreign: 1, differences: vec![] });
        assert_eq!(reconcile(&[], &[]), Compared::default());
    }

    #[test]
    fn each_difference_has_its_name() {
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
    fn what_is_not_captured_here_is_of_another_kind() {
        let open = Booked { is_done: false, is_due: false, ..here(Payment, "OC1", 100) };
        let line = there(Payment, "OC1", 100);
        assert_eq!(
            differences(std::slice::from_ref(&open), &[line]),
            [(OtherKind, "OC1".to_owned())]
        );
        // And what is open here need not be on any bill.
        assert_eq!(differences(&[open], &[]), []);
    }

    #[test]
    fn what_moved_on_another_day_may_be_on_the_bill_and_need_not_be() {
        let late = Booked { is_due: false, ..here(Refund, "OR1", 40) };
        assert_eq!(differences(std::slice::from_ref(&late), &[]), []);
        assert_eq!(differences(&[late], &[there(Refund, "OR1", 40)]), []);
    }

    #[test]
    fn what_is_billed_twice_is_missing_once() {
        let billed = [there(Payment, "OC1", 100), there(Payment, "OC1", 100)];
        let found = differences(&[here(Payment, "OC1", 100)], &billed);
        assert_eq!(found, [(MissingHere, "OC1".to_owned())]);
    }
}
