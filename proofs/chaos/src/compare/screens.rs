//! Compares the shoppers' screens with the backend's books.

use contract::RefundStatus;

use super::case::{Case, Found};
use crate::books::{Order, PaymentEntry, RefundEntry, SessionEntry};
use crate::phone::PaidOrder;
use crate::shopper::Seen;

/// Compares the screens of one shopper with the session's final status.
pub(super) fn check(seen: &Seen, session: &SessionEntry, found: &mut Found) {
    found.check(session.amount_fen == seen.amount_fen, || {
        format!("the shopper agreed to {} fen, not {}", seen.amount_fen, session.amount_fen)
    });
    found.check(!seen.saw_paid || session.status == "complete", || {
        "\"paid\" was on the screen, and it is not paid".into()
    });
    for dead_end in &seen.dead_ends {
        found.check(false, || dead_end.clone());
    }
    found.check(seen.integration_errors == 0, || {
        "a screen blamed the page's author, who did nothing".into()
    });
    let truth = match session.status.as_str() {
        "complete" => "succeeded",
        other => other,
    };
    let refund = refund_words(session);
    for screen in &seen.screens {
        found.check(screen.is_final, || format!("a tab is stuck on {}", screen.state));
        found.check(screen.state == truth, || {
            format!("a tab shows {}, the truth is {truth}", screen.state)
        });
        found.check(
            !screen.is_final || screen.state == "succeeded" || screen.refund == refund,
            || format!("a tab says {:?} of a refund, the truth is {refund:?}", screen.refund),
        );
    }
}

/// Compares what the wallets confirmed with what the gateways captured, to the fen.
pub(super) fn wallets(case: &Case<'_>, found: &mut Found) {
    let number = |order: &PaidOrder| match order {
        PaidOrder::Number(number) => number.clone(),
        PaidOrder::Payment(id) => case
            .payments
            .iter()
            .find(|(payment, _)| payment.id == *id)
            .map_or_else(|| id.clone(), |(payment, _)| payment.out_trade_no.clone()),
    };
    let paid = case.seen.iter().flat_map(|seen| &seen.paid);
    let mut confirmed: Vec<(String, i64)> =
        paid.map(|paid| (number(&paid.order), paid.amount_fen)).collect();
    let mut captured: Vec<(String, i64)> = case
        .payments
        .iter()
        .filter_map(|(_, order)| order.filter(|order| Order::is_captured(order)))
        .map(|order| (order.out_trade_no.clone(), order.amount_fen))
        .collect();
    confirmed.sort_unstable();
    captured.sort_unstable();
    found.check(confirmed == captured, || {
        format!("the wallets confirmed {confirmed:?}, the gateways captured {captured:?}")
    });
}

/// Returns the refund status that a screen must show.
fn refund_words(session: &SessionEntry) -> Option<RefundStatus> {
    let statuses: Vec<&str> = session.payments.iter().filter_map(refund_status).collect();
    // The least favorable of several statuses is shown.
    ["failed", "pending", "succeeded"]
        .into_iter()
        .find(|status| statuses.contains(status))
        .map(RefundStatus::parse)
}

/// Returns the status of a payment's automatic refund.
fn refund_status(payment: &PaymentEntry) -> Option<&str> {
    let is_by_itself = |refund: &&RefundEntry| {
        !matches!(refund.reason.as_str(), "requested_by_merchant" | "made_elsewhere")
    };
    // Of several refunds of the same money, the last one counts.
    let last = payment.refunds.iter().rfind(is_by_itself)?;
    let elsewhere = payment.refunds.iter().filter(|refund| refund.is_made_elsewhere());
    let back_fen: i64 = elsewhere.map(|refund| refund.amount_fen).sum();
    // A payment that staff refunded whole counts as refunded for the shopper.
    Some(if back_fen >= payment.amount_fen { "succeeded" } else { last.status.as_str() })
}
