//! The operator's metrics, each moved by its cause, and the alerts and the dashboard that name them.

use std::collections::BTreeSet;
use std::path::Path;

use contract::SessionStatus;
use http::{Method, StatusCode};
use sandbox::DesktopFlow;
use serde_json::json;
use tokio::net::TcpListener;

use crate::bench::{Bench, Shop, call, code, keys, start_body};

const METRICS: &str = "[server]\nmetrics = \"127.0.0.1:0\"\n";
const CALLS: &str = "opencashier_gateway_call_duration_seconds_count";

async fn bench(more: &str) -> Bench {
    Bench::with(DesktopFlow::Precreate, &format!("{METRICS}{more}")).await
}

/// An endpoint that answers every event so.
async fn endpoint(status: StatusCode) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(move || async move { status });
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!(
        "[webhooks]\nurl = \"{url}\"\nsecret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"\n"
    )
}

/// Waits until a metric has a value that is right.
async fn wait_for(bench: &Bench, name: &str, labels: &str, is_so: impl Fn(i64) -> bool) -> i64 {
    let mut found = None;
    for _ in 0..500 {
        found = bench.shop.metric(name, labels).await;
        if let Some(value) = found.filter(|value| is_so(*value)) {
            return value;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{name}{labels} is {found:?}\n{}", bench.shop.metrics().await);
}

#[tokio::test]
async fn requests_gateway_calls_and_deliveries_move_their_metrics() {
    let bench = bench(&endpoint(StatusCode::OK).await).await;
    let (session, _) = bench.shop.paid(&bench, "wechat_pay").await;
    let opened = "{route=\"/v1/checkout/sessions\",method=\"POST\",status=\"201\"}";
    wait_for(&bench, "opencashier_http_request_duration_seconds_count", opened, |n| n == 1).await;
    let ordered = "{gateway=\"wechat_pay\",call=\"order\",outcome=\"success\"}";
    wait_for(&bench, CALLS, ordered, |n| n == 1).await;
    let accepted = "{endpoint=\"default\",outcome=\"accepted\"}";
    let deliveries = "opencashier_webhook_delivery_duration_seconds_count";
    wait_for(&bench, deliveries, accepted, |n| n == 1).await;
    // Paths that a client invents share one label.
    for path in ["/wp-login.php", "/v1/nothing/cs_invented"] {
        call(Method::GET, &format!("{}{path}", bench.shop.base), &[], "").await;
    }
    let unknown = "{route=\"none\",method=\"GET\",status=\"404\"}";
    wait_for(&bench, "opencashier_http_request_duration_seconds_count", unknown, |n| n == 2).await;
    let text = bench.shop.metrics().await;
    for private in [session.id.as_str(), "cs_", "pay_", "wp-login", "invented", "127.0.0.1"] {
        assert!(!text.contains(private), "{private}: {text}");
    }
    // The routes of the operator's listener are not among the API's.
    let metrics = call(Method::GET, &format!("{}/metrics", bench.shop.base), &[], "").await;
    assert_eq!(metrics.status, 404);
}

#[tokio::test]
async fn a_failing_gateway_a_full_lane_and_waiting_shoppers_are_seen() {
    let bench = bench("").await;
    bench.faults(json!({ "down": true })).await;
    let session = bench.shop.open().await;
    bench.shop.try_start(&session, "k", start_body("alipay")).await;
    let text = bench.shop.metrics().await;
    let failed = text.lines().any(|line| {
        line.starts_with(&format!("{CALLS}{{gateway=\"alipay\",call=\"order\",outcome=\"un"))
    });
    assert!(failed, "{text}");
    bench.faults(json!({ "down": false })).await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.shop.session(&session).await;
    wait_for(&bench, "opencashier_waiting_sessions", "", |n| n == 1).await;
    bench.approve(&code(&started)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    for (lane, target, limit) in
        [("queries", "alipay", 200), ("refunds", "wechat_pay", 32), ("closing", "alipay", 64)]
    {
        let labels = format!("{{lane=\"{lane}\",target=\"{target}\"}}");
        wait_for(&bench, "opencashier_worker_permits", &labels, |n| n == limit).await;
        wait_for(&bench, "opencashier_worker_permits_in_use", &labels, |n| n == 0).await;
    }
}

#[tokio::test]
async fn events_that_are_not_accepted_grow_old() {
    let bench = bench(&endpoint(StatusCode::INTERNAL_SERVER_ERROR).await).await;
    bench.shop.paid(&bench, "wechat_pay").await;
    let refused = "{endpoint=\"default\",outcome=\"refused\"}";
    let deliveries = "opencashier_webhook_delivery_duration_seconds_count";
    wait_for(&bench, deliveries, refused, |n| n >= 1).await;
    let event = "{work=\"event\"}";
    wait_for(&bench, "opencashier_work_pending", event, |n| n == 1).await;
    bench.shop.clock.advance(7_200_000);
    wait_for(&bench, "opencashier_work_oldest_seconds", event, |n| n >= 7_200).await;
}

#[tokio::test]
async fn events_for_an_endpoint_that_no_instance_has_are_counted_apart_and_told_once() {
    let mut bench = bench(&endpoint(StatusCode::INTERNAL_SERVER_ERROR).await).await;
    bench.shop.paid(&bench, "wechat_pay").await;
    wait_for(&bench, "opencashier_work_pending", "{work=\"event\"}", |n| n == 1).await;
    bench.shop.stop().await;
    let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
    let flow = DesktopFlow::Precreate;
    bench.shop = Shop::start(&bench.sandbox, flow, METRICS, database, clock).await;
    let lost = "{work=\"event_without_endpoint\"}";
    wait_for(&bench, "opencashier_work_pending", lost, |n| n == 1).await;
    for metric in ["opencashier_work_pending", "opencashier_work_oldest_seconds"] {
        wait_for(&bench, metric, "{work=\"event\"}", |n| n == 0).await;
    }
    let told = "SELECT COUNT(*) FROM jobs WHERE name = 'lost endpoint default'";
    assert_eq!(bench.shop.stored::<i64>(told), 0, "its instance may be restarting");
    for round in 0..500 {
        // The worker looks once before the first step, and again after one of ten minutes.
        if round % 100 == 0 {
            bench.shop.clock.advance(700_000);
        }
        if bench.shop.stored::<i64>(told) == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("nobody was told");
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_down_and_the_other_metrics_are_there() {
    let bench = bench("").await;
    wait_for(&bench, "opencashier_database_up", "", |up| up == 1).await;
    let lock = bench.shop.database.lock("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE");
    wait_for(&bench, "opencashier_database_up", "", |up| up == 0).await;
    let text = bench.shop.metrics().await;
    assert!(text.contains("opencashier_build{"), "{text}");
    drop(lock);
    wait_for(&bench, "opencashier_database_up", "", |up| up == 1).await;
}

#[tokio::test]
async fn alerts_and_dashboard_name_metrics_that_exist() {
    let keys = keys();
    let certificates = format!(
        "[alipay]\napp_cert = \"\"\"{}\"\"\"\nalipay_cert = \"\"\"{}\"\"\"\nalipay_root_cert = \"\"\"{}\"\"\"\n",
        keys.alipay.app_cert, keys.alipay.alipay_cert, keys.alipay.alipay_root_cert
    );
    let bench = bench(&format!("{}{certificates}", endpoint(StatusCode::OK).await)).await;
    bench.shop.paid(&bench, "wechat_pay").await;
    let accepted = "{endpoint=\"default\",outcome=\"accepted\"}";
    let deliveries = "opencashier_webhook_delivery_duration_seconds_count";
    wait_for(&bench, deliveries, accepted, |n| n == 1).await;
    let text = bench.shop.metrics().await;
    let known: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(known.len() >= 15, "{known:?}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for file in ["deploy/alerts.yaml", "deploy/dashboard.json", "docs/operations.md"] {
        let content = std::fs::read_to_string(root.join(file)).unwrap();
        let named = names(&content);
        assert!(named.len() >= 10, "{file}: {named:?}");
        for name in named {
            let family = ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|end| name.strip_suffix(end).filter(|name| known.contains(name)));
            assert!(known.contains(name) || family.is_some(), "{file}: {name} is no metric");
        }
    }
    let manual = std::fs::read_to_string(root.join("docs/operations.md")).unwrap();
    for name in known {
        assert!(manual.contains(&format!("`{name}`")), "docs/operations.md: {name}");
    }
    let rules = std::fs::read_to_string(root.join("deploy/alerts.yaml")).unwrap();
    for alert in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(manual.contains(&format!("`{alert}`")), "docs/operations.md: {alert}");
        let tests = std::fs::read_to_string(root.join("deploy/alerts.test.yaml")).unwrap();
        assert!(tests.contains(&format!("alertname: {alert}\n")), "alerts.test.yaml: {alert}");
    }
}

/// Returns the names of metrics in a text.
fn names(text: &str) -> BTreeSet<&str> {
    let starts = text.match_indices("opencashier_").map(|(start, _)| start);
    let name = |start: usize| {
        let rest = &text[start..];
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    };
    starts.map(name).collect()
}
