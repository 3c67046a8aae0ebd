use contract::Environment as E;
use contract::PaymentMethod::{Alipay, WechatPay};

use super::Product::*;
use super::*;

/// All products of WeChat Pay, in the order of `config`.
const ALL_WECHAT_PAY: &[Product] = &[H5, Native, WechatJsapi];
/// Products of all Alipay contracts: pages first on both devices.
const ALL_ALIPAY: &[Product] = &[AlipayJsapi, Page, Wap, Precreate];
/// Alipay's face-to-face contract alone: codes.
const CODES: &[Product] = &[Precreate, PrecreateLink];

const APPS: &[E] = &[
    E::Taobao,
    E::Tmall,
    E::Jd,
    E::Qq,
    E::Weibo,
    E::Douyin,
    E::Xiaohongshu,
    E::Dingtalk,
    E::InApp,
];

/// An environment, and the products chosen without a requested flow and with each of the three.
type Row = (E, Option<Product>, Option<Product>, Option<Product>, Option<Product>);

#[track_caller]
fn check(method: PaymentMethod, configured: &[Product], rows: &[Row]) {
    let asked = [None, Some(Flow::QrCode), Some(Flow::Redirect), Some(Flow::Jsapi)];
    for (environment, by_itself, code, redirect, bridge) in rows {
        for (asked, expected) in asked.into_iter().zip([by_itself, code, redirect, bridge]) {
            let found = product(method, *environment, asked, configured);
            assert_eq!(found, *expected, "{method} in {environment}, asked for {asked:?}");
        }
    }
}

/// Adds the rows of the apps, which are all alike, and checks that no environment is missing.
fn with_apps(app: fn(E) -> Row, rows: &[Row]) -> Vec<Row> {
    let rows: Vec<Row> =
        APPS.iter().map(|environment| app(*environment)).chain(rows.iter().copied()).collect();
    for environment in E::ALL {
        let count = rows.iter().filter(|row| row.0 == *environment).count();
        assert_eq!(count, 1, "{environment} has {count} rows");
    }
    rows
}

#[test]
fn wechat_pay_with_every_contract() {
    let rows = with_apps(
        |app| (app, None, Some(Native), None, None),
        &[
            (E::Desktop, Some(Native), Some(Native), None, None),
            (E::Unknown, Some(Native), Some(Native), None, None),
            (E::WechatDesktop, Some(Native), Some(Native), None, Some(WechatJsapi)),
            (E::MobileBrowser, Some(H5), Some(Native), Some(H5), None),
            (E::Wechat, Some(WechatJsapi), Some(Native), None, Some(WechatJsapi)),
            (E::Wecom, None, Some(Native), None, None),
            (E::Alipay, None, Some(Native), None, None),
            (E::WechatMiniProgram, None, Some(Native), None, None),
            (E::AlipayMiniProgram, None, Some(Native), None, None),
        ],
    );
    check(WechatPay, ALL_WECHAT_PAY, &rows);
}

#[test]
fn wechat_pay_with_codes_alone() {
    let rows = with_apps(
        |app| (app, None, Some(Native), None, None),
        &[
            (E::Desktop, Some(Native), Some(Native), None, None),
            (E::Unknown, Some(Native), Some(Native), None, None),
            (E::WechatDesktop, Some(Native), Some(Native), None, None),
            (E::MobileBrowser, Some(Native), Some(Native), None, None),
            // A code that this phone cannot scan is shown only on request (gateways.md D24).
            (E::Wechat, None, Some(Native), None, None),
            (E::Wecom, None, Some(Native), None, None),
            (E::Alipay, None, Some(Native), None, None),
            (E::WechatMiniProgram, None, Some(Native), None, None),
            (E::AlipayMiniProgram, None, Some(Native), None, None),
        ],
    );
    check(WechatPay, &[Native], &rows);
}

#[test]
fn wechat_pay_in_wechat_alone() {
    let rows = with_apps(
        |app| (app, None, None, None, None),
        &[
            (E::Desktop, None, None, None, None),
            (E::Unknown, None, None, None, None),
            (E::WechatDesktop, Some(WechatJsapi), None, None, Some(WechatJsapi)),
            (E::MobileBrowser, None, None, None, None),
            (E::Wechat, Some(WechatJsapi), None, None, Some(WechatJsapi)),
            (E::Wecom, None, None, None, None),
            (E::Alipay, None, None, None, None),
            (E::WechatMiniProgram, None, None, None, None),
            (E::AlipayMiniProgram, None, None, None, None),
        ],
    );
    check(WechatPay, &[WechatJsapi], &rows);
}

