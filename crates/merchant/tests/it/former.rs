//! A merchant whose identity has changed: the orders of its former identity.

use std::sync::OnceLock;

use contract::{PaymentStatus, Refund, RefundStatus, Session, SessionStatus};
use merchant::{Config, reconcile_day};
use sandbox::{DesktopFlow, Flows, Keys, Options, Running, Sandbox};
use serde_json::{Value, json};
use time::{OffsetDateTime, UtcOffset};

use crate::bench::{Bench, Shop, call, code, config, config_of, payment_id, status};
use crate::environments::{form, visit};
use crate::notifications::{Recorder, assert_acknowledged};

const METHODS: [&str; 2] = ["wechat_pay", "alipay"];

/// Returns the keys of the merchant's present identity.
fn present_keys() -> Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let mut keys = Keys::generate().unwrap();
        keys.wechat_pay.mchid = "1900000002".to_owned();
        keys.wechat_pay.appid = "wxfedcba9876543210".to_owned();
        keys.alipay.app_id = "2021000000000002".to_owned();
        keys.alipay.seller_id = "2088000000000002".to_owned();
        keys
    });
    keys.clone()
}

/// Returns the sections for the identity of `sandbox` as a former one.
fn former_toml(sandbox: &Running) -> String {
    let offering = ["products", "h5_domain", "desktop_flow", "mobile_flow", "jsapi"];
    let text = sandbox.keys.gateways_toml(&sandbox.base_url(), DesktopFlow::Precreate);
    let text = text
        .replace("[wechat_pay]", "[[wechat_pay_former]]")
        .replace("[alipay]", "[[alipay_former]]");
    let is_kept = |line: &&str| !offering.iter().any(|key| line.starts_with(&format!("{key} = ")));
    text.lines().filter(is_kept).map(|line| format!("{line}\n")).collect()
}

/// Starts the gateways of the present identity.
async fn present() -> Running {
    let options = Options { keys: Some(present_keys()), notify_speed: 1_000, ..Options::default() };
    Sandbox::start(options).await.unwrap()
}

/// Restarts the shop under its present identity. The bench's sandbox has the former one.
async fn move_to(bench: &mut Bench, present: &Running, more: &str) {
    bench.shop.stop().await;
    let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
    bench.shop = Shop::start(present, DesktopFlow::Precreate, more, database, clock).await;
}

/// Returns a shop that has moved to its present identity and is asked for the refund of a payment
/// of its former one. The latter is configured if `is_known`; its sections are returned, too.
async fn refund_after_moving(method: &str, is_known: bool) -> (Bench, Running, String, Refund) {
    let mut bench = Bench::new().await;
    bench.faults(json!({ "refund_delay_ms": 0 })).await;
    let (_, paid) = bench.shop.paid(&bench, method).await;
    let (present, former) = (present().await, former_toml(&bench.sandbox));
    move_to(&mut bench, &present, if is_known { &former } else { "" }).await;
    let body = json!({ "payment_id": payment_id(&paid) });
    let refund: Refund = bench.shop.refund("k", body).await.json();
    bench.shop.wait_for_attempts(1).await;
    (bench, present, former, refund)
}

async fn orders(sandbox: &Running) -> Vec<Value> {
    let url = format!("{}/sandbox/orders", sandbox.base_url());
    call(http::Method::GET, &url, &[], "").await.json()
}

#[tokio::test]
async fn m3_a_payment_of_a_former_merchant_number_is_queried_with_its_keys() {
    for method in METHODS {
        let mut bench = Bench::new().await;
        bench.faults(json!({ "drop_notifications": true })).await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        let (present, former) = (present().await, former_toml(&bench.sandbox));
        move_to(&mut bench, &present, &former).await;
        bench.approve(&code(&started)).await;
        let checked = bench.shop.on_payment(&session, &payment_id(&started), "check").await;
        assert_eq!(checked.status, 200, "{}", checked.text());
        bench.shop.wait_for_status(&session, SessionStatus::Complete).await;

        // New payments have the present identity.
        let session = bench.shop.open().await;
        bench.shop.start_payment(&session, method).await;
        assert_eq!(orders(&bench.sandbox).await.len(), 1);
        assert_eq!(orders(&present).await.len(), 1);
    }
}

