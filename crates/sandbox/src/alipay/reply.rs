//! Answers of the gateway: one node, its text signed verbatim (gateways.md B4, G2.1, G2.4, G2.5).

use axum::response::{IntoResponse, Response};
use http::header;
use maud::html;
use serde_json::{Value, json};

use crate::faults::Faults;
use crate::page::Page;
use crate::state::Shared;

/// The members of an answer after `code` and `msg`, in the order the gateway writes them.
pub(crate) type Node = Vec<(&'static str, Value)>;

/// A call that the gateway refuses; still HTTP 200.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: &'static str,
    msg: &'static str,
    sub_code: String,
    sub_msg: String,
    signed: bool,
    /// The members after the four above.
    more: Node,
}

impl Refusal {
    /// A common parameter is missing; answered without a signature.
    pub(crate) fn missing(sub_code: &str, sub_msg: &str) -> Self {
        Self::new("40001", "Missing Required Arguments", sub_code, sub_msg).unsigned()
    }

    /// A common parameter is wrong.
    pub(crate) fn invalid(sub_code: &str, sub_msg: impl Into<String>) -> Self {
        Self::new("40002", "Invalid Arguments", sub_code, sub_msg)
    }

    /// A call in key mode for an application in certificate mode.
    pub(crate) fn unconfigured() -> Self {
        let text = "应用未配置对应签名算法的公钥或者证书";
        Self::new("40003", "Insufficient Conditions", "isv.missing-signature-config", text)
    }

    /// The trade does not allow it: one of the `ACQ.` codes (gateways.md B7).
    pub(crate) fn business(sub_code: &str, sub_msg: impl Into<String>) -> Self {
        Self::new("40004", "Business Failed", sub_code, sub_msg)
    }

    /// A member of `biz_content` is wrong.
    pub(crate) fn parameter(what: &str) -> Self {
        Self::business("ACQ.INVALID_PARAMETER", format!("参数无效：{what}"))
    }

    /// The gateway knows the method, but this application may not call it.
    pub(crate) fn not_signed_up() -> Self {
        let hint = "ISV权限不足，建议在开发者中心检查对应功能是否已经添加";
        Self::new("40006", "Insufficient Permissions", "isv.insufficient-isv-permissions", hint)
    }

    /// The outcome of the call is unknown (gateways.md B4).
    pub(crate) fn unknown() -> Self {
        Self::new("20000", "Service Currently Unavailable", "aop.unknow-error", "系统繁忙")
    }

    /// The other error for an unknown outcome (gateways.md B7).
    pub(crate) fn system_error() -> Self {
        Self::business("ACQ.SYSTEM_ERROR", "系统错误")
    }

    /// Too many calls (gateways.md B4).
    pub(crate) fn limited() -> Self {
        Self::new(
            "40005",
            "Call Limited",
            "isv.app-call-limited",
            "应用调用次数超限，包含调用频率超限",
        )
    }

    pub(crate) fn unsigned(self) -> Self {
        Self { signed: false, ..self }
    }

    pub(crate) fn with(self, more: Node) -> Self {
        Self { more, ..self }
    }

    fn new(
        code: &'static str,
        msg: &'static str,
        sub_code: &str,
        sub_msg: impl Into<String>,
    ) -> Self {
        Self {
            code,
            msg,
            sub_code: sub_code.into(),
            sub_msg: sub_msg.into(),
            signed: true,
            more: Vec::new(),
        }
    }

    fn into_node(self) -> Node {
        let mut node: Node = vec![
            ("code", json!(self.code)),
            ("msg", json!(self.msg)),
            ("sub_code", json!(self.sub_code)),
            ("sub_msg", json!(self.sub_msg)),
        ];
        node.extend(self.more);
        node
    }
}

