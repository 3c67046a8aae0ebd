//! Server-sent events, as the HTML standard parses them (section 9.2.6), from raw chunks.
//!
//! Pure: bytes in, events out. A chunk may end anywhere, also inside a character.

/// Limits one event; a stream that sends more is not the merchant API's.
const MAX_EVENT_BYTES: usize = 64 * 1024;

/// One event of the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamEvent {
    /// The `event:` field; empty where it has none.
    pub name: String,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
}

/// An event or a line is larger than 64 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTooLarge;

/// Assembles events from chunks.
#[derive(Clone, Debug, Default)]
pub struct EventStreamParser {
    line: Vec<u8>,
    message: StreamEvent,
    has_data: bool,
    /// The `id:` of the event that is not complete yet.
    id: String,
    /// The id of the last complete event, for `Last-Event-ID`: one that was cut is sent again.
    pub last_event_id: String,
    /// True after a carriage return: a line feed now belongs to it.
    after_return: bool,
    /// True after the first line; only that one may begin with a byte order mark.
    is_after_first_line: bool,
}

impl EventStreamParser {
    /// Takes a chunk and returns the events that it completes.
    ///
    /// # Errors
    /// [`EventTooLarge`]: the stream must then be closed.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<StreamEvent>, EventTooLarge> {
        let mut messages = Vec::new();
        for &byte in chunk {
            let after_return = core::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => self.end_line(&mut messages),
                _ => {
                    if self.line.len() + self.message.data.len() >= MAX_EVENT_BYTES {
                        return Err(EventTooLarge);
                    }
                    self.line.push(byte);
                }
            }
        }
        Ok(messages)
    }

    fn end_line(&mut self, messages: &mut Vec<StreamEvent>) {
        let line = core::mem::take(&mut self.line);
        let mut bytes = line.as_slice();
        if !core::mem::replace(&mut self.is_after_first_line, true) {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        if bytes.is_empty() {
            self.id.clone_into(&mut self.last_event_id);
            let message = core::mem::take(&mut self.message);
            if core::mem::take(&mut self.has_data) {
                messages.push(message);
            }
            return;
        }
        // The merchant API sends UTF-8 only.
        let Ok(text) = core::str::from_utf8(bytes) else { return };
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.strip_prefix(" ").unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.message.name),
            "data" => {
                if core::mem::replace(&mut self.has_data, true) {
                    self.message.data.push('\n');
                }
                self.message.data.push_str(value);
            }
            // It is sent back in a header, so only visible ASCII is kept.
            "id" if value.bytes().all(|byte| byte.is_ascii_graphic()) => {
                value.clone_into(&mut self.id);
            }
            // A comment has no field name; the machine decides about `retry`.
            _ => {}
        }
    }
}

impl core::fmt::Display for EventTooLarge {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("an event of the stream is larger than 64 KiB")
    }
}

impl core::error::Error for EventTooLarge {}

#[cfg(test)]
mod tests;
