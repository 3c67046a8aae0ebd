//! Keys over restarts, and what the merchant's configuration gets.

use sandbox::{DesktopFlow, Error, Flows, Keys, MobileFlow};

struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("opencashier-sandbox-{}-{name}", std::process::id()));
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A file that is left in the temporary folder does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn keys_outlive_a_restart_and_are_the_owners_alone() {
    let folder = Folder::new("keys");
    let first = Keys::load_or_generate(&folder.0).unwrap();
    let second = Keys::load_or_generate(&folder.0).unwrap();
    assert_eq!(first.wechat_pay.public_key, second.wechat_pay.public_key);
    assert_eq!(first.alipay.app_private_key, second.alipay.app_private_key);
    assert_eq!(format!("{:?}", first.wechat_pay.api_v3_key), "***");

    first.write_gateways_toml(&folder.0, "http://127.0.0.1:9443", DesktopFlow::Page).unwrap();
    for name in ["keys.json", "gateways.toml"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.0.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let text = std::fs::read_to_string(folder.0.join("gateways.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let (wechat, alipay) = (&table["wechat_pay"], &table["alipay"]);
    let value = |section: &toml::Value, name: &str| section[name].as_str().unwrap().to_owned();
    assert_eq!(
        value(wechat, "merchant_private_key"),
        first.wechat_pay.merchant_private_key.expose()
    );
    assert_eq!(value(wechat, "merchant_serial").len(), 40);
    assert_eq!(value(wechat, "api_v3_key").len(), 32);
    assert!(value(wechat, "public_key_id").starts_with("PUB_KEY_ID_"));
    assert_eq!(value(wechat, "appid").len(), 18);
    assert_eq!(value(alipay, "gateway_url"), "http://127.0.0.1:9443/gateway.do");
    assert_eq!(value(alipay, "alipay_public_key"), first.alipay.alipay_public_key);
    assert_eq!(value(alipay, "desktop_flow"), "page");
    assert_eq!(value(alipay, "mobile_flow"), "wap");
    assert_eq!(alipay["jsapi"].as_bool(), Some(true));
    assert_eq!(
        value(alipay, "oauth_authorize_url"),
        "http://127.0.0.1:9443/oauth2/publicAppAuthorize.htm"
    );
    let products: Vec<&str> =
        wechat["products"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(products, ["native", "h5", "jsapi"]);
    assert_eq!(value(wechat, "h5_domain"), "127.0.0.1");
    assert_eq!(value(wechat, "app_secret").len(), 32);
    assert_eq!(
        value(wechat, "oauth_authorize_url"),
        "http://127.0.0.1:9443/connect/oauth2/authorize"
    );
    assert_eq!(value(wechat, "oauth_token_url"), "http://127.0.0.1:9443/sns/oauth2/access_token");
    let flows = Flows { desktop: DesktopFlow::PageFrame, mobile: MobileFlow::PrecreateLink };
    let text = first.gateways_toml("http://127.0.0.1:9443", flows);
    assert!(text.contains("desktop_flow = \"page_frame\"\nmobile_flow = \"precreate_link\""));
}

#[test]
fn keys_of_an_older_sandbox_gain_a_secret_that_stays() {
    let folder = Folder::new("older");
    let first = Keys::load_or_generate(&folder.0).unwrap();
    let path = folder.0.join("keys.json");
    let mut stored: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    stored.as_object_mut().unwrap().remove("app_secret");
    std::fs::write(&path, stored.to_string()).unwrap();
    let second = Keys::load_or_generate(&folder.0).unwrap();
    assert_ne!(first.wechat_pay.app_secret, second.wechat_pay.app_secret);
    let third = Keys::load_or_generate(&folder.0).unwrap();
    assert_eq!(second.wechat_pay.app_secret, third.wechat_pay.app_secret);
    assert_eq!(first.wechat_pay.public_key, third.wechat_pay.public_key);
}

#[test]
fn a_file_of_something_else_is_named_not_overwritten() {
    let folder = Folder::new("broken");
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("keys.json"), "{}").unwrap();
    assert!(matches!(Keys::load_or_generate(&folder.0), Err(Error::KeysFile { .. })));
    assert_eq!(std::fs::read_to_string(folder.0.join("keys.json")).unwrap(), "{}");
}
