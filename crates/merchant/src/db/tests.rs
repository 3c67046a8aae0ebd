use std::collections::HashMap;

use contract::{
    Amount, PaymentMethod, PaymentStatus as P, RefundReason, RefundStatus, SessionStatus as S,
    Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::apply::{Outcome, Update, apply};
use super::idempotency::{self, Known, Request};
use super::outbox::{self, Kind, Task};
use super::payments::{self, ClaimedPayment, PaymentRow, Started, Waiting};
use super::reconciliations::Number;
use super::refunds::{MadeElsewhere, RefundUpdate};
use super::sessions::{self, Filter, SessionRow};
use super::{DbError, Lease, WriteContext, migrations, reconciliations, refunds};
use crate::action::Action;
use crate::payer::Payer;
use crate::rules::{self, Alarm, Ending, Product, RefundSignal, Refusal, Signal, schedule};

const START: Timestamp = Timestamp::from_unix_ms(1_795_392_000_000);
const LATE: Timestamp = Timestamp::from_unix_ms(1_795_392_000_000 + 1_800_000);

fn database() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "foreign_keys", "ON").unwrap();
    migrations::run(&mut connection).unwrap();
    sessions::insert(&connection, &session("cs_1")).unwrap();
    connection
}

fn session(id: &str) -> SessionRow {
    SessionRow {
        id: id.to_owned(),
        status: S::Open,
        revision: 1,
        order_id: "order-1".to_owned(),
        amount: Amount::fen(12_800),
        description: "茶".to_owned(),
        payment_methods: vec![PaymentMethod::WechatPay, PaymentMethod::Alipay],
        return_url: None,
        secret_hash: vec![1; 32],
        one_per_order: false,
        metadata: [("shop".to_owned(), "茶".to_owned())].into(),
        created_at: START,
        expires_at: LATE,
    }
}

fn payment(id: &str) -> PaymentRow {
    PaymentRow {
        id: id.to_owned(),
        session_id: "cs_1".to_owned(),
        out_trade_no: format!("OC{id}"),
        payment_method: PaymentMethod::Alipay,
        product: Product::Precreate,
        amount: Amount::fen(12_800),
        identity: None,
        reference: None,
        order_expires_at: LATE,
        notify_url: "https://shop.example/v1/notifications/alipay".to_owned(),
        return_url: None,
        payer_client_ip: None,
        payer: None,
        status: P::Processing,
        failure_code: None,
        action: None,
        action_expires_at: None,
        transaction_id: None,
        paid_at: None,
        is_settled: false,
        is_close_wanted: false,
        checks: 0,
        created_at: START,
    }
}

fn context(now: Timestamp) -> WriteContext {
    WriteContext { now, has_webhooks: true }
}

fn request(key: &str) -> Request {
    Request::new("cs_1", key, &"body")
}

fn start(connection: &Connection, id: &str, now: Timestamp) -> Started {
    payments::start(connection, &payment(id), &request(id), now).unwrap()
}

fn apply_update(connection: &mut Connection, id: &str, update: &Update, now: Timestamp) -> Outcome {
    let transaction = connection.transaction().unwrap();
    let outcome = apply(&transaction, id, update, context(now)).unwrap();
    Transaction::commit(transaction).unwrap();
    outcome
}

fn captured(transaction_id: &str) -> Update {
    Update::Captured {
        transaction_id: transaction_id.to_owned(),
        paid_at: Some(START),
        is_refunded: false,
    }
}

fn ordered() -> Update {
    Update::Ordered { action: Action::code("https://qr.alipay.com/x".to_owned()), expires_at: LATE }
}

/// Returns what the worker claims at `now`, owed or asked, in the order of its claims.
fn claim(connection: &Connection, waiting: &[&str], now: Timestamp) -> Vec<ClaimedPayment> {
    let lease = Lease::starting(now);
    let waiting = Waiting {
        session_ids: waiting.iter().map(|id| (*id).to_owned()).collect(),
        interval_ms: 8_000,
    };
    let owed = payments::claim_owed(connection, PaymentMethod::Alipay, lease, 64).unwrap();
    let asked = payments::claim_asked(connection, PaymentMethod::Alipay, &waiting, lease, 64);
    owed.into_iter().chain(asked.unwrap()).collect()
}

fn due(connection: &Connection, waiting: &[&str], now: Timestamp) -> Vec<String> {
    claim(connection, waiting, now).into_iter().map(|claimed| claimed.id).collect()
}

/// Claims the events that are due at `now`.
fn claim_webhooks(connection: &Connection, now: Timestamp) -> Vec<Task> {
    outbox::claim_webhooks(connection, Lease::starting(now), 64).unwrap()
}

#[test]
fn the_schema_is_made_once_and_never_downgraded() {
    let mut connection = database();
    migrations::run(&mut connection).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(migrations::run(&mut connection), Err(DbError::TooNew { found: 99, .. })));
}

