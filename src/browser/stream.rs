//! The stream of server-sent events, read by `fetch` so that the client secret stays in a header.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use checkout::{Event, Fault};
use contract::{BrowserCall, EVENT_SESSION_UPDATED, EventStreamParser};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::ReadableStreamDefaultReader;
use yew::Callback;

use super::http::{self, AbortGuard, Api};
use super::json;

const MEDIA_TYPE: &str = "text/event-stream";

/// The id of the last event, kept over reconnections.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastEventId(Rc<RefCell<String>>);

/// An open stream. When it is dropped, it is aborted and reports nothing more.
pub(crate) struct Stream {
    _guard: AbortGuard,
    _report: Rc<Callback<Event>>,
}

impl Stream {
    /// Opens the stream and reports its events. None if the browser cannot abort requests.
    pub(crate) fn open(
        api: &Api,
        last_event_id: &LastEventId,
        report: &Callback<Event>,
    ) -> Option<Self> {
        let guard = AbortGuard::new()?;
        let mut request = api.request(BrowserCall::Events).header("Accept", MEDIA_TYPE);
        if !last_event_id.0.borrow().is_empty() {
            request = request.header("Last-Event-ID", &last_event_id.0.borrow());
        }
        let sent = http::finish(guard.attach(request), None).and_then(http::send);
        let report = Rc::new(report.clone());
        let reporter = Reporter(Rc::downgrade(&report));
        let last_event_id = last_event_id.clone();
        spawn_local(async move {
            let ended = read(sent, &last_event_id, &reporter).await;
            reporter.report(Event::StreamEnded { fault: ended.err() });
        });
        Some(Self { _guard: guard, _report: report })
    }
}

/// Reports while the stream is not dropped.
struct Reporter(Weak<Callback<Event>>);

impl Reporter {
    fn report(&self, event: Event) {
        if let Some(report) = self.0.upgrade() {
            report.emit(event);
        }
    }
}

async fn read(
    sent: Result<Promise, Fault>,
    last_event_id: &LastEventId,
    reporter: &Reporter,
) -> Result<(), Fault> {
    let response = http::receive(sent?).await?;
    if !http::has_type(&response, MEDIA_TYPE) {
        return Err(Fault::unreadable("the answer is no event stream"));
    }
    // A script of the page, as a wrapped `fetch`, may read the body already: then `getReader` throws.
    let body = response.body().filter(|body| !body.locked());
    let body = body.ok_or_else(|| Fault::unreadable("the answer has no body to read"))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    reporter.report(Event::StreamAlive);
    let mut parser = EventStreamParser::default();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(|_| Fault::connection())?;
        let Some(bytes) = bytes(&chunk) else { return Ok(()) };
        let messages =
            parser.push(&bytes).map_err(|error| Fault::unreadable(&error.to_string()))?;
        if !parser.last_event_id.is_empty() {
            parser.last_event_id.clone_into(&mut last_event_id.0.borrow_mut());
        }
        // Any chunk, a heartbeat too, shows that the stream is alive.
        reporter.report(Event::StreamAlive);
        for message in messages {
            match message.name.as_str() {
                EVENT_SESSION_UPDATED => {
                    let session =
                        json::parse(&message.data).map_err(|why| Fault::unreadable(&why))?;
                    reporter.report(Event::StreamSession(Box::new(session)));
                }
                // A backend that forgot the name would only ever be polled, without a word.
                "" => return Err(Fault::unreadable("missing: event: session.updated")),
                // A newer backend may send more.
                _ => {}
            }
        }
    }
}

/// Returns the bytes of a chunk; none at the end of the stream.
fn bytes(chunk: &JsValue) -> Option<Vec<u8>> {
    let value = Reflect::get(chunk, &"value".into()).ok()?;
    value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}
