//! Checks on the common parameters, in the gateway's order (gateways.md B2–B4, G2.2, G2.3).

use super::canonical;
use super::params::Params;
use super::reply::Refusal;
use crate::clock;
use crate::state::Shared;

/// app_id, then missing parameters, then their values, then the signature.
pub(crate) fn check(shared: &Shared, params: &Params) -> Result<(), Refusal> {
    let Some(app_id) = params.get("app_id") else {
        return Err(Refusal::missing("isv.missing-app-id", "缺少AppID参数"));
    };
    if app_id != shared.keys.alipay.app_id {
        return Err(Refusal::invalid("isv.invalid-app-id", "无效的AppID参数").unsigned());
    }
    for (name, sub_code, sub_msg) in REQUIRED {
        if params.get(name).is_none() {
            return Err(Refusal::missing(sub_code, sub_msg));
        }
    }
    check_values(shared, params)?;
    check_certificates(shared, params)?;
    check_signature(shared, params)
}

fn check_values(shared: &Shared, params: &Params) -> Result<(), Refusal> {
    let now = shared.unix_now();
    let sent_at = params.get("timestamp").and_then(clock::parse_alipay);
    // Ten minutes are v3's rule; here they detect a client that does not use China time.
    if sent_at.is_none_or(|at| now.abs_diff(at.unix_timestamp()) > MAX_SKEW_S) {
        return Err(Refusal::invalid("isv.invalid-timestamp", "非法的时间戳参数"));
    }
    if !params.get("charset").is_some_and(|charset| charset.eq_ignore_ascii_case("utf-8")) {
        return Err(Refusal::invalid("isv.invalid-charset", "无效的字符集参数"));
    }
    if params.get("sign_type") != Some("RSA2") {
        return Err(Refusal::invalid("isv.invalid-signature-type", "无效的签名类型"));
    }
    if params.get("version") != Some("1.0") {
        return Err(Refusal::invalid("isv.invalid-version", "非法的版本参数"));
    }
    // Documented in capitals; Alipay's own client for Python writes it small.
    if params.get("format").is_some_and(|format| !format.eq_ignore_ascii_case("json")) {
        return Err(Refusal::invalid("isv.invalid-format", "无效的数据格式"));
    }
    Ok(())
}

/// An application is in one mode: with certificates named in each call, or with none (gateways.md B8).
fn check_certificates(shared: &Shared, params: &Params) -> Result<(), Refusal> {
    let serials = &shared.keys.server.serials;
    let (app, root) = (params.get("app_cert_sn"), params.get("alipay_root_cert_sn"));
    let unknown = || Refusal::invalid("isv.app-cert-not-exist", "应用公钥证书不存在");
    if !shared.faults().alipay_certificates {
        return if app.is_none() && root.is_none() { Ok(()) } else { Err(unknown()) };
    }
    if app.ok_or_else(Refusal::unconfigured)? != serials.app {
        return Err(unknown());
    }
    if root != Some(serials.root.as_str()) {
        let text = "支付宝根证书序列号无效";
        return Err(Refusal::invalid("isv.invalid-alipay-root-cert-sn", text));
    }
    Ok(())
}

fn check_signature(shared: &Shared, params: &Params) -> Result<(), Refusal> {
    if !params.is_in_query("charset") && params.has_wide_form() {
        return Err(Refusal::invalid("isv.invalid-signature", CHARSET_NOT_IN_QUERY));
    }
    let text = canonical::text(params.iter(), canonical::REQUEST);
    let signature = params.get("sign").unwrap_or_default();
    if shared.keys.server.app.verifies(text.as_bytes(), signature) {
        return Ok(());
    }
    let hint = "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：";
    let shown = text.replace('&', "&amp;");
    Err(Refusal::invalid("isv.invalid-signature", format!("{hint}{shown}")))
}

const REQUIRED: [(&str, &str, &str); 5] = [
    ("method", "isv.missing-method", "缺少方法名参数"),
    ("sign_type", "isv.missing-signature-type", "缺少签名类型参数"),
    ("sign", "isv.missing-signature", "缺少签名参数"),
    ("timestamp", "isv.missing-timestamp", "缺少时间戳参数"),
    ("version", "isv.missing-version", "缺少版本参数"),
];
const CHARSET_NOT_IN_QUERY: &str =
    "验签出错，请确认charset参数放在了URL查询字符串中且各参数值使用charset参数指示的字符集编码";
const MAX_SKEW_S: u64 = 600;
