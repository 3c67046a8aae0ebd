//! Decides what is on the page.

mod choosing;
mod ended;
mod parts;
mod view;
mod waiting;

use askama::Template as _;
use contract::{RefundStatus, Session, SessionStatus};

use super::blocks::{Actions, Alignment, Block, Document, Look, Updates};
use super::marks::{OFF, TIME};
use super::texts::Texts;
use super::ways::Way;
use choosing::{choice, chosen_wallet, guide_page};
use ended::{over, paid};
use parts::{is_stale, is_time_left, outcome, refund};
pub(crate) use view::View;
use waiting::waiting;

/// Renders the page of a session.
pub(super) fn session(texts: &'static Texts, view: &View<'_>) -> String {
    let session = view.session;
    let mut document =
        Document { state: state(session), summary: Some(view.order(texts)), ..empty(texts, "../") };
    if let Some(notice) = view.notice {
        document.says = texts.notice(notice).to_owned();
        document.blocks.push(Block::Notice { is_alert: true, text: document.says.clone() });
    }
    add_content(&mut document, texts, view);
    if session.refund == Some(RefundStatus::Pending) && document.updates == Updates::Never {
        document.updates = Updates::Rarely;
    }
    render(&document)
}

/// Renders the page without a session. `folder` is the path to the style sheet's folder relative to the page.
pub(super) fn not_found(texts: &'static Texts, folder: &str) -> String {
    let mut document = empty(texts, folder);
    outcome(&mut document, &OFF, &texts.not_found);
    document.blocks.push(Block::Text(texts.not_found_detail.clone()));
    render(&document)
}

/// Renders the page for a failure that does not last, under `title`. The browser loads it again.
pub(super) fn away(texts: &'static Texts, title: &str, folder: &str) -> String {
    let mut document = empty(texts, folder);
    outcome(&mut document, &TIME, title);
    document.blocks.push(Block::Text(texts.away_detail.clone()));
    render(&document)
}

fn empty<'a>(texts: &'static Texts, folder: &'a str) -> Document<'a> {
    Document {
        texts,
        folder,
        updates: Updates::Never,
        state: String::new(),
        says: String::new(),
        continues: false,
        bridge: None,
        points_to_menu: false,
        summary: None,
        alignment: Alignment::Start,
        blocks: Vec::new(),
    }
}

fn render(document: &Document<'_>) -> String {
    // Writing to a String cannot fail.
    document.render().unwrap_or_default()
}

/// Identifies what the page of a session shows.
fn state(session: &Session) -> String {
    let action = session.payment.as_ref().and_then(|payment| payment.next_action.as_ref());
    let is_stale = action.is_some_and(|action| is_stale(action, session));
    format!(
        "{}.{}.{}.{}",
        session.revision,
        session.refund.map_or("", RefundStatus::as_str),
        u8::from(is_time_left(session)),
        u8::from(is_stale)
    )
}

/// Adds what the session's state requires.
fn add_content<'a>(document: &mut Document<'a>, texts: &'static Texts, view: &View<'a>) {
    let session = view.session;
    let active = session.payment.as_ref().filter(|payment| !payment.status.is_final());
    let chosen = view.chosen.and_then(|method| view.way(method)).copied();
    match (session.status, active) {
        (SessionStatus::Complete, _) => paid(document, texts, view),
        (SessionStatus::Canceled, _) => {
            outcome(document, &OFF, &texts.canceled);
            document.blocks.push(Block::Text(texts.canceled_over.clone()));
            document.blocks.extend(refund(texts, session));
            let main = view.back(texts, Look::Primary);
            document.blocks.extend(Actions { main, ..Actions::default() }.block());
        }
        (SessionStatus::Open, Some(payment)) => match chosen {
            // Selected before this page, instead of the payment that was started elsewhere.
            Some(way) if is_replaced(view, payment, way) => {
                chosen_wallet(document, texts, view, way)
            }
            _ => waiting(document, texts, view, payment),
        },
        (SessionStatus::Open, None) if is_time_left(session) => match chosen {
            Some(way) if way.here.is_none() => guide_page(document, texts, view, way),
            Some(way) => {
                // A payment that has ended was started here: the shopper chooses again.
                document.continues = session.payment.is_none() && view.notice.is_none();
                chosen_wallet(document, texts, view, way);
            }
            None => choice(document, texts, view),
        },
        (SessionStatus::Open | SessionStatus::Expired | SessionStatus::Unknown, _) => {
            over(document, texts, view);
        }
    }
}

/// True if the shopper selected another wallet before this page than that of the payment, or the
/// payment cannot be paid here: the selected one is started here instead.
fn is_replaced(view: &View<'_>, payment: &contract::Payment, way: Way) -> bool {
    let is_other = payment.payment_method != way.method || !view.is_payable;
    is_other && way.here.is_some() && is_time_left(view.session)
}
