//! The turns of a shopper: an action for each screen.

use super::code::Code;
use super::disturbance::Disturbance;
use crate::dice::Dice;
use crate::wallet::Wallet;

/// One turn: a pause, perhaps an interruption, then an action for each screen.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Turn {
    pub(crate) think_ms: u64,
    pub(crate) disturbance: Option<Disturbance>,
    pub(crate) selecting: Choice,
    pub(crate) awaiting: Choice,
    pub(crate) confirming: Choice,
    pub(crate) busy: Choice,
    pub(crate) ended: Choice,
}

/// An action on a screen.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Choice {
    Wait,
    /// Select a wallet and press "pay" several times in one task, in one tab or in all.
    Confirm {
        wallet: Wallet,
        clicks: u8,
        all_tabs: bool,
    },
    /// Pay by phone.
    Pay(Code),
    /// Pay and press "I have paid" in the same moment.
    PayAndClaim,
    /// Scan, but do not pay.
    Scan,
    Claim,
    Refresh,
    Switch,
    Cancel,
    Retry,
    Continue,
    Reload,
    /// Close every tab and do not come back.
    Leave,
}

impl Turn {
    /// Draws a turn. If `greedy` is the number of the turn, the shopper alternates between the
    /// wallets and pays every code.
    pub(super) fn new(dice: &mut Dice, greedy: Option<usize>) -> Self {
        let think_ms = dice.pick(&[(30, 0), (40, 1_500), (30, 6_000)]).unwrap_or(0);
        Self {
            think_ms: think_ms + dice.range(20, 6_000),
            disturbance: dice.chance(260).then(|| Disturbance::new(dice)),
            selecting: Choice::on_selecting(dice, greedy),
            awaiting: match greedy {
                Some(_) => Choice::greedy(dice),
                None => Choice::on_awaiting(dice),
            },
            confirming: Choice::on_confirming(dice),
            busy: Choice::on_busy(dice),
            ended: Choice::on_ended(dice),
        }
    }
}

impl Choice {
    fn on_selecting(dice: &mut Dice, greedy: Option<usize>) -> Self {
        let is_alipay = match greedy {
            // One turn selects a wallet, the next one goes back: the next selection is the other
            // wallet.
            Some(turn) => (turn / 2) % 2 == 0,
            None => dice.chance(500),
        };
        let wallet = if is_alipay { Wallet::Alipay } else { Wallet::WechatPay };
        let clicks = dice.pick(&[(70, 1), (20, 2), (10, 7)]).unwrap_or(1);
        let confirm = Self::Confirm { wallet, clicks, all_tabs: dice.chance(300) };
        let choices = [
            (80, confirm),
            (6, Self::Wait),
            (3, Self::Reload),
            (4, Self::Pay(Code::Oldest)),
            (3, Self::Cancel),
            (2, Self::Retry),
            (2, Self::Leave),
        ];
        dice.pick(&choices).unwrap_or(Self::Wait)
    }

    fn on_awaiting(dice: &mut Dice) -> Self {
        let choices = [
            (32, Self::Pay(Code::Newest)),
            (5, Self::Pay(Code::Oldest)),
            (5, Self::Pay(Code::All)),
            (3, Self::Pay(Code::TwoPhones)),
            (4, Self::PayAndClaim),
            (7, Self::Scan),
            (6, Self::Claim),
            (5, Self::Refresh),
            (12, Self::Switch),
            (6, Self::Cancel),
            (4, Self::Continue),
            (4, Self::Reload),
            (5, Self::Wait),
            (3, Self::Leave),
        ];
        dice.pick(&choices).unwrap_or(Self::Wait)
    }

    fn greedy(dice: &mut Dice) -> Self {
        let choices = [
            (50, Self::Switch),
            (30, Self::Pay(Code::All)),
            (8, Self::Pay(Code::Oldest)),
            (5, Self::Cancel),
            (4, Self::Refresh),
            (4, Self::Reload),
            (4, Self::Scan),
        ];
        dice.pick(&choices).unwrap_or(Self::Wait)
    }

    fn on_confirming(dice: &mut Dice) -> Self {
        let choices = [
            (50, Self::Wait),
            (12, Self::Pay(Code::Newest)),
            (4, Self::Pay(Code::All)),
            (10, Self::Switch),
            (6, Self::Cancel),
            (10, Self::Retry),
            (6, Self::Reload),
            (2, Self::Leave),
        ];
        dice.pick(&choices).unwrap_or(Self::Wait)
    }

    /// On screens that start, close or load something.
    fn on_busy(dice: &mut Dice) -> Self {
        let choices = [
            (54, Self::Wait),
            (12, Self::Pay(Code::Newest)),
            (8, Self::Pay(Code::Oldest)),
            (8, Self::Switch),
            (4, Self::Cancel),
            (10, Self::Reload),
            (4, Self::Leave),
        ];
        dice.pick(&choices).unwrap_or(Self::Wait)
    }

    /// On screens that offer another try.
    fn on_ended(dice: &mut Dice) -> Self {
        let choices = [
            (70, Self::Retry),
            (10, Self::Reload),
            (8, Self::Wait),
            (6, Self::Pay(Code::Oldest)),
            (6, Self::Leave),
        ];
        dice.pick(&choices).unwrap_or(Self::Wait)
    }
}
