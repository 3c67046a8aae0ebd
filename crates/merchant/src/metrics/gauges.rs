//! The metrics that are read when they are rendered.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::labels::{Build, Certificate, Lane, Work};

/// Values that are set at each rendering.
#[derive(Clone, Default)]
pub(crate) struct Gauges {
    /// Open event streams.
    pub(crate) streams: Gauge,
    /// Sessions with a waiting shopper: an open stream, or a recent call.
    pub(crate) waiting_sessions: Gauge,
    /// Days until a certificate expires, by certificate.
    pub(crate) certificate_days: Family<Certificate, Gauge>,
    /// Seconds for which the longest due work has been due.
    pub(crate) late_s: Family<Work, Gauge>,
    /// Age of the oldest work that is not done, in seconds.
    pub(crate) oldest_s: Family<Work, Gauge>,
    /// Number of tasks that are not done.
    pub(crate) pending: Family<Work, Gauge>,
    /// 1 if the values above could be read from the database.
    pub(crate) database_up: Gauge,
    /// Database connections in use.
    pub(crate) database_in_use: Gauge,
    /// Database calls that wait for a connection.
    pub(crate) database_waiting: Gauge,
    permits_in_use: Family<Lane, Gauge>,
    permits: Family<Lane, Gauge>,
    build: Family<Build, Gauge>,
}

impl Gauges {
    /// Makes the gauges, and adds them to the registry.
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        gauges.build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION") }).set(1);
        let mut plain = |name: &str, help: &str, gauge: &Gauge| {
            registry.register(name, help, gauge.clone());
        };
        plain("event_streams", "Open event streams", &gauges.streams);
        plain("waiting_sessions", "Sessions with a waiting shopper", &gauges.waiting_sessions);
        plain(
            "database_up",
            "1 if the database could be read for these metrics",
            &gauges.database_up,
        );
        plain(
            "database_connections_in_use",
            "Database connections in use",
            &gauges.database_in_use,
        );
        plain(
            "database_calls_waiting",
            "Database calls that wait for a connection",
            &gauges.database_waiting,
        );
        let mut work = |name: &str, help: &str, family: &Family<Work, Gauge>| {
            registry.register(name, help, family.clone());
        };
        work(
            "work_late_seconds",
            "Time for which the longest due work has been due",
            &gauges.late_s,
        );
        work("work_oldest_seconds", "Age of the oldest task that is not done", &gauges.oldest_s);
        work("work_pending", "Number of tasks that are not done", &gauges.pending);
        registry.register(
            "certificate_days_left",
            "Whole days until a certificate expires",
            gauges.certificate_days.clone(),
        );
        registry.register(
            "worker_permits_in_use",
            "Tasks under way, by lane of the worker",
            gauges.permits_in_use.clone(),
        );
        registry.register(
            "worker_permits",
            "Limit of tasks under way, by lane of the worker",
            gauges.permits.clone(),
        );
        registry.register("build", "The running version", gauges.build.clone());
        gauges
    }

    /// Sets the permits of a lane.
    pub(super) fn permits(&self, lane: &Lane, in_use: usize, limit: usize) {
        self.permits_in_use.get_or_create(lane).set(count(in_use));
        self.permits.get_or_create(lane).set(count(limit));
    }
}

/// Returns a number of things as the value of a gauge.
pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