#[tokio::test]
async fn m3_a_notification_to_a_former_merchant_number_is_opened_with_its_keys() {
    for method in METHODS {
        let (recorder, base) = Recorder::start().await;
        let more = format!("[server]\nnotify_url_base = \"{base}\"\n");
        let mut bench = Bench::with(DesktopFlow::Precreate, &more).await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        let (present, former) = (present().await, former_toml(&bench.sandbox));
        move_to(&mut bench, &present, &format!("{more}{former}")).await;
        bench.approve(&code(&started)).await;
        let sent = recorder.next().await;
        // No gateway answers queries: only the notification has the outcome.
        bench.faults(json!({ "down": true })).await;
        assert_acknowledged(method, &sent.to(&bench.shop).await);
        assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Complete);
    }
}

#[tokio::test]
async fn m3_a_browser_that_comes_back_from_a_former_application_is_sent_on() {
    let mut bench = Bench::with(Flows::default(), "").await;
    bench.faults(json!({ "drop_notifications": true })).await;
    let session = bench.shop.open().await;
    let body = json!({ "payment_method": "alipay", "environment": "mobile_browser" });
    let started: Session = bench.shop.try_start(&session, "k", body).await.json();
    let address = started.payment.unwrap().next_action.unwrap().url.unwrap();
    let cashier = visit(&address, &[]).await;
    let cashier = format!("{}{}", bench.sandbox.base_url(), cashier.header("location"));
    let page = visit(&cashier, &[]).await;
    let form = form(&bench.sandbox.base_url(), &page, "pay");
    let paid = call(http::Method::POST, &form, &[], "").await;
    let base = bench.shop.base.clone();
    let (present, former) = (present().await, former_toml(&bench.sandbox));
    move_to(&mut bench, &present, &former).await;
    let back = paid.header("location").replace(&base, &bench.shop.base);
    let returned = call(http::Method::GET, &back, &[], "").await;
    assert_eq!(returned.status, 303, "{}", returned.text());
    assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Complete);
}

#[tokio::test]
async fn m3_a_notification_to_an_unknown_identity_is_refused() {
    for method in METHODS {
        let (recorder, base) = Recorder::start().await;
        let more = format!("[server]\nnotify_url_base = \"{base}\"\n");
        let mut bench = Bench::with(DesktopFlow::Precreate, &more).await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        let present = present().await;
        move_to(&mut bench, &present, &more).await;
        bench.approve(&code(&started)).await;
        let answer = recorder.next().await.to(&bench.shop).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Open);
    }
}

#[tokio::test]
async fn m3_a_payment_of_a_former_merchant_number_is_refunded_by_it() {
    for method in METHODS {
        let (bench, _present, _, refund) = refund_after_moving(method, true).await;
        bench.shop.clock.advance(20_000);
        let refund = bench.shop.wait_for_refund(&refund.id).await;
        assert_eq!(refund.status, RefundStatus::Succeeded, "{method}");
    }
}

#[tokio::test]
async fn m3_a_refunds_notification_to_a_former_merchant_number_is_opened_with_its_keys() {
    let (recorder, base) = Recorder::start().await;
    let more = format!("[server]\nnotify_url_base = \"{base}\"\n");
    let mut bench = Bench::with(DesktopFlow::Precreate, &more).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.approve(&code(&started)).await;
    assert_acknowledged("wechat_pay", &recorder.next().await.to(&bench.shop).await);
    let (present, former) = (present().await, former_toml(&bench.sandbox));
    move_to(&mut bench, &present, &format!("{more}{former}")).await;
    let body = json!({ "payment_id": payment_id(&started) });
    let refund: Refund = bench.shop.refund("k", body).await.json();
    let sent = recorder.next().await;
    assert_acknowledged("wechat_pay", &sent.to(&bench.shop).await);
    assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
}

