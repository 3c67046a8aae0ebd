//! Server-sent events of one session.

use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use contract::{EVENT_SESSION_UPDATED, Session, SessionStatus};
use futures_util::stream::{self, StreamExt as _};
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::error::Error;
use crate::service::Shared;

/// Returns the stream: the session at once, then every change, the session again as a heartbeat,
/// and its end.
///
/// Sent even if `Last-Event-ID` shows that the caller has it: only an event proves to a page that
/// no proxy holds the stream back, and it gives a page that slept the server's time.
pub(crate) fn response(
    backend: Shared,
    session_id: String,
    revisions: watch::Receiver<u32>,
    last_event_id: Option<u32>,
) -> Response {
    let stop = backend.stop.clone();
    let feed = Feed { backend, session_id, revisions, stop, seen: last_event_id, has_begun: false };
    let delay = stream::iter([Ok(Event::default().retry(RECONNECT_DELAY))]);
    let sessions = stream::unfold(Some(feed), next_event);
    let mut response = Sse::new(delay.chain(sessions)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would hold events back until its buffer is full.
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

/// Returns the next event, and the feed if it is not the last.
async fn next_event(feed: Option<Feed>) -> Option<(Result<Event, axum::Error>, Option<Feed>)> {
    let mut feed = feed?;
    match feed.next_session().await {
        Ok(session) => {
            let session = session?;
            let is_open = session.status == SessionStatus::Open;
            Some((event(&session), is_open.then_some(feed)))
        }
        // The stream outlives the outage, so that not all pages reconnect together. The next
        // heartbeat reads the session again, whatever has changed; proxies see that it lives.
        Err(error) if error.is_outage() => {
            Some((Ok(Event::default().comment("the session cannot be read now")), Some(feed)))
        }
        Err(error) => {
            tracing::error!("an event stream ended unexpectedly: {error}");
            None
        }
    }
}

/// The sessions that one caller is sent; dropped when the caller disconnects.
struct Feed {
    backend: Shared,
    session_id: String,
    revisions: watch::Receiver<u32>,
    stop: watch::Receiver<bool>,
    /// The newest revision that the caller has.
    seen: Option<u32>,
    has_begun: bool,
}

impl Feed {
    /// Waits for a change or the next heartbeat; `None` if the process stops.
    async fn next_session(&mut self) -> Result<Option<Session>, Error> {
        if !std::mem::replace(&mut self.has_begun, true) {
            return self.session().await.map(Some);
        }
        loop {
            let changed = tokio::select! {
                () = stopped(&mut self.stop) => return Ok(None),
                changed = timeout(HEARTBEAT, self.revisions.changed()) => changed,
            };
            match changed {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Ok(None),
                Err(_) => return self.session().await.map(Some),
            }
            let seen = self.seen;
            let session = self.session().await?;
            // The end is always sent, or a caller that has it would reconnect again and again.
            let is_open = session.status == SessionStatus::Open;
            if !is_open || seen.is_none_or(|seen| session.revision > seen) {
                return Ok(Some(session));
            }
        }
    }

    async fn session(&mut self) -> Result<Session, Error> {
        self.revisions.mark_unchanged();
        let session = self.backend.document(&self.session_id).await?;
        self.seen = Some(session.revision);
        Ok(session)
    }
}

/// Resolves when the process stops. The borrowed value must not outlive this.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn event(session: &Session) -> Result<Event, axum::Error> {
    let event = Event::default().event(EVENT_SESSION_UPDATED).id(session.revision.to_string());
    event.json_data(session)
}

const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const HEARTBEAT: Duration = Duration::from_secs(15);
const RECONNECT_DELAY: Duration = Duration::from_secs(3);
