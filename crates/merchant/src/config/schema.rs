//! The known sections and settings, and the type of each in the environment.

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
            "allowed_return_urls",
            "trusted_proxies",
            "secret_key",
            "signing_key",
            "database",
            "database_password",
            "database_connections",
            "session_default_expiry_s",
            "orders",
            "drain_s",
            "metrics",
            "personal_data_days",
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
    ("webhooks", &["name", "url", "secret", "types"]),
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

/// The secrets and certificates that a file of their own may hold: `secret_key_file` names it.
const IN_FILES: [&str; 14] = [
    "database",
    "database_password",
    "secret_key",
    "signing_key",
    "merchant_private_key",
    "api_v3_key",
    "public_key",
    "app_secret",
    "app_private_key",
    "alipay_public_key",
    "app_cert",
    "alipay_cert",
    "alipay_root_cert",
    "secret",
];

/// The type of a setting in the environment, where everything is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A list, separated by commas.
    List,
    /// A text, or a list separated by commas during a change.
    OneOrMore,
    Integer,
    Boolean,
}

/// Returns the type of a setting.
pub(super) fn kind(key: &str) -> Kind {
    match key {
        "allowed_origins"
        | "allowed_return_urls"
        | "trusted_proxies"
        | "flows"
        | "products"
        | "types" => Kind::List,
        // A signing key may contain commas: two of them need a file.
        "secret_key" | "secret" => Kind::OneOrMore,
        "session_default_expiry_s"
        | "drain_s"
        | "database_connections"
        | "personal_data_days"
        | "calls_per_minute"
        | "sessions_per_minute"
        | "wrong_secrets_per_minute"
        | "connections"
        | "connections_per_address" => Kind::Integer,
        "jsapi" | "platform_certificates" => Kind::Boolean,
        _ => Kind::Text,
    }
}

/// Returns the setting whose text is in the file that `key` names: `secret_key` of
/// `secret_key_file`.
pub(super) fn in_file(key: &str) -> Option<&str> {
    key.strip_suffix("_file").filter(|setting| IN_FILES.contains(setting))
}

/// Returns the settings that a section may have; `None` if there is no such section.
pub(super) fn keys(section: &str) -> Option<Vec<&'static str>> {
    let of = |section: &str| KNOWN.iter().find(|(name, _)| *name == section).map(|(_, keys)| *keys);
    let Some((former, _)) = numbered(section) else { return of(section).map(<[_]>::to_vec) };
    let present = REPEATED.iter().find(|(name, _)| *name == former).map(|(_, present)| *present);
    let keys = of(present?)?.iter().copied();
    Some(keys.filter(|key| !OFFERING.contains(key)).collect())
}

/// Returns the names of all sections, for messages.
pub(super) fn section_names() -> Vec<&'static str> {
    let repeated = REPEATED.iter().map(|(name, _)| *name);
    let known = KNOWN.iter().map(|(name, _)| *name);
    known.chain(repeated.filter(|name| !is_also_single(name))).collect()
}

/// True if a section may occur more than once.
pub(super) fn is_repeated(section: &str) -> bool {
    REPEATED.iter().any(|(name, _)| *name == section)
}

/// True if a section may be a single one, too.
pub(super) fn is_also_single(section: &str) -> bool {
    KNOWN.iter().any(|(name, _)| *name == section)
}

/// Splits the name of a repeated section, such as `alipay_former_1`.
pub(super) fn numbered(section: &str) -> Option<(&str, u32)> {
    let (name, number) = section.rsplit_once('_')?;
    let number = number.parse().ok().filter(|number| *number > 0)?;
    is_repeated(name).then_some((name, number))
}

/// The sections that may occur several times, and the one whose settings they have.
const REPEATED: [(&str, &str); 3] =
    [("wechat_pay_former", "wechat_pay"), ("alipay_former", "alipay"), ("webhooks", "webhooks")];

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
