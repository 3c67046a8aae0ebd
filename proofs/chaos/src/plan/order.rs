//! The merchant's side of an order: a second session of it, a refund in the console.

use crate::dice::Dice;

/// A second session that the shop's server opens for the order, for another tab or a reloaded cart.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) struct SecondSession {
    /// Milliseconds after the first one was opened.
    pub(crate) after_ms: u64,
    /// True if the cart has changed meanwhile, so that the first session must be replaced.
    pub(crate) changes_amount: bool,
}

/// A refund that the merchant's staff make in the wallet's own console.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) struct ConsoleRefund {
    /// Milliseconds after the first payment of the order.
    pub(crate) after_ms: u64,
    /// True if all of the payment is refunded, false for a part.
    pub(crate) is_whole: bool,
}

impl SecondSession {
    /// Returns the second session of shopper `index`'s order; most orders have none.
    pub(super) fn of_order(seed: u64, index: u32) -> Option<Self> {
        let mut dice = Dice::new(&[seed, SECOND_SESSIONS, u64::from(index)]);
        if !dice.chance(200) {
            return None;
        }
        let spans = [
            (20, (0, 0)),
            (40, (500, 20_000)),
            (25, (20_000, 90_000)),
            // After the end of most first sessions.
            (15, (90_000, 200_000)),
        ];
        let (low, high) = dice.pick(&spans).unwrap_or((0, 0));
        Some(Self { after_ms: dice.range(low, high), changes_amount: dice.chance(600) })
    }
}

impl ConsoleRefund {
    /// Returns the refund of shopper `index`'s first payment, if staff make one.
    pub(super) fn of_order(seed: u64, index: u32) -> Option<Self> {
        let mut dice = Dice::new(&[seed, CONSOLE_REFUNDS, u64::from(index)]);
        if !dice.chance(120) {
            return None;
        }
        let spans = [(30, (0, 2_000)), (40, (2_000, 30_000)), (30, (30_000, 240_000))];
        let (low, high) = dice.pick(&spans).unwrap_or((0, 2_000));
        Some(Self { after_ms: dice.range(low, high), is_whole: dice.chance(350) })
    }
}

/// Seeds of these random numbers.
const SECOND_SESSIONS: u64 = 7;
const CONSOLE_REFUNDS: u64 = 8;
