//! The client secret: which session it opens, and the proof that its holder may.

/// The page's secret for one session: `cs_<id>_secret_<random>`.
///
/// The part before `_secret_` is the session's id; the whole opens that session and
/// nothing else. `Debug` never shows the secret half.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// Joins the session's id and its random half to a secret.
    #[must_use]
    pub fn new(session_id: &str, random: &str) -> Self {
        Self(format!("{session_id}{SEPARATOR}{random}"))
    }

    /// Reads a client secret and checks its form, not its truth.
    ///
    /// # Errors
    /// [`ClientSecretError`] where it is not `cs_…_secret_…` of ASCII letters, digits and `_`.
    pub fn parse(text: &str) -> Result<Self, ClientSecretError> {
        let well_formed = text.len() <= 200
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && text.starts_with("cs_")
            && text
                .split_once(SEPARATOR)
                .is_some_and(|(id, random)| id.len() > "cs_".len() && !random.is_empty());
        if well_formed { Ok(Self(text.to_owned())) } else { Err(ClientSecretError) }
    }

    /// The id of the session that this secret opens.
    #[must_use]
    pub fn session_id(&self) -> &str {
        self.0.split_once(SEPARATOR).map_or("", |(id, _)| id)
    }

    /// The whole secret, for the `Authorization` header only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}_secret_***", self.session_id())
    }
}

const SEPARATOR: &str = "_secret_";

/// The text is not a client secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSecretError;

impl core::fmt::Display for ClientSecretError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a client secret has the form cs_…_secret_…; pass on what the merchant's server got when it opened the session")
    }
}

impl core::error::Error for ClientSecretError {}
