//! Whole ways through the machine.

use contract::{ErrorType, code};

use super::*;

fn refused(error_type: ErrorType, code: &'static str, retryable: bool) -> Fault {
    Fault { retryable, ..Fault::new(error_type, code, "test") }
}

#[test]
fn a_code_is_shown_scanned_and_paid() {
    let mut bench = Bench::selecting();
    assert_eq!(bench.state(), "selecting");
    assert_eq!(bench.emitted(&HostEvent::Ready), 1);
    bench.pay(PaymentMethod::WechatPay);
    assert_eq!(bench.state(), "starting");
    bench.answer(session(
        2,
        Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction)),
    ));
    assert_eq!(bench.state(), "awaiting");
    assert!(bench.last.contains(&Effect::OpenStream));
    assert_eq!(bench.emitted(&HostEvent::ActionHandled(HandledAction::QrCodeLoaded)), 1);
    let paid = Session {
        status: SessionStatus::Complete,
        ..session(3, Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Succeeded)))
    };
    bench.push(paid.clone());
    assert_eq!(bench.state(), "succeeded");
    assert_eq!(bench.emitted(&HostEvent::PaymentCompleted), 1);
    assert!(bench.last.contains(&Effect::CloseStream));
    assert!(bench.last.contains(&Effect::Forget));
    assert_eq!(bench.machine.next_deadline(), None);
    bench.push(paid).event(Event::PageShown).event(Event::RetryRequested);
    assert_eq!(bench.state(), "succeeded");
    assert_eq!(bench.emitted(&HostEvent::PaymentCompleted), 1);
}

#[test]
fn only_a_single_wallet_is_picked_automatically() {
    let bench = Bench::selecting();
    let State::Selecting(selecting) = bench.machine.state() else { panic!() };
    assert_eq!(selecting.selected, None);

    let mut only = Bench::new(Config { payment_methods: vec![PaymentMethod::Alipay], ..config() });
    only.answer(session(1, None));
    let State::Selecting(selecting) = only.machine.state() else { panic!() };
    assert_eq!(selecting.selected, Some(PaymentMethod::Alipay));

    let order = vec![PaymentMethod::WechatPay, PaymentMethod::Unknown];
    let mut ordered = Bench::new(Config { payment_method_order: order, ..config() });
    ordered.answer(session(1, None));
    assert_eq!(ordered.machine.methods(), [PaymentMethod::WechatPay, PaymentMethod::Alipay]);

    let mut none = Bench::new(Config { payment_methods: vec![PaymentMethod::Alipay], ..config() });
    none.answer(Session { payment_methods: vec![PaymentMethod::WechatPay], ..session(1, None) });
    let State::Unavailable { fault } = none.machine.state() else { panic!() };
    assert_eq!(fault.code, code::NO_PAYMENT_METHOD);
}

#[test]
fn seven_presses_in_a_row_start_one_payment() {
    let mut bench = Bench::selecting();
    bench.event(Event::Selected(PaymentMethod::Alipay));
    for _ in 0..7 {
        bench.press_pay();
    }
    assert_eq!(bench.starts(), ["key_1"]);
}

#[test]
fn a_start_without_an_answer_is_read_and_repeated_under_the_same_key() {
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::WechatPay).fail(Fault::connection());
    assert_eq!(bench.state(), "starting");
    bench.wait(1_300);
    assert_eq!(bench.calls().last(), Some(&Call::Read), "asked before it is started again");
    bench.answer(session(1, None));
    assert_eq!(bench.starts(), ["key_1", "key_1"]);
    // It timed out, yet it had arrived: the read finds it, and no third start is sent.
    bench.wait(13_000);
    assert_eq!(bench.calls().last(), Some(&Call::Read));
    bench.answer(session(
        2,
        Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction)),
    ));
    assert_eq!(bench.state(), "awaiting");
    assert_eq!(bench.starts().len(), 2);
}

