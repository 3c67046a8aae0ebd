use super::*;

fn message(name: &str, data: &str) -> StreamEvent {
    StreamEvent { name: name.to_owned(), data: data.to_owned() }
}

#[test]
fn events_are_parsed_as_the_standard_defines() {
    struct Case(&'static str, &'static [(&'static str, &'static str)], &'static str);
    let cases = [
        Case("data: a\n\n", &[("", "a")], ""),
        Case("data:a\n\n", &[("", "a")], ""),
        Case("data:  a\n\n", &[("", " a")], ""),
        Case("event: e\nid: 7\ndata: a\ndata: b\n\n", &[("e", "a\nb")], "7"),
        Case("data: a\r\n\r\ndata: b\r\rdata: c\n\n", &[("", "a"), ("", "b"), ("", "c")], ""),
        Case(": heartbeat\n\n", &[], ""),
        Case("event: e\n\ndata: a\n\n", &[("", "a")], ""),
        Case("data\n\ndata\ndata\n\n", &[("", ""), ("", "\n")], ""),
        Case("id: 1\n\nid\ndata: a\n\n", &[("", "a")], ""),
        Case("id: 1\n\nid: a b\n\n", &[], "1"),
        Case("retry: 10\nnonsense: x\ndata: a\n\n", &[("", "a")], ""),
        Case("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[("", "a")], ""),
        Case("data: 请使用微信扫一扫\n\n", &[("", "请使用微信扫一扫")], ""),
        Case("data: cut", &[], ""),
        Case("data: not ended\n", &[], ""),
        // A cut event is requested again: its id does not count.
        Case("id: 1\ndata: a\n\nid: 2\ndata: cut", &[("", "a")], "1"),
    ];
    for Case(text, expected, id) in cases {
        let expected: Vec<_> = expected.iter().map(|(name, data)| message(name, data)).collect();
        // In one chunk, byte by byte, and cut in two anywhere, also inside characters.
        let bytes = text.as_bytes();
        for cut in 0..=bytes.len() {
            let mut parser = EventStreamParser::default();
            let mut got = parser.push(&bytes[..cut]).unwrap();
            got.extend(parser.push(&bytes[cut..]).unwrap());
            assert_eq!(got, expected, "{text:?} cut at {cut}");
            assert_eq!(parser.last_event_id, id, "{text:?}");
        }
        let mut parser = EventStreamParser::default();
        let got: Vec<_> = bytes.iter().flat_map(|byte| parser.push(&[*byte]).unwrap()).collect();
        assert_eq!(got, expected, "{text:?} byte by byte");
    }
}

#[test]
fn a_line_that_is_not_utf_8_is_ignored() {
    let mut parser = EventStreamParser::default();
    assert_eq!(parser.push(b"data: \xff\ndata: a\n\n").unwrap(), [message("", "a")]);
}

#[test]
fn an_endless_event_is_refused() {
    let chunk = [b'a'; 1024];
    let mut parser = EventStreamParser::default();
    assert!((0..64).all(|_| parser.push(&chunk).is_ok()));
    assert_eq!(parser.push(&chunk), Err(EventTooLarge));

    let mut parser = EventStreamParser::default();
    let line = [b"data: ".as_slice(), &[b'a'; 1000], b"\n"].concat();
    let refused = (0..100).position(|_| parser.push(&line).is_err());
    assert!(refused.is_some_and(|lines| (60..70).contains(&lines)), "{refused:?}");
}

#[test]
fn dispatched_events_do_not_count_against_the_limit() {
    let mut parser = EventStreamParser::default();
    let event = [b"data: ".as_slice(), &[b'a'; 1000], b"\n\n"].concat();
    let sum: usize = (0..1000).map(|_| parser.push(&event).unwrap().len()).sum();
    assert_eq!(sum, 1000);
}
