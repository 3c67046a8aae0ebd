//! The stream of server-sent events, read by `fetch` so that the secret stays in a header.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use checkout::{Event, Fault};
use contract::{BrowserCall, EVENT_SESSION_UPDATED};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::ReadableStreamDefaultReader;
use yew::Callback;

use super::http::{self, Aborter, Api};
use super::sse::Parser;
use super::task::{self, Settled};
use super::wire;
use crate::host::member;

/// The id of the last event, kept over streams.
pub(crate) type LastEventId = Rc<RefCell<String>>;

/// A stream; dropped, it is aborted and reports nothing more.
pub(crate) struct Stream {
    _aborter: Aborter,
    is_wanted: Rc<Cell<bool>>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.is_wanted.set(false);
    }
}

impl Stream {
    /// Opens it and reports what it brings. None where the browser cannot abort a request.
    pub(crate) fn open(
        api: &Api,
        last_event_id: &LastEventId,
        report: Callback<Event>,
    ) -> Option<Self> {
        let aborter = Aborter::new()?;
        let media_type = "text/event-stream";
        let headers = [("Accept", media_type), ("Last-Event-ID", &last_event_id.borrow())];
        let asked = api.request(BrowserCall::Events, &headers, None, Some(&aborter));
        let sent = asked.and_then(http::send);
        let is_wanted = Rc::new(Cell::new(true));
        let stream = Self { _aborter: aborter, is_wanted: Rc::clone(&is_wanted) };
        let last_event_id = Rc::clone(last_event_id);
        task::spawn(async move {
            let tell = |event| {
                if is_wanted.get() {
                    report.emit(event);
                }
            };
            let ended = read(sent, &last_event_id, &tell).await;
            tell(Event::StreamEnded { fault: ended.err() });
        });
        Some(stream)
    }
}

async fn read(
    sent: Result<Promise, Fault>,
    last_event_id: &RefCell<String>,
    tell: &dyn Fn(Event),
) -> Result<(), Fault> {
    let response = http::receive(sent?).await?;
    if !http::has_type(&response, "text/event-stream") {
        return Err(Fault::unreadable());
    }
    let body = response.body().ok_or_else(Fault::unreadable)?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    tell(Event::StreamAlive);
    let mut parser = Parser::default();
    loop {
        let chunk = Settled::of(reader.read()).await.map_err(|_| Fault::connection())?;
        let Some(bytes) = bytes(&chunk) else { return Ok(()) };
        let messages = parser.push(&bytes).map_err(|_| Fault::unreadable())?;
        if !parser.last_event_id.is_empty() {
            parser.last_event_id.clone_into(&mut last_event_id.borrow_mut());
        }
        // Whatever came, a heartbeat too, shows that the stream lives.
        tell(Event::StreamAlive);
        for message in messages {
            if message.name == EVENT_SESSION_UPDATED
                && let Some(session) = wire::session(&message.data)
            {
                tell(Event::StreamSession(Box::new(session)));
            }
        }
    }
}

/// The bytes of what a reader brought; none at the end.
fn bytes(chunk: &JsValue) -> Option<Vec<u8>> {
    let value = member(chunk, "value")?;
    value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}
