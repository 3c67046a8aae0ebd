//! Compares the books of shoppers, backend, gateways and the merchant's systems, to the fen.

mod case;
mod events;
mod money;
mod orders;
mod screens;

use std::collections::{BTreeMap, BTreeSet};

use case::{Case, Found};

use crate::books::{Ledger, Order, PaymentEntry};
use crate::pushes::ORDER_PREFIX;
use crate::receiver::Received;
use crate::shopper::Seen;

/// The books that are compared with the records of shoppers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Books<'a> {
    pub(crate) ledger: &'a Ledger,
    /// The gateways' orders by their numbers.
    pub(crate) orders: &'a BTreeMap<String, Order>,
    /// The events that the merchant's systems received.
    pub(crate) received: &'a Received,
}

/// The result of the comparison.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// One text for each session whose books differ: the differences, then all views of the
    /// session.
    pub(crate) differences: Vec<String>,
    pub(crate) paid: u64,
    pub(crate) paid_fen: i64,
    pub(crate) expired: u64,
    pub(crate) canceled: u64,
    pub(crate) refunds: u64,
    pub(crate) refunded_fen: i64,
    /// Refunds that a gateway accepted and could not pay out: known, and the merchant must act.
    pub(crate) stranded: u64,
    pub(crate) failed: u64,
    pub(crate) payments: u64,
    /// Events that the merchant's systems received.
    pub(crate) events: u64,
    /// Refunds that staff made in a wallet's console, as the backend has recorded them.
    pub(crate) made_elsewhere: u64,
    /// Checkouts by the products that their payments were made with.
    pub(crate) flows: BTreeMap<String, Flow>,
}

/// Counts of the checkouts by one product.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flow {
    /// Those that started a payment with it.
    pub(crate) started: u64,
    /// Those of which the gateway has an order.
    pub(crate) ordered: u64,
    /// Those whose money was captured, kept or refunded.
    pub(crate) captured: u64,
}

/// Compares the records of every shopper with those of backend, gateways and the merchant's
/// systems. `refused_as_paid` are the orders of which a session was refused because they were paid.
pub(crate) fn compare(
    shoppers: &[Seen],
    refused_as_paid: &[String],
    books: Books<'_>,
) -> Comparison {
    let Books { ledger, orders, received } = books;
    let mut all = Comparison::default();
    let mut known = BTreeSet::new();
    let mut by_session: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for seen in shoppers {
        by_session.entry(&seen.session_id).or_default().push(seen);
    }
    for session_id in by_session.keys().filter(|id| !ledger.sessions.contains_key(**id)) {
        all.differences.push(format!("the backend lost {session_id}"));
    }
    for session in ledger.sessions.values() {
        let is_of_pushes = session.order_id.starts_with(ORDER_PREFIX);
        let seen = match by_session.remove(session.id.as_str()) {
            Some(seen) => seen,
            None if is_of_pushes => Vec::new(),
            None => {
                all.differences.push(format!("nobody came to {session:?}"));
                continue;
            }
        };
        let payments = session.payments.iter();
        let payments: Vec<(&PaymentEntry, Option<&Order>)> =
            payments.map(|payment| (payment, orders.get(&payment.out_trade_no))).collect();
        known.extend(session.payments.iter().map(|payment| payment.out_trade_no.as_str()));
        let case = Case { session, payments, seen };
        let mut found = Found::default();
        money::check(&case, &mut found);
        for seen in &case.seen {
            screens::check(seen, session, &mut found);
        }
        if !is_of_pushes {
            screens::wallets(&case, &mut found);
        }
        count(&mut all, &case);
        all.stranded += found.stranded;
        all.made_elsewhere += found.made_elsewhere;
        if !found.lines.is_empty() {
            all.differences.push(views(&case, &found.lines));
        }
    }
    for order in orders.values().filter(|order| !known.contains(order.out_trade_no.as_str())) {
        all.differences.push(format!("a gateway has an order that the backend lost: {order:?}"));
    }
    all.differences.extend(orders::differences(ledger, refused_as_paid));
    all.differences.extend(events::differences(ledger, received));
    all.events = u64::try_from(received.bodies.len()).unwrap_or(u64::MAX);
    all
}

fn count(all: &mut Comparison, case: &Case<'_>) {
    let session = case.session;
    match session.status.as_str() {
        "complete" => {
            all.paid += 1;
            all.paid_fen += session.amount_fen;
        }
        "expired" => all.expired += 1,
        _ => all.canceled += 1,
    }
    let mut flows: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for (payment, order) in &case.payments {
        let (is_ordered, is_captured) = flows.entry(payment.product.as_str()).or_default();
        *is_ordered |= order.is_some();
        *is_captured |= order.is_some_and(Order::is_captured);
        all.payments += 1;
        all.failed += u64::from(payment.status == "failed");
        if let Some(order) = order {
            all.refunds += u64::try_from(order.refunds.len()).unwrap_or(0);
            all.refunded_fen += order.refunded_fen();
        }
    }
    for (product, (is_ordered, is_captured)) in flows {
        let flow = all.flows.entry(product.to_owned()).or_default();
        flow.started += 1;
        flow.ordered += u64::from(is_ordered);
        flow.captured += u64::from(is_captured);
    }
}

fn views(case: &Case<'_>, lines: &[String]) -> String {
    let session = case.session;
    let mut text = format!("{} of {}:\n", session.id, session.order_id);
    for line in lines {
        text.push_str(&format!("  - {line}\n"));
    }
    text.push_str(&format!("  backend: {} {} fen\n", session.status, session.amount_fen));
    for (payment, order) in &case.payments {
        text.push_str(&format!("    {payment:?}\n  gateway: {order:?}\n"));
    }
    for seen in &case.seen {
        text.push_str(&format!(
            "  shopper {}: saw paid: {}; wallets confirmed {:?}; tabs {:?}\n",
            seen.index, seen.saw_paid, seen.paid, seen.screens
        ));
        for line in &seen.trace {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}
