//! Settings by section and key, merged from files and environment, with their problems.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

/// The merged settings, and their problems.
#[derive(Default)]
pub(super) struct Settings {
    values: BTreeMap<(String, String), Value>,
    sections: Vec<String>,
    problems: Vec<String>,
}

/// The known sections and keys.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "server",
        &[
            "listen",
            "public_url",
            "path_prefix",
            "notify_url_base",
            "allowed_origins",
            "trusted_proxies",
            "secret_key",
            "signing_key",
            "database",
            "session_default_expiry_s",
            "orders",
            "drain_s",
            "merchant_name",
        ],
    ),
    (
        "wechat_pay",
        &[
            "base_url",
            "mchid",
            "appid",
            "merchant_serial",
            "merchant_private_key",
            "api_v3_key",
            "public_key_id",
            "public_key",
            "platform_certificates",
            "backup_base_url",
            "products",
            "h5_domain",
            "domain_verification",
            "app_secret",
            "oauth_authorize_url",
            "oauth_token_url",
        ],
    ),
    (
        "alipay",
        &[
            "gateway_url",
            "app_id",
            "seller_id",
            "app_private_key",
            "alipay_public_key",
            "app_cert",
            "alipay_cert",
            "alipay_root_cert",
            "desktop_flow",
            "mobile_flow",
            "jsapi",
            "flows",
            "precreate_product_code",
            "jsapi_product_code",
            "op_app_id",
            "oauth_authorize_url",
        ],
    ),
    ("webhooks", &["url", "secret"]),
    ("embed", &["selector", "assets"]),
    (
        "limits",
        &[
            "calls_per_minute",
            "sessions_per_minute",
            "wrong_secrets_per_minute",
            "connections",
            "connections_per_address",
        ],
    ),
];

const ENVIRONMENT_PREFIX: &str = "OPENCASHIER_";

