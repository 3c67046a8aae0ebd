//! The tasks of the outbox.

use contract::WebhookType;

use super::rows::{
    LATE, LEASE_MS, START, apply_update, captured, claim_webhooks, context, database, due, lease,
    number, start, start_shown,
};
use crate::db::apply::{Update, apply};
use crate::db::claims;
use crate::db::event_log;
use crate::db::outbox;
use crate::db::payments;
use crate::db::sql::{Connection, Isolation, Row, params};
use crate::db::subscriptions::{self, Subscription};
use crate::rules::{Ending, Signal, schedule};

#[test]
fn a_change_its_refund_and_its_events_are_one_transaction() {
    let connection = database();
    start(&connection, "pay_1", START);
    apply_update(&connection, "pay_1", &Update::Plain(Signal::GivenUp(Ending::Expired)), LATE);
    apply_update(&connection, "pay_1", &captured("T1"), LATE);
    let events = |connection: &Connection| {
        let sql = "SELECT kind, payload FROM outbox ORDER BY seq";
        let read = |row: &Row<'_>| {
            let (kind, payload): (String, String) = (row.get("kind")?, row.get("payload")?);
            let event: serde_json::Value = serde_json::from_str(&payload).unwrap_or_default();
            let event = event["type"].as_str().map(str::to_owned);
            Ok(kind + &event.map_or_else(String::new, |event| format!(" {event}")))
        };
        connection.query_all(sql, params![], read).unwrap()
    };
    assert_eq!(
        events(&connection),
        ["webhook checkout.session.expired", "refund", "webhook refund.updated"]
    );
    let refused = database();
    start(&refused, "pay_1", START);
    apply_update(&refused, "pay_1", &Update::Refused { failure_code: "gateway_rejected" }, START);
    assert_eq!(events(&refused), ["webhook payment.failed"]);
    // After a rollback there is no task.
    let other = database();
    start(&other, "pay_1", START);
    let transaction = other.begin(Isolation::Serializable).unwrap();
    apply(&transaction, "pay_1", &captured("T1"), context(START)).unwrap();
    drop(transaction);
    assert!(events(&other).is_empty());
}

#[test]
fn m8_the_events_of_a_session_begin_in_order_and_a_refused_one_delays_no_other() {
    let connection = database();
    for subject in ["cs_1", "cs_1", "cs_2"] {
        outbox::put_event(&connection, WebhookType::SessionExpired, subject, "{}", START).unwrap();
    }
    let first = claim_webhooks(&connection, START);
    let subjects: Vec<_> = first.iter().map(|task| task.subject.as_str()).collect();
    assert_eq!(subjects, ["cs_1", "cs_2"]);
    assert!(claim_webhooks(&connection, START).is_empty(), "the second waits for the first's try");
    outbox::again(&connection, &first[0], START, 5_000).unwrap();
    let second = claim_webhooks(&connection, START.plus_ms(10));
    assert_eq!((second.len(), second[0].attempts), (1, 1));
    assert_eq!(second[0].subject, "cs_1");
    outbox::finish(&connection, &second[0], START).unwrap();
    let again = claim_webhooks(&connection, START.plus_ms(5_000));
    assert_eq!((again[0].id.as_str(), again[0].attempts), (first[0].id.as_str(), 2));
    // The process crashed during both.
    assert_eq!(outbox::resume(&connection, START, 10_000).unwrap(), 2);
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
        outbox::put_event(&connection, WebhookType::SessionExpired, &subject, "{}", START).unwrap();
    }
    // A receiver that hangs: 16 tries every 15 seconds, for an hour.
    let mut tries = 0;
    for quarter_minutes in 0..240 {
        let now = START.plus_ms(quarter_minutes * 15_000);
        let lease = lease(now);
        for task in outbox::claim_webhooks(&connection, "default", lease, 16).unwrap() {
            tries += 1;
            let wait = schedule::webhook_retry_ms(task.attempts, 0).unwrap();
            outbox::again(&connection, &task, now, 15_000 + wait).unwrap();
        }
    }
    let sum = "SELECT CAST(SUM(attempts) AS BIGINT) AS value FROM outbox";
    let attempts = number(&connection, sum);
    assert_eq!(attempts, tries, "each try is counted, and nothing else");
    assert!(tries > 2_000, "{tries}");
    let lost = "SELECT COUNT(*) AS value FROM outbox WHERE done_at IS NOT NULL";
    assert_eq!(number(&connection, lost), 0);
}

