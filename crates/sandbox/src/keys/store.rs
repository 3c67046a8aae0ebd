//! The keys on disk: `keys.json` for the sandbox's next start, `gateways.toml` for the merchant.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{DesktopFlow, Keys};
use crate::Error;

/// What `keys.json` holds. It never leaves the sandbox.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    pub(super) mchid: String,
    pub(super) appid: String,
    pub(super) merchant_serial: String,
    pub(super) merchant_private_key: String,
    pub(super) api_v3_key: String,
    pub(super) public_key_id: String,
    pub(super) wechat_pay_private_key: String,
    pub(super) app_id: String,
    pub(super) seller_id: String,
    pub(super) app_private_key: String,
    pub(super) alipay_private_key: String,
}

pub(super) fn load_or_generate(dir: &Path) -> Result<Keys, Error> {
    make_dir(dir)?;
    let path = dir.join("keys.json");
    match fs::read_to_string(&path) {
        Ok(text) => {
            let unusable = |detail: String| Error::KeysFile { path: path.clone(), detail };
            let stored: Stored =
                serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
            Keys::from_stored(stored).map_err(|error| unusable(error.to_string()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let keys = Keys::generate()?;
            let text = serde_json::to_string_pretty(&keys.server.stored).map_err(|error| {
                Error::KeysFile { path: path.clone(), detail: error.to_string() }
            })?;
            write_private(&path, &text)?;
            Ok(keys)
        }
        Err(source) => Err(Error::KeysDir { path, source }),
    }
}

pub(super) fn gateways_toml(keys: &Keys, base_url: &str, desktop_flow: DesktopFlow) -> String {
    let (wechat, alipay) = (&keys.wechat_pay, &keys.alipay);
    let desktop_flow = match desktop_flow {
        DesktopFlow::Precreate => "precreate",
        DesktopFlow::Page => "page",
    };
    // All values are of alphabets that need no TOML escapes: digits, hexadecimal, base64 and PEM.
    format!(
        r#"# Written by the sandbox at each start. Keys for loopback only: no money behind them.
[wechat_pay]
base_url = "{base_url}"
mchid = "{mchid}"
appid = "{appid}"
merchant_serial = "{merchant_serial}"
merchant_private_key = """{merchant_private_key}"""
api_v3_key = "{api_v3_key}"
public_key_id = "{public_key_id}"
public_key = """{public_key}"""

[alipay]
gateway_url = "{base_url}/gateway.do"
app_id = "{app_id}"
seller_id = "{seller_id}"
app_private_key = """{app_private_key}"""
alipay_public_key = """{alipay_public_key}"""
desktop_flow = "{desktop_flow}"
"#,
        mchid = wechat.mchid,
        appid = wechat.appid,
        merchant_serial = wechat.merchant_serial,
        merchant_private_key = wechat.merchant_private_key.expose(),
        api_v3_key = wechat.api_v3_key.expose(),
        public_key_id = wechat.public_key_id,
        public_key = wechat.public_key,
        app_id = alipay.app_id,
        seller_id = alipay.seller_id,
        app_private_key = alipay.app_private_key.expose(),
        alipay_public_key = alipay.alipay_public_key,
    )
}

/// Writes a file that only its owner may read, whole or not at all.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let wrong = |source| Error::KeysDir { path: path.to_owned(), source };
    let part = path.with_extension("part");
    match fs::remove_file(&part) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(wrong(error)),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part).map_err(wrong)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(wrong)?;
    fs::rename(&part, path).map_err(wrong)
}

fn make_dir(dir: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|source| Error::KeysDir { path: dir.to_owned(), source })
}
