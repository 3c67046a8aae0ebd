//! The page of a session that is paid, or whose time is over.

use contract::{PaymentMethod, SessionStatus};

use super::super::blocks::{Actions, Alignment, Block, Control, Document, Look, Updates};
use super::super::marks::{OK, TIME, mark};
use super::super::texts::Texts;
use super::View;
use super::parts::{outcome, refund};

/// Shows the receipt.
pub(super) fn paid<'a>(document: &mut Document<'a>, texts: &'static Texts, view: &View<'a>) {
    let session = view.session;
    outcome(document, &OK, &texts.succeeded);
    document.alignment = Alignment::Paid;
    document.summary = None;
    let method = session.payment.as_ref().map(|payment| payment.payment_method);
    let method = method.unwrap_or(PaymentMethod::Unknown);
    document.blocks.push(Block::Receipt {
        order: view.order(texts),
        mark: mark(method),
        wallet: texts.method(method),
    });
    document.blocks.extend(refund(texts, session));
    document.blocks.push(Block::Text(texts.thanks.clone()));
    let main = view.back(texts, Look::Primary);
    document.blocks.extend(Actions { main, ..Actions::default() }.block());
}

/// Shows that the time is over. A payment may still have been made: it can be checked.
pub(super) fn over<'a>(document: &mut Document<'a>, texts: &'static Texts, view: &View<'a>) {
    let session = view.session;
    if session.status == SessionStatus::Open {
        document.updates = Updates::Often;
    }
    outcome(document, &TIME, &texts.expired);
    let payment = session.payment.as_ref();
    let detail = payment.map_or(&texts.expired_how, |_| &texts.expired_detail);
    document.blocks.push(Block::Text(detail.clone()));
    document.blocks.extend(refund(texts, session));
    let main = match payment {
        Some(payment) => {
            let check = view.call("check", &payment.id, &texts.i_have_paid);
            Some(Control { look: Look::Secondary, ..check })
        }
        None => view.back(texts, Look::Primary),
    };
    let back = payment.and_then(|_| view.back(texts, Look::Quiet));
    let others = back.into_iter().collect();
    document.blocks.extend(Actions { main, others, ..Actions::default() }.block());
}