#[test]
fn tries_that_a_crash_aborted_lengthen_no_delay_and_stay_counted() {
    let connection = database();
    outbox::put_event(&connection, WebhookType::SessionExpired, "cs_1", "{}", START).unwrap();
    outbox::put_event(&connection, WebhookType::SessionExpired, "cs_2", "{}", START).unwrap();
    let ended = claim_webhooks(&connection, START).pop().unwrap();
    outbox::again(&connection, &ended, START, LATE.since_ms(START)).unwrap();
    let mut now = START;
    for _ in 0..20 {
        now = now.plus_ms(10_000);
        outbox::resume(&connection, now, 0).unwrap();
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
fn a_restart_shortens_no_wait_that_a_receiver_asked_for() {
    let connection = database();
    outbox::put_event(&connection, WebhookType::SessionExpired, "cs_1", "{}", START).unwrap();
    let refused = claim_webhooks(&connection, START).remove(0);
    let hour_ms = 3_600_000;
    outbox::again(&connection, &refused, START, hour_ms).unwrap();
    outbox::resume(&connection, START, 10_000).unwrap();
    outbox::pull_in(&connection, lease(START)).unwrap();
    assert!(claim_webhooks(&connection, START.plus_ms(hour_ms - 1)).is_empty());
    assert_eq!(claim_webhooks(&connection, START.plus_ms(hour_ms)).len(), 1);
}

#[test]
fn l4_work_scheduled_before_the_clock_was_set_back_is_due_after_its_own_delay() {
    let connection = database();
    start_shown(&connection, 1);
    outbox::put_event(&connection, WebhookType::SessionExpired, "cs_1", "{}", LATE).unwrap();
    outbox::put_event(&connection, WebhookType::SessionExpired, "cs_2", "{}", LATE).unwrap();
    let tried = claim_webhooks(&connection, LATE).remove(0);
    outbox::again(&connection, &tried, LATE, 5_000).unwrap();
    payments::ask_at(&connection, "pay_00001", LATE).unwrap();
    // The clock is set back by half an hour.
    assert!(claim_webhooks(&connection, START).is_empty());
    let lease = lease(START);
    outbox::pull_in(&connection, lease).unwrap();
    claims::pull_in(&connection, lease, START.plus_ms(2_000)).unwrap();
    let again = claim_webhooks(&connection, START.plus_ms(5_000));
    assert_eq!(again.iter().map(|task| &task.id).collect::<Vec<_>>(), [&tried.id]);
    assert_eq!(due(&connection, &[], START.plus_ms(2_000)), ["pay_00001"]);
    assert_eq!(
        claim_webhooks(&connection, START.plus_ms(LEASE_MS)).len(),
        1,
        "a lease that ran out"
    );
}

#[test]
fn events_for_an_endpoint_that_is_not_configured_any_more_are_given_up_by_age() {
    let connection = database();
    let put = |at| {
        let kind = WebhookType::SessionCompleted;
        outbox::put_event(&connection, kind, "cs_1", "{}", at).unwrap();
    };
    put(START);
    subscriptions::delete_others(&connection, "in_1").unwrap();
    subscriptions::replace(&connection, "in_1", &wanted("other")).unwrap();
    let owed = "SELECT endpoint FROM outbox WHERE done_at IS NULL ORDER BY seq";
    let owed = || -> Vec<String> {
        connection.query_all(owed, params![], |row| row.get("endpoint")).unwrap()
    };
    assert_eq!(owed(), ["default"], "it stays owed at the start");
    put(LATE);
    assert_eq!(owed(), ["default", "other"], "new events are for the new endpoint");
    assert_eq!(event_log::give_up_before(&connection, START, LATE).unwrap(), 0);
    assert_eq!(event_log::give_up_before(&connection, START.plus_ms(1), LATE).unwrap(), 1);
    assert_eq!(owed(), ["other"]);
}

#[test]
fn an_event_is_owed_once_to_each_endpoint_that_any_instance_wants_it_for() {
    let connection = database();
    subscriptions::delete_others(&connection, "in_1").unwrap();
    let both = [wanted("accounts"), wanted("mail")].concat();
    subscriptions::replace(&connection, "in_1", &both).unwrap();
    subscriptions::replace(&connection, "in_2", &wanted("accounts")).unwrap();
    let owed = || -> Vec<String> {
        let kind = WebhookType::SessionCompleted;
        connection.execute("DELETE FROM outbox", params![]).unwrap();
        outbox::put_event(&connection, kind, "cs_1", "{}", START).unwrap();
        let sql = "SELECT endpoint FROM outbox ORDER BY seq";
        connection.query_all(sql, params![], |row| row.get("endpoint")).unwrap()
    };
    assert_eq!(owed(), ["accounts", "mail"], "the last one to start takes nothing away");
    subscriptions::replace(&connection, "in_1", &wanted("other")).unwrap();
    assert_eq!(owed(), ["accounts", "other"]);
    subscriptions::delete_others(&connection, "in_1").unwrap();
    assert_eq!(owed(), ["other"]);
}

/// Returns an endpoint that wants one type.
fn wanted(endpoint: &str) -> Vec<Subscription> {
    let types = vec![WebhookType::SessionCompleted];
    vec![Subscription { endpoint: endpoint.to_owned(), types }]
}
