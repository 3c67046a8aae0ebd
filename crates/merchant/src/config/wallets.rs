//! Sections `[wechat_pay]` and `[alipay]` (gateways.md G4).

use contract::Flow;
use gateways::{ConfigError, alipay, wechat_pay};

use super::Alipay;
use super::table::Settings;

const WECHAT_PAY: &str = "wechat_pay";
const ALIPAY: &str = "alipay";

/// Reads the section; `None` if it is absent or unusable.
pub(super) fn wechat_pay(settings: &mut Settings) -> Option<wechat_pay::Config> {
    if !settings.has_section(WECHAT_PAY) {
        return None;
    }
    let base_url = settings.text(WECHAT_PAY, "base_url");
    let mchid = settings.required(WECHAT_PAY, "mchid", "the merchant number, 8 to 10 digits");
    let appid = settings.required(WECHAT_PAY, "appid", "the appid bound to the merchant number");
    let serial = settings.required(
        WECHAT_PAY,
        "merchant_serial",
        "the serial of the merchant's API certificate, 40 hexadecimal digits",
    );
    let private_key =
        settings.required(WECHAT_PAY, "merchant_private_key", "the text of apiclient_key.pem");
    let api_v3_key = settings.required(WECHAT_PAY, "api_v3_key", "the APIv3 key, 32 characters");
    let key_id = settings.required(
        WECHAT_PAY,
        "public_key_id",
        "the id of the WeChat Pay public key, which begins PUB_KEY_ID_",
    );
    let public_key = settings.required(WECHAT_PAY, "public_key", "the text of pub_key.pem");
    let config = wechat_pay::Config {
        base_url: base_url.unwrap_or_else(|| "https://api.mch.weixin.qq.com".to_owned()),
        public_key_id: Some(key_id?),
        public_key: Some(public_key?),
        ..wechat_pay::Config::new(mchid?, appid?, serial?, private_key?.into(), api_v3_key?.into())
    };
    check(settings, wechat_pay::Client::new(config.clone()).err());
    Some(config)
}

/// Reads the section; `None` if it is absent or unusable.
pub(super) fn alipay(settings: &mut Settings) -> Option<Alipay> {
    if !settings.has_section(ALIPAY) {
        return None;
    }
    let gateway_url = settings.text(ALIPAY, "gateway_url");
    let app_id = settings.required(ALIPAY, "app_id", "the application's id, 16 digits");
    let seller_id =
        settings.required(ALIPAY, "seller_id", "the merchant's PID, 2088 and 12 digits");
    let private_key = settings.required(ALIPAY, "app_private_key", "the application's private key");
    let public_key = settings.required(
        ALIPAY,
        "alipay_public_key",
        "the Alipay public key from the open platform, not the application's own",
    );
    let product_code = settings.text(ALIPAY, "precreate_product_code");
    let default_flow = default_flow(settings);
    let flows = flows(settings, default_flow);
    let gateway = alipay::Config {
        gateway_url: gateway_url
            .unwrap_or_else(|| "https://openapi.alipay.com/gateway.do".to_owned()),
        alipay_public_key: Some(public_key?),
        // Which one depends on the contract that the merchant signed (gateways.md B5.2).
        precreate_product_code: product_code.unwrap_or_else(|| "FACE_TO_FACE_PAYMENT".to_owned()),
        ..alipay::Config::new(app_id?, seller_id?, private_key?.into())
    };
    check(settings, alipay::Client::new(gateway.clone()).err());
    Some(Alipay { gateway, flows: flows?, default_flow: default_flow? })
}

fn default_flow(settings: &mut Settings) -> Option<Flow> {
    match settings.text(ALIPAY, "desktop_flow").as_deref() {
        Some("precreate") => Some(Flow::QrCode),
        // The product that every web merchant has (gateways.md B5.2).
        Some("page") | None => Some(Flow::Redirect),
        Some(other) => {
            let sentence = format!(
                "alipay.desktop_flow: `{other}` is unknown; write \"precreate\" for a QR code or \"page\" for a redirect"
            );
            settings.problem(sentence);
            None
        }
    }
}

fn flows(settings: &mut Settings, default_flow: Option<Flow>) -> Option<Vec<Flow>> {
    let default_flow = default_flow?;
    let Some(names) = settings.texts(ALIPAY, "flows") else {
        return Some(vec![Flow::QrCode, Flow::Redirect]);
    };
    let flows: Vec<Flow> = names.iter().map(|name| Flow::parse(name)).collect();
    let is_known = flows.iter().all(|flow| matches!(flow, Flow::QrCode | Flow::Redirect));
    if !is_known || !flows.contains(&default_flow) {
        settings.problem(format!(
            "alipay.flows: may name \"qr_code\" and \"redirect\", and must name \"{default_flow}\", which alipay.desktop_flow starts"
        ));
        return None;
    }
    Some(flows)
}

fn check(settings: &mut Settings, error: Option<ConfigError>) {
    if let Some(error) = error {
        settings.problem(format!("{}: {}", error.field, error.problem));
    }
}
