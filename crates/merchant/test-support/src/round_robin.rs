//! A TCP proxy before several instances of the backend: each connection goes to the next instance
//! that accepts it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// The running proxy. Dropping it stops it.
#[derive(Debug)]
pub struct RoundRobin {
    address: SocketAddr,
    accepting: AbortHandle,
}

#[derive(Debug)]
struct Shared {
    instances: Vec<SocketAddr>,
    turn: AtomicUsize,
}

impl RoundRobin {
    /// Listens on a free port of the loopback address, for these instances.
    ///
    /// # Errors
    /// It cannot listen.
    pub async fn start(instances: Vec<SocketAddr>) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { instances, turn: AtomicUsize::new(0) });
        let accepting = tokio::spawn(accept(listener, shared)).abort_handle();
        Ok(Self { address, accepting })
    }

    /// The address without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for RoundRobin {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // An error is one of the connection, or of too many open files, which pass.
        let Ok((client, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        tokio::spawn(pass(client, Arc::clone(&shared)));
    }
}

/// Passes one connection on, until either side ends it. Closed at once if no instance accepts it.
async fn pass(mut client: TcpStream, shared: Arc<Shared>) {
    let count = shared.instances.len();
    let turn = shared.turn.fetch_add(1, Ordering::Relaxed);
    for index in (turn..turn + count).map(|turn| turn % count) {
        let Ok(mut instance) = TcpStream::connect(shared.instances[index]).await else { continue };
        // Without it small answers wait for the other side.
        let _ = (client.set_nodelay(true), instance.set_nodelay(true));
        // An instance that is killed breaks the connection of its clients, too.
        let _ = copy_bidirectional(&mut client, &mut instance).await;
        return;
    }
}
