//! Compares the backend's payments and refunds with the gateways' orders, to the fen.

use super::case::{Case, Found};
use crate::books::{Order, PaymentEntry, RefundEntry};

/// Compares the payments of one session with their orders.
pub(super) fn check(case: &Case<'_>, found: &mut Found) {
    let session = case.session;
    found.check(session.status != "open", || "the session is still open".into());
    let mut kept = 0;
    for (payment, order) in &case.payments {
        let id = &payment.id;
        let is_active = matches!(payment.status.as_str(), "requires_action" | "processing");
        found.check(!is_active, || format!("{id} is still under way"));
        found.check(payment.amount_fen == session.amount_fen, || {
            format!("{id} is about {} fen, not {}", payment.amount_fen, session.amount_fen)
        });
        let Some(order) = order else {
            // The gateway has no such order, so that it cannot be paid.
            found.check(payment.transaction_id.is_none() && payment.refunds.is_empty(), || {
                format!("{id} has money, but its gateway has no order")
            });
            continue;
        };
        found.check(order.amount_fen == session.amount_fen, || {
            format!("{id} was ordered for {} fen, not {}", order.amount_fen, session.amount_fen)
        });
        found.check(order.captured_fen == 0 || order.captured_fen == order.amount_fen, || {
            format!("{id}: {} of {} fen were captured", order.captured_fen, order.amount_fen)
        });
        found.check(order.wallet == payment.method, || format!("{id} was ordered elsewhere"));
        let is_kept = is_kept(payment, order);
        kept += usize::from(is_kept);
        found.check((payment.status == "succeeded") == is_kept, || {
            format!("{id} is {}, its order {}", payment.status, order.state)
        });
        if order.is_captured() {
            captured(payment, order, found);
        } else {
            found.check(payment.transaction_id.is_none(), || {
                format!("{id} has a capture of nobody")
            });
            found.check(order.refunds.is_empty() && payment.refunds.is_empty(), || {
                format!("{id} was refunded, but never captured")
            });
        }
    }
    found.check(kept <= 1, || format!("{kept} captures are kept"));
    found.check((session.status == "complete") == (kept == 1), || {
        format!("the session is {}, and {kept} captures are kept", session.status)
    });
}

/// True if the merchant keeps the payment. A payment that staff refunded whole may have been kept
/// or not: the backend's status decides.
fn is_kept(payment: &PaymentEntry, order: &Order) -> bool {
    let is_whole_back = order.refunded_fen() == order.captured_fen;
    order.is_kept() && (!is_whole_back || payment.status == "succeeded")
}

/// Checks a capture: it is recorded with its transaction and with every refund of it.
fn captured(payment: &PaymentEntry, order: &Order, found: &mut Found) {
    let id = &payment.id;
    found.check(payment.transaction_id == order.transaction_id, || {
        format!("{id} knows {:?}, its gateway {:?}", payment.transaction_id, order.transaction_id)
    });
    found.check(order.refunded_fen() <= order.captured_fen, || {
        format!("{id}: more went back than was captured: {:?}", order.refunds)
    });
    made_elsewhere(payment, order, found);
    let (_, own): (Vec<&RefundEntry>, Vec<_>) =
        payment.refunds.iter().partition(|refund| refund.is_made_elsewhere());
    if is_kept(payment, order) {
        found.check(own.is_empty(), || format!("{id} is kept, yet to be refunded"));
    } else {
        given_back(payment, &own, order, found);
    }
}

/// Checks that every refund of a console is recorded, and no other.
fn made_elsewhere(payment: &PaymentEntry, order: &Order, found: &mut Found) {
    let written = payment.refunds.iter().filter(|refund| refund.is_made_elsewhere());
    let mut written: Vec<(&str, i64, &str)> = written
        .map(|refund| (refund.number.as_str(), refund.amount_fen, refund.status.as_str()))
        .collect();
    let made = order.refunds.iter().filter(|refund| refund.is_of_console() && refund.is_done());
    let mut made: Vec<(&str, i64, &str)> =
        made.map(|refund| (refund.number.as_str(), refund.amount_fen, "succeeded")).collect();
    written.sort_unstable();
    made.sort_unstable();
    found.made_elsewhere += u64::try_from(written.len()).unwrap_or(0);
    found.check(written == made, || {
        format!("{}: the console refunded {made:?}, written is {written:?}", payment.id)
    });
}

/// Checks that a capture that is not kept was refunded once and whole, by the backend or by staff.
fn given_back(payment: &PaymentEntry, own: &[&RefundEntry], order: &Order, found: &mut Found) {
    let id = &payment.id;
    for refund in own {
        let there = order.refunds.iter().find(|there| there.number == refund.number);
        let expected = match there.map(|there| there.state.as_str()) {
            Some("SUCCESS") => "succeeded",
            // The gateway does not have the refund, closed it, or could not pay it out.
            None | Some("CLOSED" | "ABNORMAL") => "failed",
            Some(_) => "a refund that has ended",
        };
        found.check(refund.status == expected, || {
            format!("{id}: written {refund:?}, at its gateway {there:?}")
        });
        found.check(there.is_none_or(|there| there.amount_fen == refund.amount_fen), || {
            format!("{id}: written {refund:?}, at its gateway {there:?}")
        });
    }
    for there in order.refunds.iter().filter(|there| !there.is_of_console()) {
        let is_written = own.iter().any(|refund| refund.number == there.number);
        found.check(is_written, || format!("{id}: its gateway has {there:?}, nobody else does"));
    }
    let mut own_there = order.refunds.iter().filter(|there| !there.is_of_console());
    let done = own_there.clone().filter(|there| there.is_done()).count();
    found.check(done <= 1, || format!("{id} went back {done} times: {:?}", order.refunds));
    let is_whole = order.refunded_fen() == order.captured_fen;
    let is_stranded = !is_whole
        && own_there
            .next_back()
            .is_some_and(|last| matches!(last.state.as_str(), "ABNORMAL" | "CLOSED"))
        && own.last().is_some_and(|refund| refund.status == "failed");
    found.stranded += u64::from(is_stranded);
    found.check(is_whole || is_stranded, || {
        format!(
            "{id} must go back whole; written {:?}, at its gateway {:?}",
            payment.refunds, order.refunds
        )
    });
}
