//! HTTP shared by all calls: ids, problems, secrets, bodies, origins, connections.

pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod client_ip;
pub(crate) mod cors;
pub(crate) mod events;
pub(crate) mod rate_limit;
pub(crate) mod request_layer;
pub(crate) mod serve;
pub(crate) mod shopper_errors;
pub(crate) mod trace_context;
mod write_timeout;
