//! Second readers, written from the standards as simply as possible: money as text, and the
//! destination of an address.

/// Returns the minor units of plain digits with at most `decimals` decimals, if they fit.
pub(crate) fn minor_units(text: &str, decimals: usize) -> Option<i64> {
    let mut parts = text.split('.');
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next();
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let is_exact = is_number(whole)
        && fraction.is_none_or(|digits| is_number(digits) && digits.len() <= decimals)
        && parts.next().is_none();
    if !is_exact {
        return None;
    }
    let all = format!("{whole}{:0<decimals$}", fraction.unwrap_or_default());
    let significant = all.trim_start_matches('0');
    if significant.is_empty() { Some(0) } else { significant.parse().ok() }
}

/// The destination of an address in a browser, as simply as the URL standard allows: scheme, user
/// information, host in lower case, and the port if there is one.
pub(crate) struct Destination {
    pub(crate) scheme: String,
    pub(crate) has_user: bool,
    pub(crate) host: String,
    pub(crate) port: Option<String>,
}

/// Follows the URL standard's state machine for special schemes: surrounding blanks and inner tabs
/// and line breaks are removed, a backslash is a slash, any number of slashes is accepted, and the
/// user information ends at the last `@`. `None` without a web scheme or a host.
pub(crate) fn destination(address: &str) -> Option<Destination> {
    let address: String = address
        .trim_matches(|character| character <= ' ')
        .chars()
        .filter(|character| !matches!(character, '\t' | '\n' | '\r'))
        .collect();
    let (scheme, rest) = address.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        return None;
    }
    let rest = rest.trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let (user, host_and_port) = match authority.rsplit_once('@') {
        Some((_, host)) => (true, host),
        None => (false, authority),
    };
    let (host, port) = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port.to_owned())),
        _ => (host_and_port, None),
    };
    let host = percent_encoding::percent_decode_str(host).decode_utf8_lossy().to_lowercase();
    (!host.is_empty()).then_some(Destination { scheme, has_user: user, host, port })
}
