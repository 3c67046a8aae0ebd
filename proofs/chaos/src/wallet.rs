//! The two wallets.

use contract::PaymentMethod;

/// A wallet that can be hashed.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Wallet {
    Alipay,
    WechatPay,
}

impl Wallet {
    pub(crate) const fn method(self) -> PaymentMethod {
        match self {
            Self::Alipay => PaymentMethod::Alipay,
            Self::WechatPay => PaymentMethod::WechatPay,
        }
    }
}
