//! Environments in which a wallet does not open, and returning from those in which it does.

use contract::{ErrorType, PaymentMethodOption, code};

use super::*;
use Environment as E;
use PaymentMethod::{Alipay, WechatPay};

const HERE: Offer = Offer::Pay { flow: None };
const CODE: Offer = Offer::Pay { flow: Some(Flow::QrCode) };
const BRIDGE: Offer = Offer::Pay { flow: Some(Flow::Jsapi) };
const BROWSER: Offer = Offer::Guide(Guide::OpenInBrowser);
const PHONE: Offer = Offer::Guide(Guide::OtherPhone);
const ONLY_PHONE: Offer = Offer::Guide(Guide::OnlyOtherPhone);
const MINI: Offer = Offer::Guide(Guide::MiniProgram);

/// docs/gateways.md C1, every cell: environment, Alipay, WeChat Pay.
const MATRIX: [(E, Offer, Offer); 18] = [
    (E::Desktop, HERE, CODE),
    (E::WechatDesktop, CODE, CODE),
    (E::MobileBrowser, HERE, HERE),
    (E::Wechat, BROWSER, BRIDGE),
    (E::Wecom, BROWSER, BROWSER),
    (E::Alipay, HERE, PHONE),
    (E::WechatMiniProgram, MINI, MINI),
    (E::AlipayMiniProgram, MINI, MINI),
    (E::Taobao, HERE, BROWSER),
    (E::Tmall, HERE, BROWSER),
    (E::Dingtalk, HERE, BROWSER),
    (E::Jd, BROWSER, BROWSER),
    (E::Qq, BROWSER, BROWSER),
    (E::Weibo, BROWSER, BROWSER),
    (E::Douyin, BROWSER, BROWSER),
    (E::Xiaohongshu, BROWSER, BROWSER),
    (E::InApp, BROWSER, BROWSER),
    (E::Unknown, HERE, HERE),
];

/// Returns a text member of a row of a table in JSON.
fn member<'a>(row: &'a str, name: &str) -> &'a str {
    let (_, rest) = row.split_once(&format!("\"{name}\": \"")).unwrap();
    rest.split_once('"').unwrap().0
}

#[test]
fn every_cell_of_the_matrix_is_offered_as_the_gateways_allow() {
    for environment in E::ALL {
        let known = MATRIX.iter().find(|(named, ..)| named == environment);
        let (_, alipay, wechat_pay) = known.unwrap_or_else(|| panic!("no row of {environment:?}"));
        assert_eq!(offer(Alipay, *environment, &[]), *alipay, "Alipay in {environment:?}");
        assert_eq!(offer(WechatPay, *environment, &[]), *wechat_pay, "WeChat Pay, {environment:?}");
    }
}

