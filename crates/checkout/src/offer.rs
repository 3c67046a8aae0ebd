//! The wallets and flows of each environment: the matrix of docs/gateways.md, C1, as a table.

use contract::{Environment as E, Flow, PaymentMethod as Method};

/// The way to pay with a wallet in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It can be paid here.
    Pay {
        /// The only flow that works here; where there are several, the page or the backend
        /// chooses.
        flow: Option<Flow>,
    },
    /// It cannot be paid here. The guide is shown before anything fails.
    Guide(Guide),
}

/// The guide for an environment in which a wallet does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guide {
    /// Leave this app for a browser, which opens the wallet.
    OpenInBrowser,
    /// Scan with another phone, or open the link in the wallet itself.
    OtherPhone,
    /// Scan with another phone. The link opens no wallet that could pay by it.
    OnlyOtherPhone,
    /// Leave the mini program, whose web views open no wallet.
    MiniProgram,
}

/// The hint in a wallet's row, before the press. There is none if all wallets open here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowHint {
    /// It opens in this app.
    OpensHere,
    /// It continues in a browser.
    OpensInBrowser,
    /// It needs another phone, which scans a code.
    TakesOtherPhone,
}

impl Offer {
    /// True if it can be paid here.
    pub(crate) const fn is_here(self) -> bool {
        matches!(self, Self::Pay { .. })
    }

    /// Returns the hint in its row.
    pub(crate) fn hint(self, is_inside_an_app: bool, are_all_here: bool) -> Option<RowHint> {
        match self {
            Self::Pay { .. } if is_inside_an_app && !are_all_here => Some(RowHint::OpensHere),
            Self::Pay { .. } => None,
            Self::Guide(Guide::OpenInBrowser | Guide::MiniProgram) => Some(RowHint::OpensInBrowser),
            Self::Guide(Guide::OtherPhone | Guide::OnlyOtherPhone) => {
                Some(RowHint::TakesOtherPhone)
            }
        }
    }
}

/// True if a payment by `flow` cannot be continued here: a bridge exists only inside its wallet,
/// and WeChat opens no H5 page (docs/gateways.md, A11). False if the environment is unknown.
pub(crate) const fn is_lost(method: Method, flow: Flow, environment: E) -> bool {
    match (method, flow) {
        (Method::WechatPay, Flow::Jsapi) => !matches!(environment, E::Wechat | E::Unknown),
        (Method::Alipay, Flow::Jsapi) => !matches!(environment, E::Alipay | E::Unknown),
        (Method::WechatPay, Flow::Redirect) => matches!(environment, E::Wechat | E::WechatDesktop),
        _ => false,
    }
}

/// Chooses the way to pay. `flows` are those that the merchant's contracts allow, empty where
/// they are not known. Only for what is shown: the backend decides what it starts.
#[must_use]
pub fn offer(method: Method, environment: E, flows: &[Flow]) -> Offer {
    let can = |flow| flows.is_empty() || flows.contains(&flow);
    let only = |flow| Offer::Pay { flow: Some(flow) };
    match (method, environment) {
        (_, E::WechatMiniProgram | E::AlipayMiniProgram) => Offer::Guide(Guide::MiniProgram),
        // A computer shows the code. The browser of WeChat for computers opens no page of
        // Alipay's, and its bridge is young; the code always works.
        (Method::WechatPay, E::Desktop) | (_, E::WechatDesktop) if can(Flow::QrCode) => {
            only(Flow::QrCode)
        }
        (Method::WechatPay, E::Wechat) if can(Flow::Jsapi) => only(Flow::Jsapi),
        (Method::WechatPay, E::MobileBrowser) if can(Flow::Redirect) => Offer::Pay { flow: None },
        // Without a contract for this flow: WeChat opens the link in its own browser, where its
        // bridge pays, or scans the code of another device.
        (Method::WechatPay, E::Desktop | E::MobileBrowser | E::Alipay) if can(Flow::Jsapi) => {
            Offer::Guide(Guide::OtherPhone)
        }
        (Method::WechatPay, E::MobileBrowser | E::Alipay | E::Wechat) if can(Flow::QrCode) => {
            Offer::Guide(Guide::OnlyOtherPhone)
        }
        // Alibaba's own apps have Alipay's cashier inside, for who may open it.
        (Method::Alipay, E::Taobao | E::Tmall | E::Dingtalk) if can(Flow::Redirect) => {
            Offer::Pay { flow: None }
        }
        (Method::Alipay, E::Desktop | E::MobileBrowser | E::Alipay)
        | (Method::Unknown, _)
        | (_, E::Unknown) => Offer::Pay { flow: None },
        // Apps that block the wallet's address, or do not return from it.
        _ => Offer::Guide(Guide::OpenInBrowser),
    }
}