#[test]
fn a_start_that_did_not_reach_the_gateway_is_repeated_under_its_key() {
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::Alipay);
    bench.fail(refused(ErrorType::Api, code::GATEWAY_UNAVAILABLE, true)).wait_for_request();
    let bare = Payment {
        next_action: None,
        ..payment("pay_1", PaymentMethod::Alipay, PaymentStatus::Processing)
    };
    bench.answer(session(2, Some(bare)));
    assert_eq!(bench.starts(), ["key_1", "key_1"]);
    assert_eq!(bench.state(), "starting");
}

#[test]
fn an_unknown_outcome_keeps_its_key_for_the_next_press() {
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::Alipay);
    for _ in 0..20 {
        if bench.machine.awaited().is_some() {
            bench.fail(Fault::connection());
        }
        bench.wait(16_000);
    }
    assert_eq!(bench.state(), "selecting");
    let State::Selecting(selecting) = bench.machine.state() else { panic!() };
    assert_eq!(selecting.notice, Some(Notice::ShopUnreachable));
    assert_eq!(selecting.selected, Some(PaymentMethod::Alipay));
    bench.press_pay();
    assert!(bench.starts().iter().all(|key| key == "key_1"), "{:?}", bench.starts());
}

#[test]
fn a_definite_refusal_ends_the_intent() {
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::Alipay);
    bench.fail(refused(ErrorType::Api, code::GATEWAY_REJECTED, false));
    let State::Selecting(selecting) = bench.machine.state() else { panic!() };
    assert_eq!(selecting.notice, Some(Notice::MethodUnavailable));
    bench.press_pay();
    assert_eq!(bench.starts(), ["key_1", "key_2"]);
}

#[test]
fn a_remembered_intent_is_used_after_a_reload() {
    let remembered =
        Some(Intent { payment_method: PaymentMethod::Alipay, key: "key_old".to_owned() });
    let mut bench = Bench::new(Config { remembered, ..config() });
    bench.answer(session(1, None));
    let State::Selecting(selecting) = bench.machine.state() else { panic!() };
    assert_eq!(selecting.selected, Some(PaymentMethod::Alipay));
    bench.press_pay();
    assert_eq!(bench.starts(), ["key_old"]);
}

#[test]
fn a_key_whose_payment_ended_is_forgotten_and_the_next_press_takes_a_new_one() {
    let intent = Intent { payment_method: PaymentMethod::WechatPay, key: "old".to_owned() };
    let mut bench = Bench::new(Config { remembered: Some(intent), ..config() });
    let closed = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Canceled);
    bench.answer(session(3, Some(closed.clone())));
    assert!(bench.last.contains(&Effect::Forget));
    // Another tab's storage may return the same key again.
    bench.event(Event::Selected(PaymentMethod::WechatPay));
    bench.shared_key = Some("old".to_owned());
    bench.press_pay();
    bench.answer(session(3, Some(closed)));
    assert_eq!(bench.state(), "selecting");
    bench.press_pay();
    assert_eq!(bench.starts(), ["old", "key_1"]);
}

#[test]
fn a_key_whose_payment_another_tab_replaced_leads_to_the_active_payment() {
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::Alipay);
    let theirs = payment("pay_2", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    bench.answer(session(4, Some(theirs)));
    assert_eq!(bench.state(), "awaiting");
    assert!(bench.last.contains(&Effect::Forget), "the next press on Alipay is a new intent");
}

#[test]
fn a_reload_before_the_gateway_answered_continues_under_the_remembered_key() {
    let intent = Intent { payment_method: PaymentMethod::WechatPay, key: "key_1".to_owned() };
    let mut bench = Bench::new(Config { remembered: Some(intent), ..config() });
    let mut unknown = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Processing);
    unknown.next_action = None;
    bench.answer(session(2, Some(unknown)));
    assert_eq!((bench.state(), bench.starts()), ("starting", vec!["key_1".to_owned()]));
}

