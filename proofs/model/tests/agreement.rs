//! What the widget offers and what the backend starts, side by side: every environment, wallet,
//! set of contracts that a configuration can name, and flow (gateways.md C1 is the judge).
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
/// Sections may stand in several files; the last one wins.
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

/// Every set of products of each wallet, read by the backend's own configuration.
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
            // A flow that may be asked for and cannot be started, and nothing else.
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

/// What is offered although the backend refuses it there. The widget then says what to do
/// instead (`on_start_failed` of checkout).
fn is_known_refusal(method: PaymentMethod, environment: E, set: &[Product]) -> bool {
    match (method, environment) {
        // The session says which flows the contracts have, not where: a page for desktops is a
        // redirect too, and these apps take only the one for phones.
        (PaymentMethod::Alipay, E::Taobao | E::Tmall | E::Dingtalk) => {
            !set.contains(&Product::Wap) && set.contains(&Product::Page)
        }
        // What neither side knows is a computer, where a wallet is paid by a code.
        (PaymentMethod::WechatPay, E::Unknown) => !set.contains(&Product::Native),
        _ => false,
    }
}

/// What the widget guides away from although the backend would start something there by itself.
fn is_known_caution(method: PaymentMethod, environment: E, started: Product) -> bool {
    match (method, environment) {
        // A code that this phone cannot scan is shown by a press (docs/environments.md).
        (PaymentMethod::WechatPay, E::MobileBrowser) => started == Product::Native,
        // Its bridge is young, and without a code there is nothing else (`offer`).
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
            // Whatever is asked for: what is started looks so, and can be paid.
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
                        // What is not wished for by the page is the backend's choice anyway.
                        assert_eq!(by_itself, Some(started), "{here}");
                    }
                    None => {
                        assert!(is_known_refusal(method, environment, &set), "{here}: refused");
                        refusals.insert(format!("{method} in {environment}"));
                    }
                },
                Offer::Guide(guide) => {
                    // "A code for another phone" is a button there, so it must work.
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
    // What is on these lists and does not happen any more is to be struck off.
    assert_eq!((refusals.len(), cautions.len()), (4, 8), "{refusals:?} {cautions:?}");
}

#[test]
fn where_the_backend_is_not_heard_of_its_contracts_every_wallet_of_the_table_is_offered() {
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
