use http::HeaderValue;

use super::*;
use crate::config::network;

#[track_caller]
fn check(peer: &str, forwarded: &[&str], trusted: &[&str], expected: &str) {
    let mut headers = HeaderMap::new();
    for value in forwarded {
        headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
    }
    let trusted: Vec<_> = trusted.iter().map(|text| network(text).unwrap()).collect();
    let client = client_address(peer.parse().unwrap(), &headers, &trusted);
    assert_eq!(client.to_string(), expected, "{peer} {forwarded:?} {trusted:?}");
}

#[test]
fn only_hops_written_by_trusted_proxies_are_read() {
    let proxy = ["10.0.0.0/8"];
    check("192.0.2.1", &[], &[], "192.0.2.1");
    check("192.0.2.1", &["203.0.113.9"], &[], "192.0.2.1");
    check("192.0.2.1", &["203.0.113.9"], &proxy, "192.0.2.1");
    check("10.0.0.1", &[], &proxy, "10.0.0.1");
    check("10.0.0.1", &["203.0.113.9"], &proxy, "203.0.113.9");
    // The client's own entry comes before it.
    check("10.0.0.1", &["1.1.1.1, 203.0.113.9"], &proxy, "203.0.113.9");
    check("10.0.0.1", &["1.1.1.1", "203.0.113.9"], &proxy, "203.0.113.9");
    // A proxy behind a proxy.
    check("10.0.0.1", &["203.0.113.9, 10.2.3.4"], &proxy, "203.0.113.9");
    check("10.0.0.1", &["203.0.113.9, 8.8.8.8, 10.2.3.4"], &proxy, "8.8.8.8");
}

#[test]
fn an_unreadable_hop_ends_the_search() {
    let proxy = ["10.0.0.1", "::1"];
    check("10.0.0.1", &["203.0.113.9, unknown"], &proxy, "10.0.0.1");
    check("10.0.0.1", &[""], &proxy, "10.0.0.1");
    check("10.0.0.1", &["203.0.113.9:4711"], &proxy, "203.0.113.9");
    check("::1", &["[2001:db8::1]:4711"], &proxy, "2001:db8::1");
    check("::1", &["[2001:db8::1]"], &proxy, "2001:db8::1");
    check("::ffff:10.0.0.1", &["2001:db8::1"], &proxy, "2001:db8::1");
    check("10.0.0.1", &["::ffff:203.0.113.9"], &proxy, "203.0.113.9");
}

#[test]
fn networks_are_read_strictly() {
    let parse = |text: &str| network(text).is_some();
    for good in ["10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/32", "::/0"] {
        assert!(parse(good), "{good}");
    }
    for bad in ["", "10.0.0", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/-1", "proxy", "*"] {
        assert!(!parse(bad), "{bad}");
    }
    let all = network("0.0.0.0/0").unwrap();
    assert!(all.contains(&"203.0.113.9".parse::<IpAddr>().unwrap()));
    assert!(!all.contains(&"2001:db8::1".parse::<IpAddr>().unwrap()), "IPv4 only");
}
