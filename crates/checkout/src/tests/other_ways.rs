//! Other tabs, starts without an answer, and shops that cannot be reached.

use super::*;

const WECHAT: PaymentMethod = PaymentMethod::WechatPay;
const ALIPAY: PaymentMethod = PaymentMethod::Alipay;

fn canceled() -> Session {
    session(3, Some(payment("pay_1", WECHAT, PaymentStatus::Canceled)))
}

fn replacement() -> Session {
    session(5, Some(payment("pay_2", ALIPAY, PaymentStatus::RequiresAction)))
}

fn shown(bench: &Bench) -> &str {
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!("{}", bench.state()) };
    &awaiting.payment_id
}

fn is_slow(bench: &Bench) -> bool {
    let State::Starting(starting) = bench.machine.state() else { panic!("{}", bench.state()) };
    starting.is_slow
}

#[test]
fn another_tabs_payment_is_shown_after_it_closed_this_tabs() {
    let mut bench = Bench::awaiting();
    bench.push(canceled());
    assert_eq!(bench.state(), "canceled");
    assert!(!bench.last.contains(&Effect::CloseStream), "the stream must deliver the other one");
    bench.push(replacement());
    assert_eq!(shown(&bench), "pay_2");
    assert_eq!(bench.emitted(&HostEvent::ActionHandled(HandledAction::QrCodeLoaded)), 2);
}

#[test]
fn a_poll_finds_another_tabs_payment_without_a_stream() {
    let mut bench = Bench::awaiting();
    bench.event(Event::StreamEnded { fault: None });
    bench.wait_for_request().answer(canceled());
    assert_eq!(bench.state(), "canceled");
    bench.wait_for_request();
    assert_eq!(bench.calls().last(), Some(&Call::Read));
    bench.answer(replacement());
    assert_eq!(shown(&bench), "pay_2");
}

#[test]
fn polls_replace_a_stream_that_breaks_after_the_end_of_a_payment() {
    let mut bench = Bench::awaiting();
    bench.push(canceled()).event(Event::StreamEnded { fault: None });
    let asked_at = bench.now;
    bench.wait_for_request();
    assert!(bench.now.0 - asked_at.0 <= 3_000, "asked after {} ms", bench.now.0 - asked_at.0);
}

#[test]
fn a_canceled_or_failed_screen_follows_another_tabs_payment() {
    let mut off = Bench::awaiting();
    off.event(Event::CancelRequested).answer(canceled());
    assert_eq!(off.state(), "canceled");
    off.push(replacement());
    assert_eq!(shown(&off), "pay_2");

    let mut failed = Bench::awaiting();
    failed.push(session(3, Some(payment("pay_1", WECHAT, PaymentStatus::Failed))));
    assert_eq!(failed.state(), "failed");
    failed.push(replacement());
    assert_eq!(shown(&failed), "pay_2");
}

#[test]
fn the_end_of_another_tabs_payment_is_shown() {
    for (status, state) in [
        (PaymentStatus::Canceled, "canceled"),
        (PaymentStatus::Failed, "failed"),
        (PaymentStatus::Expired, "selecting"),
    ] {
        let mut bench = Bench::awaiting();
        bench.push(session(6, Some(payment("pay_2", ALIPAY, status))));
        assert_eq!(bench.state(), state);
        if let State::Selecting(selecting) = bench.machine.state() {
            assert_eq!(selecting.notice, Some(Notice::CodeExpired));
        } else {
            bench.event(Event::RetryRequested);
            assert_eq!(bench.state(), "selecting", "and an action is offered");
        }
    }
}

#[test]
fn a_selector_learns_within_a_minute_that_another_window_paid() {
    let mut bench = Bench::selecting();
    bench.wait(59_000);
    assert!(bench.machine.awaited().is_none());
    bench.wait(1_000);
    assert_eq!(bench.calls().last(), Some(&Call::Read));
    bench.answer(session(1, None)).wait(60_000);
    let paid = payment("pay_9", ALIPAY, PaymentStatus::Succeeded);
    bench.answer(Session { status: SessionStatus::Complete, ..session(4, Some(paid)) });
    assert_eq!(bench.state(), "succeeded");
    assert_eq!(bench.machine.next_deadline(), None);
}

#[test]
fn a_hidden_selector_asks_nothing() {
    let mut bench = Bench::selecting();
    let calls = bench.calls().len();
    bench.event(Event::PageHidden).wait(600_000);
    assert_eq!(bench.calls().len(), calls);
}

#[test]
fn an_ended_session_is_not_watched() {
    let mut bench = Bench::awaiting();
    bench.push(Session { status: SessionStatus::Canceled, ..canceled() });
    assert!(bench.last.contains(&Effect::CloseStream));
    assert_eq!(bench.machine.next_deadline(), None);
}

#[test]
fn a_slow_start_is_marked_slow_within_five_seconds() {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT).wait(3_900);
    assert!(!is_slow(&bench), "what takes as long as usual needs no other way");
    bench.wait(1_000);
    assert!(is_slow(&bench));
    assert_eq!(bench.calls().len(), 2, "the start continues");
}

