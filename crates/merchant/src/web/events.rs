//! Server-sent events of one session.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use contract::{EVENT_SESSION_UPDATED, Session, SessionStatus};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use hyper::body::Frame;
use tokio::sync::{mpsc, watch};

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
    let (sender, receiver) = mpsc::channel(4);
    let feed = Feed { backend, session_id, revisions, seen: last_event_id, sender };
    tokio::spawn(async move {
        if let Err(error) = feed.run().await {
            tracing::error!(cause = error.cause(), "an event stream ended unexpectedly: {error}");
        }
    });
    let mut response = Response::new(Body::new(Stream { receiver }));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // nginx would hold events back until its buffer is full.
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

struct Feed {
    backend: Shared,
    session_id: String,
    revisions: watch::Receiver<u32>,
    /// The newest revision that the caller has.
    seen: Option<u32>,
    sender: mpsc::Sender<Bytes>,
}

impl Feed {
    /// Runs until the session has ended, the caller has gone, or the process stops.
    async fn run(mut self) -> Result<(), Error> {
        let mut stop = self.backend.stop.clone();
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.reset();
        if !self.send(format!("retry: {RETRY_MS}\n\n")).await || !self.send_session().await? {
            return Ok(());
        }
        loop {
            tokio::select! {
                () = ended(&mut stop) => return Ok(()),
                () = self.sender.closed() => return Ok(()),
                changed = self.revisions.changed() => {
                    if changed.is_err() || !self.send_update().await? {
                        return Ok(());
                    }
                    heartbeat.reset();
                }
                _ = heartbeat.tick() => {
                    if !self.send_session().await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Sends the session if it has changed; `false` after the last event.
    async fn send_update(&mut self) -> Result<bool, Error> {
        self.revisions.mark_unchanged();
        let session = self.backend.document(&self.session_id).await?;
        let is_open = session.status == SessionStatus::Open;
        // The end is always sent, or a caller that has it would reconnect again and again.
        if is_open && self.seen.is_some_and(|seen| session.revision <= seen) {
            return Ok(true);
        }
        self.send_event(&session).await
    }

    /// Sends the session; `false` after the last event.
    async fn send_session(&mut self) -> Result<bool, Error> {
        let session = self.backend.document(&self.session_id).await?;
        self.send_event(&session).await
    }

    async fn send_event(&mut self, session: &Session) -> Result<bool, Error> {
        self.seen = Some(session.revision);
        Ok(self.send(event(session)).await && session.status == SessionStatus::Open)
    }

    async fn send(&self, text: String) -> bool {
        self.sender.send(Bytes::from(text)).await.is_ok()
    }
}

/// Resolves when the process stops. The borrowed value must not outlive this.
async fn ended(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn event(session: &Session) -> String {
    // Strings and integers only: serialisation cannot fail, and the JSON has no line breaks.
    let data = serde_json::to_string(session).unwrap_or_default();
    format!("event: {EVENT_SESSION_UPDATED}\nid: {}\ndata: {data}\n\n", session.revision)
}

/// A body fed by a channel.
struct Stream {
    receiver: mpsc::Receiver<Bytes>,
}

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.receiver.poll_recv(context).map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}

const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const HEARTBEAT: Duration = Duration::from_secs(15);
const RETRY_MS: u32 = 3_000;