impl Settings {
    /// Merges a file over the settings.
    pub(super) fn merge_toml(&mut self, file: &Path, text: &str) {
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                // Only the message and the line: the excerpt could show a secret.
                let line = error.span().map_or(1, |span| {
                    text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1)
                });
                let message = error.message();
                return self
                    .problem(format!("{}, line {line}: not TOML: {message}", file.display()));
            }
        };
        for (section, value) in table {
            match (value, is_repeated(&section)) {
                (Value::Table(entries), false) => self.set_all(&section, entries),
                (Value::Array(tables), true) if tables.iter().all(Value::is_table) => {
                    for (table, number) in tables.into_iter().zip(1..) {
                        let entries = table.try_into().unwrap_or_default();
                        self.set_all(&format!("{section}_{number}"), entries);
                    }
                }
                (_, true) => {
                    self.problem(format!("{section}: must stand in sections [[{section}]]"));
                }
                (_, false) => {
                    self.problem(format!("{section}: must stand in a section such as [server]"));
                }
            }
        }
    }

    fn set_all(&mut self, section: &str, entries: Table) {
        if numbered(section).is_some() {
            self.note_section(section);
        }
        for (key, value) in entries {
            self.set(section, &key, value);
        }
    }

    /// Merges `OPENCASHIER_SECTION__KEY` over the settings. Lists are separated by commas.
    pub(super) fn merge_environment(
        &mut self,
        environment: impl IntoIterator<Item = (String, String)>,
    ) {
        for (name, text) in environment {
            let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
            // Other variables of the project, such as those of its tests, are ignored.
            let Some((section, key)) = rest.split_once("__") else { continue };
            let (section, key) = (section.to_ascii_lowercase(), key.to_ascii_lowercase());
            let value = match key.as_str() {
                "allowed_origins" | "trusted_proxies" | "flows" | "products" => Value::Array(
                    text.split(',')
                        .map(str::trim)
                        .filter(|part| !part.is_empty())
                        .map(|part| Value::String(part.to_owned()))
                        .collect(),
                ),
                // Two values during a change. A signing key may contain commas: two need a file.
                "secret_key" | "secret" if text.contains(',') => Value::Array(
                    text.split(',').map(|part| Value::String(part.trim().to_owned())).collect(),
                ),
                "session_default_expiry_s"
                | "drain_s"
                | "calls_per_minute"
                | "sessions_per_minute"
                | "wrong_secrets_per_minute"
                | "connections"
                | "connections_per_address" => {
                    text.parse().map_or(Value::String(text), Value::Integer)
                }
                "jsapi" | "platform_certificates" => {
                    text.parse().map_or(Value::String(text), Value::Boolean)
                }
                _ => Value::String(text),
            };
            self.set(&section, &key, value);
        }
    }

    /// Returns the names of the sections of `[[section]]`, numbered from 1, as used in problems and
    /// in the environment: `wechat_pay_former_1`.
    pub(super) fn repeated(&self, section: &str) -> Vec<String> {
        let mut numbers: Vec<u32> = self
            .sections
            .iter()
            .filter_map(|known| numbered(known).filter(|(name, _)| *name == section))
            .map(|(_, number)| number)
            .collect();
        numbers.sort_unstable();
        numbers.into_iter().map(|number| format!("{section}_{number}")).collect()
    }

    /// True if anything was set in the section.
    pub(super) fn has_section(&self, section: &str) -> bool {
        self.sections.iter().any(|known| known == section)
    }

    /// True if the key was set.
    pub(super) fn has(&self, section: &str, key: &str) -> bool {
        self.values.contains_key(&(section.to_owned(), key.to_owned()))
    }

    /// Returns a required text.
    pub(super) fn required(&mut self, section: &str, key: &str, what: &str) -> Option<String> {
        let text = self.text(section, key);
        if !self.has(section, key) {
            self.problem(format!("{section}.{key}: missing; set it to {what}"));
        }
        text
    }

    /// Returns an optional text.
    pub(super) fn text(&mut self, section: &str, key: &str) -> Option<String> {
        match self.values.get(&(section.to_owned(), key.to_owned()))? {
            Value::String(text) => Some(text.clone()),
            _ => {
                self.problem(format!("{section}.{key}: must be text in quotes"));
                None
            }
        }
    }

    /// Returns an optional list of texts.
    pub(super) fn texts(&mut self, section: &str, key: &str) -> Option<Vec<String>> {
        let value = self.values.get(&(section.to_owned(), key.to_owned()))?;
        let texts = value.as_array().and_then(|values| {
            values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        if texts.is_none() {
            self.problem(format!(
                "{section}.{key}: must be a list of texts, such as [\"a\", \"b\"]"
            ));
        }
        texts
    }

    /// Returns an optional text or list of texts: several during a change, the one in use first.
    pub(super) fn one_or_more(&mut self, section: &str, key: &str) -> Option<Vec<String>> {
        match self.values.get(&(section.to_owned(), key.to_owned()))? {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(values) if !values.is_empty() => {
                let texts: Option<Vec<String>> =
                    values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
                if texts.is_none() {
                    self.problem(format!("{section}.{key}: must be text, or a list of texts"));
                }
                texts
            }
            _ => {
                self.problem(format!("{section}.{key}: must be text, or a list of texts"));
                None
            }
        }
    }

    /// Returns a required text or list of texts.
    pub(super) fn required_one_or_more(
        &mut self,
        section: &str,
        key: &str,
        what: &str,
    ) -> Option<Vec<String>> {
        let texts = self.one_or_more(section, key);
        if !self.has(section, key) {
            self.problem(format!("{section}.{key}: missing; set it to {what}"));
        }
        texts
    }

    /// Returns an optional whole number.
    pub(super) fn integer(&mut self, section: &str, key: &str) -> Option<i64> {
        let value = self.values.get(&(section.to_owned(), key.to_owned()))?;
        let integer = value.as_integer();
        if integer.is_none() {
            self.problem(format!("{section}.{key}: must be a whole number"));
        }
        integer
    }

    /// Returns an optional boolean.
    pub(super) fn boolean(&mut self, section: &str, key: &str) -> Option<bool> {
        let value = self.values.get(&(section.to_owned(), key.to_owned()))?;
        let boolean = value.as_bool();
        if boolean.is_none() {
            self.problem(format!("{section}.{key}: must be true or false"));
        }
        boolean
    }

    /// Adds a problem.
    pub(super) fn problem(&mut self, sentence: impl Into<String>) {
        self.problems.push(sentence.into());
    }

    pub(super) fn into_problems(self) -> Vec<String> {
        self.problems
    }

    fn set(&mut self, section: &str, key: &str, value: Value) {
        match keys(section) {
            None if is_repeated(section) => self.problem(format!(
                "{section}.{key}: there may be several; name the first {section}_1"
            )),
            None => self.problem(format!("[{section}]: there is no such section")),
            Some(keys) if !keys.contains(&key) => self.problem(format!(
                "{section}.{key}: there is no such setting; known are {}",
                keys.join(", ")
            )),
            Some(_) => {
                self.note_section(section);
                self.values.insert((section.to_owned(), key.to_owned()), value);
            }
        }
    }

    fn note_section(&mut self, section: &str) {
        if !self.has_section(section) {
            self.sections.push(section.to_owned());
        }
    }
}

/// Returns the settings that a section may have; `None` if there is no such section.
fn keys(section: &str) -> Option<Vec<&'static str>> {
    let of = |section: &str| KNOWN.iter().find(|(name, _)| *name == section).map(|(_, keys)| *keys);
    let Some((former, _)) = numbered(section) else { return of(section).map(<[_]>::to_vec) };
    let present = REPEATED.iter().find(|(name, _)| *name == former).map(|(_, present)| *present);
    let keys = of(present?)?.iter().copied();
    Some(keys.filter(|key| !OFFERING.contains(key)).collect())
}

/// True if a section may occur more than once.
fn is_repeated(section: &str) -> bool {
    REPEATED.iter().any(|(name, _)| *name == section)
}

/// Splits the name of a repeated section, such as `alipay_former_1`.
fn numbered(section: &str) -> Option<(&str, u32)> {
    let (name, number) = section.rsplit_once('_')?;
    let number = number.parse().ok().filter(|number| *number > 0)?;
    is_repeated(name).then_some((name, number))
}

/// The sections that may occur several times, and the one whose settings they have.
const REPEATED: [(&str, &str); 2] =
    [("wechat_pay_former", "wechat_pay"), ("alipay_former", "alipay")];

/// The settings for new payments, which a former identity does not make.
const OFFERING: [&str; 7] = [
    "products",
    "h5_domain",
    "domain_verification",
    "desktop_flow",
    "mobile_flow",
    "jsapi",
    "flows",
];
