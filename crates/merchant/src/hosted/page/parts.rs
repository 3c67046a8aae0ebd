//! The parts that several states share: headings, outcomes, the rest of the time.

use contract::{NextAction, PaymentMethod, PaymentStatus, RefundStatus, Session};

use super::super::blocks::{Alignment, Block, Document};
use super::super::marks::{Drawing, mark};
use super::super::texts::Texts;

/// Adds the sign and the heading of an outcome.
pub(super) fn outcome(document: &mut Document<'_>, sign: &'static Drawing, title: &str) {
    document.alignment = Alignment::Center;
    document.blocks.push(Block::Sign(sign));
    head(document, title);
}

/// Adds the mark of a wallet and a heading.
pub(super) fn wallet_head(document: &mut Document<'_>, method: PaymentMethod, title: &str) {
    document.alignment = Alignment::Center;
    let emblem = mark(method).map(|mark| Block::Emblem { mark, is_waiting: false });
    document.blocks.extend(emblem);
    head(document, title);
}

/// Adds the heading, which screen readers say.
pub(super) fn head(document: &mut Document<'_>, title: &str) {
    add_words(document, title);
    document.blocks.push(Block::Heading(title.to_owned()));
}

/// Adds to what screen readers say.
pub(super) fn add_words(document: &mut Document<'_>, text: &str) {
    if !document.says.is_empty() {
        document.says.push(' ');
    }
    document.says.push_str(text);
}

/// Returns how far money is that was paid too often or too late and goes back.
pub(super) fn refund<'a>(texts: &'static Texts, session: &Session) -> Option<Block<'a>> {
    let text = match session.refund? {
        RefundStatus::Succeeded => &texts.refund_succeeded,
        RefundStatus::Failed => &texts.refund_failed,
        RefundStatus::Pending | RefundStatus::Unknown => &texts.refund_pending,
    };
    Some(Block::Notice { is_alert: false, text: text.clone() })
}

/// Returns the outcome of the last payment, if it has ended.
pub(super) fn last_payment<'a>(texts: &'static Texts, session: &Session) -> Option<Block<'a>> {
    let last = session.payment.as_ref().filter(|payment| payment.status.is_final())?;
    let text = match last.status {
        PaymentStatus::Failed => &texts.last_failed,
        PaymentStatus::Expired => &texts.code_expired,
        _ => &texts.last_canceled,
    };
    let text = texts.with_wallet(text, last.payment_method);
    Some(Block::Notice { is_alert: false, text })
}

/// Returns the sentence about the rest of the time where nothing is awaited.
pub(super) fn time_left<'a>(texts: &'static Texts, session: &Session) -> Option<Block<'a>> {
    let seconds = seconds_left(session, None)?;
    let (text, count) = match seconds / 60 {
        0 => (&texts.seconds_left, seconds),
        minutes => (&texts.minutes_left, minutes),
    };
    let values = [("count", &*count.to_string())];
    Some(Block::TimeLeft(texts.fill(text, PaymentMethod::Unknown, &values)))
}

/// Returns the rest of the time of the session, or of the action, which never lasts longer.
pub(super) fn seconds_left(session: &Session, action: Option<&NextAction>) -> Option<i64> {
    let end = action.and_then(|action| action.expires_at);
    let end = end.map_or(session.expires_at, |end| end.min(session.expires_at));
    let ms = end.since_ms(session.server_time);
    (ms > 0).then_some(ms / 1_000)
}

pub(super) fn is_time_left(session: &Session) -> bool {
    session.server_time < session.expires_at
}

/// True if the address or code of an action has expired.
pub(super) fn is_stale(action: &NextAction, session: &Session) -> bool {
    action.expires_at.is_some_and(|expires_at| session.server_time >= expires_at)
}