/// The table of user agents says the same; `www/environment.js` is tested against it.
#[test]
fn every_user_agent_is_offered_what_its_row_says() {
    let table = include_str!("../../../../tests/environment/agents.json");
    let mut rows = 0;
    for row in table.lines().filter(|line| line.contains(r#""agent":"#)) {
        let member = |name| member(row, name);
        let environment = Environment::parse(member("environment"));
        assert_ne!(environment, E::Unknown, "{row}");
        for method in [Alipay, WechatPay] {
            let expected = match member(method.as_str()) {
                "here" => HERE,
                "qr_code" => CODE,
                "jsapi" => BRIDGE,
                "open_in_browser" => BROWSER,
                "other_phone" => PHONE,
                "mini_program" => MINI,
                other => panic!("{other} in {row}"),
            };
            assert_eq!(offer(method, environment, &[]), expected, "{method}: {row}");
        }
        rows += 1;
    }
    assert!(rows >= 150, "{rows} user agents");
}

#[test]
fn flows_without_a_contract_are_not_offered() {
    let rows: [(PaymentMethod, E, &[Flow], Offer); 11] = [
        (WechatPay, E::MobileBrowser, &[Flow::QrCode], ONLY_PHONE),
        (WechatPay, E::MobileBrowser, &[Flow::QrCode, Flow::Jsapi], PHONE),
        (WechatPay, E::MobileBrowser, &[Flow::Redirect], HERE),
        // A code in WeChat is of no use on this phone (docs/gateways.md D24).
        (WechatPay, E::Wechat, &[Flow::QrCode], ONLY_PHONE),
        (WechatPay, E::Wechat, &[Flow::Redirect], BROWSER),
        (WechatPay, E::Desktop, &[Flow::Jsapi], PHONE),
        // The phone's browser opens WeChat by H5.
        (WechatPay, E::Alipay, &[Flow::Redirect], BROWSER),
        (Alipay, E::WechatDesktop, &[Flow::Redirect], BROWSER),
        (Alipay, E::Desktop, &[Flow::Redirect], HERE),
        // The cashier that Alibaba's own apps have inside is a page.
        (Alipay, E::Taobao, &[Flow::QrCode], BROWSER),
        (Alipay, E::Taobao, &[Flow::QrCode, Flow::Redirect], HERE),
    ];
    for (method, environment, flows, expected) in rows {
        assert_eq!(offer(method, environment, flows), expected, "{method} {environment} {flows:?}");
    }
}

#[test]
fn b27_nobody_is_sent_to_an_app_that_sends_them_back() {
    for flows in flow_sets() {
        for environment in E::ALL {
            let Offer::Guide(guide) = offer(WechatPay, *environment, &flows) else { continue };
            // "Open the link in WeChat" is said only where WeChat pays by it.
            let Offer::Pay { .. } = offer(WechatPay, E::Wechat, &flows) else {
                assert_ne!(guide, Guide::OtherPhone, "{environment} {flows:?}");
                continue;
            };
            assert_ne!((guide, *environment), (Guide::OtherPhone, E::Wechat), "{flows:?}");
        }
    }
}

/// Every set of flows; the empty one is of a backend that does not tell.
fn flow_sets() -> Vec<Vec<Flow>> {
    let of = |bits: usize| {
        let flows = [Flow::QrCode, Flow::Redirect, Flow::Jsapi].into_iter().enumerate();
        flows.filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, flow)| flow).collect()
    };
    (0..8).map(of).collect()
}

fn choosing(environment: Environment, flows: &[Flow]) -> Bench {
    let mut bench = Bench::new(Config { environment, ..config() });
    let options = [Alipay, WechatPay]
        .map(|payment_method| PaymentMethodOption { payment_method, flows: flows.to_vec() });
    bench.answer(Session { payment_method_options: options.into(), ..session(1, None) });
    bench
}

/// Issue 18, row 7: the wallet that works in an app is first and says so; the other says before the
/// press what it takes.
#[test]
fn row_7_the_wallet_that_works_in_an_app_is_first_and_the_other_says_what_it_takes() {
    let (here, browser) = (Some(RowHint::OpensHere), Some(RowHint::OpensInBrowser));
    let phone = Some(RowHint::TakesOtherPhone);
    for (environment, first, first_hint, second, second_hint) in [
        (E::Desktop, Alipay, None, WechatPay, None),
        (E::MobileBrowser, Alipay, None, WechatPay, None),
        (E::WechatDesktop, Alipay, None, WechatPay, None),
        (E::Wechat, WechatPay, here, Alipay, browser),
        (E::Alipay, Alipay, here, WechatPay, phone),
        (E::Taobao, Alipay, here, WechatPay, browser),
        (E::Tmall, Alipay, here, WechatPay, browser),
        (E::Dingtalk, Alipay, here, WechatPay, browser),
        (E::Qq, Alipay, browser, WechatPay, browser),
        (E::Jd, Alipay, browser, WechatPay, browser),
        (E::Douyin, Alipay, browser, WechatPay, browser),
        (E::WechatMiniProgram, Alipay, browser, WechatPay, browser),
    ] {
        let bench = choosing(environment, &[]);
        let machine = &bench.machine;
        assert_eq!(machine.methods(), [first, second], "{environment}");
        let hints = (machine.row_hint(first), machine.row_hint(second));
        assert_eq!(hints, (first_hint, second_hint), "{environment}");
    }
}

