use super::config;
use crate::alipay::{Client, Config};
use crate::{ConfigError, Secret, test_keys};

fn refused(change: impl FnOnce(&mut Config)) -> ConfigError {
    let mut config = config();
    change(&mut config);
    Client::new(config).unwrap_err()
}

#[test]
fn each_setting_is_checked() {
    let field = |change: fn(&mut Config)| refused(change).field;
    assert_eq!(
        field(|c| c.gateway_url = "http://openapi.alipay.com/gateway.do".to_owned()),
        "alipay.gateway_url"
    );
    assert_eq!(field(|c| c.app_id = "202100000000000".to_owned()), "alipay.app_id");
    assert_eq!(field(|c| c.app_id = "２０２１００".to_owned()), "alipay.app_id");
    assert_eq!(field(|c| c.seller_id = "2089000000000001".to_owned()), "alipay.seller_id");
    assert_eq!(
        field(|c| c.precreate_product_code = String::new()),
        "alipay.precreate_product_code"
    );
    assert_eq!(
        field(|c| c.jsapi_product_code = "JSAPI PAY".to_owned()),
        "alipay.jsapi_product_code"
    );
    assert_eq!(field(|c| c.op_app_id = Some("2021".to_owned())), "alipay.op_app_id");
    assert_eq!(
        field(|c| c.oauth_authorize_url = "http://openauth.alipay.com/".to_owned()),
        "alipay.oauth_authorize_url"
    );
    assert_eq!(field(|c| c.alipay_public_key = None), "alipay.alipay_public_key");
    assert_eq!(field(|c| c.app_private_key = Secret::new("x")), "alipay.app_private_key");
    assert_eq!(field(|c| c.alipay_public_key = Some("x".to_owned())), "alipay.alipay_public_key");
}

/// D35: the old sandbox is shut down; SDKs still name it.
#[test]
fn d35_old_sandbox_is_refused() {
    let old = "https://openapi.alipaydev.com/gateway.do";
    let error = refused(|c| c.gateway_url = old.to_owned());
    assert_eq!(error.field, "alipay.gateway_url");
    assert!(error.problem.contains("openapi-sandbox.dl.alipaydev.com"));
}

/// D10: the commonest mistake.
#[test]
fn d10_own_public_key_is_refused() {
    let keys = test_keys::merchant();
    for own in [&keys.public_pem, &keys.public_pkcs1_pem, &test_keys::oneline(&keys.public_pem)] {
        let error = refused(|c| c.alipay_public_key = Some(own.to_owned()));
        assert_eq!(error.field, "alipay.alipay_public_key");
        assert!(error.problem.contains("own public key"));
    }
}