#[test]
fn d1_the_linked_sqlite_is_newer_than_its_wal_reset_fault() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

#[tokio::test]
async fn a_file_is_opened_to_survive_a_power_cut() {
    let path =
        std::env::temp_dir().join(format!("opencashier-{}.db", crate::keys::new_id("").unwrap()));
    let db = super::Db::open(&path).unwrap();
    let settings = db
        .read(|connection| {
            let text =
                |name| connection.pragma_query_value(None, name, |row| row.get::<_, String>(0));
            let number =
                |name| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
            Ok((
                text("journal_mode")?,
                number("synchronous")?,
                number("foreign_keys")?,
                number("user_version")?,
            ))
        })
        .await
        .unwrap();
    let steps = u32::try_from(migrations::STEPS.len()).unwrap();
    assert_eq!(settings, ("wal".to_owned(), 2, 1, steps));
    let failed: Result<(), DbError> = db
        .write(|transaction| {
            sessions::insert(transaction, &session("cs_1"))?;
            Err(DbError::Missing("nothing"))
        })
        .await;
    assert!(failed.is_err());
    let found = db.read(|connection| sessions::find(connection, "cs_1")).await.unwrap();
    assert!(found.is_none(), "an error rolls back");
    drop(db);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn rows_round_trip() {
    let connection = database();
    assert_eq!(start(&connection, "pay_1", START), Started::Yes(2));
    let read = sessions::find(&connection, "cs_1").unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", SessionRow { revision: 2, ..session("cs_1") }));
    let read = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", payment("pay_1")));
    let by_number = payments::find_by_out_trade_no(&connection, "OCpay_1").unwrap().unwrap();
    assert_eq!(by_number.id, "pay_1");
    assert!(payments::find(&connection, "pay_2").unwrap().is_none());
}

#[test]
fn a_session_has_one_active_payment() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    assert_eq!(start(&connection, "pay_2", START), Started::No(Refusal::OtherActive));
    let forced = connection.execute(
        "INSERT INTO payments (id, session_id, out_trade_no, payment_method, flow, amount_value, currency,
            order_expires_at, notify_url, status, created_at)
         SELECT 'pay_9', session_id, 'OC9', payment_method, flow, amount_value, currency,
            order_expires_at, notify_url, status, created_at FROM payments",
        [],
    );
    assert!(forced.is_err(), "the database itself refuses a second active payment");
    apply_update(&mut connection, "pay_1", &Update::Plain(Signal::Closed(Ending::Canceled)), START);
    assert!(matches!(start(&connection, "pay_2", START), Started::Yes(_)));
    assert_eq!(start(&connection, "pay_3", LATE), Started::No(Refusal::SessionClosed(S::Expired)));
}

#[test]
fn a_capture_completes_the_session_once() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    let outcome = apply_update(&mut connection, "pay_1", &ordered(), START);
    assert_eq!((outcome.payment, outcome.revision), (P::RequiresAction, Some(3)));
    let outcome = apply_update(&mut connection, "pay_1", &captured("T1"), START);
    assert_eq!((outcome.payment, outcome.session), (P::Succeeded, S::Complete));
    assert_eq!(outcome.revision, Some(4));
    let again = apply_update(&mut connection, "pay_1", &captured("T1"), START);
    assert_eq!((again.revision, again.alarm), (None, None), "a replay changes nothing");
    let other = apply_update(&mut connection, "pay_1", &captured("T2"), START);
    assert_eq!((other.revision, other.alarm), (None, Some(Alarm::TransactionDiffers)));
    assert!(due(&connection, &[], LATE.plus_ms(86_400_000)).is_empty(), "nothing left to ask");
}

#[test]
fn an_old_code_that_is_paid_replaces_the_new_payment() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    apply_update(&mut connection, "pay_1", &ordered(), START);
    apply_update(
        &mut connection,
        "pay_1",
        &Update::Plain(Signal::Abandoned(Ending::Canceled)),
        START,
    );
    start(&connection, "pay_2", START);
    apply_update(&mut connection, "pay_2", &ordered(), START);
    let outcome = apply_update(&mut connection, "pay_1", &captured("T1"), START);
    assert_eq!((outcome.payment, outcome.session), (P::Succeeded, S::Complete));
    assert_eq!(payments::shown(&connection, "cs_1").unwrap().unwrap().id, "pay_1");
    let overtaken = payments::find(&connection, "pay_2").unwrap().unwrap();
    assert_eq!(overtaken.status, P::Canceled);
    assert!(overtaken.is_close_wanted);
    assert_eq!(due(&connection, &[], START), ["pay_2"], "it is closed at once");

    let outcome = apply_update(&mut connection, "pay_2", &captured("T2"), START);
    assert_eq!(outcome.alarm, Some(Alarm::Duplicate));
    assert_eq!((outcome.payment, outcome.session), (P::Canceled, S::Complete));
    let duplicate = payments::find(&connection, "pay_2").unwrap().unwrap();
    assert_eq!(refunds::held(&connection, "pay_2").unwrap(), 12_800);
    assert_eq!(refunds::held(&connection, "pay_1").unwrap(), 0);
    assert_eq!(duplicate.transaction_id.as_deref(), Some("T2"));
    assert!(apply_update(&mut connection, "pay_2", &captured("T2"), START).alarm.is_none());
}