#[test]
fn a_reload_shows_the_same_code_again() {
    let mut bench = Bench::new(config());
    let waiting = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    bench.answer(session(2, Some(waiting)));
    assert_eq!(bench.state(), "awaiting");
    assert!(bench.starts().is_empty());
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!("{}", bench.state()) };
    assert_eq!(
        awaiting.notice,
        Some(Notice::StillOpen),
        "the shopper may have turned away from it"
    );
}

#[test]
fn the_focus_stays_on_the_selector_while_a_payment_starts() {
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::WechatPay);
    assert_eq!(bench.state(), "starting");
    assert!(!bench.last.contains(&Effect::FocusScreen));
    let waiting = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    bench.answer(session(2, Some(waiting)));
    assert!(bench.last.contains(&Effect::FocusScreen));
}

#[test]
fn the_focus_follows_a_session_that_is_loaded_again_and_not_the_first_load() {
    let focuses = |bench: &Bench| bench.last.contains(&Effect::FocusScreen);
    let mut bench = Bench::new(config());
    assert!(!focuses(bench.fail(Fault::status(404))));
    assert_eq!(bench.state(), "unavailable");
    assert!(focuses(bench.event(Event::RetryRequested)));
    assert_eq!(bench.state(), "loading");
    assert!(focuses(bench.answer(session(1, None))));
    assert!(!focuses(&Bench::selecting()));
}

#[test]
fn a_redirect_is_followed_once_and_checked_on_return() {
    let url = "https://openapi.alipay.com/gateway.do?a=b";
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::Alipay).answer(session(2, Some(redirect("pay_1", url))));
    assert_eq!(bench.state(), "awaiting");
    assert!(bench.last.contains(&Effect::Navigate(url.to_owned())));

    let mut back = Bench::new(config());
    back.answer(session(2, Some(redirect("pay_1", url))));
    assert_eq!(back.state(), "confirming");
    assert_eq!(back.calls().last(), Some(&Call::Check("pay_1".to_owned())));
    back.answer(session(2, Some(redirect("pay_1", url))));
    assert_eq!(back.state(), "awaiting");
    assert!(!back.log.iter().any(|effect| matches!(effect, Effect::Navigate(_))));
    back.event(Event::ContinueRequested);
    assert!(back.last.contains(&Effect::Navigate(url.to_owned())));
}

#[test]
fn an_address_that_is_not_a_gateways_is_refused_and_can_be_retried() {
    for url in ["javascript:alert(1)", "https://evil.example/", "http://127.0.0.1:1/"] {
        let mut bench = Bench::selecting();
        bench.pay(PaymentMethod::Alipay).answer(session(2, Some(redirect("pay_1", url))));
        let State::Unavailable { fault } = bench.machine.state() else { panic!("{url}") };
        assert_eq!(fault.code, code::NEXT_ACTION_REFUSED);
        assert_eq!(fault.error_type, ErrorType::Integration);
        assert!(!bench.log.iter().any(|effect| matches!(effect, Effect::Navigate(_))));
        bench.event(Event::RetryRequested);
        assert_eq!(bench.state(), "selecting");
    }
}

#[test]
fn a_code_too_long_for_a_qr_code_is_an_integration_error() {
    let mut long = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    long.next_action.as_mut().unwrap().data = Some("x".repeat(2_332));
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::WechatPay).answer(session(2, Some(long)));
    let State::Unavailable { fault } = bench.machine.state() else { panic!() };
    assert_eq!(fault.code, code::QR_CODE_TOO_LONG);
}

#[test]
fn i_have_paid_checks_at_the_gateway() {
    let mut bench = Bench::awaiting();
    bench.event(Event::PaidClaimed);
    assert_eq!(bench.state(), "confirming");
    assert_eq!(bench.calls().last(), Some(&Call::Check("pay_1".to_owned())));
    bench.event(Event::PaidClaimed);
    assert_eq!(bench.calls().iter().filter(|call| matches!(call, Call::Check(_))).count(), 1);
    let waiting = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    bench.answer(session(2, Some(waiting)));
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!() };
    assert_eq!(awaiting.notice, Some(Notice::NotPaidYet));
}

