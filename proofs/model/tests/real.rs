//! The real rules, explored exhaustively within bounds that a slow machine can handle. Larger ones
//! by command: `cargo run --release -p model -- --tabs 2 --faults 1 --clicks 2`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "tests"
)]

use contract::{PaymentStatus, SessionStatus};
use model::{Bounds, Browser, Left, explore};
use payments::{Change, Signal, Standing, change};

const NOTHING: Left = Left {
    faults: 0,
    crashes: 0,
    reloads: 0,
    clicks: 0,
    ends: 0,
    hides: 0,
    refusals: 0,
    opens: 0,
    consoles: 0,
};

/// Select a wallet, go back, select the other wallet.
const TAKES_THREE_CLICKS: [&str; 1] = ["a second payment has gone back"];

/// Explores, prints the number of states, and returns the situations that were not reached.
fn explored(tabs: u8, left: Left) -> Vec<&'static str> {
    explored_in(Browser::Desktop, Browser::Desktop, tabs, left)
}

/// Does the same with the first page in `browser` and a second one in `other_browser`.
fn explored_in(
    browser: Browser,
    other_browser: Browser,
    tabs: u8,
    left: Left,
) -> Vec<&'static str> {
    let report = explore(Bounds { browser, other_browser, tabs, left, ..Bounds::default() }, 2);
    println!("{tabs} tabs, {browser:?}, {other_browser:?}, {left:?}\n{report}");
    assert!(report.broken.is_empty(), "{report}");
    report.unseen
}

#[test]
fn a_shopper_who_changes_their_mind_on_a_good_network() {
    let unseen = explored(1, Left { clicks: 3, ..NOTHING });
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn a_bad_network() {
    explored(1, Left { faults: 1, clicks: 2, ..NOTHING });
}

#[test]
fn two_faults_at_once() {
    explored(1, Left { faults: 2, clicks: 1, ..NOTHING });
}

#[test]
fn a_crash_and_a_reload() {
    explored(1, Left { crashes: 1, reloads: 1, clicks: 1, ..NOTHING });
}

#[test]
fn an_early_end() {
    explored(1, Left { ends: 1, clicks: 2, ..NOTHING });
}

#[test]
fn two_tabs() {
    explored(2, Left { clicks: 1, ..NOTHING });
}

/// The amount changes, and the shop opens another session of the order. With a fault, a crash, or
/// two tabs of each session: by command, see docs/guarantees.md.
#[test]
fn two_sessions_of_an_order() {
    explored(1, Left { opens: 1, clicks: 2, ..NOTHING });
}

#[test]
fn staff_refund_a_part_or_all_in_the_console() {
    let unseen = explored(1, Left { consoles: 1, clicks: 2, ..NOTHING });
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn a_page_that_refuses_or_destroys_the_widget() {
    explored(1, Left { refusals: 1, clicks: 2, ..NOTHING });
}

#[test]
fn a_page_on_a_phone_that_refuses_or_destroys_the_widget() {
    let left = Left { refusals: 1, clicks: 2, ..NOTHING };
    explored_in(Browser::Phone, Browser::Phone, 1, left);
}

/// H5 and Alipay's page for phones: the shopper returns before paying, after it, or never.
#[test]
fn a_phone_whose_shopper_goes_and_comes_back() {
    let unseen = explored_in(Browser::Phone, Browser::Phone, 1, Left { clicks: 2, ..NOTHING });
    assert_eq!(unseen, TAKES_THREE_CLICKS);
}

#[test]
fn a_phone_on_a_bad_network() {
    explored_in(Browser::Phone, Browser::Phone, 1, Left { faults: 1, clicks: 1, ..NOTHING });
}

/// The payer is identified first; then the bridge reports any result, or none.
#[test]
fn inside_wechat() {
    let unseen = explored_in(Browser::Wechat, Browser::Wechat, 1, Left { clicks: 2, ..NOTHING });
    assert_eq!(unseen, TAKES_THREE_CLICKS);
}

#[test]
fn inside_wechat_on_a_bad_network() {
    explored_in(Browser::Wechat, Browser::Wechat, 1, Left { faults: 1, clicks: 1, ..NOTHING });
}

#[test]
fn inside_wechat_with_a_crash_and_a_reload() {
    let left = Left { crashes: 1, reloads: 1, clicks: 1, ..NOTHING };
    explored_in(Browser::Wechat, Browser::Wechat, 1, left);
}

/// A session that is begun on a desktop and opened in WeChat.
#[test]
fn a_computer_and_wechat() {
    explored_in(Browser::Desktop, Browser::Wechat, 2, Left { clicks: 1, ..NOTHING });
}

/// Checks the assumption by which the model queries and writes in one step.
#[test]
fn that_nobody_has_paid_changes_nothing() {
    let both = [false, true];
    for payment in PaymentStatus::ALL {
        for session in SessionStatus::ALL {
            for flags in 0..16_u8 {
                let flag = |bit: u8| both[usize::from(flags >> bit & 1)];
                let standing = Standing {
                    payment: *payment,
                    session: *session,
                    is_handed_out: flag(0),
                    is_captured: flag(1),
                    is_paid_otherwise: flag(2),
                    is_time_up: flag(3),
                };
                assert_eq!(change(standing, Signal::Pending), Change::default());
            }
        }
    }
}