#[test]
fn one_transaction_pays_one_payment() {
    let mut connection = database();
    sessions::insert(&connection, &session("cs_2")).unwrap();
    start(&connection, "pay_1", START);
    let other = PaymentRow { session_id: "cs_2".to_owned(), ..payment("pay_2") };
    payments::start(&connection, &other, &request("other"), START).unwrap();
    apply_update(&mut connection, "pay_1", &captured("T1"), START);
    let outcome = apply_update(&mut connection, "pay_2", &captured("T1"), START);
    assert_eq!(outcome.alarm, Some(Alarm::TransactionReused));
    assert_eq!((outcome.payment, outcome.session), (P::Processing, S::Open));
}

#[test]
fn a_late_capture_is_refunded() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    apply_update(&mut connection, "pay_1", &ordered(), START);
    let outcome = apply_update(
        &mut connection,
        "pay_1",
        &Update::Plain(Signal::Abandoned(Ending::Expired)),
        LATE,
    );
    assert_eq!((outcome.payment, outcome.session), (P::Expired, S::Expired));
    assert_eq!(due(&connection, &[], LATE.plus_ms(30_000)), ["pay_1"], "it is still watched");
    let outcome = apply_update(&mut connection, "pay_1", &captured("T1"), LATE.plus_ms(60_000));
    assert_eq!((outcome.payment, outcome.session), (P::Expired, S::Expired));
    assert_eq!(outcome.alarm, Some(Alarm::Late));
    let late = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert!(late.is_captured());
    assert_eq!(refunds::of_session(&connection, "cs_1").unwrap(), Some(RefundStatus::Pending));
    assert_eq!(refunds::held(&connection, "pay_1").unwrap(), 12_800);
}

#[test]
fn due_payments_are_claimed_once() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    apply_update(&mut connection, "pay_1", &ordered(), START);
    assert!(due(&connection, &[], START).is_empty());
    let claimed = claim(&connection, &[], START.plus_ms(5_000)).pop().unwrap();
    assert!(due(&connection, &[], START.plus_ms(5_000)).is_empty(), "somebody has it");
    payments::note_check(&connection, "pay_1", START.plus_ms(5_000)).unwrap();
    assert!(due(&connection, &["cs_1"], START.plus_ms(30_000)).is_empty(), "still");
    payments::release(&connection, &claimed).unwrap();
    assert!(due(&connection, &[], START.plus_ms(29_000)).is_empty());
    assert_eq!(due(&connection, &["cs_1"], START.plus_ms(14_000)), ["pay_1"], "a shopper waits");
    assert!(due(&connection, &["cs_1"], START.plus_ms(15_000)).is_empty());
}

#[test]
fn an_expired_lease_does_not_end_a_later_claim() {
    let connection = database();
    start(&connection, "pay_1", START);
    let first = claim(&connection, &[], START.plus_ms(5_000)).pop().unwrap();
    let after_lease = START.plus_ms(65_000);
    let second = claim(&connection, &[], after_lease).pop().unwrap();
    payments::release(&connection, &first).unwrap();
    payments::ask_at(&connection, "pay_1", after_lease).unwrap();
    assert!(due(&connection, &[], after_lease).is_empty(), "the second task has it");
    payments::release(&connection, &second).unwrap();
    assert_eq!(due(&connection, &[], after_lease), ["pay_1"]);
}

/// Starts a payment with a code, in a session of its own.
fn start_shown(connection: &mut Connection, number: usize) -> String {
    let session_id = format!("cs_shown_{number:05}");
    sessions::insert(connection, &session(&session_id)).unwrap();
    let id = format!("pay_{number:05}");
    let row = PaymentRow { session_id: session_id.clone(), ..payment(&id) };
    payments::start(connection, &row, &request(&id), START).unwrap();
    apply_update(connection, &id, &ordered(), START);
    session_id
}

