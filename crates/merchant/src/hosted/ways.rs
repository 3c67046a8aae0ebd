//! The ways to pay on this page, by wallet and environment: as the widget offers them
//! (`checkout::offer`), with the products that the page can perform.

use contract::{Environment as E, Flow, PaymentMethod};

use crate::rules::{self, Product};

/// The ways to pay with a wallet in the current environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) method: PaymentMethod,
    /// The product of a payment started here; `None` if it must be paid elsewhere.
    pub(crate) here: Option<Product>,
    /// True if a code for another phone can be shown.
    pub(crate) has_code: bool,
    /// The guide to show if the wallet cannot be used here.
    pub(crate) guide: GuideKind,
}

impl Way {
    /// True if the wallet opens in this environment. A code of WeChat Pay on a phone's own screen does
    /// not: another phone scans it.
    pub(crate) fn opens_in(&self, environment: E) -> bool {
        let needs_other_phone =
            self.here == Some(Product::Native) && environment == E::MobileBrowser;
        self.here.is_some() && !needs_other_phone
    }
}

/// The guide for an environment in which a wallet does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GuideKind {
    /// Leave this app for a browser.
    OpenInBrowser,
    /// Scan with another phone, or open the link in the wallet itself.
    OtherPhone,
    /// Scan with another phone: the link would not open the wallet either.
    OnlyOtherPhone,
    /// Leave the mini program, which has no menu to open a browser by.
    MiniProgram,
}

/// Returns the ways to pay with a wallet. `configured` lists the products of the merchant's contracts.
pub(crate) fn way(method: PaymentMethod, environment: E, configured: &[Product]) -> Way {
    Way {
        method,
        here: product(method, environment, None, configured),
        has_code: product(method, environment, Some(Flow::QrCode), configured).is_some(),
        guide: guide(method, environment, configured),
    }
}

/// Chooses the product of a payment started on this page.
pub(crate) fn product(
    method: PaymentMethod,
    environment: E,
    asked: Option<Flow>,
    configured: &[Product],
) -> Option<Product> {
    let shown: Vec<Product> =
        configured.iter().copied().filter(|product| is_performed(*product, environment)).collect();
    rules::product(method, environment, asked, &shown)
}

/// True if a payment made with `product` can be paid on this page.
pub(crate) fn is_payable(product: Product, environment: E) -> bool {
    is_performed(product, environment) && rules::is_payable(product, environment)
}

/// True if the page can perform `product`: a frame needs another policy, Alipay's page does in
/// Alipay what its bridge would do, and apps that block Alipay's own address leave the shopper
/// with its sign-in form, where the guide leads to the app.
const fn is_performed(product: Product, environment: E) -> bool {
    match product {
        Product::PageFrame | Product::AlipayJsapi => false,
        Product::WechatJsapi => matches!(environment, E::Wechat),
        Product::Wap => {
            !matches!(environment, E::Jd | E::Qq | E::Weibo | E::Douyin | E::Xiaohongshu | E::InApp)
        }
        Product::Native
        | Product::H5
        | Product::Page
        | Product::Precreate
        | Product::PrecreateLink => true,
    }
}

