use super::super::fault::{Head, classify};
use crate::AnswerKind::{
    AlreadyPaid, InsufficientBalance, Misconfigured, OrderClosed, OrderMismatch, RateLimited,
    Rejected, Unavailable,
};
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

#[test]
fn codes_are_sorted_by_what_the_caller_does() {
    for (code, sub_code, expected) in [
        ("20000", "isp.unknow-error", Unavailable),
        ("20000", "aop.unknow-error", Unavailable),
        ("20000", "", Unavailable),
        ("40004", "ACQ.SYSTEM_ERROR", Unavailable),
        ("40004", "AQC.SYSTEM_ERROR", Unavailable),
        ("40004", "aop.ACQ.SYSTEM_ERROR", Unavailable),
        ("20001", "aop.invalid-auth-token", Misconfigured),
        ("40001", "isv.missing-method", Misconfigured),
        ("40002", "isv.invalid-signature", Misconfigured),
        ("40002", "isv.invalid-app-id", Misconfigured),
        ("40003", "isv.missing-signature-config", Misconfigured),
        ("40005", "isv.app-call-limited", RateLimited),
        ("40005", "", RateLimited),
        ("40006", "isv.insufficient-isv-permissions", Misconfigured),
        ("40004", "ACQ.ACCESS_FORBIDDEN", Misconfigured),
        ("40004", "ACQ.TRADE_HAS_SUCCESS", AlreadyPaid),
        ("40004", "ACQ.TRADE_HAS_FINISHED", AlreadyPaid),
        ("40004", "ACQ.TRADE_HAS_CLOSE", OrderClosed),
        ("40004", "ACQ.CONTEXT_INCONSISTENT", OrderMismatch),
        ("40004", "ACQ.TRADE_STATUS_ERROR", Rejected),
        ("40004", "ACQ.SELLER_BEEN_BLOCKED", Misconfigured),
        ("40004", "ACQ.MERCHANT_STATUS_NOT_NORMAL", Misconfigured),
        ("40004", "ACQ.OPEN_ID_NOT_TINY_APP", Misconfigured),
        ("40004", "ACQ.PRODUCT_NOT_SUPPORT_IN_TINY_APP", Misconfigured),
        ("40004", "ACQ.UNBOUND_APPLICATION", Misconfigured),
        ("40004", "ACQ.BUYER_SELLER_EQUAL", Rejected),
        ("40004", "ACQ.TRADE_BUYER_NOT_MATCH", Rejected),
        ("40004", "ACQ.BUYER_ENABLE_STATUS_FORBID", Rejected),
        ("40004", "ACQ.TOTAL_FEE_EXCEED", Rejected),
        ("40004", "ACQ.EXIST_FORBIDDEN_WORD", Rejected),
        ("40004", "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", Rejected),
        ("40004", "ACQ.APPLY_PC_MERCHANT_CODE_ERROR", Rejected),
        ("40004", "ACQ.TRADE_CANCEL_TIME_OUT", Rejected),
        ("40004", "ACQ.CANCEL_NOT_ALLOWED", Rejected),
        ("40004", "ACQ.REASON_ILLEGAL_STATUS", Rejected),
        ("40004", "ACQ.ENTERPRISE_PAY_BIZ_ERROR", Rejected),
        ("40002", "isv.app-cert-not-exist", Misconfigured),
        ("40002", "isv.app-cert-expired", Misconfigured),
        ("40002", "isv.code-invalid", Rejected),
        ("40004", "isv.invalid_arguments", Misconfigured),
        ("40004", "ACQ.INVALID_PARAMETER", Rejected),
        ("10003", "", Rejected),
        ("", "", Rejected),
    ] {
        let error = error("alipay.trade.query", code, sub_code);
        assert_eq!(error.kind(), Some(expected), "{code} {sub_code}");
        assert_eq!(error.is_outcome_unknown(), expected == Unavailable, "{code} {sub_code}");
    }
}

#[test]
fn refunds_have_errors_of_their_own() {
    for (sub_code, expected, is_retryable) in [
        ("ACQ.SYSTEM_ERROR", Unavailable, true),
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", InsufficientBalance, true),
        ("ACQ.DISCORDANT_REPEAT_REQUEST", OrderMismatch, false),
        ("ACQ.TRADE_HAS_FINISHED", Rejected, false),
        ("ACQ.TRADE_HAS_CLOSE", Rejected, false),
        ("ACQ.TRADE_NOT_EXIST", Rejected, false),
        ("ACQ.TRADE_STATUS_ERROR", Rejected, false),
        ("ACQ.TRADE_NOT_ALLOW_REFUND", Rejected, false),
        ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", Rejected, false),
        ("ACQ.REASON_TRADE_BEEN_FREEZEN", Rejected, false),
        ("ACQ.REASON_TRADE_REFUND_FEE_ERR", Rejected, false),
        ("ACQ.REFUND_FEE_ERROR", Rejected, false),
        ("ACQ.INVALID_PARAMETER", Rejected, false),
    ] {
        let error = error("alipay.trade.refund", "40004", sub_code);
        assert_eq!(error.kind(), Some(expected), "{sub_code}");
        assert_eq!(error.is_retryable(), is_retryable, "{sub_code}");
        assert_eq!(error.is_outcome_unknown(), expected == Unavailable, "{sub_code}");
    }
}

#[test]
fn an_endless_code_or_message_is_cut() {
    let head = Head {
        code: "40004".to_owned(),
        sub_code: Some("错".repeat(1_000)),
        sub_msg: Some("长".repeat(1_000_000)),
        ..Head::default()
    };
    let GatewayError::Answered { code, message, .. } = classify("x", head, 200, None) else {
        panic!("not an answer");
    };
    assert_eq!((code, message), ("错".repeat(128), "长".repeat(512)));
}
