//! A stream of server-sent events, read as the widget reads it.

use std::collections::VecDeque;
use std::time::Duration;

use contract::{BrowserCall, EVENT_SESSION_UPDATED, EventStreamParser, Session};
use reqwest::{Client, Response};
use tokio::time::timeout;

use crate::backend::{Backend, Opened};
use crate::failure::{Checked, broken, expect};
use crate::http::Call;

/// Limit of the time until a stream is answered, before its first event.
const OPENED_WITHIN: Duration = Duration::from_secs(5);

/// An open stream.
#[derive(Debug)]
pub(crate) struct Stream {
    response: Response,
    parser: EventStreamParser,
    ready: VecDeque<Session>,
}

impl Stream {
    /// Opens the stream of a session.
    ///
    /// # Errors
    /// It is refused, or is no event stream.
    pub(crate) async fn open(backend: &Backend, session: &Opened) -> Checked<Self> {
        Self::from_call(&backend.client, backend.call(session, BrowserCall::Events)).await
    }

    /// Opens the stream that a call asks for.
    ///
    /// # Errors
    /// As [`Stream::open`].
    pub(crate) async fn from_call(client: &Client, call: Call) -> Checked<Self> {
        let response = call.header("accept", "text/event-stream").request(client).send();
        let response = timeout(OPENED_WITHIN, response)
            .await
            .map_err(|_| broken("the stream is not answered within 5 s"))?
            .map_err(|error| broken(format!("the stream cannot be opened: {error}")))?;
        let status = response.status().as_u16();
        expect(status == 200, || format!("the stream answers {status}, must be 200"))?;
        let media_type = response.headers().get("content-type").and_then(|it| it.to_str().ok());
        let media_type = media_type.unwrap_or_default().to_owned();
        expect(media_type.starts_with("text/event-stream"), || {
            format!("the stream's media type is {media_type:?}, must be text/event-stream")
        })?;
        Ok(Self { response, parser: EventStreamParser::default(), ready: VecDeque::new() })
    }

    /// Waits for the next `session.updated`.
    ///
    /// # Errors
    /// It does not arrive in time, the stream ends, or the event is invalid.
    pub(crate) async fn next(&mut self, within: Duration) -> Checked<Session> {
        let late = || broken(format!("the stream brings no session within {} s", within.as_secs()));
        timeout(within, self.receive()).await.map_err(|_| late())?
    }

    /// Waits for a session that `is_wanted`.
    ///
    /// # Errors
    /// As [`Stream::next`].
    pub(crate) async fn until(
        &mut self,
        within: Duration,
        is_wanted: impl Fn(&Session) -> bool,
    ) -> Checked<Session> {
        let wait = async {
            loop {
                let session = self.receive().await?;
                if is_wanted(&session) {
                    return Ok(session);
                }
            }
        };
        let late = || broken(format!("the stream does not tell it within {} s", within.as_secs()));
        timeout(within, wait).await.map_err(|_| late())?
    }

    async fn receive(&mut self) -> Checked<Session> {
        loop {
            if let Some(session) = self.ready.pop_front() {
                return Ok(session);
            }
            let chunk = self.response.chunk().await;
            let chunk = chunk.map_err(|error| broken(format!("the stream broke: {error}")))?;
            let chunk = chunk.ok_or_else(|| broken("the stream ended by itself"))?;
            let events = self.parser.push(&chunk);
            let events = events.map_err(|_| broken("an event of the stream is above 64 KiB"))?;
            let id = self.parser.last_event_id.clone();
            for event in events.iter().filter(|event| event.name == EVENT_SESSION_UPDATED) {
                let mut json = serde_json::Deserializer::from_str(&event.data);
                let session: Session = contract::read(&mut json)
                    .map_err(|error| broken(format!("the data of an event is wrong: {error}")))?;
                expect(events.len() > 1 || id == session.revision.to_string(), || {
                    format!(
                        "the event's `id:` is {id:?}, must be the revision {}",
                        session.revision
                    )
                })?;
                self.ready.push_back(session);
            }
        }
    }
}
