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
    assert_eq!(refused(|c| c.public_key_id = "5157F09E".to_owned()), "wechat_pay.public_key_id");
    assert_eq!(refused(|c| c.public_key = "x".to_owned()), "wechat_pay.public_key");
    assert_eq!(refused(|c| c.public_key = keys.public_pem.clone()), "wechat_pay.public_key");
    assert_eq!(
        refused(|c| c.platform_keys = vec![("AA".to_owned(), "x".to_owned())]),
        "wechat_pay.platform_keys"
    );
}

#[test]
fn no_secret_is_printed() {
    let config = config();
    let printed =
        format!("{config:?} {:?} {}", Client::new(config.clone()).unwrap(), config.api_v3_key);
    assert!(!printed.contains(config.api_v3_key.expose()));
    assert!(!printed.contains("PRIVATE KEY"));
    assert!(printed.contains("***"));
}
