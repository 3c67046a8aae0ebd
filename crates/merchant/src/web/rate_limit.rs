//! Rate limits by client address.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::code;
use http::{HeaderMap, Method};

use crate::config::IpNet;
use crate::error::PendingProblem;
use crate::limits::addresses::Counted;
use crate::service::Shared;

/// The address of the connection's other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Refuses addresses that call too often, or too often with invalid secrets.
///
/// A valid secret is accepted whatever its address has sent before: many shoppers may share one
/// address, and none may lock out the others. Gateways are not counted, and neither are calls
/// without a known connection, as in tests of the routes alone.
pub(crate) async fn layer(State(backend): State<Shared>, request: Request, next: Next) -> Response {
    let trusted = &backend.settings.trusted_proxies;
    let peer = request.extensions().get::<Peer>().copied();
    let caller = peer.map(|Peer(peer)| client_address(peer, request.headers(), trusted));
    if let Some(Peer(peer)) = peer
        && request.headers().contains_key(FORWARDED_FOR)
        && !is_one_of(trusted, peer)
        && backend.addresses.is_first_proxy()
    {
        tracing::warn!(
            proxy.address = %peer,
            "calls come through a proxy that is not in server.trusted_proxies: they share one client's limits"
        );
    }
    let (Some(caller), Some(counted)) = (caller, counted(&request)) else {
        return next.run(request).await;
    };
    let now = backend.clock.uptime();
    if let Err(error) = backend.addresses.take(counted, caller, now) {
        return error.into_response();
    }
    let response = next.run(request).await;
    if is_wrong_secret(&response)
        && let Err(error) = backend.addresses.take(Counted::WrongSecret, caller, now)
    {
        return error.into_response();
    }
    response
}

/// Returns the kind that a request counts as; `None` if it is not counted.
fn counted(request: &Request) -> Option<Counted> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    if path.ends_with("/v1/checkout/sessions") && request.method() == Method::POST {
        Some(Counted::Open)
    } else if path.ends_with("/hosted.css") || path.ends_with("/hosted.js") {
        None
    } else if COUNTED.iter().any(|counted| path.contains(counted)) {
        Some(Counted::Call)
    } else {
        None
    }
}

fn is_wrong_secret(response: &Response) -> bool {
    response.extensions().get::<PendingProblem>().is_some_and(|pending| {
        [code::CLIENT_SECRET_INVALID, code::SECRET_KEY_INVALID]
            .contains(&pending.problem.code.as_str())
    })
}

/// Returns the client's address: the nearest one that is not a trusted proxy, from the connection's
/// back through the forwarded hops. Only hops written by trusted proxies are read.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    let hops = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = hops.filter_map(|value| value.to_str().ok()).flat_map(|value| value.rsplit(','));
    for hop in hops {
        if !is_one_of(trusted, client) {
            break;
        }
        match address_of(hop.trim()) {
            Some(address) => client = address.to_canonical(),
            None => break,
        }
    }
    client
}

fn is_one_of(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// Parses a hop: an address, to which some proxies add a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    let alone = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse().ok().map(|address: SocketAddr| address.ip());
    alone.parse().ok().or_else(with_port)
}

/// The paths whose calls are counted.
const COUNTED: [&str; 6] = [
    "/v1/checkout/sessions",
    "/v1/checkout/hosted",
    "/v1/refunds",
    "/v1/events",
    "/v1/orders",
    "/v1/reconciliations",
];
const FORWARDED_FOR: &str = "x-forwarded-for";

#[cfg(test)]
mod tests;
