//! Starts and stops the sandbox: one listener for both gateways, the phone and the JSON API.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::notifier::Notifier;
use crate::state::Shared;
use crate::{Error, Keys, alipay, api, bridge, layers, phone, unpaid, wechat};

/// Options for the start of a sandbox.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on: loopback only; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Divides the gateways' retry delays: 1 is the real schedule, 1000 turns 15 s into 15 ms.
    pub notify_speed: u32,
    /// The keys to use; new ones are made if there are none.
    pub keys: Option<Keys>,
    /// The shop's name on the phone and at the cashiers, as the merchant has registered it.
    pub merchant_name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            notify_speed: 1,
            keys: None,
            merchant_name: MERCHANT_NAME.to_owned(),
        }
    }
}

/// The shop's name where none is given.
pub const MERCHANT_NAME: &str = "Sandbox shop 沙箱商店";

/// The sandbox, not yet started.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Binds the address and serves until the [`Running`] is stopped or dropped.
    ///
    /// # Errors
    /// [`Error::NotLoopback`], [`Error::Bind`] or [`Error::Key`].
    pub async fn start(options: Options) -> Result<Running, Error> {
        let addr = options.addr;
        if !addr.ip().is_loopback() {
            return Err(Error::NotLoopback(addr));
        }
        let keys = match options.keys {
            Some(keys) => keys,
            None => tokio::task::spawn_blocking(Keys::generate)
                .await
                .map_err(|error| Error::Key(error.to_string()))??,
        };
        let bind = |source| Error::Bind { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(bind)?;
        let addr = listener.local_addr().map_err(bind)?;

        let (stop, mut stopped) = watch::channel(false);
        let notifier = Notifier::new(options.notify_speed, stopped.clone());
        let base_url = format!("http://{addr}");
        let shared = Shared::new(keys.clone(), base_url, options.merchant_name, notifier);
        let shared = Arc::new(shared);
        let serving = axum::serve(listener, routes(shared)).with_graceful_shutdown(async move {
            // An error means that the sender is gone, which is a stop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        });
        let task = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        });
        Ok(Running { addr, keys, shutdown: Shutdown { stop, task } })
    }
}

/// A sandbox that serves. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Running {
    /// The address that it listens on, with the real port.
    pub addr: SocketAddr,
    /// The merchant's keys that it accepts.
    pub keys: Keys,
    /// Stops it.
    pub shutdown: Shutdown,
}

impl Running {
    /// `http://127.0.0.1:port`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Ends running requests, drops waiting notifications, and waits until the port is free.
    pub async fn stop(self) {
        self.shutdown.stop().await;
    }
}

/// Stops a running sandbox, also by being dropped.
#[derive(Debug)]
pub struct Shutdown {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Shutdown {
    /// Stops and waits for the end.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // Fails only if the task panicked or was cancelled; the sandbox has stopped in either case.
        let _ = self.task.await;
    }
}

fn routes(shared: Arc<Shared>) -> Router {
    let unpaid = axum::middleware::from_fn_with_state(shared.clone(), unpaid::notify_after);
    let gateways = wechat::routes()
        .merge(alipay::routes())
        .layer(unpaid.clone())
        .layer(axum::middleware::from_fn_with_state(shared.clone(), layers::chaos))
        .layer(axum::middleware::from_fn_with_state(shared.clone(), layers::notify_first))
        .layer(axum::middleware::from_fn_with_state(shared.clone(), layers::switches));
    gateways
        .merge(alipay::page_routes().layer(unpaid.clone()))
        .merge(wechat::page_routes())
        .merge(bridge::routes())
        .merge(api::routes().layer(unpaid))
        .merge(phone::routes())
        .with_state(shared)
}