#[test]
fn h2_above_a_thousand_shoppers_each_payment_is_queried_within_the_bound() {
    let mut connection = database();
    let waiting: Vec<_> = (0..2_000).map(|number| start_shown(&mut connection, number)).collect();
    let waiting = Waiting { session_ids: waiting, interval_ms: 40_000 };
    let mut claims = HashMap::new();
    // Two minutes of a gateway that answers within half a second, 32 queries at once.
    for half_seconds in 0..240 {
        let now = START.plus_ms(5_000 + half_seconds * 500);
        let lease = Lease::starting(now);
        let claimed =
            payments::claim_asked(&connection, PaymentMethod::Alipay, &waiting, lease, 32).unwrap();
        assert!(claimed.len() <= 32, "no more than there are permits");
        for claimed in claimed {
            *claims.entry(claimed.id.clone()).or_insert(0) += 1;
            payments::note_check(&connection, &claimed.id, now).unwrap();
            payments::release(&connection, &claimed).unwrap();
        }
    }
    assert_eq!(claims.len(), 2_000, "every payment");
    let (least, most) = (claims.values().min().unwrap(), claims.values().max().unwrap());
    assert!(*least >= 2 && *most <= 5, "{least} to {most}");
}

#[test]
fn h2_expiry_and_closing_are_claimed_however_many_shoppers_wait() {
    let mut connection = database();
    let waiting: Vec<_> = (0..200).map(|number| start_shown(&mut connection, number)).collect();
    sessions::end_now(&connection, &waiting[199], START.plus_ms(1_000)).unwrap();
    apply_update(
        &mut connection,
        "pay_00150",
        &Update::Plain(Signal::GivenUp(Ending::Canceled)),
        START,
    );
    let lease = Lease::starting(START.plus_ms(10_000));
    let claim = |limit| payments::claim_owed(&connection, PaymentMethod::Alipay, lease, limit);
    let mut owed: Vec<_> = claim(64).unwrap().into_iter().map(|claimed| claimed.id).collect();
    owed.sort();
    assert_eq!(owed, ["pay_00150", "pay_00199"], "and none of those that are merely asked about");
    let other = payments::claim_owed(&connection, PaymentMethod::WechatPay, lease, 64).unwrap();
    assert!(other.is_empty(), "each gateway has its own");
}

#[test]
fn l4_work_scheduled_before_the_clock_was_set_back_is_due_after_its_own_delay() {
    let mut connection = database();
    start_shown(&mut connection, 1);
    outbox::put(&connection, Kind::Webhook, "cs_1", "{}", LATE).unwrap();
    outbox::put(&connection, Kind::Webhook, "cs_2", "{}", LATE).unwrap();
    let tried = claim_webhooks(&connection, LATE).remove(0);
    outbox::again(&connection, &tried, LATE.plus_ms(5_000)).unwrap();
    payments::ask_at(&connection, "pay_00001", LATE).unwrap();
    // The clock is set back by half an hour.
    assert!(claim_webhooks(&connection, START).is_empty());
    let lease = Lease::starting(START);
    outbox::pull_in(&connection, lease).unwrap();
    payments::pull_in(&connection, lease, START.plus_ms(2_000)).unwrap();
    let again = claim_webhooks(&connection, START.plus_ms(5_000));
    assert_eq!(again.iter().map(|task| &task.id).collect::<Vec<_>>(), [&tried.id]);
    assert_eq!(due(&connection, &[], START.plus_ms(2_000)), ["pay_00001"]);
    assert_eq!(claim_webhooks(&connection, START.plus_ms(60_000)).len(), 1, "a lease that ran out");
}

#[test]
fn idle_sessions_expire() {
    let connection = database();
    let expire = |now| sessions::expire_all_idle(&connection, context(now), 100).unwrap();
    assert!(expire(START).is_empty());
    assert_eq!(sessions::expire_idle(&connection, "cs_1", context(START)).unwrap(), None);
    assert_eq!(expire(LATE), [("cs_1".to_owned(), 2)]);
    assert_eq!(sessions::expire_idle(&connection, "cs_1", context(LATE)).unwrap(), None);
    assert!(expire(LATE).is_empty());
}

#[test]
fn an_active_payment_keeps_its_session_from_expiring() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    assert!(sessions::expire_all_idle(&connection, context(LATE), 9).unwrap().is_empty());
    assert_eq!(sessions::expire_idle(&connection, "cs_1", context(LATE)).unwrap(), None);
    sessions::end_now(&connection, "cs_1", START.plus_ms(1_000)).unwrap();
    assert_eq!(due(&connection, &[], START.plus_ms(1_000)), ["pay_1"]);
    let outcome = apply_update(
        &mut connection,
        "pay_1",
        &Update::Plain(Signal::GivenUp(Ending::Expired)),
        START.plus_ms(1_000),
    );
    assert_eq!((outcome.payment, outcome.session), (P::Expired, S::Expired));
    assert!(payments::find(&connection, "pay_1").unwrap().unwrap().is_close_wanted);
}

