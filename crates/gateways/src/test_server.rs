//! A small gateway on loopback, which can also misbehave.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// The reaction of the gateway to a request.
pub(crate) enum Reaction {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// Sends nothing, but keeps the connection open.
    Silence,
    /// Breaks the connection.
    HangUp,
}

pub(crate) struct Server {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Serves until the test process ends.
    pub(crate) fn start(react: impl Fn(&Received) -> Reaction + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read(&mut stream);
                log.lock().unwrap().push(request.clone());
                answer(&mut stream, react(&request));
            }
        });
        Self { url, received }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn read(stream: &mut TcpStream) -> Received {
    let mut raw = Vec::new();
    let mut chunk = [0; 4096];
    let (head, body_at) = loop {
        let count = stream.read(&mut chunk).unwrap();
        raw.extend_from_slice(&chunk[..count]);
        if let Some(at) = raw.windows(4).position(|four| four == b"\r\n\r\n") {
            break (String::from_utf8(raw[..at].to_vec()).unwrap(), at + 4);
        }
        assert!(count > 0, "the client left in the middle of a request");
    };
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let mut request = Received {
        method: first.next().unwrap().to_owned(),
        target: first.next().unwrap().to_owned(),
        headers: lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect(),
        body: raw[body_at..].to_vec(),
    };
    let length = request.header("content-length").parse().unwrap_or(0);
    while request.body.len() < length {
        let count = stream.read(&mut chunk).unwrap();
        request.body.extend_from_slice(&chunk[..count]);
    }
    request
}

fn answer(stream: &mut TcpStream, reaction: Reaction) {
    match reaction {
        Reaction::Answer { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} Whatever\r\nConnection: close\r\n");
            if status != 204 {
                head.push_str(&format!("Content-Length: {}\r\n", body.len()));
            }
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str("\r\n");
            // The client may disconnect before the end of an answer.
            let _sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
        Reaction::Silence => while stream.read(&mut [0; 64]).is_ok_and(|count| count > 0) {},
        Reaction::HangUp => {}
    }
}
