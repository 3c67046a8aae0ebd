//! The three books side by side, to the fen.

use std::collections::{BTreeMap, BTreeSet};

use contract::RefundStatus;

use crate::books::{Ledger, Order, PaymentEntry, SessionEntry};
use crate::phone::Bought;
use crate::shopper::Seen;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// One text for each shopper whose books differ: what differs, then all three views.
    pub(crate) differences: Vec<String>,
    pub(crate) paid: u64,
    pub(crate) paid_fen: i64,
    pub(crate) expired: u64,
    pub(crate) canceled: u64,
    pub(crate) refunds: u64,
    pub(crate) refunded_fen: i64,
    /// Refunds that a gateway took and could not pay out: known, and the merchant's to mend.
    pub(crate) stranded: u64,
    pub(crate) failed: u64,
    pub(crate) payments: u64,
    /// Checkouts by the products that their payments were made with.
    pub(crate) flows: BTreeMap<String, Flow>,
}

/// How many checkouts went by one product.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flow {
    /// Those that started a payment with it.
    pub(crate) started: u64,
    /// Those of which the gateway has an order.
    pub(crate) ordered: u64,
    /// Those whose money it took, kept or given back.
    pub(crate) captured: u64,
}

/// Compares what every shopper saw with what backend and gateways have written.
pub(crate) fn compare(
    shoppers: &[Seen],
    ledger: &Ledger,
    orders: &BTreeMap<String, Order>,
) -> Comparison {
    let mut all = Comparison::default();
    let mut known = BTreeSet::new();
    for seen in shoppers {
        let Some(session) = ledger.sessions.get(&seen.session_id) else {
            all.differences
                .push(format!("shopper {}: the backend lost {}", seen.index, seen.session_id));
            continue;
        };
        let own: Vec<(&PaymentEntry, Option<&Order>)> = session
            .payments
            .iter()
            .map(|payment| (payment, orders.get(&payment.out_trade_no)))
            .collect();
        known.extend(session.payments.iter().map(|payment| payment.out_trade_no.as_str()));
        let mut found = Found::default();
        money(session, &own, &mut found);
        screens(seen, session, &own, &mut found);
        count(&mut all, session, &own);
        all.stranded += found.stranded;
        if !found.lines.is_empty() {
            all.differences.push(views(seen, session, &own, &found.lines));
        }
    }
    if shoppers.len() != ledger.sessions.len() {
        let lines = format!("{} shoppers, {} sessions", shoppers.len(), ledger.sessions.len());
        all.differences.push(lines);
    }
    for order in orders.values().filter(|order| !known.contains(order.out_trade_no.as_str())) {
        all.differences.push(format!("a gateway has an order that the backend lost: {order:?}"));
    }
    all
}

#[derive(Default)]
struct Found {
    lines: Vec<String>,
    stranded: u64,
}

impl Found {
    fn check(&mut self, is_right: bool, sentence: impl FnOnce() -> String) {
        if !is_right {
            self.lines.push(sentence());
        }
    }
}