#[test]
fn alipay_with_every_contract() {
    let rows = with_apps(
        |app| (app, Some(Wap), Some(Precreate), Some(Wap), None),
        &[
            (E::Desktop, Some(Page), Some(Precreate), Some(Page), None),
            (E::Unknown, Some(Page), Some(Precreate), Some(Page), None),
            (E::WechatDesktop, Some(Precreate), Some(Precreate), None, None),
            (E::MobileBrowser, Some(Wap), Some(Precreate), Some(Wap), None),
            // d23: WeChat blocks Alipay; the widget explains.
            (E::Wechat, None, Some(Precreate), None, None),
            (E::Wecom, None, Some(Precreate), None, None),
            (E::Alipay, Some(AlipayJsapi), Some(Precreate), Some(Wap), Some(AlipayJsapi)),
            (E::WechatMiniProgram, None, Some(Precreate), None, None),
            (E::AlipayMiniProgram, None, Some(Precreate), None, None),
        ],
    );
    check(Alipay, ALL_ALIPAY, &rows);
}

#[test]
fn alipay_with_codes_alone() {
    let rows = with_apps(
        |app| (app, None, Some(Precreate), None, None),
        &[
            (E::Desktop, Some(Precreate), Some(Precreate), None, None),
            (E::Unknown, Some(Precreate), Some(Precreate), None, None),
            (E::WechatDesktop, Some(Precreate), Some(Precreate), None, None),
            (E::MobileBrowser, Some(PrecreateLink), Some(PrecreateLink), None, None),
            (E::Wechat, None, Some(Precreate), None, None),
            (E::Wecom, None, Some(Precreate), None, None),
            (E::Alipay, Some(PrecreateLink), Some(PrecreateLink), None, None),
            (E::WechatMiniProgram, None, Some(Precreate), None, None),
            (E::AlipayMiniProgram, None, Some(Precreate), None, None),
        ],
    );
    check(Alipay, CODES, &rows);
}

#[test]
fn alipay_with_pages_alone() {
    let rows = with_apps(
        |app| (app, Some(Wap), None, Some(Wap), None),
        &[
            (E::Desktop, Some(PageFrame), Some(PageFrame), Some(Page), None),
            (E::Unknown, Some(PageFrame), Some(PageFrame), Some(Page), None),
            (E::WechatDesktop, None, None, None, None),
            (E::MobileBrowser, Some(Wap), None, Some(Wap), None),
            (E::Wechat, None, None, None, None),
            (E::Wecom, None, None, None, None),
            (E::Alipay, Some(Wap), None, Some(Wap), None),
            (E::WechatMiniProgram, None, None, None, None),
            (E::AlipayMiniProgram, None, None, None, None),
        ],
    );
    check(Alipay, &[PageFrame, Page, Wap], &rows);
}

#[test]
fn the_first_configured_product_that_works_is_chosen() {
    let desktop = |configured| product(Alipay, E::Desktop, None, configured);
    assert_eq!(desktop(&[Precreate, Wap, Page]), Some(Precreate));
    assert_eq!(desktop(&[Page, Wap, Precreate]), Some(Page));
    let phone = |configured| product(Alipay, E::MobileBrowser, None, configured);
    assert_eq!(phone(&[Page, PrecreateLink, Wap]), Some(PrecreateLink));
    assert_eq!(phone(&[Page, Wap, PrecreateLink]), Some(Wap));
}

#[test]
fn no_wallet_gets_a_product_of_the_other() {
    let all: Vec<Product> = Product::ALL.to_vec();
    for method in [Alipay, WechatPay, PaymentMethod::Unknown] {
        for environment in E::ALL.iter().chain([&E::Unknown]) {
            for asked in Flow::ALL.iter().copied().map(Some).chain([None, Some(Flow::Unknown)]) {
                let found = product(method, *environment, asked, &all);
                assert!(found.is_none_or(|found| found.method() == method));
                assert!(found.is_none_or(|found| asked.is_none_or(|asked| asked == found.flow())));
            }
        }
    }
}

#[test]
fn a_payment_is_payable_only_where_its_product_works() {
    assert!(is_payable(Native, E::Wechat) && is_payable(Precreate, E::Jd));
    assert!(is_payable(Wap, E::MobileBrowser) && !is_payable(Wap, E::Wechat));
    assert!(is_payable(WechatJsapi, E::Wechat) && !is_payable(WechatJsapi, E::MobileBrowser));
    assert!(is_payable(H5, E::MobileBrowser) && !is_payable(H5, E::Desktop));
}

#[test]
fn flows_name_each_flow_once() {
    assert_eq!(flows(WechatPay, ALL_WECHAT_PAY), [Flow::QrCode, Flow::Redirect, Flow::Jsapi]);
    assert_eq!(flows(Alipay, CODES), [Flow::QrCode]);
    assert_eq!(flows(Alipay, ALL_WECHAT_PAY), []);
}

#[test]
fn product_names_round_trip() {
    for product in Product::ALL {
        assert_eq!(Product::parse(product.as_str()), Some(*product));
    }
    assert_eq!(Product::parse("fax"), None);
}