#[test]
fn a_start_without_an_answer_fails_within_a_minute() {
    let mut bench = Bench::selecting();
    let start = bench.now;
    bench.pay(WECHAT);
    while bench.state() == "starting" {
        match bench.calls().last() {
            Some(Call::Read) if bench.machine.awaited().is_some() => {
                bench.answer(session(1, None));
            }
            _ => {
                let next = bench.machine.next_deadline().expect("a limit");
                bench.wait(next.0 - bench.now.0);
            }
        }
    }
    assert!(bench.now.0 - start.0 <= 60_000, "{} ms", bench.now.0 - start.0);
    assert!(bench.starts().iter().all(|key| key == "key_1"));
}

#[test]
fn a_left_start_is_read_and_its_code_is_not_shown() {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT).wait(5_000).event(Event::SwitchRequested);
    assert_eq!(bench.state(), "selecting");
    assert_eq!(bench.calls().last(), Some(&Call::Read));
    // It had arrived; its code is not shown, as the shopper wants another wallet.
    bench.answer(session(2, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction))));
    assert_eq!(bench.state(), "selecting");
    bench.pay(ALIPAY);
    assert_eq!(bench.starts(), ["key_1", "key_2"]);
    bench.answer(replacement());
    assert_eq!(shown(&bench), "pay_2");
}

#[test]
fn returning_to_a_wallet_with_a_pending_start_reuses_its_key() {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT).event(Event::SwitchRequested).answer(session(1, None));
    bench.pay(WECHAT);
    assert_eq!(bench.starts(), ["key_1", "key_1"]);
    bench.answer(session(2, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction))));
    assert_eq!(shown(&bench), "pay_1");
}

#[test]
fn a_payment_of_the_next_intent_is_not_mistaken_for_the_left_one() {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT).event(Event::SwitchRequested).answer(session(1, None));
    bench.pay(ALIPAY).fail(Fault::new(contract::ErrorType::Api, "gateway_rejected", "test"));
    assert_eq!(bench.state(), "selecting");
    // Another tab has started with Alipay.
    bench.event(Event::PageHidden).event(Event::PageShown).answer(replacement());
    assert_eq!(shown(&bench), "pay_2");
}

#[test]
fn a_payment_whose_start_was_left_is_shown_when_paid() {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT).event(Event::SwitchRequested);
    bench.answer(Session {
        status: SessionStatus::Complete,
        ..session(3, Some(payment("pay_1", WECHAT, PaymentStatus::Succeeded)))
    });
    assert_eq!(bench.state(), "succeeded");
}

#[test]
fn an_unanswered_start_shows_the_selector_and_not_being_checked() {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT);
    for _ in 0..4 {
        bench.fail(Fault::timed_out());
        while bench.state() == "starting" && bench.calls().last() != Some(&Call::Read) {
            bench.wait_for_request();
        }
        if bench.state() != "starting" {
            break;
        }
        bench.answer(session(1, None));
    }
    assert_eq!(bench.state(), "selecting");
    let unordered =
        Payment { next_action: None, ..payment("pay_1", WECHAT, PaymentStatus::Processing) };
    bench.event(Event::PageHidden).event(Event::PageShown);
    bench.answer(session(2, Some(unordered.clone())));
    assert_eq!(bench.state(), "selecting");
    let key = bench.starts().last().cloned().expect("a start");
    bench.press_pay();
    assert_eq!(bench.starts().last(), Some(&key), "the same intent under another key");
    bench.answer(session(3, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction))));
    assert_eq!(bench.state(), "awaiting");

    // Another tab's is being checked, as before.
    let mut other = Bench::selecting();
    other.event(Event::PageHidden).event(Event::PageShown);
    other.answer(session(2, Some(unordered)));
    assert_eq!(other.state(), "confirming");
}

fn notice(bench: &Bench) -> Option<Notice> {
    match bench.machine.state() {
        State::Selecting(selecting) => selecting.notice,
        State::Awaiting(awaiting) => awaiting.notice,
        other => panic!("{other:?}"),
    }
}

/// A start that failed because the shop could not be reached.
fn unreachable() -> Bench {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT);
    while bench.state() == "starting" {
        bench.wait_for_request().fail(Fault::connection());
    }
    bench
}

