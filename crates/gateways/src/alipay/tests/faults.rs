use super::super::fault::{Head, classify};
use crate::GatewayError;

fn error(method: &str, code: &str, sub_code: &str) -> GatewayError {
    let head = Head {
        code: code.to_owned(),
        msg: "msg".to_owned(),
        sub_code: Some(sub_code.to_owned()),
        sub_msg: Some("sub_msg".to_owned()),
    };
    let error = classify(method, head, 200, None);
    assert_eq!(error.code(), if sub_code.is_empty() { code } else { sub_code });
    error
}

fn kind(error: &GatewayError) -> &'static str {
    match error {
        GatewayError::Unavailable { .. } => "unavailable",
        GatewayError::RateLimited { .. } => "rate limited",
        GatewayError::AlreadyPaid { .. } => "already paid",
        GatewayError::OrderClosed { .. } => "order closed",
        GatewayError::OrderMismatch { .. } => "order mismatch",
        GatewayError::InsufficientBalance { .. } => "insufficient balance",
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
        ("40004", "ACQ.SELLER_BEEN_BLOCKED", "misconfigured"),
        ("40004", "ACQ.MERCHANT_STATUS_NOT_NORMAL", "misconfigured"),
        ("40004", "ACQ.OPEN_ID_NOT_TINY_APP", "misconfigured"),
        ("40004", "ACQ.PRODUCT_NOT_SUPPORT_IN_TINY_APP", "misconfigured"),
        ("40004", "ACQ.UNBOUND_APPLICATION", "misconfigured"),
        ("40004", "ACQ.BUYER_SELLER_EQUAL", "rejected"),
        ("40004", "ACQ.TRADE_BUYER_NOT_MATCH", "rejected"),
        ("40004", "ACQ.BUYER_ENABLE_STATUS_FORBID", "rejected"),
        ("40004", "ACQ.TOTAL_FEE_EXCEED", "rejected"),
        ("40004", "ACQ.EXIST_FORBIDDEN_WORD", "rejected"),
        ("40004", "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "rejected"),
        ("40004", "ACQ.APPLY_PC_MERCHANT_CODE_ERROR", "rejected"),
        ("40004", "ACQ.TRADE_CANCEL_TIME_OUT", "rejected"),
        ("40004", "ACQ.CANCEL_NOT_ALLOWED", "rejected"),
        ("40004", "ACQ.REASON_ILLEGAL_STATUS", "rejected"),
        ("40004", "ACQ.ENTERPRISE_PAY_BIZ_ERROR", "rejected"),
        ("40002", "isv.app-cert-not-exist", "misconfigured"),
        ("40002", "isv.app-cert-expired", "misconfigured"),
        ("40002", "isv.code-invalid", "rejected"),
        ("40004", "isv.invalid_arguments", "misconfigured"),
        ("40004", "ACQ.INVALID_PARAMETER", "rejected"),
        ("10003", "", "rejected"),
        ("", "", "rejected"),
    ] {
        let error = error("alipay.trade.query", code, sub_code);
        assert_eq!(kind(&error), expected, "{code} {sub_code}");
        assert_eq!(error.is_outcome_unknown(), expected == "unavailable", "{code} {sub_code}");
    }
}

#[test]
fn refunds_have_errors_of_their_own() {
    for (sub_code, expected, is_retryable) in [
        ("ACQ.SYSTEM_ERROR", "unavailable", true),
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "insufficient balance", true),
        ("ACQ.DISCORDANT_REPEAT_REQUEST", "order mismatch", false),
        ("ACQ.TRADE_HAS_FINISHED", "rejected", false),
        ("ACQ.TRADE_HAS_CLOSE", "rejected", false),
        ("ACQ.TRADE_NOT_EXIST", "rejected", false),
        ("ACQ.TRADE_STATUS_ERROR", "rejected", false),
        ("ACQ.TRADE_NOT_ALLOW_REFUND", "rejected", false),
        ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "rejected", false),
        ("ACQ.REASON_TRADE_BEEN_FREEZEN", "rejected", false),
        ("ACQ.REASON_TRADE_REFUND_FEE_ERR", "rejected", false),
        ("ACQ.REFUND_FEE_ERROR", "rejected", false),
        ("ACQ.INVALID_PARAMETER", "rejected", false),
    ] {
        let error = error("alipay.trade.refund", "40004", sub_code);
        assert_eq!(kind(&error), expected, "{sub_code}");
        assert_eq!(error.is_retryable(), is_retryable, "{sub_code}");
        assert_eq!(error.is_outcome_unknown(), expected == "unavailable", "{sub_code}");
    }
}