/// The prerendered selector is tested against the same table (`www/row-hints.js`).
#[test]
fn row_7_the_rows_are_those_of_the_prerendered_selector() {
    let table = include_str!("../../../../tests/environment/rows.json");
    let mut rows = 0;
    for row in table.lines().filter(|line| line.contains(r#""environment":"#)) {
        let member = |name| member(row, name);
        let flows: Vec<Flow> = member("flows").split_whitespace().map(Flow::parse).collect();
        let bench = choosing(Environment::parse(member("environment")), &flows);
        let machine = &bench.machine;
        assert_eq!(machine.methods()[0].as_str(), member("first"), "{row}");
        for method in [Alipay, WechatPay] {
            let hint = match machine.row_hint(method) {
                None => "",
                Some(RowHint::OpensHere) => "opens_here",
                Some(RowHint::OpensInBrowser) => "opens_in_browser",
                Some(RowHint::TakesOtherPhone) => "takes_other_phone",
            };
            assert_eq!(hint, member(method.as_str()), "{method}: {row}");
        }
        rows += 1;
    }
    assert_eq!(rows, 8 * E::ALL.len(), "each environment with each set of flows");
}

#[test]
fn row_7_a_phone_without_the_h5_contract_says_that_wechat_pay_takes_another_phone() {
    let bench = choosing(E::MobileBrowser, &[Flow::QrCode]);
    assert_eq!(bench.machine.row_hint(WechatPay), Some(RowHint::TakesOtherPhone));
    assert_eq!(bench.machine.row_hint(Alipay), None, "as everywhere on a phone");
}

#[test]
fn row_7_the_pages_order_holds_among_the_wallets_that_work_here() {
    let order = vec![Alipay, WechatPay];
    for (environment, expected) in
        [(E::Wechat, [WechatPay, Alipay]), (E::MobileBrowser, [Alipay, WechatPay])]
    {
        let config = Config { environment, payment_method_order: order.clone(), ..config() };
        let mut bench = Bench::new(config);
        bench.answer(session(1, None));
        assert_eq!(bench.machine.methods(), expected, "{environment}");
    }
}

fn inside(environment: Environment) -> Bench {
    let mut bench = Bench::new(Config { environment, ..config() });
    bench.answer(session(1, None));
    bench
}

fn guiding(bench: &Bench) -> &Guiding {
    let State::Guiding(guiding) = bench.machine.state() else { panic!("{}", bench.state()) };
    guiding
}

fn started(bench: &Bench) -> Option<Flow> {
    let Some(Call::Start(body, _)) = bench.calls().last().cloned() else { panic!("no start") };
    body.flow
}

#[test]
fn d23_alipay_in_wechat_is_explained_before_anything_is_started() {
    let mut bench = inside(E::Wechat);
    bench.pay(Alipay);
    let expected = Guiding { method: Alipay, guide: Guide::OpenInBrowser, has_code: true };
    assert_eq!(guiding(&bench), &expected);
    assert!(bench.starts().is_empty());
    assert!(bench.last.contains(&Effect::Announce(Message::Guided)));
    bench.event(Event::SwitchRequested).pay(WechatPay);
    assert_eq!(started(&bench), Some(Flow::Jsapi));
}

#[test]
fn a_code_for_another_phone_is_started_as_qr_code() {
    let mut bench = inside(E::Alipay);
    bench.pay(WechatPay);
    assert_eq!(guiding(&bench).guide, Guide::OtherPhone);
    bench.wait(1_000).press_pay();
    assert_eq!((bench.state(), started(&bench)), ("starting", Some(Flow::QrCode)));
    // A reload while it is being started asks for the same again, under the same key.
    let remembered = Some(Intent { payment_method: WechatPay, key: "key_2".to_owned() });
    let mut again = Bench::new(Config { environment: E::Alipay, remembered, ..config() });
    let bare =
        Payment { next_action: None, ..payment("pay_1", WechatPay, PaymentStatus::Processing) };
    again.answer(session(2, Some(bare)));
    assert_eq!((again.starts(), started(&again)), (vec!["key_2".to_owned()], Some(Flow::QrCode)));
}

#[test]
fn d24_no_code_is_offered_where_the_contracts_have_none() {
    let mut bench = Bench::new(Config { environment: E::Wechat, ..config() });
    let flows = vec![Flow::Redirect];
    let options = vec![PaymentMethodOption { payment_method: Alipay, flows }];
    bench.answer(Session { payment_method_options: options, ..session(1, None) });
    bench.pay(Alipay);
    assert!(!guiding(&bench).has_code);
    bench.wait(1_000).press_pay();
    assert_eq!((bench.state(), bench.starts().len()), ("guiding", 0));
}

#[test]
fn a_flow_refused_in_an_app_leads_to_the_browser_guide() {
    let refusal = || Fault {
        retryable: false,
        ..Fault::new(ErrorType::InvalidRequest, code::FLOW_UNAVAILABLE, "test")
    };
    let mut bench = inside(E::Taobao);
    bench.pay(Alipay).fail(refusal());
    let expected = Guiding { method: Alipay, guide: Guide::OpenInBrowser, has_code: false };
    assert_eq!(guiding(&bench), &expected);
    let mut desktop = inside(E::Desktop);
    desktop.pay(Alipay).fail(refusal());
    assert_eq!(desktop.state(), "selecting");
}

#[test]
fn a_guide_stays_while_the_left_payment_is_open_and_ends_when_it_is_paid() {
    let mut bench = inside(E::Wechat);
    bench.pay(WechatPay);
    let bridge = bridge(NextActionType::InvokeWechatJsapi);
    bench.answer(session(2, Some(bridge.clone())));
    bench.event(Event::SwitchRequested).pay(Alipay);
    bench.push(session(3, Some(bridge)));
    assert_eq!(bench.state(), "guiding");
    bench.event(Event::PageHidden).event(Event::PageShown);
    assert_eq!(bench.calls().last(), Some(&Call::Read));
    let paid = payment("pay_1", WechatPay, PaymentStatus::Succeeded);
    bench.answer(Session { status: SessionStatus::Complete, ..session(4, Some(paid)) });
    assert_eq!(bench.state(), "succeeded");
}

#[test]
fn the_pages_flow_is_used_only_where_there_is_a_choice() {
    let wishing = |flow, flows: &[Flow]| {
        let mut bench = Bench::new(Config { flow: Some(flow), ..config() });
        let options = [Alipay, WechatPay]
            .map(|payment_method| PaymentMethodOption { payment_method, flows: flows.to_vec() });
        bench.answer(Session { payment_method_options: options.into(), ..session(1, None) });
        bench
    };
    let mut bench = wishing(Flow::Redirect, &[]);
    bench.pay(WechatPay);
    assert_eq!(started(&bench), Some(Flow::QrCode), "a computer has nothing but the code");
    let mut alipay = wishing(Flow::Redirect, &[]);
    alipay.pay(Alipay);
    assert_eq!(started(&alipay), Some(Flow::Redirect));
    let mut without = wishing(Flow::Redirect, &[Flow::QrCode]);
    without.pay(Alipay);
    assert_eq!(started(&without), None, "the merchant has no contract for it");
}

fn acting(kind: NextActionType, url: Option<&str>) -> Payment {
    let mut acting = payment("pay_1", Alipay, PaymentStatus::RequiresAction);
    if let Some(action) = &mut acting.next_action {
        action.kind = kind;
        action.url = url.map(str::to_owned);
    }
    acting
}

fn bridge(kind: NextActionType) -> Payment {
    Payment { payment_method: WechatPay, flow: Flow::Jsapi, ..acting(kind, None) }
}

const APP: &str =
    "alipays://platformapi/startapp?saId=10000007&qrcode=https%3A%2F%2Fqr.alipay.com%2Fx";

#[test]
fn d26_the_app_opens_on_a_press_and_its_absence_is_shown_beside_the_code() {
    let mut bench = inside(E::MobileBrowser);
    bench.pay(Alipay).answer(session(2, Some(acting(NextActionType::DisplayQrCode, Some(APP)))));
    assert!(
        !bench.log.contains(&Effect::Navigate(APP.to_owned())),
        "the app opens only by a press"
    );
    bench.event(Event::ContinueRequested);
    assert!(bench.last.contains(&Effect::Navigate(APP.to_owned())));
    bench.wait(2_100);
    let State::Awaiting(awaiting) = bench.machine.state().clone() else { panic!() };
    assert_eq!(awaiting.notice, None);
    bench.wait(200);
    let State::Awaiting(awaiting) = bench.machine.state().clone() else { panic!() };
    assert_eq!(awaiting.notice, Some(Notice::AppNotOpened));

    // Where it opens, the page is covered, and asked about once it is back.
    bench.event(Event::ContinueRequested).event(Event::PageHidden).wait(60_000);
    bench.event(Event::PageShown);
    assert_eq!(bench.calls().last(), Some(&Call::Check("pay_1".to_owned())));
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!() };
    assert_eq!(awaiting.notice, None);
}

