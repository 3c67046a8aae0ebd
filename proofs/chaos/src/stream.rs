//! The stream of server-sent events.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use checkout::{Event, Fault};
use contract::{BrowserCall, EVENT_SESSION_UPDATED, EventStreamParser};
use http::Method;
use http_body_util::BodyExt as _;

use crate::api::{Api, refusal};
use crate::net::has_type;
use crate::network::StreamFault;
use crate::world::Count;

/// The id of the last event, kept over all streams of one page.
pub(crate) type LastEventId = Arc<Mutex<String>>;

/// Reads a stream to its end, and passes its events to `tell`.
pub(crate) async fn follow(
    api: &Api,
    fault: StreamFault,
    last_event_id: &LastEventId,
    tell: impl Fn(Event),
) -> Result<(), Fault> {
    if api.is_offline() {
        return Err(Fault::connection());
    }
    if let Some(name) = fault.name() {
        api.world.count(Count::Fault, name);
    }
    match fault {
        StreamFault::LostOpening => return Err(Fault::connection()),
        StreamFault::SilentOpening => std::future::pending().await,
        StreamFault::Refused => return Err(Fault::status(503)),
        StreamFault::Portal => return Err(Fault::unreadable("it is HTML")),
        _ => {}
    }
    let known = lock(last_event_id).clone();
    let mut headers =
        vec![("authorization", api.authorization.as_str()), ("accept", "text/event-stream")];
    if !known.is_empty() {
        headers.push(("last-event-id", known.as_str()));
    }
    api.world.count(Count::Call, "events");
    let url = api.url(BrowserCall::Events);
    let response = api.world.net.send(Method::GET, &url, &headers, Bytes::new()).await;
    let response = response.map_err(|_| Fault::connection())?;
    let (head, mut body) = response.into_parts();
    if !head.status.is_success() {
        let body = body.collect().await.map_err(|_| Fault::connection())?.to_bytes();
        return Err(refusal(head.status, &head.headers, &body));
    }
    if !has_type(&head.headers, "text/event-stream") {
        return Err(Fault::unreadable("it is no event stream"));
    }
    tell(Event::StreamAlive);
    let mut parser = EventStreamParser::default();
    let mut chunks = 0;
    while let Some(frame) = body.frame().await {
        match fault {
            StreamFault::Cut { chunks: last } if chunks >= last => return Err(Fault::connection()),
            StreamFault::Deaf { chunks: last } if chunks >= last => std::future::pending().await,
            StreamFault::Late { ms } => api.world.clock.sleep(ms).await,
            _ => {}
        }
        chunks += 1;
        let frame = frame.map_err(|_| Fault::connection())?;
        let Ok(bytes) = frame.into_data() else { continue };
        let messages =
            parser.push(&bytes).map_err(|error| Fault::unreadable(&error.to_string()))?;
        if !parser.last_event_id.is_empty() {
            parser.last_event_id.clone_into(&mut lock(last_event_id));
        }
        tell(Event::StreamAlive);
        for message in messages {
            if message.name == EVENT_SESSION_UPDATED
                && let Ok(session) = serde_json::from_str(&message.data)
            {
                tell(Event::StreamSession(session));
            }
        }
    }
    Ok(())
}

fn lock(text: &Mutex<String>) -> std::sync::MutexGuard<'_, String> {
    text.lock().unwrap_or_else(PoisonError::into_inner)
}
