//! The order of events after a press on "cancel": answers, pushes and failures race.

use super::*;

const WECHAT: PaymentMethod = PaymentMethod::WechatPay;

/// Something that happens after the press.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The stream brings the closed payment.
    Push,
    /// The answer to the request in flight, if any, cannot be read.
    Unreadable,
    /// The request in flight, if any, is answered with the closed payment.
    Answer,
    /// The next deadline passes.
    Deadline,
    HideAndShow,
}

const STEPS: [Step; 5] =
    [Step::Push, Step::Unreadable, Step::Answer, Step::Deadline, Step::HideAndShow];

fn closed() -> Session {
    session(3, Some(payment("pay_1", WECHAT, PaymentStatus::Canceled)))
}

fn take(bench: &mut Bench, step: Step) {
    let is_asking = bench.machine.awaited().is_some();
    match step {
        Step::Push => {
            bench.push(closed());
        }
        Step::Unreadable if is_asking => {
            bench.fail(Fault::unreadable("EOF"));
        }
        Step::Answer if is_asking => {
            bench.answer(closed());
        }
        Step::Unreadable | Step::Answer => {}
        Step::Deadline => {
            let next = bench.machine.next_deadline().expect("something to wait for");
            bench.wait(next.0 - bench.now.0);
        }
        Step::HideAndShow => {
            bench.event(Event::PageHidden).event(Event::PageShown);
        }
    }
}

/// All sequences of `length` steps.
fn orders(length: usize) -> Vec<Vec<Step>> {
    (0..length).fold(vec![vec![]], |orders, _| {
        let with = |order: &Vec<Step>, step| [order.as_slice(), &[step]].concat();
        orders.iter().flat_map(|order| STEPS.map(|step| with(order, step))).collect()
    })
}

#[test]
fn a_press_on_try_again_leaves_the_canceled_screen_in_every_order_of_events() {
    let mut presses = 0;
    for order in orders(5) {
        for at in 1..=order.len() {
            let (before, after) = order.split_at(at);
            let mut bench = Bench::awaiting();
            bench.event(Event::CancelRequested);
            before.iter().for_each(|step| take(&mut bench, *step));
            if bench.state() != "canceled" {
                continue;
            }
            presses += 1;
            bench.event(Event::RetryRequested);
            assert_eq!(bench.state(), "selecting", "{order:?}, pressed after {at}");
            after.iter().for_each(|step| take(&mut bench, *step));
            assert_eq!(bench.state(), "selecting", "{order:?}, pressed after {at}");
        }
    }
    assert!(presses > 5_000, "{presses} presses");
}
