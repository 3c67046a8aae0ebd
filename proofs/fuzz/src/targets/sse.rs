//! The parser of server-sent events: the events are those of the standard, in any chunks.

use contract::{EventStreamParser, StreamEvent};

use crate::input::Input;

pub(crate) const WORDS: &[&str] = &[
    "event: session.updated\n",
    "data: ",
    "data\n",
    "data:",
    "id: 7\n",
    "id\n",
    "retry: 3000\n\n",
    ": still here\n\n",
    "\n\n",
    "\r\n",
    "\r",
    "\u{feff}",
    "id: a\u{0}b\n",
    "data: {\"id\":\"cs_1\"}\n\n",
];

/// The result for a stream: its events and the last event id.
#[derive(PartialEq, Eq, Debug)]
struct Parsed {
    events: Vec<[String; 2]>,
    last_event_id: String,
}

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let cuts = input.bytes(16);
    let repeat = if input.one_in(128) { 300 } else { 1 };
    let stream = input.rest().repeat(repeat);
    let whole = parse(&[&stream]);
    let singly: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(whole, parse(&singly), "byte by byte");
    assert_eq!(whole, parse(&cut(&stream, cuts)), "cut by {cuts:?}");
    match whole {
        Some(whole) => assert_eq!(whole, parse_by_the_standard(&stream)),
        // Only an oversized stream is refused.
        None => assert!(stream.len() >= 64 * 1024, "{} bytes are too large", stream.len()),
    }
}

fn cut<'a>(stream: &'a [u8], cuts: &[u8]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut chunks = Vec::new();
    for length in cuts.iter().cycle().take(64) {
        let (chunk, after) = rest.split_at(usize::from(*length).min(rest.len()));
        chunks.push(chunk);
        rest = after;
    }
    chunks.push(rest);
    chunks
}

/// Returns `None` if the stream must be closed.
fn parse(chunks: &[&[u8]]) -> Option<Parsed> {
    let mut parser = EventStreamParser::default();
    let mut events = Vec::new();
    for chunk in chunks {
        let messages = parser.push(chunk).ok()?;
        events.extend(messages.into_iter().map(|StreamEvent { name, data }| [name, data]));
    }
    Some(Parsed { events, last_event_id: parser.last_event_id })
}

/// Parses as the HTML standard requires, section 9.2.6, with the widget's additions: a line that is
/// not UTF-8 is ignored, and so is an id that could not be sent in a header.
fn parse_by_the_standard(stream: &[u8]) -> Parsed {
    let mut parsed = Parsed { events: Vec::new(), last_event_id: String::new() };
    let (mut name, mut data, mut id) = (String::new(), None::<String>, String::new());
    for (number, line) in complete_lines(stream).into_iter().enumerate() {
        let bom_less = line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| number == 0);
        let Ok(line) = core::str::from_utf8(bom_less.unwrap_or(line)) else { continue };
        if line.is_empty() {
            parsed.last_event_id.clone_from(&id);
            let name = core::mem::take(&mut name);
            parsed.events.extend(data.take().map(|data| [name, data]));
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut name),
            "data" => data = Some(data.map_or(value.to_owned(), |data| data + "\n" + value)),
            "id" if value.chars().all(|character| matches!(character, '!'..='~')) => {
                value.clone_into(&mut id);
            }
            _ => {}
        }
    }
    parsed
}

/// Returns the complete lines, which end in a line feed, a carriage return, or both.
fn complete_lines(stream: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = stream;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        let (line, ending) = rest.split_at(at);
        lines.push(line);
        rest = ending.strip_prefix(b"\r\n").unwrap_or(ending.get(1..).unwrap_or_default());
    }
    lines
}
