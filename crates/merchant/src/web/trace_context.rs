//! The trace that a request belongs to, by the header `traceparent` of W3C Trace Context.

use http::{HeaderMap, HeaderName};
use tracing::Span;

/// Records the caller's trace in a request's span. With the feature `otlp` the span also becomes a
/// part of that trace.
pub(crate) fn continue_trace(span: &Span, headers: &HeaderMap) {
    if let Some(id) = trace_id(headers) {
        span.record("trace.id", id);
        #[cfg(feature = "otlp")]
        crate::otlp::continue_trace(span, headers);
    }
}

/// Returns the trace's id of a valid header; `None` if there is none, more than one, or an invalid
/// one, which the specification says to ignore.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    let value = values.next()?.to_str().ok().filter(|_| values.next().is_none())?;
    let mut parts = value.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id = |text: &str, length| is_hex(text, length) && text.bytes().any(|byte| byte != b'0');
    // Later versions may add parts; this one has none, and `ff` is never a version.
    let is_version = is_hex(version, 2) && version != "ff";
    let has_more = version == "00" && parts.next().is_some();
    let is_good =
        is_version && !has_more && is_id(trace, 32) && is_id(parent, 16) && is_hex(flags, 2);
    is_good.then_some(trace)
}

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn id_of(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TRACEPARENT, value.parse().unwrap());
        }
        trace_id(&headers).map(str::to_owned)
    }

    #[test]
    fn a_valid_header_names_its_trace() {
        let valid = format!("00-{TRACE}-00f067aa0ba902b7-01");
        assert_eq!(id_of(&[&valid]).as_deref(), Some(TRACE));
        let later = format!("cc-{TRACE}-00f067aa0ba902b7-01-what-comes");
        assert_eq!(id_of(&[&later]).as_deref(), Some(TRACE));
    }

    #[test]
    fn an_invalid_header_is_ignored() {
        let valid = format!("00-{TRACE}-00f067aa0ba902b7-01");
        for invalid in [
            "",
            "00",
            &valid.to_uppercase(),
            &valid.replace("00-", "ff-"),
            &format!("{valid}-more"),
            &valid.replace(TRACE, "00000000000000000000000000000000"),
            &valid.replace("00f067aa0ba902b7", "0000000000000000"),
            &valid.replace("-01", "-1"),
            &valid.replace(TRACE, "short"),
        ] {
            assert_eq!(id_of(&[invalid]), None, "{invalid}");
        }
        assert_eq!(id_of(&[&valid, &valid]), None, "two headers");
        assert_eq!(id_of(&[]), None);
    }
}