#[tokio::test]
async fn d34_a_refunds_notification_of_another_identity_than_the_orders_is_refused() {
    let (recorder, base) = Recorder::start().await;
    let mut bench = Bench::new().await;
    let session = bench.shop.open().await;
    bench.shop.start_payment(&session, "alipay").await;
    let number = orders(&bench.sandbox).await[0]["out_trade_no"].as_str().unwrap().to_owned();
    let (present, former) = (present().await, former_toml(&bench.sandbox));
    move_to(&mut bench, &present, &former).await;
    // An order of the present identity with the number of ours, paid and given back.
    let theirs = Bench { sandbox: present, shop: bench.shop };
    let client = gateways::alipay::Client::new(config_of(&theirs).alipay.unwrap().gateway).unwrap();
    let order = gateways::Order {
        out_trade_no: number.clone(),
        amount: gateways::Fen::new(12_800).unwrap(),
        description: "theirs".to_owned(),
        reference: None,
        expires_at: OffsetDateTime::now_utc() + time::Duration::hours(1),
        notify_url: format!("{base}/v1/notifications/alipay"),
        return_url: None,
        quit_url: None,
    };
    let ordered = client.precreate(&order).await.unwrap();
    theirs.approve(&ordered.qr_code).await;
    let paid = recorder.next().await.to(&theirs.shop).await;
    assert_eq!(paid.status, 404, "{}", paid.text());
    theirs.refund_in_console(&number, "SUPPORT-1", 2_800).await;
    let refunded = recorder.next().await.to(&theirs.shop).await;
    assert_eq!(refunded.status, 404, "{}", refunded.text());
    assert_eq!(theirs.shop.stored::<u32>("SELECT COUNT(*) FROM refunds"), 0);
    assert_eq!(theirs.shop.session(&session).await.status, SessionStatus::Open);
}

#[tokio::test]
async fn b14_a_notification_of_a_former_identity_waits_for_no_download_of_the_present_one() {
    // Counts the calls to the present identity's gateway, and answers none.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (calls, mut called) = tokio::sync::watch::channel(0);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            open.push(connection);
            calls.send_modify(|calls| *calls += 1);
        }
    });
    let certificates = |keys: &Keys| {
        let keys = &keys.alipay;
        format!(
            "app_cert = \"\"\"{}\"\"\"\nalipay_cert = \"\"\"{}\"\"\"\nalipay_root_cert = \"\"\"{}\"\"\"\n",
            keys.app_cert, keys.alipay_cert, keys.alipay_root_cert
        )
    };
    let (recorder, base) = Recorder::start().await;
    let server = format!("[server]\nnotify_url_base = \"{base}\"\n");
    let own = format!("{server}[alipay]\n{}", certificates(&crate::bench::keys()));
    let mut bench = Bench::with(DesktopFlow::Precreate, &own).await;
    bench.faults(json!({ "alipay_certificates": true })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    let present = present().await;
    let former = former_toml(&bench.sandbox);
    let start = former.find("alipay_public_key = ").unwrap();
    let end = start + former[start..].find("oauth_authorize_url").unwrap();
    let former =
        format!("{}{}{}", &former[..start], certificates(&bench.sandbox.keys), &former[end..]);
    let own = format!(
        "{server}[alipay]\ngateway_url = \"{url}/gateway.do\"\n{}",
        certificates(&present_keys())
    );
    move_to(&mut bench, &present, &format!("{own}{former}")).await;
    bench.approve(&code(&started)).await;
    assert_acknowledged("alipay", &recorder.next().await.to(&bench.shop).await);
    assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Complete);
    assert_eq!(*called.borrow_and_update(), 0, "nothing was downloaded");
}

#[tokio::test]
async fn m3_a_payment_of_a_former_merchant_number_is_renewed_and_closed_by_it() {
    let mut bench = Bench::new().await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    let (present, former) = (present().await, former_toml(&bench.sandbox));
    move_to(&mut bench, &present, &former).await;
    let id = payment_id(&started);
    let refreshed = bench.shop.on_payment(&session, &id, "refresh").await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text());
    assert_eq!(orders(&bench.sandbox).await.len(), 1, "the same order, ordered again");
    let canceled = bench.shop.on_payment(&session, &id, "cancel").await;
    assert_eq!(canceled.status, 200, "{}", canceled.text());
    assert_eq!(status(&canceled.json()), PaymentStatus::Canceled);
    assert_eq!(orders(&bench.sandbox).await[0]["state"], "CLOSED");
    assert!(orders(&present).await.is_empty());
}