fn guide(method: PaymentMethod, environment: E, configured: &[Product]) -> GuideKind {
    let has = |product: Product| configured.contains(&product);
    match (method, environment) {
        (_, E::WechatMiniProgram | E::AlipayMiniProgram) => GuideKind::MiniProgram,
        // This page pays in WeChat by its bridge, if that contract exists.
        (PaymentMethod::WechatPay, E::Desktop | E::MobileBrowser | E::Alipay)
            if has(Product::WechatJsapi) =>
        {
            GuideKind::OtherPhone
        }
        (PaymentMethod::WechatPay, E::Desktop | E::MobileBrowser | E::Alipay | E::Wechat)
            if has(Product::Native) =>
        {
            GuideKind::OnlyOtherPhone
        }
        _ => GuideKind::OpenInBrowser,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PaymentMethod::{Alipay, WechatPay};

    #[test]
    fn row_7_a_code_on_a_phones_own_screen_takes_another_phone() {
        let opens = |environment, configured: &[Product]| {
            way(WechatPay, environment, configured).opens_in(environment)
        };
        assert!(opens(E::Desktop, &[Product::Native]));
        assert!(!opens(E::MobileBrowser, &[Product::Native]));
        assert!(opens(E::MobileBrowser, &[Product::H5, Product::Native]));
    }
    use Product::{AlipayJsapi, H5, Native, PageFrame, Precreate, Wap, WechatJsapi};

    const ALL: &[Product] = &[Native, H5, WechatJsapi, PageFrame, Precreate, Wap, AlipayJsapi];

    /// docs/gateways.md C1 and docs/environments.md: the wallets that open, by environment.
    #[test]
    fn a_wallet_is_offered_where_the_widget_offers_it() {
        for (environment, alipay, wechat_pay) in [
            (E::Desktop, Some(Precreate), Some(Native)),
            (E::WechatDesktop, Some(Precreate), Some(Native)),
            (E::MobileBrowser, Some(Wap), Some(Native)),
            (E::Wechat, None, Some(WechatJsapi)),
            (E::Wecom, None, None),
            (E::Alipay, Some(Wap), None),
            (E::WechatMiniProgram, None, None),
            (E::AlipayMiniProgram, None, None),
            (E::Taobao, Some(Wap), None),
            (E::Tmall, Some(Wap), None),
            (E::Dingtalk, Some(Wap), None),
            (E::Jd, None, None),
            (E::Qq, None, None),
            (E::Weibo, None, None),
            (E::Douyin, None, None),
            (E::Xiaohongshu, None, None),
            (E::InApp, None, None),
        ] {
            assert_eq!(way(Alipay, environment, ALL).here, alipay, "Alipay in {environment}");
            assert_eq!(way(WechatPay, environment, ALL).here, wechat_pay, "WeChat, {environment}");
            assert!(way(Alipay, environment, ALL).has_code, "{environment}");
        }
    }

    #[test]
    fn b27_no_guide_sends_the_shopper_to_an_app_that_sends_them_back() {
        use GuideKind::{MiniProgram, OnlyOtherPhone, OpenInBrowser, OtherPhone};
        let rows: [(PaymentMethod, E, &[Product], GuideKind); 9] = [
            // In WeChat this page pays by the bridge, so the link may be opened there.
            (WechatPay, E::Alipay, &[Native, WechatJsapi], OtherPhone),
            (WechatPay, E::MobileBrowser, &[WechatJsapi], OtherPhone),
            // Without the bridge nothing but another phone's camera pays.
            (WechatPay, E::Alipay, &[Native], OnlyOtherPhone),
            (WechatPay, E::Wechat, &[Native], OnlyOtherPhone),
            // The phone's browser opens the app by H5.
            (WechatPay, E::Alipay, &[H5], OpenInBrowser),
            (WechatPay, E::Wechat, &[H5], OpenInBrowser),
            (WechatPay, E::Qq, ALL, OpenInBrowser),
            (Alipay, E::Wechat, ALL, OpenInBrowser),
            (Alipay, E::WechatMiniProgram, ALL, MiniProgram),
        ];
        for (method, environment, configured, expected) in rows {
            let found = way(method, environment, configured).guide;
            assert_eq!(found, expected, "{method} in {environment} with {configured:?}");
        }
    }

    #[test]
    fn a_payment_started_elsewhere_is_payable_only_where_the_page_can_perform_it() {
        assert!(is_payable(WechatJsapi, E::Wechat) && !is_payable(WechatJsapi, E::MobileBrowser));
        assert!(is_payable(Wap, E::MobileBrowser) && !is_payable(Wap, E::Qq));
        assert!(is_payable(Native, E::Wechat), "another phone scans it");
    }
}
