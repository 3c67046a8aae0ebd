//! The shopper's address, for the gateways that require it.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::rate_limit::{Peer, client_address};
use crate::service::Shared;

/// The caller's address; `None` if the routes are not served by this server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(pub(crate) Option<IpAddr>);

impl FromRequestParts<Shared> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, backend: &Shared) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().copied();
        let trusted = &backend.settings.trusted_proxies;
        Ok(Self(peer.map(|Peer(peer)| client_address(peer, &parts.headers, trusted))))
    }
}
