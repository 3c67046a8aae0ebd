//! Authorises callers.

use contract::IDEMPOTENCY_KEY_HEADER;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::db::sessions::SessionRow;
use crate::error::Error;
use crate::keys::is_preimage;
use crate::service::Backend;

/// Returns the session if the caller holds its client secret.
///
/// An unknown session and a wrong secret get the same answer.
pub(crate) async fn browser(
    backend: &Backend,
    headers: &HeaderMap,
    session_id: &str,
) -> Result<SessionRow, Error> {
    let presented = bearer(headers).ok_or(Error::ClientSecret)?;
    let session = match backend.session(session_id).await {
        Err(Error::SessionNotFound) => return Err(Error::ClientSecret),
        session => session?,
    };
    if !is_preimage(presented, &session.secret_hash) {
        return Err(Error::ClientSecret);
    }
    if has_ended(backend, &session) {
        return Err(Error::ClientSecretExpired);
    }
    Ok(session)
}

/// Returns the session whose hosted page a token opens; `None` if the token is invalid or too old.
pub(crate) async fn hosted(backend: &Backend, token: &str) -> Result<Option<SessionRow>, Error> {
    let Some(session_id) = backend.keys.hosted_session(token) else { return Ok(None) };
    match backend.session(session_id).await {
        Err(Error::SessionNotFound) => Ok(None),
        session => Ok(Some(session?).filter(|session| !has_ended(backend, session))),
    }
}

/// True if secrets, hosted links and OAuth states of the session are no longer valid.
pub(crate) fn has_ended(backend: &Backend, session: &SessionRow) -> bool {
    backend.clock.now().since_ms(session.expires_at) > SECRET_AFTERLIFE_MS
}

/// Refuses callers other than the merchant's own servers.
pub(crate) fn merchant(backend: &Backend, headers: &HeaderMap) -> Result<(), Error> {
    let is_known = bearer(headers).is_some_and(|presented| backend.keys.is_secret_key(presented));
    if is_known { Ok(()) } else { Err(Error::SecretKey) }
}

/// True if the caller presents a secret key, valid or not, rather than a client secret.
pub(crate) fn is_merchant(headers: &HeaderMap) -> bool {
    bearer(headers).is_some_and(|presented| presented.starts_with("sk_"))
}

/// Returns the caller's idempotency key.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<&str, Error> {
    let key = headers.get(IDEMPOTENCY_KEY_HEADER).ok_or(Error::IdempotencyKey)?;
    check_idempotency_key(key.to_str().map_err(|_| Error::IdempotencyKey)?)
}

/// Checks that a key has 1 to 255 visible ASCII characters.
pub(crate) fn check_idempotency_key(key: &str) -> Result<&str, Error> {
    let is_good = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_good { Ok(key) } else { Err(Error::IdempotencyKey) }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim_start_matches(' '))
}

/// Time for which a session's secret stays valid after the session's end: long enough for a shopper
/// to see the outcome in an old tab, but limited.
const SECRET_AFTERLIFE_MS: i64 = 30 * 24 * 3_600_000;
