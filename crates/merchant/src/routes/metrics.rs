//! `GET /metrics` of the operator's listener, for Prometheus.

use std::time::Duration;

use axum::extract::State;
use http::HeaderName;
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::prometheus_text;

use crate::clock::timestamp;
use crate::db::readiness;
use crate::metrics::{Certificate, Work, count};
use crate::service::{Backend, Shared};

/// Reads the values of this moment, and renders all metrics.
pub(super) async fn render(
    State(backend): State<Shared>,
) -> ([(HeaderName, &'static str); 1], String) {
    read_waiting(&backend);
    read_database(&backend).await;
    read_certificates(&backend);
    ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], backend.metrics.text())
}

fn read_waiting(backend: &Backend) {
    let (streams, sessions) = backend.hub.count(backend.clock.uptime());
    backend.metrics.gauges.streams.set(count(streams));
    backend.metrics.gauges.waiting_sessions.set(count(sessions));
}

/// Reads what is owed. If the database does not answer in time, the other metrics still do.
async fn read_database(backend: &Backend) {
    let gauges = &backend.metrics.gauges;
    let (in_use, waiting) = backend.db.load();
    gauges.database_in_use.set(count(in_use));
    gauges.database_waiting.set(count(waiting));
    let now = backend.clock.now();
    let endpoints = backend.running_endpoints();
    let reading = backend.db.read(move |connection| {
        let late = readiness::lateness(connection, &endpoints, now)?;
        Ok((late, readiness::backlog(connection, now)?))
    });
    let read = match tokio::time::timeout(READ_TIMEOUT, reading).await {
        Ok(Ok(read)) => Some(read),
        Ok(Err(error)) => {
            if error.outage().is_none() {
                tracing::warn!("the metrics of the database could not be read: {error}");
            }
            None
        }
        Err(_) => None,
    };
    gauges.database_up.set(read.is_some().into());
    let Some((late, backlog)) = read else { return };
    for (work, late_s) in
        [("payment", late.payment_s), ("refund", late.refund_s), ("event", late.event_s)]
    {
        gauges.late_s.get_or_create(&Work { work }).set(late_s);
    }
    for work in ["refund", "event", "event_without_endpoint"] {
        let found = backlog.iter().find(|one| one.work == work);
        let (number, oldest_s) = found.map_or((0, 0), |one| (one.count, one.oldest_s));
        gauges.pending.get_or_create(&Work { work }).set(number);
        gauges.oldest_s.get_or_create(&Work { work }).set(oldest_s);
    }
}

fn read_certificates(backend: &Backend) {
    let now = backend.clock.now();
    for (app_id, certificates) in backend.gateways.all_certificates() {
        for one in certificates {
            let labels = Certificate {
                app_id: app_id.to_owned(),
                setting: one.field,
                serial: one.serial.clone(),
            };
            let days = timestamp(one.not_after).since_ms(now).div_euclid(DAY_MS);
            backend.metrics.gauges.certificate_days.get_or_create(&labels).set(days);
        }
    }
}

const READ_TIMEOUT: Duration = Duration::from_secs(2);
const DAY_MS: i64 = 86_400_000;