#[test]
fn other_ways_are_shown_once_the_outcome_takes_longer_than_usual() {
    let mut bench = Bench::awaiting();
    bench.event(Event::PaidClaimed);
    let is_slow = |bench: &Bench| match bench.machine.state() {
        State::Confirming(confirming) => confirming.is_slow,
        state => panic!("{}", state.name()),
    };
    bench.wait(4_900);
    assert!(!is_slow(&bench));
    bench.wait(200);
    assert!(is_slow(&bench));
    // Another cause for asking is the same wait.
    let unknown = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Processing);
    bench.answer(session(3, Some(unknown)));
    assert!(is_slow(&bench));
    let waiting = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    bench.push(session(4, Some(waiting)));
    assert_eq!(bench.state(), "awaiting");
    bench.event(Event::PaidClaimed);
    assert!(!is_slow(&bench), "a new question takes its own time");
}

#[test]
fn a_rate_limited_check_obeys_retry_after() {
    let mut bench = Bench::awaiting();
    bench.event(Event::PaidClaimed);
    let fault = refused(ErrorType::RateLimit, code::RATE_LIMITED, true);
    bench.fail(fault.retry_after(Some(9_000)));
    let sent = bench.calls().len();
    bench.wait(8_900);
    assert_eq!(bench.calls().len(), sent);
    bench.wait(200);
    assert_eq!(bench.calls().len(), sent + 1);
    assert_eq!(bench.state(), "confirming");
}

#[test]
fn a_payment_in_the_last_second_is_found_by_a_check() {
    let mut bench = Bench::awaiting();
    bench.event(Event::StreamAlive);
    let life = u64::try_from(LIFE_MS).unwrap();
    bench.wait(life - 1_000);
    assert_eq!(bench.state(), "awaiting");
    bench.wait(1_500);
    assert_eq!(bench.state(), "confirming");
    assert_eq!(bench.calls().last(), Some(&Call::Check("pay_1".to_owned())));
    let paid = Session {
        status: SessionStatus::Complete,
        ..session(3, Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Succeeded)))
    };
    bench.answer(paid);
    assert_eq!(bench.state(), "succeeded");
    assert_eq!(bench.emitted(&HostEvent::Expired), 0);
}

#[test]
fn an_unpaid_session_expires_even_if_the_backend_is_late() {
    let mut bench = Bench::awaiting();
    bench.wait(u64::try_from(LIFE_MS).unwrap() + 500);
    let waiting = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    for _ in 0..3 {
        assert_eq!(bench.state(), "confirming");
        bench.answer(session(2, Some(waiting.clone())));
        bench.wait_for_request();
    }
    bench.answer(Session {
        status: SessionStatus::Expired,
        ..session(3, Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Expired)))
    });
    assert_eq!(bench.state(), "expired");
    assert_eq!(bench.emitted(&HostEvent::Expired), 1);
}

#[test]
fn an_expired_code_is_refreshed_automatically_and_on_request() {
    let mut short = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    short.next_action.as_mut().unwrap().expires_at =
        Some(Timestamp::from_unix_ms(SERVER_START + 60_000));
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::WechatPay).answer(session(2, Some(short)));
    bench.event(Event::StreamAlive);
    bench.wait(60_500);
    assert_eq!(bench.calls().last(), Some(&Call::Refresh("pay_1".to_owned())));
    bench.fail(refused(ErrorType::Api, code::GATEWAY_UNAVAILABLE, true));
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!() };
    assert!(awaiting.stale && !awaiting.refreshing);
    assert_eq!(awaiting.notice, Some(Notice::RefreshFailed));
    bench.event(Event::RefreshRequested);
    let fresh = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    bench.answer(session(3, Some(fresh)));
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!() };
    assert!(!awaiting.stale && awaiting.notice.is_none());
    assert_eq!(bench.emitted(&HostEvent::Refreshed), 1);
}

