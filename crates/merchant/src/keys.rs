//! Identifiers, and the secrets that open sessions.
//!
//! A client secret and a hosted token are derived from the signing key, so that neither is stored;
//! of the client secret the database holds a hash, which stays valid when the signing key changes.

use contract::ClientSecret;
use gateways::Secret;
use ring::{digest, hmac};
use subtle::ConstantTimeEq as _;

/// Derives and checks the secrets of sessions, and checks the merchant's secret keys.
///
/// The first signing key derives; secrets derived from the others are still accepted, so that a
/// key can be changed while sessions are open.
#[derive(Clone)]
pub(crate) struct Keys {
    signing: Vec<hmac::Key>,
    secret_key_hashes: Vec<[u8; 32]>,
}

impl Keys {
    pub(crate) fn new(signing_keys: &[Secret], secret_keys: &[Secret]) -> Self {
        let signing = |key: &Secret| hmac::Key::new(hmac::HMAC_SHA256, key.expose().as_bytes());
        Self {
            signing: signing_keys.iter().map(signing).collect(),
            secret_key_hashes: secret_keys
                .iter()
                .map(|key| sha256(key.expose().as_bytes()))
                .collect(),
        }
    }

    /// Derives the client secret of a new session.
    pub(crate) fn client_secret(&self, session_id: &str) -> ClientSecret {
        ClientSecret::new(session_id, &self.derive("client_secret", session_id))
    }

    /// Derives the client secret of a stored session with this hash; `None` if the signing key that
    /// derived it is no longer configured.
    pub(crate) fn stored_client_secret(
        &self,
        session_id: &str,
        secret_hash: &[u8],
    ) -> Option<ClientSecret> {
        let secrets = self.derivations("client_secret", session_id);
        let mut secrets = secrets.map(|tag| ClientSecret::new(session_id, &tag));
        secrets.find(|secret| is_preimage(secret.expose(), secret_hash))
    }

    /// Derives the token of a session's hosted page. It opens that page and nothing else.
    pub(crate) fn hosted_token(&self, session_id: &str) -> String {
        format!("{session_id}_{}", self.derive("hosted_page", session_id))
    }

    /// Returns the session that a hosted token opens, if the token is valid.
    pub(crate) fn hosted_session<'a>(&self, token: &'a str) -> Option<&'a str> {
        let (session_id, tag) = token.rsplit_once('_')?;
        self.is_derived("hosted_page", session_id, tag).then_some(session_id)
    }

    /// Derives the OAuth state of a payment, by which a shopper sent back by a wallet is
    /// recognised: it names the payment and nothing else. Letters and digits only, as WeChat
    /// requires.
    pub(crate) fn oauth_state(&self, payment_id: &str) -> String {
        let id = payment_id.trim_start_matches(PAYMENT_PREFIX);
        format!("{id}{}", self.derive("oauth_state", payment_id))
    }

    /// Returns the payment that an OAuth state names, if the state is valid.
    pub(crate) fn oauth_payment(&self, state: &str) -> Option<String> {
        let (id, tag) = state.split_at_checked(state.len().checked_sub(TAG_LENGTH)?)?;
        let payment_id = format!("{PAYMENT_PREFIX}{id}");
        self.is_derived("oauth_state", &payment_id, tag).then_some(payment_id)
    }

    /// True if this is one of the merchant's secret keys; compared in constant time.
    pub(crate) fn is_secret_key(&self, presented: &str) -> bool {
        let matches = self.secret_key_hashes.iter().map(|hash| is_preimage(presented, hash));
        matches.fold(false, |any, one| any | one)
    }

    /// True if any signing key derives the tag; compared in constant time for all keys.
    fn is_derived(&self, purpose: &str, id: &str, tag: &str) -> bool {
        let ours = self.derivations(purpose, id);
        let matches = ours.map(|ours| bool::from(ours.as_bytes().ct_eq(tag.as_bytes())));
        matches.fold(false, |any, one| any | one)
    }

    fn derive(&self, purpose: &str, id: &str) -> String {
        // The configuration requires at least one key.
        self.derivations(purpose, id).next().unwrap_or_default()
    }

    fn derivations(&self, purpose: &str, id: &str) -> impl Iterator<Item = String> {
        let text = format!("{purpose}:{id}");
        self.signing.iter().map(move |key| hex(hmac::sign(key, text.as_bytes()).as_ref()))
    }
}

/// Returns a name of the key that a setting has, which the key itself derives: equal for equal keys,
/// and of no use otherwise.
pub(crate) fn key_name(setting: &str, key: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut name = hex(hmac::sign(&key, format!("name:{setting}").as_bytes()).as_ref());
    name.truncate(NAME_LENGTH);
    name
}

/// The SHA-256 hash of the bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(digest::digest(&digest::SHA256, bytes).as_ref()) {
        *to = *from;
    }
    hash
}

/// The SHA-256 hash of a text, in hexadecimal digits.
pub(crate) fn hash_text(text: &str) -> String {
    hex(&sha256(text.as_bytes()))
}

/// True if `presented` has the hash `hash`; compared in constant time.
pub(crate) fn is_preimage(presented: &str, hash: &[u8]) -> bool {
    bool::from(sha256(presented.as_bytes()).as_slice().ct_eq(hash))
}

