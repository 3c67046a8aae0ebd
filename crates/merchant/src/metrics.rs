//! The metrics that an operator watches, in Prometheus' text format.
//!
//! Labels are bounded: routes are templates, and no label has a value that a client chooses.
//! `routes/metrics.rs` renders them, and sets those that are read at that moment.

mod alarms;
mod gauges;
mod labels;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contract::PaymentMethod;
use http::Method;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::sync::Semaphore;

pub use alarms::AlarmCounter;
use gauges::Gauges;
pub(crate) use gauges::count;
pub(crate) use labels::{Certificate, Lane, Work};
use labels::{Delivery, GatewayCall, Request};

/// Durations by labels.
type Durations<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// All metrics. Clones share their values.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    requests: Durations<Request>,
    gateway_calls: Durations<GatewayCall>,
    deliveries: Durations<Delivery>,
    lanes: Arc<Mutex<Vec<WatchedLane>>>,
    /// The metrics that are read when they are rendered.
    pub(crate) gauges: Gauges,
}

/// The permits of a lane of the worker.
struct WatchedLane {
    lane: Lane,
    permits: Arc<Semaphore>,
    limit: usize,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let requests = durations();
        let gateway_calls = durations();
        let deliveries = durations();
        let mut registry = Registry::with_prefix("opencashier");
        registry.register(
            "http_request_duration_seconds",
            "Time until the head of an answer, by route, method and status",
            requests.clone(),
        );
        registry.register(
            "gateway_call_duration_seconds",
            "Time of a call to a gateway, by call and outcome",
            gateway_calls.clone(),
        );
        registry.register(
            "webhook_delivery_duration_seconds",
            "Time of a try to deliver an event, by endpoint and outcome",
            deliveries.clone(),
        );
        registry.register(
            "alarms",
            "Lines of the log with alarm=true, by their alarm.kind",
            alarms::counted(),
        );
        let gauges = Gauges::registered(&mut registry);
        Self {
            registry: Arc::new(registry),
            requests,
            gateway_calls,
            deliveries,
            lanes: Arc::default(),
            gauges,
        }
    }

    /// Counts an answered request. `route` is the template of the matched path.
    pub(crate) fn request(&self, method: &Method, route: &str, status: u16, elapsed: Duration) {
        let method = labels::method(method);
        let labels = Request { route: route.to_owned(), method, status };
        self.requests.get_or_create(&labels).observe(elapsed.as_secs_f64());
    }

    /// Counts a call to a gateway.
    pub(crate) fn gateway_call(
        &self,
        gateway: PaymentMethod,
        call: &'static str,
        outcome: &'static str,
        elapsed: Duration,
    ) {
        let labels = GatewayCall { gateway: gateway.as_str(), call, outcome };
        self.gateway_calls.get_or_create(&labels).observe(elapsed.as_secs_f64());
    }

    /// Counts a try to deliver an event to an endpoint.
    pub(crate) fn delivery(&self, endpoint: &str, outcome: &'static str, elapsed: Duration) {
        let labels = Delivery { endpoint: endpoint.to_owned(), outcome };
        self.deliveries.get_or_create(&labels).observe(elapsed.as_secs_f64());
    }

    /// Adds a lane of the worker, whose permits are counted when the metrics are rendered.
    pub(crate) fn watch_lane(&self, lane: Lane, permits: Arc<Semaphore>, limit: usize) {
        self.lock_lanes().push(WatchedLane { lane, permits, limit });
    }

    /// Returns the text of all metrics.
    pub(crate) fn text(&self) -> String {
        for WatchedLane { lane, permits, limit } in &*self.lock_lanes() {
            let in_use = limit.saturating_sub(permits.available_permits());
            self.gauges.permits(lane, in_use, *limit);
        }
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = prometheus_client::encoding::prometheus_text::encode(&mut text, &self.registry);
        text
    }

    fn lock_lanes(&self) -> std::sync::MutexGuard<'_, Vec<WatchedLane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn durations<Labels>() -> Durations<Labels>
where
    Labels: Clone + std::hash::Hash + Eq,
{
    Durations::new_with_constructor(|| Histogram::new(BUCKETS_S))
}

/// Limits of the histograms' buckets: from a read of the database to a gateway's timeout.
const BUCKETS_S: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0];

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the samples of a metric's text that begin so.
    fn samples<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
        text.lines().filter(|line| line.starts_with(start)).collect()
    }

    #[test]
    fn a_request_a_call_and_a_delivery_are_counted_by_bounded_labels() {
        let metrics = Metrics::new();
        let elapsed = Duration::from_millis(20);
        metrics.request(&Method::GET, "/v1/refunds/{refund_id}", 200, elapsed);
        for invented in ["BREW", "WHEN"] {
            let method = Method::from_bytes(invented.as_bytes()).unwrap();
            metrics.request(&method, "none", 405, elapsed);
        }
        metrics.gateway_call(PaymentMethod::Alipay, "query", "timed_out", elapsed);
        metrics.delivery("https://shop.example", "accepted", elapsed);
        let text = metrics.text();
        let mut requests = samples(&text, "opencashier_http_request_duration_seconds_count");
        requests.sort_unstable();
        assert_eq!(
            requests,
            [
                "opencashier_http_request_duration_seconds_count{route=\"/v1/refunds/{refund_id}\",method=\"GET\",status=\"200\"} 1",
                "opencashier_http_request_duration_seconds_count{route=\"none\",method=\"other\",status=\"405\"} 2",
            ]
        );
        let call = "opencashier_gateway_call_duration_seconds_count{gateway=\"alipay\",call=\"query\",outcome=\"timed_out\"} 1";
        let delivery = "opencashier_webhook_delivery_duration_seconds_count{endpoint=\"https://shop.example\",outcome=\"accepted\"} 1";
        assert!(text.contains(call) && text.contains(delivery), "{text}");
    }

    #[test]
    fn permits_in_use_are_counted_when_they_are_rendered() {
        let metrics = Metrics::new();
        let permits = Arc::new(Semaphore::new(3));
        metrics.watch_lane(Lane::of("webhooks", "shop"), Arc::clone(&permits), 3);
        let _permit = permits.try_acquire().unwrap();
        let text = metrics.text();
        let expected = "opencashier_worker_permits_in_use{lane=\"webhooks\",target=\"shop\"} 1";
        assert!(text.contains(expected), "{text}");
    }
}