#[test]
fn a_code_that_arrives_expired_is_not_refreshed_in_a_tight_loop() {
    let mut over = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    over.next_action.as_mut().unwrap().expires_at = Some(Timestamp::from_unix_ms(SERVER_START));
    let mut bench = Bench::awaiting();
    for second in 0..60 {
        if bench.machine.awaited().is_some() {
            bench.answer(session(3 + second, Some(over.clone())));
        }
        bench.wait(1_000);
    }
    assert!(bench.calls().len() < 40, "{} requests in a minute", bench.calls().len());
}

#[test]
fn a_switch_leaves_the_old_payment_open_and_takes_a_new_key() {
    let mut bench = Bench::awaiting();
    bench.event(Event::SwitchRequested);
    assert_eq!(bench.state(), "selecting");
    // The old code is still alive: the screen must not jump back to it.
    let old = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    bench.push(session(2, Some(old)));
    assert_eq!(bench.state(), "selecting");
    bench.pay(PaymentMethod::Alipay);
    assert_eq!(bench.starts(), ["key_1", "key_2"]);
    let new = payment("pay_2", PaymentMethod::Alipay, PaymentStatus::RequiresAction);
    bench.answer(session(4, Some(new)));
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!() };
    assert_eq!(awaiting.payment_id, "pay_2");
}

#[test]
fn the_old_code_paid_during_a_switch_completes_the_session() {
    let mut bench = Bench::awaiting();
    bench.event(Event::SwitchRequested);
    bench.pay(PaymentMethod::Alipay);
    bench.answer(Session {
        status: SessionStatus::Complete,
        ..session(5, Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Succeeded)))
    });
    assert_eq!(bench.state(), "succeeded");
}

#[test]
fn cancel_shows_the_payments_real_outcome() {
    let mut bench = Bench::awaiting();
    bench.event(Event::CancelRequested);
    assert_eq!(bench.state(), "closing");
    let closed = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Canceled);
    bench.answer(session(3, Some(closed.clone())));
    assert_eq!(bench.state(), "canceled");
    assert_eq!(bench.emitted(&HostEvent::Cancel), 1);
    bench.event(Event::RetryRequested);
    assert_eq!(bench.state(), "selecting");
    bench.pay(PaymentMethod::WechatPay);
    assert_eq!(bench.starts(), ["key_1", "key_2"], "a new intent has a new key");

    let mut failed = Bench::awaiting();
    failed.event(Event::CancelRequested).fail(Fault::connection());
    assert_eq!(failed.state(), "closing", "it may have been closed all the same");
    failed.fail(Fault::connection());
    let State::Awaiting(awaiting) = failed.machine.state() else { panic!() };
    assert_eq!(awaiting.notice, Some(Notice::CancelFailed));

    let mut paid = Bench::awaiting();
    paid.event(Event::CancelRequested);
    paid.answer(Session {
        status: SessionStatus::Complete,
        ..session(3, Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Succeeded)))
    });
    assert_eq!(paid.state(), "succeeded");
}

#[test]
fn a_cancel_without_an_answer_is_followed_by_a_read() {
    let mut still_open = Bench::awaiting();
    still_open.event(Event::CancelRequested).fail(Fault::status(500));
    still_open.answer(session(
        3,
        Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction)),
    ));
    let State::Awaiting(awaiting) = still_open.machine.state() else { panic!() };
    assert_eq!(awaiting.notice, Some(Notice::CancelFailed));

    let mut closed = Bench::awaiting();
    closed.event(Event::CancelRequested).fail(Fault::timed_out());
    let payment = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Canceled);
    closed.answer(session(3, Some(payment)));
    assert_eq!(closed.state(), "canceled");
}

