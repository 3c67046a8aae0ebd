//! Checks that an order has one payment, over all of its sessions.

use std::collections::BTreeMap;

use crate::books::{Ledger, SessionEntry};

/// Returns the violations of "one payment per order".
pub(super) fn differences(ledger: &Ledger, refused_as_paid: &[String]) -> Vec<String> {
    let mut orders: BTreeMap<&str, Vec<&SessionEntry>> = BTreeMap::new();
    for session in ledger.sessions.values() {
        orders.entry(&session.order_id).or_default().push(session);
    }
    let mut differences = Vec::new();
    for (order_id, sessions) in &orders {
        let payments = sessions.iter().flat_map(|session| &session.payments);
        let kept = payments.filter(|payment| payment.status == "succeeded").count();
        let complete = sessions.iter().filter(|session| session.status == "complete").count();
        if kept > 1 || complete > 1 {
            differences.push(format!(
                "{order_id}: {kept} payments are kept, {complete} sessions complete: {sessions:?}"
            ));
        }
    }
    for order_id in refused_as_paid {
        let sessions = orders.get(order_id.as_str()).map(Vec::as_slice).unwrap_or_default();
        if !sessions.iter().any(|session| session.status == "complete") {
            differences.push(format!("{order_id} was refused as paid, and is not: {sessions:?}"));
        }
    }
    differences
}