#[test]
fn keys_belong_to_one_body() {
    let connection = database();
    assert_eq!(idempotency::find(&connection, &request("k")).unwrap(), Known::New);
    idempotency::remember(&connection, &request("k"), "pay_1", START).unwrap();
    let known = idempotency::find(&connection, &request("k")).unwrap();
    assert_eq!(known, Known::Done("pay_1".to_owned()));
    let other = Request::new("cs_1", "k", &"another body");
    assert_eq!(idempotency::find(&connection, &other).unwrap(), Known::OtherBody);
    let elsewhere = Request::new("cs_2", "k", &"another body");
    assert_eq!(idempotency::find(&connection, &elsewhere).unwrap(), Known::New);
    idempotency::forget_before(&connection, LATE, LATE).unwrap();
    assert_eq!(idempotency::find(&connection, &request("k")).unwrap(), Known::New);
}

#[test]
fn no_more_is_refunded_than_was_captured() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    let reason = RefundReason::RequestedByMerchant;
    let open = |connection: &Connection, amount| {
        let payment = payments::find(connection, "pay_1").unwrap().unwrap();
        refunds::open(connection, context(START), &payment, amount, reason, None)
    };
    assert!(open(&connection, 1).is_err(), "nothing was captured");
    apply_update(&mut connection, "pay_1", &captured("T1"), START);
    open(&connection, 12_000).unwrap();
    assert!(open(&connection, 801).is_err(), "the database itself refuses it");
    open(&connection, 800).unwrap();
    assert!(open(&connection, 1).is_err());
    let grown = connection.execute("UPDATE refunds SET amount_value = 1, held_value = 1", []);
    assert!(grown.is_err(), "a refund never grows");
}

#[test]
fn a_refused_refund_releases_its_amount_and_an_abnormal_one_does_not() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    apply_update(&mut connection, "pay_1", &captured("T1"), START);
    let payment = payments::find(&connection, "pay_1").unwrap().unwrap();
    let reason = RefundReason::RequestedByMerchant;
    for (signal, held) in [(RefundSignal::Refused, 0), (RefundSignal::Abnormal, 12_800)] {
        let refund =
            refunds::open(&connection, context(START), &payment, 12_800, reason, None).unwrap();
        let failed = record(&mut connection, &refund.id, signal);
        assert_eq!(failed.refund.status, RefundStatus::Failed);
        assert_eq!(refunds::held(&connection, "pay_1").unwrap(), held, "{signal:?}");
        let again = record(&mut connection, &refund.id, signal);
        assert_eq!(again.after, rules::AfterRefund::default(), "a replay changes nothing");
        let mended = record(&mut connection, &refund.id, RefundSignal::Succeeded);
        let is_mended = signal == RefundSignal::Abnormal;
        assert_eq!(mended.refund.status == RefundStatus::Succeeded, is_mended);
    }
}

#[test]
fn an_owed_refund_is_sent_under_another_number_when_the_gateway_closes_it() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    apply_update(&mut connection, "pay_1", &Update::Plain(Signal::GivenUp(Ending::Expired)), LATE);
    apply_update(&mut connection, "pay_1", &captured("T1"), LATE);
    let pending = |connection: &Connection| {
        let sql = "SELECT id FROM refunds WHERE status = 'pending'";
        connection.query_row(sql, [], |row| row.get::<_, String>(0)).optional().unwrap()
    };
    let shown = |connection: &Connection| {
        refunds::of_session(connection, "cs_1").unwrap().expect("the shopper is told")
    };
    let mut numbers = Vec::new();
    while let Some(id) = pending(&connection) {
        assert_eq!(shown(&connection), RefundStatus::Pending, "not given up yet");
        let outcome = record(&mut connection, &id, RefundSignal::Closed);
        assert_eq!(outcome.refund.status, RefundStatus::Failed);
        numbers.push(outcome.refund.out_refund_no);
        // The same signal again, from a repeated notification, renews nothing.
        let again = record(&mut connection, &id, RefundSignal::Closed);
        assert_eq!(again.after, rules::AfterRefund::default());
        assert!(refunds::held(&connection, "pay_1").unwrap() <= 12_800);
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 3, "{numbers:?}");
    assert_eq!(shown(&connection), RefundStatus::Failed, "now somebody must look at it");
    assert_eq!(refunds::held(&connection, "pay_1").unwrap(), 0);
    let tasks = "SELECT count(*) FROM outbox WHERE kind = 'refund' AND done_at IS NULL";
    assert_eq!(connection.query_row(tasks, [], |row| row.get::<_, u32>(0)).unwrap(), 0);
}