#[test]
fn a_payment_without_a_next_action_is_shown_as_being_checked() {
    for mut bench in [Bench::awaiting(), Bench::selecting()] {
        let mut late = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
        late.next_action = None;
        bench.event(Event::PageHidden).event(Event::PageShown);
        bench.answer(session(3, Some(late)));
        assert_eq!(bench.state(), "confirming");
    }
}

#[test]
fn only_a_problem_document_proves_that_the_secret_was_refused() {
    for status in [401, 403, 407, 511] {
        let mut bench = Bench::awaiting();
        bench.wait_for_request().fail(Fault::status(status));
        assert_eq!(bench.state(), "awaiting", "{status} of a firewall ends nothing");
    }
}

#[test]
fn a_failed_payment_can_be_tried_again() {
    let mut bench = Bench::awaiting();
    let mut failed = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Failed);
    failed.failure_code = Some("gateway_rejected".to_owned());
    bench.push(session(3, Some(failed.clone())));
    assert_eq!(bench.state(), "failed");
    bench.event(Event::RetryRequested).push(session(3, Some(failed)));
    assert_eq!(bench.state(), "selecting");
}

#[test]
fn loading_is_retried_then_fails_and_can_be_retried() {
    let mut bench = Bench::new(config());
    for _ in 0..3 {
        bench.fail(Fault::connection());
        assert_eq!(bench.state(), "loading");
        bench.wait_for_request();
    }
    bench.fail(Fault::unreadable("test"));
    assert_eq!(bench.state(), "unavailable");
    assert_eq!(bench.emitted(&HostEvent::LoadError(Fault::unreadable("test"))), 1);
    bench.event(Event::RetryRequested);
    assert_eq!(bench.state(), "loading");
    bench.answer(session(1, None));
    assert_eq!(bench.state(), "selecting");
}

#[test]
fn a_refused_secret_is_retried_only_by_the_shopper() {
    for mut bench in [Bench::new(config()), Bench::awaiting()] {
        if bench.machine.awaited().is_none() {
            bench.event(Event::PaidClaimed);
        }
        bench.fail(refused(ErrorType::Authentication, code::CLIENT_SECRET_INVALID, false));
        assert_eq!(bench.state(), "unavailable");
        assert_eq!(bench.machine.next_deadline(), None);
        bench.event(Event::PageHidden).event(Event::PageShown);
        assert!(bench.machine.awaited().is_none(), "only the shopper asks again");
        bench.event(Event::RetryRequested);
        assert_eq!((bench.state(), bench.calls().last()), ("loading", Some(&Call::Read)));
    }
}

#[test]
fn an_answer_about_another_session_is_ignored() {
    let mut bench = Bench::new(config());
    let foreign =
        Session { id: "cs_2".to_owned(), status: SessionStatus::Complete, ..session(9, None) };
    bench.answer(foreign.clone());
    assert_eq!(bench.state(), "loading");
    let mut awaiting = Bench::awaiting();
    awaiting.push(foreign);
    assert_eq!(awaiting.state(), "awaiting");
}

#[test]
fn an_older_answer_never_overwrites_a_newer_one() {
    let mut bench = Bench::awaiting();
    bench.event(Event::PaidClaimed);
    let processing = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Processing);
    bench.push(session(7, Some(processing)));
    bench.answer(session(3, None));
    assert_eq!(bench.machine.session().unwrap().revision, 7);
    assert_eq!(bench.state(), "confirming");
}

#[test]
fn without_a_stream_it_polls_with_backoff() {
    let mut bench = Bench::awaiting();
    let waiting =
        || Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction));
    bench.event(Event::StreamEnded { fault: None });
    let before = bench.calls().len();
    for _ in 0..300 {
        bench.wait(1_000);
        if bench.last.contains(&Effect::OpenStream) {
            bench.event(Event::StreamEnded { fault: Some(Fault::connection()) });
        }
        if bench.machine.awaited().is_some() {
            bench.answer(session(2, waiting()));
        }
    }
    let polls = bench.calls().len() - before;
    assert!((12..=24).contains(&polls), "{polls} polls in five minutes");
}

