//! Refunds that are made in a wallet's console: with the merchant's own keys, under numbers that
//! are not ours.

use contract::{
    BillDifference, List, PaymentMethod, Reconciliation, Refund, RefundReason, RefundStatus,
    SessionStatus,
};
use gateways::{Fen, RefundOrder, alipay, wechat_pay};
use http::Method;
use merchant::reconcile_day;
use sandbox::{DesktopFlow, Options, Sandbox};
use serde_json::json;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::bench::{Bench, Opened, Shop, code, config_of, keys, payment_id};
use crate::notifications::{Recorder, assert_acknowledged};

const ALL: i64 = 12_800;

/// Returns the day in China.
fn day_of(moment: OffsetDateTime) -> Date {
    moment.to_offset(UtcOffset::from_hms(8, 0, 0).unwrap()).date()
}

fn today() -> Date {
    day_of(OffsetDateTime::now_utc())
}

/// Refunds a part of the first order in the console.
async fn refund_in_console(bench: &Bench, method: &str, number: &str, fen: i64) {
    let config = config_of(bench);
    let order = RefundOrder {
        out_trade_no: bench.orders().await[0]["out_trade_no"].as_str().unwrap().to_owned(),
        out_refund_no: number.to_owned(),
        amount: Fen::new(fen).unwrap(),
        total: Fen::new(ALL).unwrap(),
        reason: String::new(),
        notify_url: Some(format!("{}/v1/notifications/wechat_pay", bench.shop.base)),
    };
    if method == "alipay" {
        let client = alipay::Client::new(config.alipay.unwrap().gateway).unwrap();
        client.refund(&order).await.unwrap();
    } else {
        let client = wechat_pay::Client::new(config.wechat_pay.unwrap().gateway).unwrap();
        client.refund(&order).await.unwrap();
    }
}

async fn refunds(bench: &Bench) -> Vec<Refund> {
    let page: List<Refund> = bench.shop.merchant(Method::GET, "/v1/refunds", "-", "").await.json();
    page.data
}

async fn wait_for_refunds(bench: &Bench, count: usize) -> Vec<Refund> {
    for _ in 0..500 {
        let found = refunds(bench).await;
        if found.len() >= count {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("only {:?}", refunds(bench).await);
}

#[tokio::test]
async fn b5_a_refund_in_the_console_is_recorded_sent_and_counted() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::with(DesktopFlow::Precreate, "[webhooks]\nurl = \"http://127.0.0.1:9/\"\nsecret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"").await;
        bench.faults(json!({ "refund_delay_ms": 0 })).await;
        let (_, done) = bench.shop.paid(&bench, method).await;
        refund_in_console(&bench, method, "SUPPORT-1", 2_800).await;
        let found = wait_for_refunds(&bench, 1).await;
        let refund = &found[0];
        assert_eq!(refund.reason, RefundReason::MadeElsewhere, "{method}");
        assert_eq!((refund.status, refund.amount.value), (RefundStatus::Succeeded, 2_800));
        assert_eq!(refund.payment_id, payment_id(&done));
        let recorded =
            "SELECT COUNT(*) FROM outbox WHERE payload LIKE '%refund.updated%made_elsewhere%'";
        assert_eq!(bench.shop.stored::<u32>(recorded), 1);
        // The remaining refundable amount is correct afterwards.
        let body = |fen: i64| json!({ "payment_id": payment_id(&done), "amount": { "value": fen, "currency": "CNY" } });
        bench.shop.refund("k", body(10_001)).await.problem(409, "refund_exceeds_payment");
        let rest: Refund =
            bench.shop.refund("k", json!({ "payment_id": payment_id(&done) })).await.json();
        assert_eq!(rest.amount.value, 10_000, "{method}");
        bench.shop.clock.advance(20_000);
        assert_eq!(bench.shop.wait_for_refund(&rest.id).await.status, RefundStatus::Succeeded);
        // The gateway got the acknowledgement of its notifications.
        let order = bench.orders().await.swap_remove(0);
        let outcomes: Vec<_> = order["refunds"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|refund| refund["notifications"].as_array().unwrap().clone())
            .map(|attempt| attempt["outcome"].clone())
            .collect();
        assert!(outcomes.iter().all(|outcome| outcome == "delivered"), "{method}: {outcomes:?}");
        assert_eq!(order["refunded"], ALL);
    }
}

#[tokio::test]
async fn b5_the_rest_of_a_late_payment_goes_back_after_a_part_was_refunded_in_the_console() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
        let started = bench.shop.start_payment(&session, method).await;
        let unheard = json!({ "down": true, "drop_notifications": true, "refund_delay_ms": 0 });
        bench.faults(unheard).await;
        bench.shop.clock.advance(60_000 + 11 * 60_000);
        bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
        bench.approve(&code(&started)).await;
        // Staff are faster than the backend, which would give all of it back.
        bench.faults(json!({ "down": false, "drop_notifications": false })).await;
        refund_in_console(&bench, method, "SUPPORT-1", 2_800).await;
        let back = "SELECT COALESCE(SUM(amount_value), 0) FROM refunds WHERE status = 'succeeded'";
        for _ in 0..500 {
            if bench.shop.stored::<i64>(back) == ALL {
                break;
            }
            bench.shop.clock.advance(5_000);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let written = refunds(&bench).await;
        assert_eq!(bench.shop.stored::<i64>(back), ALL, "{method}: {written:?}");
        assert!(written.iter().all(|refund| refund.status != RefundStatus::Pending), "{written:?}");
        let order = bench.orders().await.swap_remove(0);
        assert_eq!((&order["captured"], &order["refunded"]), (&json!(ALL), &json!(ALL)));
        let now =
            bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
        assert_eq!(now.status, SessionStatus::Expired);
    }
}

