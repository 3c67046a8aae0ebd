//! The machine's configuration: the page's options and the browser's facts.

use contract::{Environment, Flow, PaymentMethod};

/// The strict form of the element's options, plus what the browser knows.
#[derive(Clone, Debug)]
pub struct Config {
    /// The id of the session that the client secret opens.
    pub session_id: String,
    /// The environment that the page runs in; it only chooses what is shown and asked for.
    pub environment: Environment,
    /// The address that a redirect returns to.
    pub return_url: Option<String>,
    /// The flow that the page asks for in this environment; the backend chooses where absent.
    pub flow: Option<Flow>,
    /// The wallets that the page allows; all of the session's where empty.
    pub payment_methods: Vec<PaymentMethod>,
    /// The page's order of the wallets; the session's where empty.
    pub payment_method_order: Vec<PaymentMethod>,
    /// True if nothing can be started.
    pub read_only: bool,
    /// The `scheme://host:port` of `api-base`. Only a loopback one may redirect to loopback.
    pub api_origin: String,
    /// Hosts that a redirect may lead to besides the gateways' own.
    pub redirect_hosts: Vec<String>,
    /// The intent to pay that was stored before a reload or by another tab.
    pub remembered: Option<Intent>,
    /// True if this tab went to a wallet's page before it was loaded, and is back from there.
    pub has_left: bool,
    /// The wallet that the shopper picked in the prerendered selector; taken once.
    pub selected: Option<PaymentMethod>,
    /// True if the page is visible when the machine starts.
    pub visible: bool,
    /// Any number that differs from page to page: spreads retries, decides nothing.
    pub jitter_seed: u32,
}

/// One intent to pay: its key is minted once and kept over retries and reloads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Intent {
    /// The wallet that the shopper chose.
    pub payment_method: PaymentMethod,
    /// The idempotency key: 1 to 255 visible ASCII characters, unguessable.
    pub key: String,
}
