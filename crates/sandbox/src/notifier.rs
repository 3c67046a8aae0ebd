//! The state that all notifications share: connections, speed, and the number of tries for each order.

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
    /// The number of tries that each order's notifications have had.
    tries: watch::Sender<HashMap<(Wallet, String), u64>>,
}

impl Notifier {
    pub(crate) fn new(speed: u32, stopped: watch::Receiver<bool>) -> Self {
        // No idle connections: a gateway comes from anywhere, and a restarted merchant must be reached.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self { client, speed: speed.max(1), stopped, tries: watch::Sender::default() }
    }

    /// The connections to merchants.
    pub(crate) fn client(&self) -> &Client<HttpConnector, Full<Bytes>> {
        &self.client
    }

    /// Returns the divisor of the gateways' delays.
    pub(crate) fn speed(&self) -> u32 {
        self.speed
    }

    /// Turns true when the sandbox stops.
    pub(crate) fn stopped(&self) -> watch::Receiver<bool> {
        self.stopped.clone()
    }

    /// Counts a try.
    pub(crate) fn count_try(&self, event: &Event) {
        self.tries.send_modify(|tries| {
            let count = tries.entry((event.wallet, event.out_trade_no.clone())).or_default();
            *count = count.saturating_add(1);
        });
    }

    /// Waits until another event of the same order has had a try.
    pub(crate) async fn overtaken(&self, event: &Event) {
        self.next_try(event.wallet, &event.out_trade_no).await;
    }

    /// Waits for the next try to notify of an order; tries before this call do not count.
    pub(crate) fn next_try(
        &self,
        wallet: Wallet,
        out_trade_no: &str,
    ) -> impl Future<Output = ()> + use<> {
        let order = (wallet, out_trade_no.to_owned());
        let mut tries = self.tries.subscribe();
        let before = tries.borrow().get(&order).copied();
        async move {
            // An error means that the notifier is gone, and with it all waiting.
            let _ = tries.wait_for(|tries| tries.get(&order).copied() != before).await;
        }
    }
}