fn money(session: &SessionEntry, own: &[(&PaymentEntry, Option<&Order>)], found: &mut Found) {
    found.check(session.status != "open", || "the session is still open".into());
    let mut kept = 0;
    for (payment, order) in own {
        let id = &payment.id;
        let is_active = matches!(payment.status.as_str(), "requires_action" | "processing");
        found.check(!is_active, || format!("{id} is still under way"));
        found.check(payment.amount_fen == session.amount_fen, || {
            format!("{id} is about {} fen, not {}", payment.amount_fen, session.amount_fen)
        });
        let Some(order) = order else {
            // Its order never arrived at the gateway, so nobody can have paid it.
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
        let is_kept = order.is_kept();
        kept += usize::from(is_kept);
        found.check((payment.status == "succeeded") == is_kept, || {
            format!("{id} is {}, its order {}", payment.status, order.state)
        });
        if !order.is_captured() {
            found.check(payment.transaction_id.is_none(), || {
                format!("{id} has a capture of nobody")
            });
            found.check(order.refunds.is_empty() && payment.refunds.is_empty(), || {
                format!("{id} was refunded, but never captured")
            });
            continue;
        }
        found.check(payment.transaction_id == order.transaction_id, || {
            format!(
                "{id} knows {:?}, its gateway {:?}",
                payment.transaction_id, order.transaction_id
            )
        });
        if is_kept {
            found.check(payment.refunds.is_empty(), || format!("{id} is kept, yet to be refunded"));
        } else {
            given_back(payment, order, found);
        }
    }
    found.check(kept <= 1, || format!("{kept} captures are kept"));
    found.check((session.status == "complete") == (kept == 1), || {
        format!("the session is {}, and {kept} captures are kept", session.status)
    });
}

/// Money that was captured and is not kept: it goes back once, and whole.
fn given_back(payment: &PaymentEntry, order: &Order, found: &mut Found) {
    let (Some((written, before)), Some((done, closed))) =
        (payment.refunds.split_last(), order.refunds.split_last())
    else {
        found.lines.push(format!(
            "{} must go back once; written {:?}, at its gateway {:?}",
            payment.id, payment.refunds, order.refunds
        ));
        return;
    };
    // What the gateway closed is asked for anew under another number, and moved nothing.
    let are_renewed = before.len() == closed.len()
        && before.iter().all(|refund| refund.status == "failed")
        && closed.iter().all(|refund| refund.state == "CLOSED");
    found.check(are_renewed, || {
        format!(
            "{} must go back once; written {:?}, at its gateway {:?}",
            payment.id, payment.refunds, order.refunds
        )
    });
    let is_stranded = matches!(done.state.as_str(), "ABNORMAL" | "CLOSED");
    found.stranded += u64::from(is_stranded);
    found.check(
        done.amount_fen == order.amount_fen && written.amount_fen == done.amount_fen,
        || {
            format!(
                "{} must go back whole; written {written:?}, at its gateway {done:?}",
                payment.id
            )
        },
    );
    found.check(written.status == if is_stranded { "failed" } else { "succeeded" }, || {
        format!("{}: written {written:?}, at its gateway {done:?}", payment.id)
    });
    found.check(is_stranded || done.state == "SUCCESS", || {
        format!("{}: its gateway still has {done:?}", payment.id)
    });
}

fn screens(
    seen: &Seen,
    session: &SessionEntry,
    own: &[(&PaymentEntry, Option<&Order>)],
    found: &mut Found,
) {
    found.check(session.amount_fen == seen.amount_fen, || {
        format!("the shopper agreed to {} fen, not {}", seen.amount_fen, session.amount_fen)
    });
    found.check(!seen.saw_paid || session.status == "complete", || {
        "\"paid\" was on the screen, and it is not paid".into()
    });
    for dead_end in &seen.dead_ends {
        found.check(false, || dead_end.clone());
    }
    found.check(seen.blames == 0, || "a screen blamed the page's author, who did nothing".into());
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
    // The wallet's word, to the fen: what was confirmed is what was captured.
    let number = |order: &Bought| match order {
        Bought::Number(number) => number.clone(),
        Bought::Payment(id) => own
            .iter()
            .find(|(payment, _)| payment.id == *id)
            .map_or_else(|| id.clone(), |(payment, _)| payment.out_trade_no.clone()),
    };
    let mut confirmed: Vec<(String, i64)> =
        seen.paid.iter().map(|paid| (number(&paid.order), paid.amount_fen)).collect();
    let mut captured: Vec<(String, i64)> = own
        .iter()
        .filter_map(|(_, order)| order.filter(|order| order.is_captured()))
        .map(|order| (order.out_trade_no.clone(), order.amount_fen))
        .collect();
    confirmed.sort_unstable();
    captured.sort_unstable();
    found.check(confirmed == captured, || {
        format!("the wallets confirmed {confirmed:?}, the gateways captured {captured:?}")
    });
}

/// What a screen must say about money that goes back by itself.
fn refund_words(session: &SessionEntry) -> Option<RefundStatus> {
    // Of refunds of the same money, the last one counts.
    let refunds = session.payments.iter().filter_map(|payment| {
        payment.refunds.iter().rfind(|refund| refund.reason != "requested_by_merchant")
    });
    let statuses: Vec<&str> = refunds.map(|refund| refund.status.as_str()).collect();
    // The least happy of several is what must be known.
    ["failed", "pending", "succeeded"]
        .into_iter()
        .find(|status| statuses.contains(status))
        .map(RefundStatus::parse)
}

fn count(all: &mut Comparison, session: &SessionEntry, own: &[(&PaymentEntry, Option<&Order>)]) {
    match session.status.as_str() {
        "complete" => {
            all.paid += 1;
            all.paid_fen += session.amount_fen;
        }
        "expired" => all.expired += 1,
        _ => all.canceled += 1,
    }
    let mut flows: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for (payment, order) in own {
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

fn views(
    seen: &Seen,
    session: &SessionEntry,
    own: &[(&PaymentEntry, Option<&Order>)],
    lines: &[String],
) -> String {
    let mut text = format!("shopper {}, {}:\n", seen.index, session.id);
    for line in lines {
        text.push_str(&format!("  - {line}\n"));
    }
    text.push_str(&format!(
        "  shopper: saw paid: {}; wallets confirmed {:?}; tabs {:?}\n",
        seen.saw_paid, seen.paid, seen.screens
    ));
    text.push_str(&format!("  backend: {} {} fen\n", session.status, session.amount_fen));
    for (payment, order) in own {
        text.push_str(&format!("    {payment:?}\n  gateway: {order:?}\n"));
    }
    for line in &seen.trace {
        text.push_str(&format!("    {line}\n"));
    }
    text
}