#[test]
fn only_the_apps_own_address_is_an_app_address() {
    for url in ["https://evil.example/", "alipays://evil", "javascript:alert(1)", "weixin://x"] {
        let mut bench = inside(E::MobileBrowser);
        bench
            .pay(Alipay)
            .answer(session(2, Some(acting(NextActionType::DisplayQrCode, Some(url)))));
        let State::Unavailable { fault } = bench.machine.state() else { panic!("{url}") };
        assert_eq!(fault.code, code::NEXT_ACTION_REFUSED);
    }
    // And it is no page to go to.
    let mut bench = Bench::selecting();
    bench.pay(Alipay).answer(session(2, Some(acting(NextActionType::RedirectToUrl, Some(APP)))));
    assert_eq!(bench.state(), "unavailable");
}

#[test]
fn a_frame_is_shown_again_after_a_reload_and_its_page_can_be_opened() {
    let url = "https://openapi.alipay.com/gateway.do?qr_pay_mode=4";
    let mut bench = Bench::new(config());
    bench.answer(session(2, Some(acting(NextActionType::DisplayFrame, Some(url)))));
    assert_eq!(bench.state(), "awaiting");
    assert_eq!(bench.emitted(&HostEvent::ActionHandled(HandledAction::QrCodeLoaded)), 1);
    bench.event(Event::ContinueRequested);
    assert!(bench.last.contains(&Effect::Navigate(url.to_owned())));

    let mut refused = Bench::selecting();
    let stranger = acting(NextActionType::DisplayFrame, Some("https://evil.example/"));
    refused.pay(Alipay).answer(session(2, Some(stranger)));
    assert_eq!(refused.state(), "unavailable");
}

