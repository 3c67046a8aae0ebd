//! The rows of sessions.

use contract::{PaymentStatus as P, SessionStatus as S, Timestamp};

use super::rows::{LATE, START, apply_update, context, database, due, session, start};
use crate::db::apply::Update;
use crate::db::idle;
use crate::db::sessions::{self, Filter};
use crate::db::{payments, refunds};
use crate::rules::{Ending, Signal};

#[test]
fn idle_sessions_expire() {
    let connection = database();
    let expire = |now: Timestamp| {
        let overdue = idle::overdue(&connection, now, 100).unwrap();
        idle::expire_each(&connection, &overdue, context(now)).unwrap()
    };
    assert!(expire(START).is_empty());
    assert_eq!(idle::expire(&connection, "cs_1", context(START)).unwrap(), None);
    assert_eq!(expire(LATE), [("cs_1".to_owned(), 2)]);
    assert_eq!(idle::expire(&connection, "cs_1", context(LATE)).unwrap(), None);
    assert!(expire(LATE).is_empty());
}

#[test]
fn an_active_payment_keeps_its_session_from_expiring() {
    let connection = database();
    start(&connection, "pay_1", START);
    assert!(idle::overdue(&connection, LATE, 9).unwrap().is_empty());
    assert_eq!(idle::expire(&connection, "cs_1", context(LATE)).unwrap(), None);
    sessions::end_now(&connection, "cs_1", START.plus_ms(1_000)).unwrap();
    assert_eq!(due(&connection, &[], START.plus_ms(1_000)), ["pay_1"]);
    let outcome = apply_update(
        &connection,
        "pay_1",
        &Update::Plain(Signal::GivenUp(Ending::Expired)),
        START.plus_ms(1_000),
    );
    assert_eq!((outcome.payment, outcome.session), (P::Expired, S::Expired));
    assert!(payments::find(&connection, "pay_1").unwrap().unwrap().is_close_wanted);
}

#[test]
fn lists_come_in_pages_the_newest_first() {
    let connection = database();
    for id in ["cs_2", "cs_3"] {
        sessions::insert(&connection, &session(id)).unwrap();
    }
    let list = |after, limit| {
        let (rows, has_more) =
            sessions::list(&connection, &Filter::default(), after, limit).unwrap()?;
        Some((rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), has_more))
    };
    let page = |ids: &[&str], has_more| {
        Some((ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>(), has_more))
    };
    assert_eq!(list(None, 2), page(&["cs_3", "cs_2"], true));
    assert_eq!(list(Some("cs_2"), 2), page(&["cs_1"], false));
    assert_eq!(list(None, 3), page(&["cs_3", "cs_2", "cs_1"], false));
    assert_eq!(list(Some("cs_1"), 3), page(&[], false));
    assert_eq!(list(Some("cs_9"), 3), None);
    assert!(refunds::list(&connection, None, 3).unwrap().unwrap().0.is_empty());
}
