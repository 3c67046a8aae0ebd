//! The parser of server-sent events: any chunking gives the same events, and they are the
//! standard's.

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

/// What a stream brought: its events and the last event id.
#[derive(PartialEq, Eq, Debug)]
struct Brought {
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
        Some(whole) => assert_eq!(whole, as_the_standard_says(&stream)),
        // Only what is too large is ever refused.
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

/// None where the stream is to be given up.
fn parse(chunks: &[&[u8]]) -> Option<Brought> {
    let mut parser = EventStreamParser::default();
    let mut events = Vec::new();
    for chunk in chunks {
        let messages = parser.push(chunk).ok()?;
        events.extend(messages.into_iter().map(|StreamEvent { name, data }| [name, data]));
    }
    Some(Brought { events, last_event_id: parser.last_event_id })
}

/// The HTML standard, section 9.2.6, with what this widget adds: a line that is not UTF-8 is
/// passed over, and so is an id that could not go back in a header.
fn as_the_standard_says(stream: &[u8]) -> Brought {
    let mut brought = Brought { events: Vec::new(), last_event_id: String::new() };
    let (mut name, mut data, mut id) = (String::new(), None::<String>, String::new());
    for (number, line) in complete_lines(stream).into_iter().enumerate() {
        let bom_less = line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| number == 0);
        let Ok(line) = core::str::from_utf8(bom_less.unwrap_or(line)) else { continue };
        if line.is_empty() {
            brought.last_event_id.clone_from(&id);
            let name = core::mem::take(&mut name);
            brought.events.extend(data.take().map(|data| [name, data]));
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
    brought
}

/// The lines that are ended, by a line feed, a carriage return, or both.
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