#[test]
fn an_expired_h5_address_is_refreshed_and_not_followed() {
    let url = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=1";
    let mut short = Payment { payment_method: WechatPay, ..redirect("pay_1", url) };
    if let Some(action) = &mut short.next_action {
        action.expires_at = Some(Timestamp::from_unix_ms(SERVER_START + 300_000));
    }
    let mut bench = inside(E::MobileBrowser);
    bench.pay(WechatPay).answer(session(2, Some(short.clone())));
    assert!(bench.last.contains(&Effect::Navigate(url.to_owned())));
    bench.event(Event::PageHidden).wait(400_000);
    bench.event(Event::PageShown);
    assert_eq!(bench.calls().last(), Some(&Call::Check("pay_1".to_owned())));
    bench.answer(session(2, Some(short))).event(Event::ContinueRequested);
    assert!(!bench.last.iter().any(|effect| matches!(effect, Effect::Navigate(_))));
    assert_eq!(bench.calls().last(), Some(&Call::Refresh("pay_1".to_owned())));
    let fresh = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=2";
    let fresh = Payment { payment_method: WechatPay, ..redirect("pay_1", fresh) };
    bench.answer(session(3, Some(fresh))).event(Event::ContinueRequested);
    assert!(bench.last.iter().any(|effect| matches!(effect, Effect::Navigate(_))));
}

