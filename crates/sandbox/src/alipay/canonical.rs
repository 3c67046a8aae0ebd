//! The text that Alipay signatures are over: sorted `name=value` joined by `&` (gateways.md B3, B9).

/// Leaves out the members of `skipped` and empty ones; values are not percent-encoded.
pub(crate) fn text<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    skipped: &[&str],
) -> String {
    let mut kept: Vec<_> =
        pairs.filter(|(name, value)| !skipped.contains(name) && !value.is_empty()).collect();
    kept.sort_unstable();
    let lines: Vec<String> = kept.iter().map(|(name, value)| format!("{name}={value}")).collect();
    lines.join("&")
}

/// The members that are left out of a request's text.
pub(crate) const REQUEST: &[&str] = &["sign"];
/// The members that are left out of the text of a notification or a return.
pub(crate) const NOTIFICATION: &[&str] = &["sign", "sign_type"];