#[tokio::test]
async fn b5_a_late_payment_that_staff_refund_whole_has_gone_back_for_its_shopper_too() {
    let bench = Bench::new().await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.faults(json!({ "down": true, "drop_notifications": true, "refund_delay_ms": 0 })).await;
    bench.shop.clock.advance(60_000 + 11 * 60_000);
    bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    bench.approve(&code(&started)).await;
    bench.faults(json!({ "down": false, "drop_notifications": false })).await;
    let order = bench.orders().await.swap_remove(0);
    let number = order["out_trade_no"].as_str().unwrap();
    bench.refund_in_console(number, "SUPPORT-1", ALL).await;
    for _ in 0..500 {
        if bench.shop.session(&session).await.refund == Some(RefundStatus::Succeeded) {
            break;
        }
        bench.shop.clock.advance(5_000);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let now = bench.shop.session(&session).await;
    assert_eq!(now.refund, Some(RefundStatus::Succeeded), "{:?}", refunds(&bench).await);
}

#[tokio::test]
async fn a_refund_in_the_console_is_recorded_as_queried_and_not_as_notified() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        bench.shop.paid(&bench, method).await;
        bench.faults(json!({ "refund_delay_ms": 0, "notification_wrong_amount": true })).await;
        refund_in_console(&bench, method, "SUPPORT-1", 2_800).await;
        let found = wait_for_refunds(&bench, 1).await;
        assert_eq!((found.len(), found[0].amount.value), (1, 2_800), "{method}");
    }
}

#[tokio::test]
async fn b6_a_partial_refund_before_the_capture_was_recorded_leaves_the_order_paid() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true, "refund_delay_ms": 0 })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.approve(&code(&started)).await;
    refund_in_console(&bench, "wechat_pay", "SUPPORT-1", 100).await;
    let checked = bench.shop.on_payment(&session, &payment_id(&started), "check").await;
    assert_eq!(checked.status, 200, "{}", checked.text());
    let done = bench.shop.session(&session).await;
    assert_eq!(done.status, SessionStatus::Complete, "and is not sold again");
    assert_eq!(crate::bench::status(&done), contract::PaymentStatus::Succeeded);
}

/// Returns a payment at Alipay that the shopper pays and staff refund whole.
async fn refunded_whole(bench: &Bench) -> (Opened, String) {
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.approve(&code(&started)).await;
    let number = bench.orders().await[0]["out_trade_no"].as_str().unwrap().to_owned();
    bench.refund_in_console(&number, "SUPPORT-1", ALL).await;
    (session, payment_id(&started))
}

/// Asserts that the session is recorded as paid, and all of it as given back by staff.
async fn assert_recorded(bench: &Bench, session: &Opened, payment_id: &str) {
    let found = wait_for_refunds(bench, 1).await;
    let [refund] = &found[..] else { panic!("{found:?}") };
    assert_eq!(refund.reason, RefundReason::MadeElsewhere);
    assert_eq!((refund.status, refund.amount.value), (RefundStatus::Succeeded, ALL));
    assert_eq!(bench.shop.session(session).await.status, SessionStatus::Complete);
    let body = json!({ "payment_id": payment_id });
    bench.shop.refund("k", body).await.problem(409, "refund_exceeds_payment");
}

#[tokio::test]
async fn b6_a_whole_refund_before_any_query_is_recorded_with_its_capture_when_it_is_notified() {
    let (recorder, base) = Recorder::start().await;
    let more = format!("[server]\nnotify_url_base = \"{base}\"\n");
    let bench = Bench::with(DesktopFlow::Precreate, &more).await;
    let (session, payment_id) = refunded_whole(&bench).await;
    let mut sent = recorder.next().await;
    while !sent.body.contains("SUPPORT-1") {
        sent = recorder.next().await;
    }
    assert_acknowledged("alipay", &sent.to(&bench.shop).await);
    assert_recorded(&bench, &session, &payment_id).await;
}

#[tokio::test]
async fn b6_a_query_of_a_trade_that_was_refunded_whole_finds_its_capture() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true, "bills_of_today": true })).await;
    let (session, payment_id) = refunded_whole(&bench).await;
    let checked = bench.shop.on_payment(&session, &payment_id, "check").await;
    assert_eq!(checked.status, 200, "{}", checked.text());
    assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Complete);
    // The bill has the refunded amount and the refund's number.
    reconcile_day(config_of(&bench), today()).await.unwrap();
    assert_recorded(&bench, &session, &payment_id).await;
}

