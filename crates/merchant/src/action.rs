//! The next action of a payment, as stored and as the contract defines it.

use contract::{NameValue, NextAction, NextActionType, Timestamp};

use crate::rules::Product;

/// The action that the shopper's browser must perform for a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) kind: NextActionType,
    /// The code's text, the address, or the bridge's parameters as JSON.
    pub(crate) text: String,
}

impl Action {
    /// Returns the action that displays a code.
    pub(crate) const fn code(text: String) -> Self {
        Self { kind: NextActionType::DisplayQrCode, text }
    }

    /// Returns the action that displays a page in a frame.
    pub(crate) const fn frame(url: String) -> Self {
        Self { kind: NextActionType::DisplayFrame, text: url }
    }

    /// Returns the action that redirects to a page.
    pub(crate) const fn redirect(url: String) -> Self {
        Self { kind: NextActionType::RedirectToUrl, text: url }
    }

    /// Returns the action that calls a wallet's bridge.
    pub(crate) fn bridge(kind: NextActionType, fields: Vec<(&str, String)>) -> Self {
        let fields: Vec<NameValue> = fields
            .into_iter()
            .map(|(name, value)| NameValue { name: name.to_owned(), value })
            .collect();
        // Strings only: serialisation cannot fail.
        Self { kind, text: serde_json::to_string(&fields).unwrap_or_default() }
    }

    /// True if it only identifies the payer: there is nothing to pay yet.
    pub(crate) fn asks_for_payer(&self, product: Product) -> bool {
        product.needs_payer() && self.kind == NextActionType::RedirectToUrl
    }

    /// The time of expiry if it is handed out now (gateways.md A3.2, B5.2).
    pub(crate) fn expiry(product: Product, session_ends: Timestamp, now: Timestamp) -> Timestamp {
        let life_ms = if product == Product::H5 { H5_LIFE_MS } else { CODE_LIFE_MS };
        session_ends.min(now.plus_ms(life_ms))
    }

    /// Returns the contract's next action; `None` if the stored one cannot be read.
    pub(crate) fn next(
        &self,
        product: Product,
        expires_at: Option<Timestamp>,
    ) -> Option<NextAction> {
        let mut next =
            NextAction { kind: self.kind, data: None, url: None, fields: Vec::new(), expires_at };
        let text = self.text.clone();
        match self.kind {
            NextActionType::DisplayQrCode => {
                next.url = (product == Product::PrecreateLink).then(|| app_link(&text));
                next.data = Some(text);
            }
            NextActionType::DisplayFrame | NextActionType::RedirectToUrl => next.url = Some(text),
            NextActionType::InvokeWechatJsapi | NextActionType::InvokeAlipayJsapi => {
                next.fields = serde_json::from_str(&text).ok()?;
            }
            NextActionType::SubmitForm | NextActionType::Unknown => return None,
        }
        Some(next)
    }
}

/// The address that opens a code in the Alipay app of the same phone (gateways.md C1).
fn app_link(code: &str) -> String {
    let code: String = form_urlencoded::byte_serialize(code.as_bytes()).collect();
    format!("alipays://platformapi/startapp?saId=10000007&qrcode={code}")
}

const CODE_LIFE_MS: i64 = 2 * 3_600_000;
const H5_LIFE_MS: i64 = 5 * 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_795_392_000_000);

    #[test]
    fn a_code_has_an_app_link_only_for_its_product() {
        let action = Action::code("https://qr.alipay.com/bax?a=1&b=2".to_owned());
        let next = action.next(Product::PrecreateLink, None).unwrap();
        assert_eq!(next.data.as_deref(), Some("https://qr.alipay.com/bax?a=1&b=2"));
        assert_eq!(
            next.url.as_deref(),
            Some(
                "alipays://platformapi/startapp?saId=10000007&qrcode=https%3A%2F%2Fqr.alipay.com%2Fbax%3Fa%3D1%26b%3D2"
            )
        );
        assert_eq!(action.next(Product::Precreate, None).unwrap().url, None);
    }

    #[test]
    fn a_bridges_parameters_keep_their_order() {
        let fields = vec![("appId", "wx1".to_owned()), ("package", "prepay_id=\"1\"".to_owned())];
        let action = Action::bridge(NextActionType::InvokeWechatJsapi, fields);
        let next = action.next(Product::WechatJsapi, Some(NOW)).unwrap();
        let fields: Vec<_> =
            next.fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        assert_eq!(fields, [("appId", "wx1"), ("package", "prepay_id=\"1\"")]);
        assert_eq!(next.expires_at, Some(NOW));
        let broken = Action { text: "{".to_owned(), ..action };
        assert_eq!(broken.next(Product::WechatJsapi, None), None);
    }

    #[test]
    fn an_h5_address_expires_after_five_minutes_and_no_action_after_the_session() {
        let end = NOW.plus_ms(3 * 3_600_000);
        assert_eq!(Action::expiry(Product::H5, end, NOW), NOW.plus_ms(300_000));
        assert_eq!(Action::expiry(Product::Native, end, NOW), NOW.plus_ms(7_200_000));
        assert_eq!(Action::expiry(Product::H5, NOW.plus_ms(1_000), NOW), NOW.plus_ms(1_000));
    }

    #[test]
    fn a_redirect_of_a_bridge_product_asks_for_the_payer() {
        let ask = Action::redirect("https://open.weixin.qq.com/".to_owned());
        assert!(ask.asks_for_payer(Product::WechatJsapi));
        assert!(!ask.asks_for_payer(Product::H5));
        let call = Action::bridge(NextActionType::InvokeWechatJsapi, Vec::new());
        assert!(!call.asks_for_payer(Product::WechatJsapi));
    }
}