#[test]
fn d21_an_unpaid_return_from_h5_is_shown_and_can_be_continued() {
    let url = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=1";
    let found = || Some(Payment { payment_method: WechatPay, ..redirect("pay_1", url) });
    let mut bench =
        Bench::new(Config { environment: E::MobileBrowser, has_left: true, ..config() });
    bench.answer(session(2, found()));
    assert_eq!(bench.state(), "confirming");
    assert_eq!(bench.calls().last(), Some(&Call::Check("pay_1".to_owned())));
    bench.answer(session(2, found()));
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!("{}", bench.state()) };
    assert_eq!(awaiting.notice, Some(Notice::NotPaidYet));
    assert!(bench.last.contains(&Effect::Announce(Message::Notice(Notice::NotPaidYet))));
    // WeChat covers the page only now; the shopper pays there and returns manually.
    bench.event(Event::PageHidden).event(Event::PageShown);
    assert_eq!(bench.calls().last(), Some(&Call::Check("pay_1".to_owned())));
}

#[test]
fn after_sign_in_the_bridge_is_called_once_automatically_then_by_the_button() {
    let calls = |bench: &Bench| {
        let is_call = |effect: &&Effect| matches!(effect, Effect::InvokeBridge(..));
        bench.log.iter().filter(is_call).count()
    };
    let found = || session(2, Some(bridge(NextActionType::InvokeWechatJsapi)));
    let mut bench = Bench::new(Config { environment: E::Wechat, has_left: true, ..config() });
    bench.answer(found());
    assert_eq!((bench.state(), calls(&bench)), ("awaiting", 1));
    bench.event(Event::BridgeReturned(BridgeOutcome::Left));
    assert_eq!(bench.calls().last(), Some(&Call::Check("pay_1".to_owned())));
    bench.answer(found());
    assert_eq!((bench.state(), calls(&bench)), ("awaiting", 1));
    bench.event(Event::ContinueRequested);
    assert_eq!(calls(&bench), 2);
    bench.event(Event::BridgeReturned(BridgeOutcome::MaybePaid));
    assert_eq!(bench.state(), "confirming", "a bridge's result proves nothing");

    // After a later reload the payment may be paid, so the backend is checked first.
    let mut reloaded = Bench::new(Config { environment: E::Wechat, ..config() });
    reloaded.answer(found());
    assert_eq!((reloaded.state(), calls(&reloaded)), ("confirming", 0));
}

#[test]
fn the_wallets_reason_for_a_refusal_reaches_the_page_and_is_cut() {
    let message = |event: Event| {
        let mut bench = Bench::new(Config { environment: E::Wechat, has_left: true, ..config() });
        bench.answer(session(2, Some(bridge(NextActionType::InvokeWechatJsapi))));
        bench.event(event);
        let fault = bench.log.iter().find_map(|effect| match effect {
            Effect::Emit(HostEvent::Error(fault)) => Some(fault.message.clone()),
            _ => None,
        });
        fault.expect("an error event")
    };
    let refused = |reason: &str| message(Event::BridgeRefused { reason: reason.to_owned() });
    assert_eq!(
        refused("get_brand_wcpay_request:fail the page is not registered"),
        "the wallet refused: get_brand_wcpay_request:fail the page is not registered"
    );
    assert_eq!(refused(&"长".repeat(1_000)).chars().count(), 220);
    let missing = "the wallet's bridge is not there";
    assert_eq!(refused(""), missing);
    assert_eq!(message(Event::BridgeReturned(BridgeOutcome::Refused)), missing);
}

const OAUTH: &str = "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1";

/// A payment that was started inside WeChat: its bridge, or the page that asks who pays.
fn started_in_wechat(action: NextActionType) -> Payment {
    let url = (action == NextActionType::RedirectToUrl).then_some(OAUTH);
    Payment { payment_method: WechatPay, flow: Flow::Jsapi, ..acting(action, url) }
}

