//! The merchant's identity at a gateway, and the error for an identity that is not configured.

use std::fmt;

use contract::PaymentMethod;

/// The merchant's identity at a gateway, which the gateway's statements must name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    /// WeChat Pay's `appid`, Alipay's `app_id`.
    pub(crate) app_id: String,
    /// WeChat Pay's `mchid`, Alipay's `seller_id`.
    pub(crate) merchant_id: String,
}

impl Identity {
    /// Returns the text that tells it from every other identity.
    pub(crate) fn to_text(&self, method: PaymentMethod) -> String {
        format!("{method} {} {}", self.merchant_id, self.app_id)
    }
}

/// An order was made by an identity that is not configured, so that its gateway cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub(crate) struct MissingIdentity {
    pub(crate) method: PaymentMethod,
    /// The identity that made the order; `None` for orders made before identities were stored,
    /// which belong to the present identity.
    pub(crate) identity: Option<Identity>,
}

impl fmt::Display for MissingIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, identity } = self;
        let Some(Identity { app_id, merchant_id }) = identity else {
            return write!(
                f,
                "[{method}] is not configured, but has orders; add it with its keys to the configuration"
            );
        };
        let (app, merchant) = match method {
            PaymentMethod::Alipay => ("app_id", "seller_id"),
            PaymentMethod::WechatPay | PaymentMethod::Unknown => ("appid", "mchid"),
        };
        write!(
            f,
            "no settings have the identity that made the order; add a [[{method}_former]] with \
             {merchant} = \"{merchant_id}\", {app} = \"{app_id}\" and their keys to the configuration"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m3_the_error_for_a_missing_identity_names_the_setting() {
        let identity = |app_id: &str, merchant_id: &str| {
            Some(Identity { app_id: app_id.to_owned(), merchant_id: merchant_id.to_owned() })
        };
        let message = |method, identity| MissingIdentity { method, identity }.to_string();
        let wechat_pay = message(PaymentMethod::WechatPay, identity("wx1", "1900000001"));
        for part in ["[[wechat_pay_former]]", "mchid = \"1900000001\"", "appid = \"wx1\""] {
            assert!(wechat_pay.contains(part), "{wechat_pay}");
        }
        let alipay = message(PaymentMethod::Alipay, identity("2021", "2088"));
        for part in ["[[alipay_former]]", "seller_id = \"2088\"", "app_id = \"2021\""] {
            assert!(alipay.contains(part), "{alipay}");
        }
        let unknown = message(PaymentMethod::Alipay, None);
        assert!(unknown.starts_with("[alipay] is not configured"), "{unknown}");
    }
}