#[test]
fn a_refund_that_the_gateway_closes_after_staff_refunded_the_whole_is_not_sent_again() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    apply_update(&mut connection, "pay_1", &Update::Plain(Signal::GivenUp(Ending::Expired)), LATE);
    apply_update(&mut connection, "pay_1", &captured("T1"), LATE);
    let sql = "SELECT id FROM refunds WHERE status = 'pending'";
    let id: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    let payment = payments::find(&connection, "pay_1").unwrap().unwrap();
    let made = MadeElsewhere {
        out_refund_no: "CONSOLE1".to_owned(),
        amount_value: 12_800,
        gateway_refund_id: None,
    };
    let transaction = connection.transaction().unwrap();
    refunds::record_elsewhere(&transaction, context(LATE), &payment, &made).unwrap();
    transaction.commit().unwrap();
    let closed = record(&mut connection, &id, RefundSignal::Closed);
    assert_eq!(closed.refund.status, RefundStatus::Failed);
    let pending = connection.query_row(sql, [], |row| row.get::<_, String>(0)).optional().unwrap();
    assert_eq!(pending, None, "nothing is left to refund");
}

fn record(connection: &mut Connection, id: &str, signal: RefundSignal) -> refunds::RefundOutcome {
    let update = RefundUpdate {
        signal,
        gateway_refund_id: Some("G1".to_owned()),
        failure_code: Some("CODE".to_owned()),
    };
    let transaction = connection.transaction().unwrap();
    let outcome = refunds::record(&transaction, context(START), id, &update).unwrap();
    Transaction::commit(transaction).unwrap();
    outcome
}

#[test]
fn a_change_its_refund_and_its_events_are_one_transaction() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    apply_update(&mut connection, "pay_1", &Update::Plain(Signal::GivenUp(Ending::Expired)), LATE);
    apply_update(&mut connection, "pay_1", &captured("T1"), LATE);
    let events = |connection: &Connection| {
        let mut statement = connection
            .prepare("SELECT kind || coalesce(' ' || (CASE payload WHEN '' THEN NULL ELSE payload END ->> 'type'), '') FROM outbox ORDER BY seq")
            .unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(
        events(&connection),
        ["webhook checkout.session.expired", "refund", "webhook refund.updated"]
    );
    let mut refused = database();
    start(&refused, "pay_1", START);
    apply_update(
        &mut refused,
        "pay_1",
        &Update::Refused { failure_code: "gateway_rejected" },
        START,
    );
    assert_eq!(events(&refused), ["webhook payment.failed"]);
    // After a rollback there is no task.
    let mut other = database();
    start(&other, "pay_1", START);
    let transaction = other.transaction().unwrap();
    apply(&transaction, "pay_1", &captured("T1"), context(START)).unwrap();
    drop(transaction);
    assert!(events(&other).is_empty());
}

#[test]
fn m8_the_events_of_a_session_begin_in_order_and_a_refused_one_delays_no_other() {
    let connection = database();
    for subject in ["cs_1", "cs_1", "cs_2"] {
        outbox::put(&connection, Kind::Webhook, subject, "{}", START).unwrap();
    }
    let first = claim_webhooks(&connection, START);
    let subjects: Vec<_> = first.iter().map(|task| task.subject.as_str()).collect();
    assert_eq!(subjects, ["cs_1", "cs_2"]);
    assert!(claim_webhooks(&connection, START).is_empty(), "the second waits for the first's try");
    outbox::again(&connection, &first[0], START.plus_ms(5_000)).unwrap();
    let second = claim_webhooks(&connection, START.plus_ms(10));
    assert_eq!((second.len(), second[0].attempts), (1, 1));
    assert_eq!(second[0].subject, "cs_1");
    outbox::finish(&connection, &second[0], START).unwrap();
    let again = claim_webhooks(&connection, START.plus_ms(5_000));
    assert_eq!((again[0].id.as_str(), again[0].attempts), (first[0].id.as_str(), 2));
    // The process crashed during both.
    assert_eq!(outbox::resume(&connection, START.plus_ms(10_000)).unwrap(), 2);
    outbox::finish(&connection, &again[0], START).unwrap();
    assert_eq!(
        claim_webhooks(&connection, START.plus_ms(10_000)).len(),
        2,
        "claims of then are void"
    );
}

