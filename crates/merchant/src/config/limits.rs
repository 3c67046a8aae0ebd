//! Section `[limits]`, and the proxies whose `X-Forwarded-For` is trusted.

use std::net::IpAddr;

use ipnet::IpNet;

use super::table::Settings;

/// Section `[limits]`: limits per client address. Zero is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddressLimits {
    /// `calls_per_minute`: calls of browsers about sessions.
    pub calls_per_minute: u32,
    /// `sessions_per_minute`: sessions that the merchant's servers open.
    pub sessions_per_minute: u32,
    /// `wrong_secrets_per_minute`: calls with an invalid secret.
    pub wrong_secrets_per_minute: u32,
    /// `connections`: limit of open connections in total.
    pub connections: u32,
    /// `connections_per_address`: limit of open connections per client address; trusted proxies are
    /// exempt.
    pub connections_per_address: u32,
    /// True if that limit applies to this machine's own address, too: only if it is set, because a
    /// proxy may run on it.
    pub is_loopback_limited: bool,
}

impl Default for AddressLimits {
    /// High enough for a town behind one address.
    fn default() -> Self {
        Self {
            calls_per_minute: 6_000,
            sessions_per_minute: 3_000,
            wrong_secrets_per_minute: 120,
            connections: 16_384,
            connections_per_address: 256,
            is_loopback_limited: false,
        }
    }
}

/// Reads the section; `None` if any of it is invalid.
pub(super) fn read(settings: &mut Settings) -> Option<AddressLimits> {
    let usual = AddressLimits::default();
    let calls = per_minute(settings, "calls_per_minute", usual.calls_per_minute);
    let sessions = per_minute(settings, "sessions_per_minute", usual.sessions_per_minute);
    let wrong = per_minute(settings, "wrong_secrets_per_minute", usual.wrong_secrets_per_minute);
    let connections = connections(settings, usual.connections);
    let per_address =
        per_minute(settings, "connections_per_address", usual.connections_per_address);
    Some(AddressLimits {
        calls_per_minute: calls?,
        sessions_per_minute: sessions?,
        wrong_secrets_per_minute: wrong?,
        connections: connections?,
        connections_per_address: per_address?,
        is_loopback_limited: settings.has("limits", "connections_per_address"),
    })
}

/// Reads `server.trusted_proxies`.
pub(super) fn trusted_proxies(settings: &mut Settings) -> Option<Vec<IpNet>> {
    let texts = settings.texts("server", "trusted_proxies").unwrap_or_default();
    let networks: Vec<_> = texts.iter().filter_map(|text| network(text)).collect();
    let is_good = networks.len() == texts.len();
    if !is_good {
        settings.problem(
            "server.trusted_proxies: must be IP addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]",
        );
    }
    is_good.then_some(networks)
}

/// Parses a network such as `10.0.0.0/8`, or a single address.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse().ok().map(|address: IpAddr| address.to_canonical().into());
    text.parse().ok().or_else(address)
}

fn connections(settings: &mut Settings, usual: u32) -> Option<u32> {
    let Some(number) = settings.integer("limits", "connections") else { return Some(usual) };
    let number = u32::try_from(number).ok().filter(|number| (1..=1_000_000).contains(number));
    if number.is_none() {
        settings.problem("limits.connections: must be 1 to 1000000");
    }
    number
}

fn per_minute(settings: &mut Settings, key: &str, usual: u32) -> Option<u32> {
    let Some(number) = settings.integer("limits", key) else { return Some(usual) };
    let number = u32::try_from(number).ok().filter(|number| *number <= MOST_PER_MINUTE);
    if number.is_none() {
        settings.problem(format!("limits.{key}: must be 0 (no limit) to {MOST_PER_MINUTE}"));
    }
    number
}

const MOST_PER_MINUTE: u32 = 10_000_000;