/// A page in another environment that reads this payment.
fn elsewhere(environment: E, payment: Payment) -> Bench {
    let mut bench = Bench::new(Config { environment, ..config() });
    bench.answer(session(2, Some(payment)));
    bench
}

fn follows_nothing(bench: &Bench) -> bool {
    let leaves = |effect: &Effect| matches!(effect, Effect::InvokeBridge(..) | Effect::Navigate(_));
    !bench.log.iter().any(leaves)
}

#[test]
fn a_payment_started_in_wechat_is_restarted_elsewhere_under_another_key() {
    for action in [NextActionType::InvokeWechatJsapi, NextActionType::RedirectToUrl] {
        let mut bench = elsewhere(E::MobileBrowser, started_in_wechat(action));
        // Reported without waiting for a bridge; a check follows, as it may be paid.
        assert_eq!(bench.state(), "awaiting");
        assert!(bench.machine.is_started_elsewhere());
        assert_eq!(bench.calls().last(), Some(&Call::Check("pay_1".to_owned())));
        assert!(follows_nothing(&bench));
        bench.answer(session(2, Some(started_in_wechat(action))));
        assert!(bench.machine.is_started_elsewhere(), "it stays so");
        bench.press_pay();
        assert_eq!((bench.state(), started(&bench)), ("starting", None));
        // Updates of the old payment have no effect.
        bench.push(session(3, Some(started_in_wechat(action))));
        assert_eq!(bench.state(), "starting");
        let url = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=1";
        let h5 = Payment { payment_method: WechatPay, ..redirect("pay_2", url) };
        bench.answer(session(4, Some(h5)));
        assert_eq!(bench.state(), "awaiting");
        assert!(!bench.machine.is_started_elsewhere());
        assert!(bench.last.contains(&Effect::Navigate(url.to_owned())));
    }
}

#[test]
fn the_key_of_a_payment_started_elsewhere_is_not_reused() {
    let remembered = Intent { payment_method: WechatPay, key: "old".to_owned() };
    let config = Config { remembered: Some(remembered), ..config() };
    let mut bench = Bench::new(config);
    let old = || session(2, Some(started_in_wechat(NextActionType::InvokeWechatJsapi)));
    bench.answer(old());
    assert!(bench.last.contains(&Effect::Forget));
    bench.press_pay();
    assert_eq!(started(&bench), Some(Flow::QrCode));
    // The start was lost before it was served: the old payment is still active, and the start is retried.
    bench.fail(Fault::timed_out()).wait_for_request();
    assert_eq!(bench.calls().last(), Some(&Call::Read));
    bench.answer(old());
    assert_eq!(bench.state(), "starting");
    assert_eq!(bench.starts(), ["key_1", "key_1"]);
}

/// The name of the screen, and true if the last event moves the focus.
fn screen(bench: &Bench) -> (&'static str, bool) {
    let state = bench.machine.state();
    (state.screen_name(), bench.last.contains(&Effect::FocusScreen))
}

#[test]
fn a_start_stays_on_the_guide_until_its_code_is_there() {
    let mut bench = inside(E::Wechat);
    bench.pay(Alipay).wait(1_000).press_pay();
    assert_eq!((bench.state(), screen(&bench)), ("starting", ("guiding", false)));
    bench.wait(5_000);
    let State::Starting(starting) = bench.machine.state() else { panic!("{}", bench.state()) };
    assert!(starting.is_slow);
    let guide = Guiding { method: Alipay, guide: Guide::OpenInBrowser, has_code: true };
    assert_eq!(starting.origin, Origin::Guide(guide));
    bench.answer(session(2, Some(acting(NextActionType::DisplayQrCode, None))));
    assert_eq!((bench.state(), screen(&bench)), ("awaiting", ("awaiting", true)));
}