/// Returns a new identifier: the prefix and 120 random bits.
pub(crate) fn new_id(prefix: &str) -> Result<String, getrandom::Error> {
    Ok(format!("{prefix}{}", random_text(24)?))
}

/// Returns a new order number for a gateway: 26 characters of `[0-9A-Z]`, which both gateways
/// accept (gateways.md A3.1, B5.1), in one case only because not every report preserves it.
pub(crate) fn new_out_trade_no() -> Result<String, getrandom::Error> {
    Ok(format!("OC{}", random_text(24)?.to_ascii_uppercase()))
}

/// True if a number has the format of [`new_out_trade_no`].
pub(crate) fn is_trade_number(number: &str) -> bool {
    is_number(number, "OC")
}

/// True if a number has the format of our refund numbers.
pub(crate) fn is_refund_number(number: &str) -> bool {
    is_number(number, "OR")
}

fn is_number(number: &str, prefix: &str) -> bool {
    number.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == 24
            && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

fn random_text(length: usize) -> Result<String, getrandom::Error> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes)?;
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'0');
    Ok(bytes.iter().map(letter).map(char::from).collect())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Prefix of a payment's id.
pub(crate) const PAYMENT_PREFIX: &str = "pay_";
/// Length of a tag in hexadecimal digits.
const TAG_LENGTH: usize = 64;
/// Length of the name of a key: enough to tell keys apart.
const NAME_LENGTH: usize = 16;

/// Crockford's base 32: 32 letters, so that five bits select one evenly.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(signing: &[&str]) -> Keys {
        let signing: Vec<_> = signing.iter().map(|key| Secret::new(*key)).collect();
        Keys::new(&signing, &["sk_test_1", "sk_old_1"].map(Secret::new))
    }

    #[test]
    fn b32_secrets_of_the_previous_signing_key_stay_valid() {
        let (old, new) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
        let (before, both, after) = (keyring(&[old]), keyring(&[new, old]), keyring(&[new]));
        let secret = before.client_secret("cs_a");
        let hash = sha256(secret.expose().as_bytes());
        assert_eq!(both.stored_client_secret("cs_a", &hash), Some(secret));
        assert_eq!(after.stored_client_secret("cs_a", &hash), None);
        assert_eq!(both.client_secret("cs_b"), after.client_secret("cs_b"));
        let (token, state) = (before.hosted_token("cs_a"), before.oauth_state("pay_1"));
        assert_eq!(both.hosted_session(&token), Some("cs_a"));
        assert_eq!(both.oauth_payment(&state).as_deref(), Some("pay_1"));
        assert_eq!((after.hosted_session(&token), after.oauth_payment(&state)), (None, None));
        assert!(both.is_secret_key("sk_test_1") && both.is_secret_key("sk_old_1"));
    }

    #[test]
    fn secrets_open_their_own_session_only() {
        let keys = keyring(&["0123456789abcdef0123456789abcdef"]);
        let secret = keys.client_secret("cs_a");
        assert_eq!(secret, keys.client_secret("cs_a"));
        assert_eq!(ClientSecret::parse(secret.expose()).unwrap().session_id(), "cs_a");
        let hash = sha256(secret.expose().as_bytes());
        assert!(is_preimage(secret.expose(), &hash));
        assert!(!is_preimage(keys.client_secret("cs_b").expose(), &hash));
        assert!(keys.is_secret_key("sk_test_1"));
        assert!(!keys.is_secret_key("sk_test_2"));
        assert!(!keys.is_secret_key(""));
    }

    #[test]
    fn hosted_tokens_are_not_client_secrets() {
        let keys = keyring(&["0123456789abcdef0123456789abcdef"]);
        let token = keys.hosted_token("cs_a");
        assert_eq!(keys.hosted_session(&token), Some("cs_a"));
        assert_eq!(keys.hosted_session(&token.replace("cs_a", "cs_b")), None);
        assert_eq!(keys.hosted_session(keys.client_secret("cs_a").expose()), None);
        assert_eq!(keys.hosted_session(""), None);
        let other = keyring(&["another key, another key, another key"]);
        assert_eq!(other.hosted_session(&token), None);
    }

    #[test]
    fn a_state_names_its_payment_and_fits_wechat() {
        let keys = keyring(&["0123456789abcdef0123456789abcdef"]);
        let id = new_id(PAYMENT_PREFIX).unwrap();
        let state = keys.oauth_state(&id);
        assert!(state.len() <= 128 && state.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(keys.oauth_payment(&state), Some(id.clone()));
        let other = keyring(&["another key, another key, another key"]);
        assert_eq!(other.oauth_payment(&state), None);
        for forged in ["", "x", &state[1..], &state.to_uppercase(), &keys.hosted_token(&id)] {
            assert_eq!(keys.oauth_payment(forged), None, "{forged}");
        }
        assert_eq!(keys.oauth_payment(&"é".repeat(60)), None);
    }

    #[test]
    fn order_numbers_fit_both_gateways() {
        let number = new_out_trade_no().unwrap();
        assert!((6..=32).contains(&number.len()), "{number}");
        assert!(number.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
        assert_ne!(number, new_out_trade_no().unwrap());
        assert!(is_trade_number(&number) && !is_refund_number(&number));
        assert!(!is_trade_number("OC1") && !is_trade_number(&number.to_lowercase()));
    }
}
