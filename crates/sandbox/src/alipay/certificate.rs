//! `alipay.open.app.alipaycert.download`: Alipay's own certificates, by serial (gateways.md B8).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::content::Content;
use super::params::Params;
use super::reply::{Node, Refusal};
use crate::state::Shared;

/// Answers with the PEM text in base64. The real gateway's refusals are not known.
pub(crate) fn download(shared: &Shared, params: &Params) -> Result<Node, Refusal> {
    let content = Content::read(params)?;
    let serial = content.required("alipay_cert_sn", 32)?;
    let (keys, server) = (&shared.keys.alipay, &shared.keys.server);
    let known = [
        (&server.serials.alipay, &keys.alipay_cert),
        (&server.serials.alipay_new, &server.alipay_new_cert),
    ];
    let found = known.into_iter().find(|(known, _)| *known == serial);
    let (_, pem) = found.ok_or_else(|| Refusal::parameter("alipay_cert_sn"))?;
    Ok(vec![("alipay_cert_content", json!(STANDARD.encode(pem)))])
}