#[test]
fn a_hidden_page_sends_nothing_and_reads_when_shown() {
    let mut bench = Bench::awaiting();
    bench.event(Event::StreamAlive).event(Event::PageHidden);
    assert!(bench.last.contains(&Effect::CloseStream));
    let before = bench.calls().len();
    bench.wait(u64::try_from(LIFE_MS).unwrap() * 2);
    assert_eq!(bench.calls().len(), before);
    bench.event(Event::PageShown);
    assert_eq!(bench.calls().last(), Some(&Call::Read));
    assert!(bench.last.contains(&Effect::OpenStream));
}

#[test]
fn a_silent_stream_is_closed_and_opened_again() {
    let mut bench = Bench::awaiting();
    bench.event(Event::StreamAlive);
    bench.log.clear();
    bench.wait(41_000);
    assert!(bench.log.contains(&Effect::CloseStream));
    bench.wait(2_000);
    assert!(bench.log.contains(&Effect::OpenStream));
}

#[test]
fn a_lost_connection_is_announced_once_and_its_notice_removed() {
    let mut bench = Bench::awaiting();
    bench.event(Event::StreamEnded { fault: Some(Fault::connection()) });
    bench.wait(3_000);
    bench.fail(Fault::connection());
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!() };
    assert_eq!(awaiting.notice, Some(Notice::ConnectionLost));
    assert!(bench.machine.is_offline());
    bench.event(Event::PageShown);
    let waiting = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction);
    bench.answer(session(2, Some(waiting)));
    let State::Awaiting(awaiting) = bench.machine.state() else { panic!() };
    assert_eq!(awaiting.notice, None);
    assert!(!bench.machine.is_offline());
}

#[test]
fn read_only_starts_nothing() {
    let mut bench = Bench::new(Config { read_only: true, ..config() });
    bench.answer(session(1, None)).pay(PaymentMethod::Alipay);
    assert!(bench.starts().is_empty());
}

#[test]
fn the_time_left_is_announced_at_300_60_and_30_seconds() {
    let mut bench = Bench::awaiting();
    bench.event(Event::StreamAlive);
    for _ in 0..LIFE_MS / 10_000 {
        bench.wait(10_000).event(Event::StreamAlive);
    }
    let said: Vec<_> = bench
        .log
        .iter()
        .filter_map(|effect| match effect {
            Effect::Announce(message @ (Message::MinutesLeft(_) | Message::SecondsLeft(_))) => {
                Some(*message)
            }
            _ => None,
        })
        .collect();
    assert_eq!(said, [Message::MinutesLeft(5), Message::MinutesLeft(1), Message::SecondsLeft(30)]);
}

#[test]
fn an_unknown_status_is_neither_success_nor_failure() {
    let mut bench = Bench::awaiting();
    let unknown = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Unknown);
    bench.push(Session { status: SessionStatus::Unknown, ..session(3, Some(unknown)) });
    assert_eq!(bench.state(), "confirming");
    let early = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Succeeded);
    bench.push(session(4, Some(early)));
    assert_eq!(bench.state(), "confirming", "the session is not complete yet");
}

#[test]
fn a_read_in_flight_when_the_page_was_hidden_is_sent_again_on_return() {
    let mut bench = Bench::awaiting();
    bench.event(Event::PaidClaimed);
    let lost = bench.request();
    bench.event(Event::PageHidden).wait(15_000).event(Event::PageShown);
    assert_eq!(bench.calls().last(), Some(&Call::Check("pay_1".to_owned())));
    assert_ne!(bench.request(), lost);
    assert!(bench.last.contains(&Effect::Abort(lost)));
    // A request that changes something continues: its outcome is unknown.
    let mut starting = Bench::selecting();
    starting.pay(PaymentMethod::Alipay);
    let start = starting.request();
    starting.event(Event::PageHidden).event(Event::PageShown);
    assert_eq!(starting.request(), start);
    assert_eq!(starting.starts().len(), 1);
}
