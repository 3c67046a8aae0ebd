//! `GET /v3/certificates`: the platform certificates, each encrypted with the APIv3 key
//! (gateways.md A6, A6.1, G1.6).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::reply::{Failure, Reply};
use crate::faults::Trust;
use crate::state::Shared;
use crate::{clock, crypto, random};

/// Merchants in public-key mode have none.
pub(crate) fn list(shared: &Arc<Shared>, _call: &Call) -> Result<Reply, Failure> {
    if shared.faults().wechat_trust == Trust::PublicKey {
        let (status, code) = (StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS");
        return Err(Failure::new(status, code, UNKNOWN, NONE));
    }
    let key = shared.keys.wechat_pay.api_v3_key.expose();
    let data: Vec<Value> = shared
        .certificates()
        .all()
        .iter()
        .map(|platform| {
            let nonce = random::lower_hex(12);
            let ciphertext = crypto::seal(key, &nonce, "certificate", &platform.pem);
            json!({
                "effective_time": clock::wechat(platform.from),
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "associated_data": "certificate",
                    "ciphertext": ciphertext,
                    "nonce": nonce,
                },
                "expire_time": clock::wechat(platform.until),
                "serial_no": platform.serial,
            })
        })
        .collect();
    Ok(Reply::Json(json!({ "data": data })))
}

const NONE: &str = "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引https://pay.weixin.qq.com/doc/v3/merchant/4012153196";
const UNKNOWN: u32 = 268_512_771;