#[tokio::test]
async fn m3_orders_of_an_unconfigured_identity_wait_until_it_is_configured() {
    for method in METHODS {
        let mut bench = Bench::new().await;
        bench.faults(json!({ "drop_notifications": true })).await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        let (present, former) = (present().await, former_toml(&bench.sandbox));
        move_to(&mut bench, &present, "").await;
        bench.approve(&code(&started)).await;
        let id = payment_id(&started);
        for call in ["check", "cancel", "refresh"] {
            let answer = bench.shop.on_payment(&session, &id, call).await;
            answer.problem(503, "gateway_unavailable");
        }
        // Past the session's end, and past every limit after which a payment is given up.
        for hours in [1, 24, 24, 24] {
            bench.shop.clock.advance(hours * 3_600_000);
            tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        }
        let now = bench.shop.session(&session).await;
        assert_eq!((now.status, status(&now)), (SessionStatus::Open, status(&started)), "{method}");
        let is_scheduled = "SELECT next_check_at IS NOT NULL FROM payments";
        assert!(bench.shop.stored::<bool>(is_scheduled));

        move_to(&mut bench, &present, &former).await;
        bench.shop.clock.advance(5_000);
        bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    }
}

#[tokio::test]
async fn m3_a_refund_of_an_unconfigured_identity_waits_until_it_is_configured() {
    for method in METHODS {
        let (mut bench, present, former, refund) = refund_after_moving(method, false).await;
        bench.shop.clock.advance(48 * 3_600_000);
        bench.shop.wait_for_attempts(2).await;
        let path = format!("/v1/refunds/{}", refund.id);
        let refund: Refund = bench.shop.merchant(http::Method::GET, &path, "-", "").await.json();
        assert_eq!(refund.status, RefundStatus::Pending, "{method}");

        move_to(&mut bench, &present, &former).await;
        bench.shop.clock.advance(24 * 3_600_000);
        bench.shop.wait_for_attempts(3).await;
        bench.shop.clock.advance(3_600_000);
        let refund = bench.shop.wait_for_refund(&refund.id).await;
        assert_eq!(refund.status, RefundStatus::Succeeded, "{method}");
    }
}

#[tokio::test]
async fn m3_the_bills_of_a_day_are_those_of_every_merchant_number_of_that_day() {
    let mut bench = Bench::with(Flows::default(), "").await;
    let bills = json!({ "bills_of_today": true });
    bench.faults(bills.clone()).await;
    let present = present().await;
    let url = format!("{}/sandbox/faults", present.base_url());
    let json = [("content-type", "application/json")];
    call(http::Method::POST, &url, &json, &bills.to_string()).await;
    for method in METHODS {
        bench.shop.paid(&bench, method).await;
    }
    let former = former_toml(&bench.sandbox);
    move_to(&mut bench, &present, &former).await;
    let present_bench = Bench { sandbox: present, shop: bench.shop };
    for method in METHODS {
        present_bench.shop.paid(&present_bench, method).await;
    }
    let config = |more: &str| -> Config {
        let shop = &present_bench.shop;
        config(&shop.base, &present_bench.sandbox, Flows::default(), more, &shop.database)
    };
    let china = UtcOffset::from_hms(8, 0, 0).unwrap();
    let date = OffsetDateTime::now_utc().to_offset(china).date();
    let day = reconcile_day(config(&former), date).await.unwrap();
    for report in &day.reports {
        assert_eq!((report.matched, report.differences.len()), (2, 0), "{report:?}");
    }
    assert_eq!(day.reports.len(), 2);
    // Without its keys the bills are incomplete: no report is made.
    assert!(reconcile_day(config(""), date).await.is_err());
}

#[tokio::test]
async fn m3_an_identity_may_be_in_one_section_only() {
    let bench = Bench::new().await;
    let gateways = bench.sandbox.keys.gateways_toml(&bench.sandbox.base_url(), Flows::default());
    let text = format!("{gateways}\n{}", former_toml(&bench.sandbox));
    let errors = Config::parse([(std::path::Path::new("t.toml"), text)], []).unwrap_err();
    for section in ["wechat_pay_former_1", "alipay_former_1"] {
        let start = format!("{section}: is the same merchant and application");
        assert!(errors.problems.iter().any(|one| one.starts_with(&start)), "{errors}");
    }
}
