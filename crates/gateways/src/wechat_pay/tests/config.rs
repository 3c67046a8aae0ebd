use super::config;
use crate::wechat_pay::{Client, Config};
use crate::{Secret, test_keys};

fn refused(change: impl FnOnce(&mut Config)) -> &'static str {
    let mut config = config();
    change(&mut config);
    Client::new(config).unwrap_err().field
}

#[test]
fn each_setting_is_checked() {
    let keys = test_keys::merchant();
    assert_eq!(
        refused(|c| c.base_url = "http://api.mch.weixin.qq.com".to_owned()),
        "wechat_pay.base_url"
    );
    assert_eq!(refused(|c| c.mchid = "190000729x".to_owned()), "wechat_pay.mchid");
    assert_eq!(refused(|c| c.mchid = String::new()), "wechat_pay.mchid");
    assert_eq!(refused(|c| c.appid = String::new()), "wechat_pay.appid");
    assert_eq!(refused(|c| c.merchant_serial = "408B07".to_owned()), "wechat_pay.merchant_serial");
    assert_eq!(
        refused(|c| c.merchant_private_key = Secret::new("x")),
        "wechat_pay.merchant_private_key"
    );
    assert_eq!(
        refused(|c| c.api_v3_key = Secret::new("testAPIv3Key0000")),
        "wechat_pay.api_v3_key"
    );
    assert_eq!(refused(|c| c.api_v3_key = Secret::new("密".repeat(32))), "wechat_pay.api_v3_key");
    let id = |text: &str| Some(text.to_owned());
    assert_eq!(refused(|c| c.public_key_id = id("5157F09E")), "wechat_pay.public_key_id");
    assert_eq!(refused(|c| c.public_key_id = None), "wechat_pay.public_key_id");
    assert_eq!(refused(|c| c.public_key = id("x")), "wechat_pay.public_key");
    assert_eq!(refused(|c| c.public_key = None), "wechat_pay.public_key");
    assert_eq!(
        refused(|c| (c.public_key_id, c.public_key) = (None, None)),
        "wechat_pay.public_key",
        "no way to know the platform"
    );
    assert_eq!(
        refused(|c| c.backup_base_url = id("http://api2.mch.weixin.qq.com")),
        "wechat_pay.backup_base_url"
    );
    assert_eq!(refused(|c| c.app_secret = Some(Secret::new(""))), "wechat_pay.app_secret");
    assert_eq!(
        refused(|c| c.oauth_token_url = "http://api.weixin.qq.com/x".to_owned()),
        "wechat_pay.oauth_token_url"
    );
    assert_eq!(
        refused(|c| c.oauth_authorize_url = "open.weixin.qq.com".to_owned()),
        "wechat_pay.oauth_authorize_url"
    );
    assert_eq!(
        refused(|c| c.platform_keys = vec![("AA".to_owned(), "x".to_owned())]),
        "wechat_pay.platform_keys"
    );
}

/// D10: the platform's key must not be the merchant's own.
#[test]
fn d10_own_public_key_is_refused() {
    let own = test_keys::merchant().public_pem.clone();
    assert_eq!(refused(|c| c.public_key = Some(own)), "wechat_pay.public_key");
}

/// D11: a start needs no network; nobody listens at this address.
#[test]
fn d11_start_needs_no_network() {
    assert!(Client::new(config()).is_ok());
    let by_certificates =
        Config { public_key_id: None, public_key: None, platform_certificates: true, ..config() };
    assert!(Client::new(by_certificates).is_ok());
}

#[test]
fn no_secret_is_printed() {
    let config = config();
    let printed =
        format!("{config:?} {:?} {}", Client::new(config.clone()).unwrap(), config.api_v3_key);
    assert!(!printed.contains(config.api_v3_key.expose()));
    assert!(!printed.contains("an-app-secret"));
    assert!(!printed.contains("PRIVATE KEY"));
    assert!(printed.contains("***"));
}