#[test]
fn h1_events_that_wait_for_a_permit_use_no_tries() {
    let connection = database();
    for number in 0..600 {
        let subject = format!("cs_{number}");
        outbox::put(&connection, Kind::Webhook, &subject, "{}", START).unwrap();
    }
    // A receiver that hangs: 16 tries every 15 seconds, for an hour.
    let mut tries = 0;
    for quarter_minutes in 0..240 {
        let now = START.plus_ms(quarter_minutes * 15_000);
        let lease = Lease::starting(now);
        for task in outbox::claim_webhooks(&connection, lease, 16).unwrap() {
            tries += 1;
            let wait = schedule::webhook_retry_ms(task.attempts, 0).unwrap();
            outbox::again(&connection, &task, now.plus_ms(15_000 + wait)).unwrap();
        }
    }
    let sum = "SELECT SUM(attempts) FROM outbox";
    let attempts: i64 = connection.query_row(sum, [], |row| row.get(0)).unwrap();
    assert_eq!(attempts, tries, "each try is counted, and nothing else");
    assert!(tries > 2_000, "{tries}");
    let lost = "SELECT COUNT(*) FROM outbox WHERE done_at IS NOT NULL";
    assert_eq!(connection.query_row(lost, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn tries_that_a_crash_aborted_lengthen_no_delay_and_stay_counted() {
    let connection = database();
    outbox::put(&connection, Kind::Webhook, "cs_1", "{}", START).unwrap();
    outbox::put(&connection, Kind::Webhook, "cs_2", "{}", START).unwrap();
    let ended = claim_webhooks(&connection, START).pop().unwrap();
    outbox::again(&connection, &ended, LATE).unwrap();
    let mut now = START;
    for _ in 0..20 {
        now = now.plus_ms(10_000);
        outbox::resume(&connection, now).unwrap();
        let cut_off = claim_webhooks(&connection, now);
        // Counted as a second try, so that the outcome of the one before is queried first.
        assert_eq!(cut_off.iter().map(|task| task.attempts).collect::<Vec<_>>(), [2]);
    }
    let claimed = claim_webhooks(&connection, LATE);
    let attempts: Vec<u32> =
        claimed.iter().filter(|task| task.id == ended.id).map(|task| task.attempts).collect();
    assert_eq!(attempts, [2], "what was not under way stays as it is");
}

#[test]
fn refunds_that_an_earlier_version_only_marked_are_migrated() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "foreign_keys", "ON").unwrap();
    connection.execute_batch(include_str!("0001_sessions_and_payments.sql")).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    insert_session_as_then(&connection);
    insert_as_then(&connection, "pay_1", "'canceled', NULL, NULL, NULL");
    insert_as_then(&connection, "pay_2", "'canceled', 'duplicate', 'T2', 5");
    migrations::run(&mut connection).unwrap();
    let refund: (String, String, i64) = connection
        .query_row("SELECT payment_id, reason, held_value FROM refunds", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(refund, ("pay_2".to_owned(), "duplicate".to_owned(), 12_800));
    let lease = Lease::starting(START);
    let tasks = outbox::claim_refunds(&connection, PaymentMethod::Alipay, lease, 64).unwrap();
    assert_eq!(tasks.len(), 1);
    assert!(refunds::find(&connection, &tasks[0].subject).unwrap().is_some());
    assert!(payments::find(&connection, "pay_1").unwrap().is_some());
}

/// A payment as the first version wrote it. `rest` is status, refund_due, transaction_id, paid_at.
/// A session as the first schema had it.
fn insert_session_as_then(connection: &Connection) {
    let sql = "INSERT INTO sessions (id, status, revision, order_id, amount_value, currency,
            description, payment_methods, secret_hash, created_at, expires_at)
         VALUES ('cs_1', 'open', 1, 'order-1', 12800, 'CNY', '', 'alipay', x'01', 1, 2)";
    connection.execute(sql, []).unwrap();
}

fn insert_as_then(connection: &Connection, id: &str, rest: &str) {
    let sql = format!(
        "INSERT INTO payments (id, session_id, out_trade_no, payment_method, flow, amount_value,
            currency, order_expires_at, notify_url, created_at, action,
            status, refund_due, transaction_id, paid_at)
         VALUES ('{id}', 'cs_1', 'OC{id}', 'alipay', 'redirect', 12800, 'CNY', 1, '', 1, 'https://a',
            {rest})"
    );
    connection.execute(&sql, []).unwrap();
}

#[test]
fn payments_of_earlier_versions_keep_their_product_and_action() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("0001_sessions_and_payments.sql")).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    insert_session_as_then(&connection);
    insert_as_then(&connection, "pay_1", "'requires_action', NULL, NULL, NULL");
    migrations::run(&mut connection).unwrap();
    let read = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert_eq!(read.product, Product::Page);
    assert_eq!(read.action, Some(Action::redirect("https://a".to_owned())));
    assert!(read.is_handed_out());
}

#[test]
fn the_parameters_of_an_order_round_trip() {
    let mut connection = database();
    let row = PaymentRow {
        product: Product::H5,
        payment_method: PaymentMethod::WechatPay,
        payer_client_ip: Some("203.0.113.9".to_owned()),
        ..payment("pay_1")
    };
    payments::start(&connection, &row, &request("k"), START).unwrap();
    apply_update(&mut connection, "pay_1", &ordered(), START);
    let read = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert_eq!(read.product, Product::H5);
    assert_eq!(read.payer_client_ip.as_deref(), Some("203.0.113.9"));
    assert_eq!(read.action, Some(Action::code("https://qr.alipay.com/x".to_owned())));
}

