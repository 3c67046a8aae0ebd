//! The gateways' bills of a day, compared with the books.

use contract::{
    BillDifference, BillEntry, PaymentMethod, Reconciliation, Refund, RefundStatus, SessionStatus,
};
use http::Method;
use merchant::reconcile_day;
use sandbox::Flows;
use serde_json::json;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::bench::{Bench, Shop, code, config_of, payment_id, unique};

const DAY_MS: i64 = 86_400_000;

/// Returns the day in China of the shop's last capture.
fn day_of_capture(shop: &Shop) -> Date {
    let paid_at: i64 = shop.stored("SELECT MAX(paid_at) FROM payments");
    let china = UtcOffset::from_hms(8, 0, 0).unwrap();
    OffsetDateTime::from_unix_timestamp(paid_at / 1_000).unwrap().to_offset(china).date()
}

async fn read(shop: &Shop, date: &str) -> crate::bench::Answer {
    shop.merchant(Method::GET, &format!("/v1/reconciliations/{date}"), "-", "").await
}

#[tokio::test]
async fn a_days_bills_equal_the_books_the_next_morning() {
    let bench = Bench::with(Flows::default(), "").await;
    bench.faults(json!({ "bills_of_today": true, "refund_delay_ms": 0 })).await;
    for method in ["wechat_pay", "alipay"] {
        let (_, done) = bench.shop.paid(&bench, method).await;
        let amount = json!({ "value": 800, "currency": "CNY" });
        let body = json!({ "payment_id": payment_id(&done), "amount": amount });
        let refund: Refund = bench.shop.refund(&unique("r"), body).await.json();
        assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
    }
    // An unpaid payment is on no bill and no difference.
    let open = bench.shop.open().await;
    bench.shop.start_payment(&open, "wechat_pay").await;
    let date = day_of_capture(&bench.shop).to_string();
    read(&bench.shop, &date).await.problem(404, "reconciliation_not_found");

    bench.shop.clock.advance(DAY_MS + DAY_MS / 2);
    let day: Reconciliation = 'found: {
        for _ in 0..1_000 {
            let answer = read(&bench.shop, &date).await;
            if answer.status == 200 {
                let day: Reconciliation = answer.json();
                if day.reports.len() == 2 {
                    break 'found day;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the bills were not compared");
    };
    assert_eq!(day.date, date);
    for report in day.reports {
        assert_eq!(report.differences, [], "{report:?}");
        assert_eq!((report.lines, report.matched, report.foreign), (2, 2, 0), "{report:?}");
    }
}

#[tokio::test]
async fn d04_a_capture_that_only_the_bill_has_is_queried_and_recorded() {
    let mut bench = Bench::with(Flows::default(), "").await;
    bench.faults(json!({ "bills_of_today": true, "drop_notifications": true })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    // The backend is down: no notification arrives, and nothing is queried.
    bench.shop.stop().await;
    bench.approve(&code(&started)).await;
    let china = UtcOffset::from_hms(8, 0, 0).unwrap();
    let date = OffsetDateTime::now_utc().to_offset(china).date();
    let day = reconcile_day(config_of(&bench), date).await.unwrap();
    let report =
        day.reports.iter().find(|it| it.payment_method == PaymentMethod::WechatPay).unwrap();
    let [difference] = &report.differences[..] else { panic!("{report:?}") };
    assert_eq!(difference.difference, BillDifference::OtherKind);
    assert_eq!(difference.id.as_deref(), Some(payment_id(&started).as_str()));
    assert!(difference.repaired, "{difference:?}");
    assert_eq!(bench.shop.stored::<String>("SELECT status FROM sessions"), "complete");
    assert_eq!(bench.shop.stored::<String>("SELECT status FROM payments"), "succeeded");
    // The second comparison finds no difference.
    let day = reconcile_day(config_of(&bench), date).await.unwrap();
    assert!(day.reports.iter().all(|report| report.differences.is_empty()), "{day:?}");
}

#[tokio::test]
async fn l13_the_orders_of_a_bigger_shop_with_the_same_merchant_number_are_only_counted() {
    let bench = Bench::with(Flows::default(), "").await;
    bench.faults(json!({ "bills_of_today": true })).await;
    bench.shop.paid(&bench, "wechat_pay").await;
    let shop_of_theirs =
        gateways::wechat_pay::Client::new(config_of(&bench).wechat_pay.unwrap().gateway);
    for number in ["BIGSHOP0001", "BIGSHOP0002", "BIGSHOP0003"] {
        let order = gateways::Order {
            out_trade_no: number.to_owned(),
            amount: gateways::Fen::new(100).unwrap(),
            description: "theirs".to_owned(),
            reference: None,
            expires_at: OffsetDateTime::now_utc() + time::Duration::hours(1),
            notify_url: "http://127.0.0.1:9/notifications".to_owned(),
            return_url: None,
            quit_url: None,
        };
        let ordered = shop_of_theirs.as_ref().unwrap().native_order(&order).await.unwrap();
        assert_eq!(bench.approve(&ordered.code_url).await.status, 200);
    }
    let date = day_of_capture(&bench.shop);
    let day = reconcile_day(config_of(&bench), date).await.unwrap();
    let report =
        day.reports.iter().find(|it| it.payment_method == PaymentMethod::WechatPay).unwrap();
    assert_eq!((report.lines, report.matched, report.foreign), (4, 1, 3), "{report:?}");
    assert_eq!(report.differences, []);
}

#[tokio::test]
async fn each_difference_is_reported_by_kind() {
    let mut bench = Bench::with(Flows::default(), "").await;
    bench.faults(json!({ "bills_of_today": true })).await;
    let (_, first) = bench.shop.paid(&bench, "wechat_pay").await;
    let (session, _) = bench.shop.paid(&bench, "alipay").await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    let date = day_of_capture(&bench.shop);
    bench.shop.stop().await;
    let database = &bench.shop.database;
    // An amount in the books that differs, and a capture that they do not have.
    database.execute("UPDATE payments SET amount_value = 1 WHERE payment_method = 'wechat_pay'");
    database.execute(
        "UPDATE payments SET out_trade_no = 'OC0123456789ABCDEFGHJKMNPQ'
         WHERE payment_method = 'alipay'",
    );
    let day = reconcile_day(config_of(&bench), date).await.unwrap();
    let of = |method| day.reports.iter().find(|it| it.payment_method == method).unwrap();
    let [amount] = &of(PaymentMethod::WechatPay).differences[..] else { panic!("{day:?}") };
    assert_eq!(amount.difference, BillDifference::OtherAmount);
    assert_eq!(amount.entry, BillEntry::Payment);
    assert_eq!(amount.id.as_deref(), Some(payment_id(&first).as_str()));
    let value = |amount: &Option<contract::Amount>| amount.as_ref().map(|amount| amount.value);
    assert_eq!((value(&amount.here), value(&amount.there)), (Some(1), Some(12_800)));
    let mut kinds: Vec<BillDifference> =
        of(PaymentMethod::Alipay).differences.iter().map(|one| one.difference).collect();
    kinds.sort_by_key(|kind| kind.as_str());
    assert_eq!(kinds, [BillDifference::MissingHere, BillDifference::MissingThere]);
}

#[tokio::test]
async fn reports_need_the_secret_key() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let authorization = format!("Bearer {}", session.secret);
    let url = format!("{}/v1/reconciliations/2026-11-27", bench.shop.base);
    let headers = [("authorization", authorization.as_str())];
    let answer = crate::bench::call(Method::GET, &url, &headers, "").await;
    answer.problem(401, "secret_key_invalid");
    for date in ["yesterday", "2026-11-31", "2026-1-1", "2026-11-27T00:00:00Z"] {
        read(&bench.shop, date).await.problem(400, "parameter_invalid");
    }
}