#[test]
fn a_start_that_cannot_reach_the_shop_shows_a_notice_and_reads_again() {
    let mut bench = unreachable();
    assert_eq!(bench.state(), "selecting");
    assert_eq!(notice(&bench), Some(Notice::ShopUnreachable));
    let said = bench.last.iter().rev().find(|it| matches!(it, Effect::Announce(_)));
    assert_eq!(said, Some(&Effect::Announce(Message::Notice(Notice::ShopUnreachable))));
    assert!(bench.machine.is_offline());
    // Without end, with growing intervals.
    let asked = bench.calls().len();
    for _ in 0..6 {
        bench.wait_for_request();
        assert_eq!(bench.calls().last(), Some(&Call::Read));
        bench.fail(Fault::connection());
    }
    let begin = bench.now;
    bench.wait_for_request();
    assert!((10_000..20_000).contains(&(bench.now.0 - begin.0)));
    assert_eq!(bench.calls().len(), asked + 7);
    bench.answer(session(1, None));
    assert!(!bench.machine.is_offline());
    assert_eq!(notice(&bench), Some(Notice::ShopUnreachable), "the start has failed all the same");
    let asked = bench.calls().len();
    bench.wait(59_000);
    assert_eq!(bench.calls().len(), asked, "the retries have ended");
    bench.press_pay();
    assert!(bench.starts().iter().all(|key| key == "key_1"));
    assert_eq!(bench.state(), "starting");
}

#[test]
fn a_start_without_an_answer_does_not_call_a_reachable_shop_unreachable() {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT);
    while bench.state() == "starting" {
        bench.wait_for_request();
        match bench.calls().last() {
            Some(Call::Read) => bench.answer(session(1, None)),
            _ => bench.fail(Fault::timed_out()),
        };
    }
    assert_eq!(notice(&bench), Some(Notice::StartFailed));
    assert!(bench.machine.is_offline());
    bench.wait_for_request().answer(session(1, None));
    assert!(!bench.machine.is_offline(), "the banner would stay forever");
}

#[test]
fn a_start_that_did_reach_the_shop_is_shown_when_it_answers_again() {
    let mut bench = unreachable();
    bench.wait_for_request();
    bench.answer(session(2, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction))));
    assert_eq!(shown(&bench), "pay_1");
    assert_eq!(notice(&bench), None, "it is this page's own");
}

#[test]
fn a_hidden_page_retries_an_unreachable_shop_when_it_is_shown() {
    let mut bench = unreachable();
    bench.event(Event::PageHidden);
    let asked = bench.calls().len();
    bench.wait(600_000);
    assert_eq!(bench.calls().len(), asked);
    bench.event(Event::PageShown);
    assert_eq!(bench.calls().len(), asked + 1);
}

/// The last announcement.
fn announced(bench: &Bench) -> Option<Message> {
    bench.last.iter().rev().find_map(|effect| match effect {
        Effect::Announce(message) => Some(*message),
        _ => None,
    })
}

#[test]
fn another_tabs_payment_that_replaces_the_shown_one_is_announced() {
    // With and without the moment in which the new one is on its way to its gateway.
    for is_seen_starting in [true, false] {
        let mut bench = Bench::awaiting();
        if is_seen_starting {
            let starting = Payment {
                next_action: None,
                ..payment("pay_2", ALIPAY, PaymentStatus::Processing)
            };
            bench.push(session(4, Some(starting)));
            assert_eq!(bench.state(), "confirming");
        }
        bench.push(replacement());
        assert_eq!(shown(&bench), "pay_2");
        assert_eq!(notice(&bench), Some(Notice::ContinuedInOtherTab));
        let line = Some(Notice::ContinuedInOtherTab);
        assert_eq!(announced(&bench), Some(Message::CodeShown(line)));
        assert_eq!(bench.emitted(&HostEvent::ActionHandled(HandledAction::QrCodeLoaded)), 2);
        // Announced once: it is this page's payment from now on.
        bench.push(session(6, Some(payment("pay_2", ALIPAY, PaymentStatus::Processing))));
        bench.push(session(7, Some(payment("pay_2", ALIPAY, PaymentStatus::RequiresAction))));
        assert_eq!(notice(&bench), None);
    }
}

#[test]
fn a_redirect_of_another_tab_is_announced_and_not_followed() {
    let mut bench = Bench::awaiting();
    let theirs = redirect("pay_2", "https://openapi.alipay.com/gateway.do?a=b");
    bench.push(session(5, Some(theirs)));
    assert_eq!(notice(&bench), Some(Notice::ContinuedInOtherTab));
    let line = Message::Notice(Notice::ContinuedInOtherTab);
    assert_eq!(announced(&bench), Some(line), "there is no code");
    assert!(!bench.log.iter().any(|effect| matches!(effect, Effect::Navigate(_))));
}

#[test]
fn this_pages_own_payment_has_no_other_tab_notice() {
    let own = || payment("pay_1", WECHAT, PaymentStatus::RequiresAction);
    let checked = || payment("pay_1", WECHAT, PaymentStatus::Processing);
    // The start was answered before its gateway had.
    let mut started = Bench::selecting();
    started.pay(WECHAT).answer(session(2, Some(checked())));
    started.push(session(3, Some(own())));
    assert_eq!((started.state(), notice(&started)), ("awaiting", None));
    // A reload finds it, in any status.
    let mut loaded = Bench::new(config());
    loaded.answer(session(2, Some(checked())));
    loaded.push(session(3, Some(own())));
    assert_eq!((loaded.state(), notice(&loaded)), ("awaiting", None));
}
