//! Raw bytes on a socket, for requests that no HTTP client would send.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Connects to the server at `base`.
pub(crate) fn connect(base: &str) -> TcpStream {
    let address = base.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Reads until the server closes or `timeout` ends; returns true if it closed, and the bytes.
pub(crate) fn read_to_end(stream: &mut TcpStream, timeout: Duration) -> (bool, String) {
    let deadline = Instant::now() + timeout;
    let mut received = Vec::new();
    let mut buffer = [0; 16_384];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return (false, String::from_utf8_lossy(&received).into_owned());
        }
        stream.set_read_timeout(Some(left)).unwrap();
        match stream.read(&mut buffer) {
            Ok(0) => return (true, String::from_utf8_lossy(&received).into_owned()),
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            // The server closed without reading all of our bytes.
            Err(_) => return (true, String::from_utf8_lossy(&received).into_owned()),
        }
    }
}

/// Sends all bytes at once and reads the answer until the server closes, at most ten seconds.
pub(crate) async fn exchange(base: &str, bytes: Vec<u8>) -> String {
    let base = base.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut stream = connect(&base);
        // A server may close before it has read all.
        let _ = stream.write_all(&bytes);
        let (_, received) = read_to_end(&mut stream, Duration::from_secs(10));
        received
    })
    .await
    .unwrap()
}

/// Returns the status of an answer; 0 if there is none.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}
