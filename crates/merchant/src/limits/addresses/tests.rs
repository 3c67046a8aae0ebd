use super::*;

const NOW: Duration = Duration::from_secs(600);

fn addresses(per_minute: u32) -> Addresses {
    Addresses::new(AddressLimits {
        calls_per_minute: per_minute,
        sessions_per_minute: per_minute,
        wrong_secrets_per_minute: per_minute,
        ..AddressLimits::default()
    })
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Returns how many calls of `address` are allowed at `now`, up to a thousand.
fn passes(addresses: &Addresses, address: &str, now: Duration) -> usize {
    let address = ip(address);
    (0..1_000).take_while(|_| addresses.take(Counted::Call, address, now).is_ok()).count()
}

#[test]
fn a_minutes_allowance_may_be_used_at_once_and_refills_evenly() {
    let addresses = addresses(120);
    assert_eq!(passes(&addresses, "192.0.2.1", NOW), 120);
    assert_eq!(passes(&addresses, "192.0.2.1", NOW + Duration::from_millis(499)), 0);
    assert_eq!(passes(&addresses, "192.0.2.1", NOW + Duration::from_millis(500)), 1);
    assert_eq!(passes(&addresses, "192.0.2.1", NOW + Duration::from_millis(30_500)), 60);
    assert_eq!(passes(&addresses, "192.0.2.1", NOW + Duration::from_millis(999_999)), 120);
    // A clock that is set back neither refills nor drains.
    assert_eq!(passes(&addresses, "192.0.2.1", NOW), 0);
}

#[test]
fn retry_after_is_the_time_until_the_next_allowed_call() {
    let addresses = addresses(6);
    assert_eq!(passes(&addresses, "192.0.2.1", NOW), 6);
    let refused = addresses.take(Counted::Call, ip("192.0.2.1"), NOW);
    let Err(Error::RateLimited { retry_after_s }) = refused else { panic!("{refused:?}") };
    assert_eq!(passes(&addresses, "192.0.2.1", NOW + Duration::from_secs(retry_after_s.into())), 1);
    assert_eq!(retry_after_s, 11);
}

#[test]
fn addresses_and_kinds_have_separate_limits() {
    let addresses = addresses(5);
    assert_eq!(passes(&addresses, "192.0.2.1", NOW), 5);
    assert_eq!(passes(&addresses, "192.0.2.2", NOW), 5);
    addresses.take(Counted::Open, ip("192.0.2.1"), NOW).unwrap();
    addresses.take(Counted::WrongSecret, ip("192.0.2.1"), NOW).unwrap();
}

#[test]
fn addresses_of_one_ipv6_network_share_a_limit() {
    let addresses = addresses(5);
    assert_eq!(passes(&addresses, "2001:db8:1:2::1", NOW), 5);
    assert_eq!(passes(&addresses, "2001:db8:1:2:ffff::9", NOW), 0);
    assert_eq!(passes(&addresses, "2001:db8:1:3::1", NOW), 5);
    // The same address in another notation.
    assert_eq!(passes(&addresses, "192.0.2.1", NOW), 5);
    assert_eq!(passes(&addresses, "::ffff:192.0.2.1", NOW), 0);
}

#[test]
fn zero_is_no_limit() {
    assert_eq!(passes(&addresses(0), "192.0.2.1", NOW), 1_000);
}

#[test]
fn a_flood_of_addresses_is_bounded_in_memory_and_known_addresses_are_served() {
    let addresses = addresses(5);
    addresses.take(Counted::Call, ip("192.0.2.1"), NOW).unwrap();
    for number in 0..100_000_u32 {
        let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0a00_0000 + number));
        let _ = addresses.take(
            Counted::Call,
            address,
            NOW + Duration::from_millis(u64::from(number) / 10),
        );
    }
    let kept = addresses.buckets.lock().unwrap().by_address.len();
    assert!(kept <= MAX_BUCKETS + 3, "{kept} buckets");
    assert_eq!(passes(&addresses, "192.0.2.1", NOW + Duration::from_millis(10_000)), 4);
    // A minute later every address has its own bucket again.
    assert_eq!(passes(&addresses, "198.51.100.1", NOW + Duration::from_millis(120_000)), 5);
}
