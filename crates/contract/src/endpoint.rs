//! The merchant API's paths, under the page's `api-base`.

/// The path of sessions under `api-base`.
pub const SESSIONS_PATH: &str = "/v1/checkout/sessions";
/// The header that makes a repeated request one request.
pub const IDEMPOTENCY_KEY_HEADER: &str = "Idempotency-Key";
/// The name of the server-sent event whose data is a [`crate::Session`].
pub const EVENT_SESSION_UPDATED: &str = "session.updated";

/// A call of the browser about one session.
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
        let session = format!("{SESSIONS_PATH}/{session_id}");
        match self {
            Self::Read => session,
            Self::Events => format!("{session}/events"),
            Self::Start => format!("{session}/payments"),
            Self::Refresh(payment_id) => format!("{session}/payments/{payment_id}/refresh"),
            Self::Check(payment_id) => format!("{session}/payments/{payment_id}/check"),
            Self::Cancel(payment_id) => format!("{session}/payments/{payment_id}/cancel"),
        }
    }
}
