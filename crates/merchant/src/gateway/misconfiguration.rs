//! The settings to check after a gateway has refused the configuration.

use gateways::{Gateway, GatewayError};

/// Returns the settings that a refusal points to; empty for an error that is not a gateway's answer
/// (gateways.md A4, B4, B7).
pub(super) fn settings_to_check(error: &GatewayError) -> &'static str {
    let GatewayError::Answered { gateway, code, request_id, .. } = error else { return "" };
    match gateway {
        Gateway::WechatPay => wechat_pay(code, request_id.as_deref()),
        Gateway::Alipay => alipay(code),
    }
}

fn wechat_pay(code: &str, request_id: Option<&str>) -> &'static str {
    const UNBOUND: &str = "wechat_pay.appid and mchid, which must be bound to each other";
    // The number after the last hyphen is more precise than the code (gateways.md A4.5).
    match request_id.and_then(|id| id.rsplit_once('-')).map(|(_, number)| number) {
        Some("268445527") => return UNBOUND,
        Some("268443715") => return "wechat_pay.mchid: WeChat Pay has disabled this merchant",
        _ => {}
    }
    // Pages of different age spell codes with and without underscores (gateways.md A4.2).
    let code: String = code.chars().filter(|character| *character != '_').collect();
    match code.as_str() {
        "APPIDMCHIDNOTMATCH" => UNBOUND,
        "MCHNOTEXISTS" => "wechat_pay.mchid",
        "NOAUTH" => "wechat_pay.products and mchid: the merchant has no contract for this product",
        "SIGNERROR" => {
            "wechat_pay.merchant_private_key and merchant_serial, which must be of one certificate, mchid, and this server's clock"
        }
        _ => "wechat_pay.mchid, appid, merchant_serial and merchant_private_key",
    }
}

fn alipay(code: &str) -> &'static str {
    // The sub code without its family, such as `ACQ.` or `isv.`.
    match code.rsplit_once('.').map_or(code, |(_, reason)| reason) {
        "invalid-signature" => {
            "alipay.app_private_key, whose public key must be the one set for the application, and app_id"
        }
        "invalid-app-id" | "not-online-app" => "alipay.app_id and gateway_url",
        "app-cert-not-exist" | "app-cert-expired" => "alipay.app_cert",
        "invalid-timestamp" => "this server's clock",
        "insufficient-isv-permissions" | "ACCESS_FORBIDDEN" => {
            "alipay.desktop_flow, mobile_flow, jsapi and flows: the application has no contract for this product"
        }
        "PARTNER_ERROR" | "SELLER_BEEN_BLOCKED" | "MERCHANT_STATUS_NOT_NORMAL" => {
            "alipay.seller_id and app_id"
        }
        "OPEN_ID_NOT_TINY_APP" | "PRODUCT_NOT_SUPPORT_IN_TINY_APP" | "UNBOUND_APPLICATION" => {
            "alipay.jsapi_product_code, op_app_id and app_id"
        }
        _ => "alipay.app_id, seller_id, app_private_key and gateway_url",
    }
}

#[cfg(test)]
mod tests {
    use gateways::AnswerKind;
    use gateways::Gateway::{Alipay, WechatPay};

    use super::*;

    #[test]
    fn a_refusal_points_to_its_settings() {
        for (gateway, code, request_id, expected) in [
            (WechatPay, "SIGN_ERROR", "", "wechat_pay.merchant_private_key and merchant_serial"),
            (WechatPay, "SIGNERROR", "", "wechat_pay.merchant_private_key and merchant_serial"),
            (WechatPay, "PARAM_ERROR", "08A-268445527", "wechat_pay.appid and mchid"),
            (WechatPay, "NO_AUTH", "", "wechat_pay.products"),
            (WechatPay, "HTTP_401", "", "wechat_pay.mchid, appid"),
            (Alipay, "isv.invalid-signature", "", "alipay.app_private_key"),
            (Alipay, "ACQ.PARTNER_ERROR", "", "alipay.seller_id"),
            (Alipay, "40002", "", "alipay.app_id"),
        ] {
            let error = GatewayError::Answered {
                kind: AnswerKind::Misconfigured,
                gateway,
                status: 401,
                code: code.to_owned(),
                message: String::new(),
                request_id: Some(request_id.to_owned()),
            };
            assert!(settings_to_check(&error).starts_with(expected), "{code}");
        }
    }

    #[test]
    fn an_error_that_is_no_answer_points_to_none() {
        let error = GatewayError::TimedOut { gateway: Alipay, after_ms: 1 };
        assert_eq!(settings_to_check(&error), "");
    }
}
