//! Faults of a client's configuration.

/// A setting that cannot work, and what to do about it. Never holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting `{field}`: {problem}")]
pub struct ConfigError {
    /// The setting, by the name of the `Config` field with its gateway: `wechat_pay.mchid`.
    pub field: &'static str,
    /// The fault, and what to put there instead.
    pub problem: String,
}

/// A setting that works but that the operator should check. Log it at the start; never contains a
/// key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigWarning {
    /// The setting, by the name of the `Config` field with its gateway: `alipay.alipay_cert`.
    pub field: &'static str,
    /// The reason, and what to check.
    pub problem: String,
}

impl ConfigError {
    pub(crate) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }
}
