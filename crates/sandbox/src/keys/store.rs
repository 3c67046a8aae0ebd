//! The keys on disk: `keys.json`, for the sandbox's next start.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Keys;
use crate::{Error, random};

/// The content of `keys.json`. It never leaves the sandbox.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    pub(super) mchid: String,
    pub(super) appid: String,
    /// Files of older sandboxes lack it.
    #[serde(default = "new_app_secret")]
    pub(super) app_secret: String,
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

pub(super) fn new_app_secret() -> String {
    random::lower_hex(32)
}

pub(super) fn load_or_generate(dir: &Path) -> Result<Keys, Error> {
    make_dir(dir)?;
    let path = dir.join("keys.json");
    match fs::read_to_string(&path) {
        Ok(text) => {
            let unusable = |detail: String| Error::KeysFile { path: path.clone(), detail };
            let stored: Stored =
                serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
            let keys = Keys::from_stored(stored).map_err(|error| unusable(error.to_string()))?;
            let whole = as_text(&keys, &path)?;
            if whole != text {
                write_private(&path, &whole)?;
            }
            Ok(keys)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let keys = Keys::generate()?;
            write_private(&path, &as_text(&keys, &path)?)?;
            Ok(keys)
        }
        Err(source) => Err(Error::KeysDir { path, source }),
    }
}

fn as_text(keys: &Keys, path: &Path) -> Result<String, Error> {
    serde_json::to_string_pretty(&keys.server.stored)
        .map_err(|error| Error::KeysFile { path: path.to_owned(), detail: error.to_string() })
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
