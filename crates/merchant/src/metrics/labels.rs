//! The labels of the metrics.

use http::Method;
use prometheus_client::encoding::EncodeLabelSet;

/// The labels of an answered request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Request {
    pub(super) route: String,
    pub(super) method: &'static str,
    pub(super) status: u16,
}

/// The labels of a call to a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct GatewayCall {
    pub(super) gateway: &'static str,
    pub(super) call: &'static str,
    pub(super) outcome: &'static str,
}

/// The labels of a try to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Delivery {
    /// The endpoint's configured name.
    pub(super) endpoint: String,
    pub(super) outcome: &'static str,
}

/// The label of an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Alarm {
    pub(super) kind: &'static str,
}

/// The label of the running version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Build {
    pub(super) version: &'static str,
}

/// The labels of a lane of the worker.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Lane {
    lane: &'static str,
    target: String,
}

impl Lane {
    /// Returns the labels of a lane that calls a gateway or an endpoint for events.
    pub(crate) fn of(lane: &'static str, target: &str) -> Self {
        Self { lane, target: target.to_owned() }
    }
}

/// The labels of a certificate, all from the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Certificate {
    pub(crate) app_id: String,
    pub(crate) setting: &'static str,
    pub(crate) serial: String,
}

/// The label of owed work: `payment`, `refund` or `event`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Work {
    pub(crate) work: &'static str,
}

/// Returns the method's name; `other` for those that no route has, which a client may invent.
pub(super) fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
