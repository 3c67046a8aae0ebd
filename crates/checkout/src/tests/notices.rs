//! Lines on the screen: each is announced once when it is shown.

use contract::{ErrorType, code};

use super::*;
use Notice as N;
use PaymentMethod::{Alipay, WechatPay};

const ALL: [N; 14] = [
    N::ChooseFirst,
    N::ConnectionLost,
    N::ShopUnreachable,
    N::ContinuedInOtherTab,
    N::StillOpen,
    N::StartFailed,
    N::MethodUnavailable,
    N::TooFast,
    N::NotPaidYet,
    N::CancelFailed,
    N::RefreshFailed,
    N::CodeExpired,
    N::WalletUnavailable,
    N::AppNotOpened,
];

fn waiting(id: &str, method: PaymentMethod) -> Session {
    session(4, Some(payment(id, method, PaymentStatus::RequiresAction)))
}

/// A payment of WeChat Pay whose next action has another type.
fn acting(kind: NextActionType, url: Option<&str>) -> Session {
    let mut payment = payment("pay_1", WechatPay, PaymentStatus::RequiresAction);
    payment.flow = if url.is_some() { Flow::QrCode } else { Flow::Jsapi };
    payment.next_action.as_mut().unwrap().kind = kind;
    payment.next_action.as_mut().unwrap().url = url.map(str::to_owned);
    session(4, Some(payment))
}

/// A start that the backend refuses.
fn refused(code: &'static str) -> Bench {
    let mut bench = Bench::selecting();
    bench.pay(WechatPay).fail(Fault::new(ErrorType::Api, code, "test"));
    bench
}

/// A checkout on whose screen the notice has just been shown. A new notice needs a line here and in
/// [`ALL`].
fn shown(notice: N) -> Bench {
    let mut bench = match notice {
        N::ChooseFirst | N::ShopUnreachable => Bench::selecting(),
        N::StartFailed => return refused(code::GATEWAY_UNAVAILABLE),
        N::MethodUnavailable => return refused(code::GATEWAY_REJECTED),
        N::TooFast => return refused(code::RATE_LIMITED),
        N::StillOpen => Bench::new(config()),
        N::WalletUnavailable => {
            Bench::new(Config { environment: Environment::Wechat, has_left: true, ..config() })
        }
        N::AppNotOpened => {
            Bench::new(Config { environment: Environment::MobileBrowser, ..config() })
        }
        N::ConnectionLost
        | N::ContinuedInOtherTab
        | N::NotPaidYet
        | N::CancelFailed
        | N::RefreshFailed
        | N::CodeExpired => Bench::awaiting(),
    };
    match notice {
        N::ChooseFirst => bench.press_pay(),
        N::ConnectionLost => {
            bench.event(Event::StreamEnded { fault: None });
            bench.wait_for_request().fail(Fault::connection());
            // Announced at the first of the failures.
            bench.wait_for_request().fail(Fault::connection())
        }
        N::ShopUnreachable => {
            bench.pay(WechatPay);
            while bench.state() == "starting" {
                bench.wait_for_request().fail(Fault::connection());
            }
            &mut bench
        }
        N::ContinuedInOtherTab => bench.push(waiting("pay_2", Alipay)),
        N::StillOpen => bench.answer(waiting("pay_1", WechatPay)),
        N::NotPaidYet => bench.event(Event::PaidClaimed).answer(waiting("pay_1", WechatPay)),
        N::CancelFailed => {
            let failed = || Fault::status(500);
            bench.event(Event::CancelRequested).fail(failed()).fail(failed())
        }
        N::RefreshFailed => bench.event(Event::RefreshRequested).fail(Fault::status(500)),
        N::CodeExpired => {
            bench.push(session(4, Some(payment("pay_1", WechatPay, PaymentStatus::Expired))))
        }
        N::WalletUnavailable => bench
            .answer(acting(NextActionType::InvokeWechatJsapi, None))
            .event(Event::BridgeReturned(BridgeOutcome::Refused)),
        N::AppNotOpened => {
            let app = "alipays://platformapi/startapp?saId=10000007";
            bench.answer(acting(NextActionType::DisplayQrCode, Some(app)));
            bench.event(Event::ContinueRequested).wait(3_000)
        }
        N::StartFailed | N::MethodUnavailable | N::TooFast => unreachable!(),
    };
    bench
}

fn announced(bench: &Bench) -> Vec<Message> {
    let announced = bench.log.iter().filter_map(|effect| match effect {
        Effect::Announce(message) => Some(*message),
        _ => None,
    });
    announced.collect()
}

#[test]
fn every_notice_is_announced_once_and_nothing_after_it() {
    assert_eq!(ALL.map(|notice| notice as usize), core::array::from_fn(|index| index));
    for notice in ALL {
        let bench = shown(notice);
        assert_eq!(bench.machine.state().notice(), Some(notice));
        let about = |message: &Message| {
            [Message::Notice(notice), Message::CodeShown(Some(notice))].contains(message)
        };
        let announced = announced(&bench);
        let count = announced.iter().filter(|message| about(message)).count();
        assert_eq!(count, 1, "{notice:?}: {announced:?}");
        assert!(announced.last().is_some_and(about), "{notice:?}: {announced:?}");
    }
}

#[test]
fn a_notice_that_is_shown_again_is_announced_again() {
    let mut bench = shown(N::RefreshFailed);
    bench.event(Event::RefreshRequested).fail(Fault::new(ErrorType::Api, code::RATE_LIMITED, ""));
    assert_eq!(announced(&bench).last(), Some(&Message::Notice(N::TooFast)));
    bench.event(Event::RefreshRequested).fail(Fault::status(500));
    assert_eq!(bench.last.first(), Some(&Effect::Announce(Message::Notice(N::RefreshFailed))));
    let mut bench = shown(N::ChooseFirst);
    bench.press_pay();
    assert!(bench.last.contains(&Effect::Announce(Message::Notice(N::ChooseFirst))));
}

#[test]
fn a_start_that_fails_on_the_selector_is_announced_there() {
    // Without randomness the state stays the same.
    let mut bench = Bench::selecting();
    bench.allows = None;
    bench.pay(WechatPay);
    let allowed = Event::PageAnswered { question: QuestionId(1), is_allowed: true };
    bench.event(allowed).event(Event::KeyTaken { question: QuestionId(2), key: None });
    assert_eq!(bench.machine.state().notice(), Some(N::StartFailed));
    assert!(bench.last.contains(&Effect::Announce(Message::Notice(N::StartFailed))));
}
