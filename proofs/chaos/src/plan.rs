//! The plan of a shopper, drawn before the run begins.
//!
//! A turn has an action for every screen, because the screen at that moment depends on two real
//! processes; the action on each screen depends on the seed alone.

mod away;
mod code;
mod disturbance;
mod order;
mod turn;

use std::hash::Hash as _;

use crate::dice::{Dice, Digest};
use crate::route::{self, Route};
use crate::wallet::Wallet;

pub(crate) use away::{Callback, Decision, Onward, Pays, Sheet, Visit, Way};
pub(crate) use code::Code;
pub(crate) use disturbance::{Disturbance, Late};
pub(crate) use order::{ConsoleRefund, SecondSession};
pub(crate) use turn::{Choice, Turn};

/// The plan of one shopper.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Plan {
    pub(crate) index: u32,
    /// The order to pay. Two shoppers share one if the shop opens a second session of it.
    pub(crate) order: u32,
    pub(crate) amount_fen: i64,
    pub(crate) methods: Vec<Wallet>,
    pub(crate) expires_in_s: u32,
    /// The shopper's browser and first choice.
    pub(crate) route: Route,
    pub(crate) fault_rates: FaultRates,
    /// True if the browser forbids tabs to share storage.
    pub(crate) shares_nothing: bool,
    pub(crate) turns: Vec<Turn>,
    /// Payments by phone around the end of the session, whatever the page's state is.
    pub(crate) late: Vec<Late>,
    /// The visits of gateways' pages, in their order.
    pub(crate) visits: Vec<Visit>,
    /// The payment sheets of bridges, in their order.
    pub(crate) sheets: Vec<Sheet>,
    pub(crate) jitter: u32,
    pub(crate) second_session: Option<SecondSession>,
    pub(crate) console_refund: Option<ConsoleRefund>,
}

/// Rates of the faults of a shopper's own network, in thousandths.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct FaultRates {
    pub(crate) calls: u64,
    pub(crate) streams: u64,
}

impl Plan {
    /// Returns the plan of shopper `index`.
    pub(crate) fn new(seed: u64, index: u32) -> Self {
        let mut dice = Dice::new(&[seed, PLANS, u64::from(index)]);
        let route = Route::of(seed, index);
        let both = vec![Wallet::Alipay, Wallet::WechatPay];
        let methods = dice
            .pick(&[
                (45, both),
                (45, vec![Wallet::WechatPay, Wallet::Alipay]),
                (10, vec![route.wallet]),
            ])
            .unwrap_or_default();
        let (calls, streams) = dice
            .pick(&[(30, (0, 0)), (45, (80, 120)), (20, (250, 300)), (5, (600, 500))])
            .unwrap_or_default();
        let amount_fen = i64::try_from(dice.range(1, 500_000)).unwrap_or(1);
        let expires_in_s = dice.range(60, 180).try_into().unwrap_or(60);
        let shares_nothing = dice.chance(250);
        let is_greedy = dice.chance(250);
        let turns =
            (0..TURNS).map(|turn| Turn::new(&mut dice, is_greedy.then_some(turn))).collect();
        let lates = dice.pick(&[(65, 0), (25, 1), (10, 2)]).unwrap_or(0);
        let late = (0..lates).map(|_| Late::new(&mut dice)).collect();
        let visits = (0..VISITS).map(|_| Visit::new(&mut dice)).collect();
        let sheets = (0..VISITS).map(|_| Sheet::new(&mut dice)).collect();
        let jitter = u32::try_from(dice.range(1, u64::from(u32::MAX))).unwrap_or(1);
        let fault_rates = FaultRates { calls, streams };
        let plan = Self {
            index,
            order: index,
            amount_fen,
            methods,
            expires_in_s,
            route,
            fault_rates,
            shares_nothing,
            turns,
            late,
            visits,
            sheets,
            jitter,
            second_session: SecondSession::of_order(seed, index),
            console_refund: ConsoleRefund::of_order(seed, index),
        };
        if route::is_first(index) { plan.direct() } else { plan }
    }

    /// Returns the plan of the same shopper on a good network, who only pays by the first route.
    fn direct(mut self) -> Self {
        let Route { wallet, .. } = self.route;
        self.fault_rates = FaultRates { calls: 0, streams: 0 };
        // Long enough for a busy machine: these shoppers must be able to pay.
        self.expires_in_s = 1_800;
        self.turns = self.turns.iter().cycle().take(TURNS * 12).cloned().collect();
        self.late.clear();
        // So that the shortest run, too, has an order that staff refund and one with a second
        // session.
        self.console_refund =
            (self.index == 0).then_some(ConsoleRefund { after_ms: 2_000, is_whole: false });
        self.second_session =
            (self.index == 1).then_some(SecondSession { after_ms: 300_000, changes_amount: false });
        for turn in &mut self.turns {
            turn.disturbance = None;
            turn.selecting = Choice::Confirm { wallet, clicks: 1, all_tabs: false };
            turn.awaiting = Choice::Pay(Code::Newest);
            // An order without an answer is shown as "being checked" until its shopper starts it
            // again.
            turn.confirming = Choice::Switch;
            turn.busy = Choice::Wait;
            turn.ended = Choice::Retry;
        }
        for visit in &mut self.visits {
            (visit.pays, visit.way, visit.onward) = (Pays::First, Way::Returned, Onward::Once);
        }
        for sheet in &mut self.sheets {
            (sheet.decision, sheet.callback) = (Decision::Ok, Callback::InTime);
        }
        self
    }

    /// Returns the plan of the shopper of the order's second session, on another device.
    pub(crate) fn second(&self, seed: u64) -> Option<(SecondSession, Self)> {
        let second = self.second_session?;
        let plan = Self::new(seed, SECOND_SHOPPERS + self.index);
        let amount_fen = if second.changes_amount { plan.amount_fen } else { self.amount_fen };
        // The methods of the first session, because the shop may return that one again.
        let methods = self.methods.clone();
        let plan = Self { order: self.order, amount_fen, methods, second_session: None, ..plan };
        Some((second, plan))
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        self.hash(digest);
    }
}

/// Seed of these random numbers.
const PLANS: u64 = 1;
const TURNS: usize = 24;
const VISITS: usize = 6;
/// Index of the first shopper of a second session.
const SECOND_SHOPPERS: u32 = 1_000_000;
