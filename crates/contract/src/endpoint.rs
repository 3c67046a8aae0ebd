//! The merchant API's paths, under the page's `api-base`.

/// Where sessions live under `api-base`.
pub const SESSIONS_PATH: &str = "/v1/checkout/sessions";
/// The header that makes a repeated request one request.
pub const IDEMPOTENCY_KEY_HEADER: &str = "Idempotency-Key";
/// The name of the server-sent event whose data is a [`crate::Session`].
pub const EVENT_SESSION_UPDATED: &str = "session.updated";

/// What the browser may ask of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserCall<'a> {
    /// `GET` the session.
    Read,
    /// `POST` a payment; needs an idempotency key.
    Start,
    /// `POST` a fresh code or address for this payment.
    Refresh(&'a str),
    /// `POST` "ask the gateway now".
    Check(&'a str),
    /// `POST` "close it at the gateway".
    Cancel(&'a str),
    /// `GET` the stream of server-sent events.
    Events,
}

impl BrowserCall<'_> {
    /// `GET` or `POST`.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Read | Self::Events => "GET",
            Self::Start | Self::Refresh(_) | Self::Check(_) | Self::Cancel(_) => "POST",
        }
    }

    /// The path under `api-base` for the session `session_id`.
    #[must_use]
    pub fn path(&self, session_id: &str) -> String {
        let mut path = String::with_capacity(96);
        path.push_str(SESSIONS_PATH);
        path.push('/');
        path.push_str(session_id);
        let (payment_id, last) = match self {
            Self::Read => return path,
            Self::Events => {
                path.push_str("/events");
                return path;
            }
            Self::Start => ("", ""),
            Self::Refresh(payment_id) => (*payment_id, "/refresh"),
            Self::Check(payment_id) => (*payment_id, "/check"),
            Self::Cancel(payment_id) => (*payment_id, "/cancel"),
        };
        path.push_str("/payments");
        if !payment_id.is_empty() {
            path.push('/');
            path.push_str(payment_id);
        }
        path.push_str(last);
        path
    }
}
