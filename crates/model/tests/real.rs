//! The rules that ship, explored to the end within bounds that a slow machine manages. Bigger
//! ones by command: `cargo run --release -p model -- --tabs 2 --faults 1 --clicks 2`.
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
use merchant::rules::{Change, Signal, Standing, change};
use model::{Bounds, Left, explore};

const NOTHING: Left = Left { faults: 0, crashes: 0, reloads: 0, clicks: 0, ends: 0, hides: 0 };

/// Explores, prints the number of states, and answers what was to be seen and was not.
fn explored(tabs: u8, left: Left) -> Vec<&'static str> {
    let report = explore(Bounds { tabs, left, ..Bounds::default() }, 2);
    println!("{tabs} tabs, {left:?}\n{report}");
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

/// What the model takes for granted where it asks and writes in one step.
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
