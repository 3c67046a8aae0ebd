//! Compares what the widget offers with what the backend starts, for every environment, wallet, set
//! of contracts that a configuration can name, and flow (gateways.md C1 decides).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "tests"
)]

use std::collections::{BTreeSet, HashSet};

use checkout::{Guide, Offer, offer};
use contract::{Environment as E, Flow, PaymentMethod};
use merchant::Config;
use payments::{Product, flows, is_payable, product};
use sandbox::{DesktopFlow, Flows, Keys, MobileFlow};

const SERVER: &str = "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\n\
    secret_key = \"sk_0123456789abcdef01234567\"\nmerchant_name = \"Tea & Co\"\n\
    signing_key = \"0123456789abcdef0123456789abcdef\"\ndatabase = \"none.db\"\n\
    allowed_origins = [\"http://127.0.0.1:8080\"]\n";
/// Sections may be in several files; the last one wins.
const WECHAT_PAY: &[&str] = &[
    r#"["native"]"#,
    r#"["h5"]"#,
    r#"["jsapi"]"#,
    r#"["native", "h5"]"#,
    r#"["native", "jsapi"]"#,
    r#"["h5", "jsapi"]"#,
    r#"["native", "h5", "jsapi"]"#,
];
const ALIPAY_FLOWS: &[&str] = &[r#"["qr_code"]"#, r#"["redirect"]"#, r#"["qr_code", "redirect"]"#];
const DESKTOP: [DesktopFlow; 3] =
    [DesktopFlow::Page, DesktopFlow::PageFrame, DesktopFlow::Precreate];
const MOBILE: [MobileFlow; 2] = [MobileFlow::Wap, MobileFlow::PrecreateLink];

/// Returns every set of products of each wallet, as read by the backend's configuration.
fn contracts() -> HashSet<(PaymentMethod, Vec<Product>)> {
    let folder = std::env::temp_dir().join(format!("opencashier-model-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let keys = Keys::generate().unwrap();
    let (mut tried, mut sets) = (0, Vec::new());
    let mut load = |flows: Flows, more: &str| {
        let files = ["gateways.toml", "server.toml", "more.toml"].map(|name| folder.join(name));
        let text = keys.gateways_toml("http://127.0.0.1:2", flows);
        for (file, text) in files.iter().zip([text.as_str(), SERVER, more]) {
            std::fs::write(file, text).unwrap();
        }
        tried += 1;
        match Config::load(&files, []) {
            Ok(config) => {
                sets.push((config.wechat_pay.unwrap().products, config.alipay.unwrap().products))
            }
            // Only a flow that may be requested and cannot be started is refused.
            Err(errors) => assert!(errors.to_string().contains("alipay.flows"), "{errors}"),
        }
    };
    for products in WECHAT_PAY {
        load(Flows::default(), &format!("[wechat_pay]\nproducts = {products}\n"));
    }
    for (desktop, mobile) in DESKTOP.into_iter().flat_map(|it| MOBILE.map(|mobile| (it, mobile))) {
        for flows in ALIPAY_FLOWS {
            for jsapi in [false, true] {
                let more = format!("[alipay]\nflows = {flows}\njsapi = {jsapi}\n");
                load(Flows { desktop, mobile }, &more);
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    println!("{} of {tried} configurations are taken", sets.len());
    let sets = sets.into_iter().flat_map(|(wechat_pay, alipay)| {
        [(PaymentMethod::WechatPay, wechat_pay), (PaymentMethod::Alipay, alipay)]
    });
    sets.map(|(method, set)| {
        let own = set.into_iter().filter(|product| product.method() == method);
        (method, own.collect())
    })
    .collect()
}

/// True if the widget offers a wallet that the backend refuses there. The widget then shows the
/// alternatives (`on_start_failed` of checkout).
fn is_known_refusal(method: PaymentMethod, environment: E, set: &[Product]) -> bool {
    match (method, environment) {
        // The session lists the contracts' flows without their environments: a page for desktops is
        // a redirect, too, and these apps accept only the page for phones.
        (PaymentMethod::Alipay, E::Taobao | E::Tmall | E::Dingtalk) => {
            !set.contains(&Product::Wap) && set.contains(&Product::Page)
        }
        // An environment that neither side knows counts as a desktop, where a wallet is paid by a
        // code.
        (PaymentMethod::WechatPay, E::Unknown) => !set.contains(&Product::Native),
        _ => false,
    }
}

/// True if the widget shows a guide although the backend would start a payment there.
fn is_known_caution(method: PaymentMethod, environment: E, started: Product) -> bool {
    match (method, environment) {
        // A code that this phone cannot scan is shown only on request (docs/environments.md).
        (PaymentMethod::WechatPay, E::MobileBrowser) => started == Product::Native,
        // Its bridge is new, and without a code there is no alternative (`offer`).
        (PaymentMethod::WechatPay, E::WechatDesktop) => started == Product::WechatJsapi,
        // "May load, but alipays:// is often blocked; offer open in browser" (gateways.md C1).
        (
            PaymentMethod::Alipay,
            E::Jd | E::Qq | E::Weibo | E::Douyin | E::Xiaohongshu | E::InApp,
        ) => started == Product::Wap,
        _ => false,
    }
}

#[test]
fn what_is_offered_is_started_and_what_is_guided_away_from_is_not() {
    let (mut cells, mut refusals, mut cautions) = (0, BTreeSet::new(), BTreeSet::new());
    for (method, set) in contracts() {
        let told = flows(method, &set);
        for environment in E::ALL.iter().copied().chain([E::Unknown]) {
            let here = format!("{method} in {environment} with {set:?}");
            let start = |flow| product(method, environment, flow, &set);
            let by_itself = start(None);
            // For every requested flow: a started payment has that flow, and can be paid.
            for flow in Flow::ALL.iter().copied() {
                cells += 1;
                if let Some(started) = start(Some(flow)) {
                    assert_eq!(started.flow(), flow, "{here}");
                    assert!(is_payable(started, environment), "{here}: {started:?}");
                    assert!(told.contains(&flow), "{here}: the session does not tell {flow}");
                }
            }
            cells += 1;
            assert!(by_itself.is_none_or(|it| is_payable(it, environment)), "{here}");
            match offer(method, environment, &told) {
                Offer::Pay { flow } => match start(flow) {
                    Some(started) => {
                        // The widget requests the flow that the backend would choose anyway.
                        assert_eq!(by_itself, Some(started), "{here}");
                    }
                    None => {
                        assert!(is_known_refusal(method, environment, &set), "{here}: refused");
                        refusals.insert(format!("{method} in {environment}"));
                    }
                },
                Offer::Guide(guide) => {
                    // The guide has a button "a code for another phone", which must work.
                    let has_code = told.contains(&Flow::QrCode);
                    let code = start(Some(Flow::QrCode));
                    assert_eq!(code.is_some(), has_code, "{here}: {guide:?}, its code");
                    if let Some(started) = by_itself {
                        let is_known = is_known_caution(method, environment, started);
                        assert!(is_known, "{here}: guided by {guide:?} from {started:?}");
                        cautions.insert(format!("{method} in {environment}: {started:?}"));
                    }
                    let is_mini =
                        matches!(environment, E::WechatMiniProgram | E::AlipayMiniProgram);
                    assert_eq!(guide == Guide::MiniProgram, is_mini, "{here}");
                }
            }
        }
    }
    println!(
        "{cells} cells; refused all the same: {refusals:?}; guided all the same: {cautions:?}"
    );
    // An entry of these lists that no longer occurs must be removed.
    assert_eq!((refusals.len(), cautions.len()), (4, 8), "{refusals:?} {cautions:?}");
}

#[test]
fn every_wallet_of_the_table_is_offered_if_the_backend_lists_no_flows() {
    for (method, environment, set) in [
        (PaymentMethod::WechatPay, E::MobileBrowser, Product::H5),
        (PaymentMethod::WechatPay, E::Wechat, Product::WechatJsapi),
        (PaymentMethod::WechatPay, E::Desktop, Product::Native),
        (PaymentMethod::Alipay, E::MobileBrowser, Product::Wap),
        (PaymentMethod::Alipay, E::Alipay, Product::AlipayJsapi),
        (PaymentMethod::Alipay, E::Taobao, Product::Wap),
        (PaymentMethod::Alipay, E::Desktop, Product::Page),
    ] {
        let Offer::Pay { flow } = offer(method, environment, &[]) else {
            panic!("{method} in {environment} is not offered");
        };
        assert_eq!(product(method, environment, flow, &[set]), Some(set));
    }
}
