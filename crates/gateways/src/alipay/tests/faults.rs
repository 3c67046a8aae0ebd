use super::super::fault::{Head, classify};
use crate::GatewayError;

fn kind(code: &str, sub_code: &str) -> &'static str {
    let head = Head {
        code: code.to_owned(),
        msg: "msg".to_owned(),
        sub_code: Some(sub_code.to_owned()),
        sub_msg: Some("sub_msg".to_owned()),
    };
    let error = classify(head, 200, None);
    assert_eq!(error.code(), if sub_code.is_empty() { code } else { sub_code });
    assert_eq!(error.is_outcome_unknown(), matches!(error, GatewayError::Unavailable { .. }));
    match error {
        GatewayError::Unavailable { .. } => "unavailable",
        GatewayError::RateLimited { .. } => "rate limited",
        GatewayError::AlreadyPaid { .. } => "already paid",
        GatewayError::OrderClosed { .. } => "order closed",
        GatewayError::OrderMismatch { .. } => "order mismatch",
        GatewayError::Misconfigured { .. } => "misconfigured",
        GatewayError::Rejected { .. } => "rejected",
        _ => "other",
    }
}

#[test]
fn codes_are_sorted_by_blame() {
    for (code, sub_code, expected) in [
        ("20000", "isp.unknow-error", "unavailable"),
        ("20000", "aop.unknow-error", "unavailable"),
        ("20000", "", "unavailable"),
        ("40004", "ACQ.SYSTEM_ERROR", "unavailable"),
        ("40004", "AQC.SYSTEM_ERROR", "unavailable"),
        ("40004", "aop.ACQ.SYSTEM_ERROR", "unavailable"),
        ("20001", "aop.invalid-auth-token", "misconfigured"),
        ("40001", "isv.missing-method", "misconfigured"),
        ("40002", "isv.invalid-signature", "misconfigured"),
        ("40002", "isv.invalid-app-id", "misconfigured"),
        ("40003", "isv.missing-signature-config", "misconfigured"),
        ("40005", "isv.app-call-limited", "rate limited"),
        ("40005", "", "rate limited"),
        ("40006", "isv.insufficient-isv-permissions", "misconfigured"),
        ("40004", "ACQ.ACCESS_FORBIDDEN", "misconfigured"),
        ("40004", "ACQ.TRADE_HAS_SUCCESS", "already paid"),
        ("40004", "ACQ.TRADE_HAS_FINISHED", "already paid"),
        ("40004", "ACQ.TRADE_HAS_CLOSE", "order closed"),
        ("40004", "ACQ.CONTEXT_INCONSISTENT", "order mismatch"),
        ("40004", "ACQ.TRADE_STATUS_ERROR", "rejected"),
        ("40004", "ACQ.INVALID_PARAMETER", "rejected"),
        ("10003", "", "rejected"),
        ("", "", "rejected"),
    ] {
        assert_eq!(kind(code, sub_code), expected, "{code} {sub_code}");
    }
}