/// Writes the node once, signs that text, and puts both together; the fault switches change it here.
pub(crate) fn respond(shared: &Shared, method: &str, result: Result<Node, Refusal>) -> Response {
    let faults = shared.faults().clone();
    let key = match method {
        OAUTH_TOKEN if result.is_err() || faults.alipay_next_unknown => "error_response".into(),
        _ => response_key(method),
    };
    let (node, signed) = match result {
        Ok(_) if faults.alipay_next_unknown => {
            shared.faults().alipay_next_unknown = false;
            (Refusal::unknown().into_node(), true)
        }
        Ok(members) => {
            let mut node: Node = match method {
                // The success of this method is an empty answer.
                OAUTH_TOKEN => Vec::new(),
                _ => vec![("code", json!("10000")), ("msg", json!("Success"))],
            };
            node.extend(members);
            (node, !faults.alipay_unsigned && method != CERTIFICATE_DOWNLOAD)
        }
        Err(refusal) => {
            let signed = refusal.signed;
            (refusal.into_node(), signed)
        }
    };
    let plain = write(&node);
    // In JSON a slash occurs in strings only, so that it can be escaped everywhere.
    let escaped = plain.replace('/', "\\/");
    let text = if faults.alipay_plain_slashes { &plain } else { &escaped };
    let body = if signed {
        let signed_text = if faults.alipay_signs_plain_slashes { &plain } else { text };
        let signature = signature(shared, signed_text);
        let named = if faults.alipay_certificates {
            format!(r#""alipay_cert_sn":"{}","#, certificate_serial(shared, &faults))
        } else {
            String::new()
        };
        format!(r#"{{"{key}":{text},{named}"sign":"{signature}"}}"#)
    } else {
        format!(r#"{{"{key}":{text}}}"#)
    };
    ([(header::CONTENT_TYPE, "text/html;charset=utf-8")], body).into_response()
}

/// Alipay's signature, or with the fault switch one that no merchant can verify.
pub(crate) fn signature(shared: &Shared, text: &str) -> String {
    let server = &shared.keys.server;
    let signer = if shared.faults().alipay_wrong_key { &server.wechat_pay } else { &server.alipay };
    signer.sign(text.as_bytes())
}

/// The name of the certificate that Alipay signs under.
pub(crate) fn certificate_serial<'a>(shared: &'a Shared, faults: &Faults) -> &'a str {
    let serials = &shared.keys.server.serials;
    if faults.alipay_new_certificate { &serials.alipay_new } else { &serials.alipay }
}

/// The page that a browser gets when a page method is refused.
pub(crate) fn error_page(refusal: &Refusal) -> Response {
    let code = refusal.sub_code.trim_start_matches("isv.");
    let reason = refusal.sub_msg.replace("&amp;", "&");
    let main = html! {
        h1 { "调试错误，请回到请求来源地，重新发起请求。" }
        p { "错误代码 " (code) " 错误原因: " (reason) }
        p lang="en" {
            "The gateway refused this payment page. Go back to the shop and start again."
        }
    };
    Page::new("zh-CN", "调试错误", main).respond()
}

/// The page that WeChat's browser shows in place of any page of Alipay's (gateways.md C1).
pub(crate) fn blocked_page() -> Response {
    let main = html! {
        h1 { "已停止访问该网页" }
        p { "如需浏览，请长按网址复制后使用浏览器访问" }
        p lang="en" { "WeChat does not open Alipay's pages. Open the shop in a browser." }
    };
    Page::new("zh-CN", "已停止访问该网页", main).wechat().respond()
}

/// `alipay.trade.query` → `alipay_trade_query_response`; `error_response` where there is no such method.
fn response_key(method: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'.' || byte == b'_';
    if method.starts_with("alipay.") && method.bytes().all(plain) {
        format!("{}_response", method.replace('.', "_"))
    } else {
        "error_response".into()
    }
}

/// A JSON object that keeps the order of its members.
fn write(node: &Node) -> String {
    let members: Vec<String> =
        node.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    format!("{{{}}}", members.join(","))
}

/// Its refusals come as `error_response`.
pub(crate) const OAUTH_TOKEN: &str = "alipay.system.oauth.token";
/// Answered without a signature: the certificate's chain to a root proves it.
pub(crate) const CERTIFICATE_DOWNLOAD: &str = "alipay.open.app.alipaycert.download";