#[tokio::test]
async fn b13_the_bill_has_a_refund_in_the_console_under_the_number_of_its_order() {
    let bench = Bench::new().await;
    bench.faults(json!({ "bills_of_today": true })).await;
    let (session, done) = bench.shop.paid(&bench, "alipay").await;
    bench.faults(json!({ "bills_of_today": true, "drop_notifications": true })).await;
    let number = bench.orders().await[0]["out_trade_no"].as_str().unwrap().to_owned();
    bench.refund_in_console(&number, &number, ALL).await;
    let day = reconcile_day(config_of(&bench), today()).await.unwrap();
    let mut differences = day.reports.iter().flat_map(|report| &report.differences);
    let difference = differences.next().unwrap();
    assert_eq!(difference.difference, BillDifference::MissingHere, "{day:?}");
    assert!(difference.repaired && differences.next().is_none(), "{day:?}");
    assert_recorded(&bench, &session, &payment_id(&done)).await;
    let day = reconcile_day(config_of(&bench), today()).await.unwrap();
    assert!(day.reports.iter().all(|report| report.differences.is_empty()), "{day:?}");
}

#[tokio::test]
async fn d34_a_refunds_notification_is_not_acknowledged_while_its_payment_counts_as_unpaid() {
    let (recorder, base) = Recorder::start().await;
    let more = format!("[server]\nnotify_url_base = \"{base}\"\n");
    let mut bench = Bench::with(DesktopFlow::Precreate, &more).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.approve(&code(&started)).await;
    recorder.next().await;
    let number = bench.orders().await[0]["out_trade_no"].as_str().unwrap().to_owned();
    bench.refund_in_console(&number, "SUPPORT-1", 2_800).await;
    let sent = recorder.next().await;
    assert!(sent.body.contains("SUPPORT-1"), "{}", sent.body);
    // Queries are answered by a gateway that does not know the order yet.
    let behind = Sandbox::start(Options { keys: Some(keys()), ..Options::default() });
    let url = behind.await.unwrap();
    bench.shop.stop().await;
    let more = format!("{more}[alipay]\ngateway_url = \"{}/gateway.do\"\n", url.base_url());
    let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
    bench.shop = Shop::start(&bench.sandbox, DesktopFlow::Precreate, &more, database, clock).await;
    assert_eq!(sent.to(&bench.shop).await.body, "fail", "Alipay sends it again");
    assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Open);
}

#[tokio::test]
async fn b5_the_next_bill_replaces_a_lost_refund_notification() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        bench.faults(json!({ "bills_of_today": true, "refund_delay_ms": 0 })).await;
        let (_, done) = bench.shop.paid(&bench, method).await;
        bench
            .faults(json!({
                "bills_of_today": true, "refund_delay_ms": 0, "drop_notifications": true
            }))
            .await;
        refund_in_console(&bench, method, "SUPPORT-1", 2_800).await;
        assert!(refunds(&bench).await.is_empty(), "{method}");
        let paid_at: i64 = bench.shop.stored("SELECT MAX(paid_at) FROM payments");
        let date = day_of(OffsetDateTime::from_unix_timestamp(paid_at / 1_000).unwrap());
        let day: Reconciliation = reconcile_day(config_of(&bench), date).await.unwrap();
        let of_method: PaymentMethod = PaymentMethod::parse(method);
        let report = day.reports.iter().find(|report| report.payment_method == of_method).unwrap();
        assert_eq!(report.differences.len(), 1, "{report:?}");
        let difference = &report.differences[0];
        assert_eq!(difference.difference, BillDifference::MissingHere);
        assert_eq!((difference.number.as_str(), difference.repaired), ("SUPPORT-1", true));
        let found = refunds(&bench).await;
        assert_eq!((found.len(), found[0].amount.value), (1, 2_800), "{method}");
        // A second comparison finds no difference.
        let day: Reconciliation = reconcile_day(config_of(&bench), date).await.unwrap();
        let mut differences = day.reports.iter().flat_map(|report| &report.differences);
        assert!(differences.next().is_none(), "{day:?}");
        let body = json!({ "payment_id": payment_id(&done) });
        let rest: Refund = bench.shop.refund("k", body).await.json();
        assert_eq!(rest.amount.value, 10_000);
    }
}

#[tokio::test]
async fn a_refund_of_more_than_its_payment_is_not_recorded() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        bench.shop.paid(&bench, method).await;
        let faults = json!({
            "bills_of_today": true, "refund_delay_ms": 0, "drop_notifications": true
        });
        bench.faults(faults).await;
        bench.shop.database.execute("UPDATE payments SET amount_value = 2799");
        refund_in_console(&bench, method, "SUPPORT-1", 2_800).await;
        let day: Reconciliation = reconcile_day(config_of(&bench), today()).await.unwrap();
        let mut differences = day.reports.iter().flat_map(|report| &report.differences);
        let refund = differences.find(|one| one.number == "SUPPORT-1").unwrap();
        assert_eq!(refund.difference, BillDifference::MissingHere, "{method}");
        assert!(!refund.repaired, "{method}");
        assert_eq!(refunds(&bench).await, [], "{method}");
    }
}