#[test]
fn a_start_stays_on_the_payment_that_it_replaces() {
    let old = started_in_wechat(NextActionType::InvokeWechatJsapi);
    let mut bench = elsewhere(E::Desktop, old.clone());
    bench.answer(session(2, Some(old))).press_pay();
    assert_eq!((bench.state(), screen(&bench)), ("starting", ("awaiting", false)));
    let shown = bench.machine.state().shown_payment().expect("the payment");
    assert_eq!(shown.payment_id, "pay_1");
    let code = payment("pay_2", WechatPay, PaymentStatus::RequiresAction);
    bench.answer(session(3, Some(code)));
    assert_eq!((bench.state(), screen(&bench)), ("awaiting", ("awaiting", true)));
}

#[test]
fn a_start_that_fails_outside_the_selector_leads_to_it() {
    let refused = || Fault::new(ErrorType::Api, code::GATEWAY_REJECTED, "test");
    let mut guided = inside(E::Wechat);
    guided.pay(Alipay).wait(1_000).press_pay().fail(refused());
    let mut left = elsewhere(E::Desktop, started_in_wechat(NextActionType::InvokeWechatJsapi));
    left.press_pay().fail(refused());
    // Without an answer, the shopper turns away.
    let mut slow = inside(E::Wechat);
    slow.pay(Alipay).wait(1_000).press_pay().wait(5_000).event(Event::SwitchRequested);
    for (bench, picked) in [(guided, Some(Alipay)), (left, Some(WechatPay)), (slow, None)] {
        assert_eq!(screen(&bench), ("selecting", true));
        let State::Selecting(selecting) = bench.machine.state() else {
            panic!("{}", bench.state())
        };
        assert_eq!(selecting.selected, picked);
        let line = picked.map(|_| Notice::MethodUnavailable);
        assert_eq!(selecting.notice, line);
        let refusal = picked.is_none().then_some(PayRefusal::NothingPicked);
        assert_eq!(bench.machine.pay_refusal(), refusal, "it can be paid");
    }
}

#[test]
fn a_payment_started_elsewhere_leads_to_the_guide_of_its_wallet() {
    let mut bench = elsewhere(E::Taobao, started_in_wechat(NextActionType::InvokeWechatJsapi));
    bench.press_pay();
    assert_eq!(guiding(&bench).guide, Guide::OpenInBrowser);
    assert_eq!(bench.starts().len(), 0);
    bench.push(session(3, Some(started_in_wechat(NextActionType::InvokeWechatJsapi))));
    assert_eq!(bench.state(), "guiding", "the left payment is not shown again");
    bench.wait(1_000).press_pay();
    assert_eq!(started(&bench), Some(Flow::QrCode), "a code for another phone");
}

#[test]
fn only_a_payment_that_cannot_continue_here_is_restarted() {
    let by = |payment_method, flow| Payment {
        payment_method,
        flow,
        ..acting(NextActionType::RedirectToUrl, Some("https://openapi.alipay.com/gateway.do"))
    };
    for (method, flow, environment, is_lost) in [
        (WechatPay, Flow::Jsapi, E::Wechat, false),
        (WechatPay, Flow::Jsapi, E::WechatDesktop, true),
        (WechatPay, Flow::Jsapi, E::Alipay, true),
        (WechatPay, Flow::Jsapi, E::Unknown, false),
        (Alipay, Flow::Jsapi, E::Alipay, false),
        (Alipay, Flow::Jsapi, E::Desktop, true),
        (Alipay, Flow::Jsapi, E::Unknown, false),
        (WechatPay, Flow::Redirect, E::Wechat, true),
        (WechatPay, Flow::Redirect, E::MobileBrowser, false),
        (Alipay, Flow::Redirect, E::Wechat, false),
        (WechatPay, Flow::QrCode, E::Wechat, false),
    ] {
        let bench = elsewhere(environment, by(method, flow));
        assert_eq!(bench.machine.is_started_elsewhere(), is_lost, "{method} {flow} {environment}");
        // "Pay" has no effect if the payment can continue.
        let mut pressed = bench;
        pressed.press_pay();
        let calls = pressed.starts().len();
        let is_guided = pressed.state() == "guiding";
        assert_eq!(calls == 1 || is_guided, is_lost, "{method} {flow} {environment}");
    }
}
