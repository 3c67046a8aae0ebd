//! A gateway on loopback that sends the given answer.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The next answer.
#[derive(Clone, Default)]
pub(super) struct Reply {
    pub(super) bytes: Vec<u8>,
    /// True if the connection is closed after it, because it may have no length.
    pub(super) is_last: bool,
}

/// The gateway's address and its next answer.
pub(super) struct Server {
    pub(super) base_url: String,
    reply: Arc<Mutex<Reply>>,
}

impl Server {
    pub(super) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let reply = Arc::new(Mutex::new(Reply::default()));
        let shared = Arc::clone(&reply);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let reply = Arc::clone(&shared);
                // The test is about the client's result of a broken connection.
                thread::spawn(move || serve(stream, &reply).ok());
            }
        });
        Ok(Self { base_url, reply })
    }

    pub(super) fn answer_with(&self, reply: Reply) {
        *self.reply.lock().unwrap_or_else(PoisonError::into_inner) = reply;
    }
}

fn serve(stream: TcpStream, reply: &Mutex<Reply>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.is_empty() {
                break;
            }
        }
        io::copy(&mut reader.by_ref().take(length), &mut io::sink())?;
        let reply = reply.lock().unwrap_or_else(PoisonError::into_inner).clone();
        writer.write_all(&reply.bytes)?;
        if reply.is_last {
            return Ok(());
        }
    }
}
