//! The merchant's staff refund a shopper's payment in the wallet's console.

use super::Shopper;
use super::leaving::Deferred;
use crate::console::{self, ConsoleAnswer, NUMBER_PREFIX};
use crate::phone::Paid;
use crate::plan::ConsoleRefund;
use crate::world::Count;

impl Shopper {
    /// Schedules the planned refund once something is paid.
    pub(super) fn schedule_console_refund(&mut self) {
        let Some(paid) = self.paid.first().cloned() else { return };
        if let Some(refund) = self.plan.console_refund.take() {
            let at = self.world.clock.now_ms() + refund.after_ms;
            self.deferred.push((at, Deferred::ConsoleRefund { refund, paid, tries: 0 }));
        }
    }

    /// Refunds in the console; again later if there is no answer.
    pub(super) async fn refund_in_console(
        &mut self,
        refund: ConsoleRefund,
        paid: Paid,
        tries: u32,
    ) {
        let number = format!("{NUMBER_PREFIX}{}-{}", self.world.seed, self.plan.index);
        let share_fen = if refund.is_whole { paid.amount_fen } else { paid.amount_fen / 3 };
        let amount_fen = share_fen.max(1);
        let (world, session_id) = (&self.world, &self.api.session_id);
        let answer = console::refund(world, session_id, &paid.order, &number, amount_fen).await;
        self.note(&format!("{amount_fen} fen of {:?} in the console: {answer:?}", paid.order));
        let outcome = match answer {
            ConsoleAnswer::Refunded => "console refunds made",
            ConsoleAnswer::Refused => "console refunds refused by the gateway",
            ConsoleAnswer::Lost if tries < MAX_TRIES => {
                let at = self.world.clock.now_ms() + RETRY_MS;
                let tries = tries + 1;
                self.deferred.push((at, Deferred::ConsoleRefund { refund, paid, tries }));
                return;
            }
            ConsoleAnswer::Lost => "console refunds given up",
        };
        self.world.count(Count::Outcome, outcome);
    }
}

const MAX_TRIES: u32 = 20;
const RETRY_MS: u64 = 3_000;
