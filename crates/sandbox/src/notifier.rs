//! What all notifications share: connections, speed, and how often each order was told of.

use std::collections::HashMap;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;

use crate::event::Event;
use crate::wallet::Wallet;

/// Sends notifications until the sandbox stops.
#[derive(Debug)]
pub(crate) struct Notifier {
    client: Client<HttpConnector, Full<Bytes>>,
    speed: u32,
    stopped: watch::Receiver<bool>,
    /// How many tries each order's notifications have had.
    told: watch::Sender<HashMap<(Wallet, String), u64>>,
}

impl Notifier {
    pub(crate) fn new(speed: u32, stopped: watch::Receiver<bool>) -> Self {
        // No idle connections: a gateway comes from anywhere, and a restarted merchant must be reached.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self { client, speed: speed.max(1), stopped, told: watch::Sender::default() }
    }

    /// The connections to merchants.
    pub(crate) fn client(&self) -> &Client<HttpConnector, Full<Bytes>> {
        &self.client
    }

    /// What divides the gateways' delays.
    pub(crate) fn speed(&self) -> u32 {
        self.speed
    }

    /// Turns true when the sandbox stops.
    pub(crate) fn stopped(&self) -> watch::Receiver<bool> {
        self.stopped.clone()
    }

    /// Counts a try.
    pub(crate) fn told(&self, event: &Event) {
        self.told.send_modify(|told| {
            let count = told.entry((event.wallet, event.out_trade_no.clone())).or_default();
            *count = count.saturating_add(1);
        });
    }

    /// Waits until another event of the same order has been told.
    pub(crate) async fn overtaken(&self, event: &Event) {
        self.next_told(event.wallet, &event.out_trade_no).await;
    }

    /// Waits for the next try to tell of an order; tries before this call do not count.
    pub(crate) fn next_told(
        &self,
        wallet: Wallet,
        out_trade_no: &str,
    ) -> impl Future<Output = ()> + use<> {
        let order = (wallet, out_trade_no.to_owned());
        let mut told = self.told.subscribe();
        let before = told.borrow().get(&order).copied();
        async move {
            // An error means that the notifier is gone, and with it all waiting.
            let _ = told.wait_for(|told| told.get(&order).copied() != before).await;
        }
    }
}
