//! Where shoppers stand, and the way by which each of them sets out.

use checkout::Checkout;
use contract::{Environment, Flow, PaymentMethod, SessionStatus};

use crate::dice::Dice;
use crate::plan::Wallet;

/// Where a page runs.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Place {
    Desktop,
    WechatDesktop,
    Phone,
    Wechat,
    Alipay,
    Taobao,
}

/// How a shopper sets out. What becomes of it is the plan's and the processes'.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) struct Tour {
    pub(crate) place: Place,
    /// The wallet that is picked first.
    pub(crate) wallet: Wallet,
    /// What the page asks for; the backend chooses where absent.
    pub(crate) flow: Option<Flow>,
}

impl Place {
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

    /// What its browser says that it is; the gateways' pages look at it.
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

    /// Whether this wallet puts its bridge into the pages that are opened here.
    pub(crate) fn has_bridge_of(self, method: PaymentMethod) -> bool {
        match method {
            PaymentMethod::WechatPay => matches!(self, Self::Wechat | Self::WechatDesktop),
            PaymentMethod::Alipay => self == Self::Alipay,
            PaymentMethod::Unknown => false,
        }
    }
}

impl Tour {
    /// The tour of shopper `index`: each block of shoppers has every tour once, in an order
    /// that is thrown.
    pub(crate) fn of(seed: u64, index: u32) -> Self {
        let all = TOURS.len();
        let index = usize::try_from(index).unwrap_or(0);
        let block = u64::try_from(index / all).unwrap_or(0);
        let shift = Dice::new(&[seed, SHIFTS, block]).range(0, 1_000);
        let shift = usize::try_from(shift).unwrap_or(0);
        TOURS.get((index + shift) % all).copied().unwrap_or(FIRST)
    }
}

/// Whether shopper `index` is of the first block, of whom each goes the way to its end if no
/// gateway and no kill prevents it: so that every flow is paid in the shortest run as well.
pub(crate) fn is_first(index: u32) -> bool {
    usize::try_from(index).is_ok_and(|index| index < TOURS.len())
}

/// Whether a screen of `checkout` leaves the shopper something to do or to wait for, long after
/// the session's end. A session that still counts as open must be asked about until it does not.
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

const fn tour(place: Place, wallet: Wallet, flow: Option<Flow>) -> Tour {
    Tour { place, wallet, flow }
}

const FIRST: Tour = tour(Place::Desktop, Wallet::WechatPay, None);
/// Every product that there is, and the two ways to a code where the wallet does not open.
const TOURS: [Tour; 12] = [
    FIRST,
    tour(Place::Desktop, Wallet::Alipay, None),
    tour(Place::Phone, Wallet::WechatPay, None),
    tour(Place::Wechat, Wallet::WechatPay, None),
    tour(Place::Alipay, Wallet::Alipay, None),
    tour(Place::Phone, Wallet::Alipay, None),
    tour(Place::WechatDesktop, Wallet::Alipay, None),
    tour(Place::Phone, Wallet::Alipay, Some(Flow::QrCode)),
    tour(Place::Desktop, Wallet::Alipay, Some(Flow::Redirect)),
    tour(Place::Taobao, Wallet::Alipay, None),
    tour(Place::Wechat, Wallet::Alipay, None),
    tour(Place::Alipay, Wallet::WechatPay, None),
];
/// What the dice are named by.
const SHIFTS: u64 = 6;