#[test]
fn a_payment_has_one_payer_and_no_code_before() {
    let mut connection = database();
    let row = PaymentRow {
        product: Product::WechatJsapi,
        payment_method: PaymentMethod::WechatPay,
        ..payment("pay_1")
    };
    payments::start(&connection, &row, &request("k"), START).unwrap();
    let ask = Action::redirect("https://open.weixin.qq.com/".to_owned());
    apply_update(
        &mut connection,
        "pay_1",
        &Update::Ordered { action: ask, expires_at: LATE },
        START,
    );
    let asked = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert_eq!(asked.status, P::RequiresAction);
    assert!(!asked.is_handed_out(), "there is no order yet");

    let one = Payer::WechatOpenid("o_1".to_owned());
    let other = Payer::WechatOpenid("o_2".to_owned());
    let set = |payer: &Payer| payments::set_payer(&connection, "pay_1", payer).unwrap();
    assert_eq!(set(&one), Some(one.clone()));
    assert_eq!(set(&other), Some(one), "the first one stays");
    let forced = connection.execute("UPDATE payments SET payer = 'openid=o_2'", []);
    assert!(forced.is_err(), "whatever the program believes");
}

#[test]
fn the_books_of_a_day_have_moved_money_and_entries_of_the_bill() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    apply_update(&mut connection, "pay_1", &captured("T1"), START);
    let day = 86_400_000;
    let books = |from: Timestamp, numbers: &[&str]| {
        let of_order =
            |number: &&str| Number { out_trade_no: (*number).to_owned(), out_refund_no: None };
        let numbers: Vec<Number> = numbers.iter().map(of_order).collect();
        let (method, until) = (PaymentMethod::Alipay, from.plus_ms(day));
        let mut books = reconciliations::books(&connection, method, from, until).unwrap();
        reconciliations::look_up(&connection, &mut books, method, &numbers).unwrap();
        books
    };
    let today = books(START, &["OCpay_1", "OCpay_9"]);
    assert_eq!(today.booked.len(), 1, "once, and nothing for numbers that we do not have");
    assert!(today.booked[0].is_due && today.booked[0].is_done);
    assert_eq!(today.id("OCpay_1", "OCpay_1").as_deref(), Some("pay_1"));
    assert!(books(START.plus_ms(1), &[]).booked.is_empty());
    assert!(books(START.plus_ms(-day), &[]).booked.is_empty(), "the next day's first moment");
    let tomorrow = books(START.plus_ms(day), &["OCpay_1"]);
    assert!(!tomorrow.booked[0].is_due && tomorrow.booked[0].is_done);
    let mut of_other =
        reconciliations::books(&connection, PaymentMethod::WechatPay, START, LATE).unwrap();
    let number = Number { out_trade_no: "OCpay_1".to_owned(), out_refund_no: None };
    let method = PaymentMethod::WechatPay;
    reconciliations::look_up(&connection, &mut of_other, method, &[number]).unwrap();
    assert!(of_other.booked.is_empty(), "the other gateway's number is not its own");
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

#[test]
fn l3_the_key_of_a_refund_is_stored_as_long_as_its_payment_can_be_refunded() {
    let connection = database();
    idempotency::remember(&connection, &request("a"), "re_1", START).unwrap();
    idempotency::remember(&connection, &request("b"), "cs_1", START).unwrap();
    let day = 86_400_000;
    let forget = |days: i64| {
        let now = START.plus_ms(days * day);
        let (other, refunds) = (now.plus_ms(-8 * day), now.plus_ms(-400 * day));
        idempotency::forget_before(&connection, other, refunds).unwrap();
    };
    forget(9);
    assert_eq!(idempotency::find(&connection, &request("b")).unwrap(), Known::New);
    assert_eq!(
        idempotency::find(&connection, &request("a")).unwrap(),
        Known::Done("re_1".to_owned())
    );
    forget(401);
    assert_eq!(idempotency::find(&connection, &request("a")).unwrap(), Known::New);
}

#[test]
fn l7_the_payer_is_deleted_once_nothing_needs_it() {
    let mut connection = database();
    start(&connection, "pay_1", START);
    let payer = Payer::AlipayUserId("2088000000000001".to_owned());
    payments::set_payer(&connection, "pay_1", &payer).unwrap();
    let after = LATE.plus_ms(1);
    assert_eq!(payments::forget_payers(&connection, after).unwrap(), 0, "it is still asked about");
    apply_update(&mut connection, "pay_1", &captured("T1"), START);
    assert_eq!(payments::forget_payers(&connection, LATE).unwrap(), 0);
    assert_eq!(payments::forget_payers(&connection, after).unwrap(), 1);
    assert_eq!(payments::find(&connection, "pay_1").unwrap().unwrap().payer, None);
}

#[cfg(unix)]
#[test]
fn l7_only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let path = std::env::temp_dir().join(format!("opencashier-private-{}.db", std::process::id()));
    drop(super::Db::open(&path).unwrap());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(mode & 0o777, 0o600);
}
