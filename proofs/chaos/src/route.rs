//! The browsers of shoppers, and the first payment that each of them starts.

use checkout::Checkout;
use contract::{Environment, Flow, PaymentMethod, SessionStatus};

use crate::dice::Dice;
use crate::wallet::Wallet;

/// The browser or app in which a page runs.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Browser {
    Desktop,
    WechatDesktop,
    Phone,
    Wechat,
    Alipay,
    Taobao,
}

/// A shopper's browser and first choice.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) browser: Browser,
    /// The wallet that is selected first.
    pub(crate) wallet: Wallet,
    /// The flow that the page requests; if absent, the backend chooses it.
    pub(crate) flow: Option<Flow>,
}

impl Browser {
    pub(crate) const ALL: [Self; 6] =
        [Self::Desktop, Self::WechatDesktop, Self::Phone, Self::Wechat, Self::Alipay, Self::Taobao];

    pub(crate) const fn environment(self) -> Environment {
        match self {
            Self::Desktop => Environment::Desktop,
            Self::WechatDesktop => Environment::WechatDesktop,
            Self::Phone => Environment::MobileBrowser,
            Self::Wechat => Environment::Wechat,
            Self::Alipay => Environment::Alipay,
            Self::Taobao => Environment::Taobao,
        }
    }

    /// Returns its user agent, which the gateways' pages check.
    pub(crate) const fn agent(self) -> &'static str {
        match self {
            Self::Desktop => "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36",
            Self::WechatDesktop => {
                "Mozilla/5.0 (Windows NT 10.0) MicroMessenger/7.0.20 WindowsWechat"
            }
            Self::Phone => "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1",
            Self::Wechat => "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.49 Mobile",
            Self::Alipay => "Mozilla/5.0 (iPhone) AliApp(AP/10.5.90) AlipayClient/10.5.90",
            Self::Taobao => "Mozilla/5.0 (iPhone) AliApp(TB/10.36.10) WindVane/8.7.2",
        }
    }

    /// True if its pages have this wallet's bridge.
    pub(crate) fn has_bridge_of(self, method: PaymentMethod) -> bool {
        match method {
            PaymentMethod::WechatPay => matches!(self, Self::Wechat | Self::WechatDesktop),
            PaymentMethod::Alipay => self == Self::Alipay,
            PaymentMethod::Unknown => false,
        }
    }
}

impl Route {
    /// Returns the route of shopper `index`: each block of shoppers has every route once, in a
    /// random order.
    pub(crate) fn of(seed: u64, index: u32) -> Self {
        let all = ROUTES.len();
        let index = usize::try_from(index).unwrap_or(0);
        let block = u64::try_from(index / all).unwrap_or(0);
        let shift = Dice::new(&[seed, SHIFTS, block]).range(0, 1_000);
        let shift = usize::try_from(shift).unwrap_or(0);
        ROUTES.get((index + shift) % all).copied().unwrap_or(FIRST)
    }
}

/// True if shopper `index` is in the first block, in which each shopper completes the route if no
/// gateway fault and no kill prevents it: so that every flow is paid in the shortest run, too.
pub(crate) fn is_first(index: u32) -> bool {
    usize::try_from(index).is_ok_and(|index| index < ROUTES.len())
}

/// True if the screen of `checkout` offers the shopper an action, or something is still to come,
/// long after the session's end. A session that still counts as open must be polled until it does
/// not.
///
/// `is_watching`: an answer, an event or a deadline is still to come.
pub(crate) fn has_way_on(checkout: &Checkout, is_watching: bool) -> bool {
    use checkout::State as S;
    let is_open = checkout.session().is_some_and(|it| it.status == SessionStatus::Open);
    if is_open && !is_watching && !matches!(checkout.state(), S::Unavailable { .. }) {
        return false;
    }
    match checkout.state() {
        S::Loading | S::Starting(_) | S::Closing(_) | S::Awaiting(_) | S::Confirming(_) => {
            is_watching
        }
        S::Selecting(_) | S::Guiding(_) => !checkout.methods().is_empty(),
        S::Unavailable { fault } => !fault.is_authentication(),
        S::Failed { .. } | S::Canceled { .. } | S::Succeeded | S::Expired => true,
    }
}

const fn route(browser: Browser, wallet: Wallet, flow: Option<Flow>) -> Route {
    Route { browser, wallet, flow }
}

const FIRST: Route = route(Browser::Desktop, Wallet::WechatPay, None);
/// Every product, and the two routes to a code where the wallet's app does not open.
const ROUTES: [Route; 12] = [
    FIRST,
    route(Browser::Desktop, Wallet::Alipay, None),
    route(Browser::Phone, Wallet::WechatPay, None),
    route(Browser::Wechat, Wallet::WechatPay, None),
    route(Browser::Alipay, Wallet::Alipay, None),
    route(Browser::Phone, Wallet::Alipay, None),
    route(Browser::WechatDesktop, Wallet::Alipay, None),
    route(Browser::Phone, Wallet::Alipay, Some(Flow::QrCode)),
    route(Browser::Desktop, Wallet::Alipay, Some(Flow::Redirect)),
    route(Browser::Taobao, Wallet::Alipay, None),
    route(Browser::Wechat, Wallet::Alipay, None),
    route(Browser::Alipay, Wallet::WechatPay, None),
];
/// Seed of these random numbers.
const SHIFTS: u64 = 6;
