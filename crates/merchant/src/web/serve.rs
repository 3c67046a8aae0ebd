//! Connections: accepted up to a limit, closed when too slow, finished before shutdown.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::rate_limit::Peer;
use super::write_timeout::WriteTimeout;
use crate::config::{AddressLimits, IpNet};
use crate::limits::addresses::network;

/// The limits of connections.
pub(crate) struct ConnectionLimits {
    pub(crate) limits: AddressLimits,
    /// Trusted proxies, whose connections carry many clients.
    pub(crate) trusted: Vec<IpNet>,
}

/// Serves until `stop` resolves, then lets the running requests finish until the moment that it
/// returns.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = Instant>,
) {
    let mut stop = std::pin::pin!(stop);
    let graceful = GracefulShutdown::new();
    let connections = Connections::new(limits);
    let finish_until = loop {
        let accepted = tokio::select! {
            finish_until = &mut stop => break finish_until,
            accepted = accept(&listener) => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly too many open files: waiting helps, stopping does not.
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        let admitted = match connections.admit(peer) {
            Admission::Yes(admitted) => admitted,
            // This address has all of its connections; it gets no answer, which would use
            // resources.
            Admission::AddressFull => continue,
            Admission::Full(busy) => {
                tokio::spawn(refuse(stream, busy));
                continue;
            }
        };
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
        let service = Calls { router: router.clone(), peer: Peer(peer) };
        let connection = graceful
            .watch(builder.serve_connection(TokioIo::new(WriteTimeout::new(stream)), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("a connection ended early: {error}");
            }
            drop(admitted);
        });
    };
    drop(listener);
    if tokio::time::timeout_at(finish_until, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were aborted");
    }
}

async fn accept(listener: &TcpListener) -> io::Result<(TcpStream, IpAddr)> {
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer.ip()))
}

/// Answers that there are too many connections, instead of letting the caller wait for one.
async fn refuse(mut stream: TcpStream, permit: Option<OwnedSemaphorePermit>) {
    if permit.is_none() {
        return;
    }
    let answer = async {
        stream.write_all(TOO_MANY).await?;
        stream.shutdown().await?;
        // The request is read: closing the connection with unread data would discard the answer.
        let mut unread = [0; 1_024];
        while stream.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    // After any error the caller has gone.
    let _ = tokio::time::timeout(REFUSE_TIMEOUT, answer).await;
}

/// The open connections.
struct Connections {
    limits: ConnectionLimits,
    permits: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    by_address: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

/// The decision about a new connection.
enum Admission {
    Yes(Admitted),
    AddressFull,
    /// The total limit is reached. Some callers get an answer, with this permit.
    Full(Option<OwnedSemaphorePermit>),
}

/// A connection that counts until it is dropped.
struct Admitted {
    _permit: OwnedSemaphorePermit,
    address: Option<IpAddr>,
    by_address: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Connections {
    fn new(limits: ConnectionLimits) -> Self {
        let all = usize::try_from(limits.limits.connections).unwrap_or(usize::MAX);
        Self {
            limits,
            permits: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))),
            refusals: Arc::new(Semaphore::new(MAX_REFUSALS)),
            by_address: Arc::default(),
        }
    }

    fn admit(&self, peer: IpAddr) -> Admission {
        let address = self.is_limited(peer).then(|| network(peer));
        if let Some(address) = address {
            let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
            let count = by_address.entry(address).or_default();
            if *count >= self.limits.limits.connections_per_address {
                return Admission::AddressFull;
            }
            *count += 1;
        }
        let by_address = Arc::clone(&self.by_address);
        match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => Admission::Yes(Admitted { _permit: permit, address, by_address }),
            Err(_) => {
                release(&by_address, address);
                Admission::Full(Arc::clone(&self.refusals).try_acquire_owned().ok())
            }
        }
    }

    fn is_limited(&self, peer: IpAddr) -> bool {
        let limits = &self.limits.limits;
        limits.connections_per_address > 0
            && (limits.is_loopback_limited || !peer.to_canonical().is_loopback())
            && !self.limits.trusted.iter().any(|network| network.contains(&peer.to_canonical()))
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        release(&self.by_address, self.address);
    }
}

fn release(by_address: &Mutex<HashMap<IpAddr, u32>>, address: Option<IpAddr>) {
    let Some(address) = address else { return };
    let mut by_address = by_address.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(count) = by_address.get_mut(&address) {
        *count -= 1;
        if *count == 0 {
            by_address.remove(&address);
        }
    }
}

/// The router with the address of one connection.
#[derive(Clone)]
struct Calls {
    router: Router,
    peer: Peer,
}

impl hyper::service::Service<Request<Incoming>> for Calls {
    type Response = Response;
    type Error = Infallible;
    type Future = <Router as tower::Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        // A router is always ready.
        tower::Service::call(&mut self.router.clone(), request)
    }
}

/// Limit of callers at once that are answered "too many connections".
const MAX_REFUSALS: usize = 64;
const REFUSE_TIMEOUT: Duration = Duration::from_secs(1);
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
