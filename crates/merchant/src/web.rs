//! HTTP shared by all calls: ids, problems, secrets, bodies, origins, connections.

pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod callers;
pub(crate) mod client_ip;
pub(crate) mod cors;
pub(crate) mod events;
pub(crate) mod outermost;
mod prompt;
pub(crate) mod serve;
