//! What a shopper will do, all of it thrown before the run begins.
//!
//! A turn says what the shopper does on whatever screen stands when it comes. What screens come,
//! and when, depends on two real processes; what is done on them depends on the seed alone.

use std::hash::Hash as _;

use contract::PaymentMethod;

use crate::dice::{Dice, Digest};
use crate::tour::{self, Place, Tour};

/// One shopper.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Plan {
    pub(crate) index: u32,
    pub(crate) amount_fen: i64,
    pub(crate) methods: Vec<Wallet>,
    pub(crate) expires_in_s: u32,
    /// Where the shopper stands, and the first pick.
    pub(crate) tour: Tour,
    pub(crate) weather: Weather,
    /// The browser forbids tabs to share storage.
    pub(crate) shares_nothing: bool,
    pub(crate) turns: Vec<Turn>,
    /// Payments by phone around the end of the session, whatever has become of the page.
    pub(crate) late: Vec<Late>,
    /// What happens at the gateway's page, visit by visit.
    pub(crate) visits: Vec<Visit>,
    /// What happens at a bridge's payment sheet, call by call.
    pub(crate) sheets: Vec<Sheet>,
    pub(crate) jitter: u32,
}

/// A wallet, hashable.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Wallet {
    Alipay,
    WechatPay,
}

/// How often the shopper's own network fails, in thousandths.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Weather {
    pub(crate) calls: u64,
    pub(crate) streams: u64,
}

/// One turn: a think, perhaps a disturbance, then a choice for each screen.
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

/// What a shopper does on a screen.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Choice {
    Wait,
    /// Pick a wallet and press "pay" so many times in one tick, in one tab or in all.
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

/// Which of the codes that the shopper has seen.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Code {
    Newest,
    Oldest,
    /// All of them at the same moment, with as many phones.
    All,
    /// The newest, from two phones at once.
    TwoPhones,
}

/// What comes between.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Disturbance {
    /// The page is hidden for a while, as when the wallet app is in front.
    Hide {
        ms: u64,
        pays: bool,
    },
    Offline {
        ms: u64,
    },
    /// The device sleeps; its monotonic clock may stand still meanwhile.
    Sleep {
        ms: u64,
        clock_stands: bool,
    },
    Reload,
    /// A second tab: duplicated with its storage, or fresh.
    NewTab {
        duplicated: bool,
    },
    /// The link to the page is opened in another app or on another device.
    Elsewhere {
        place: Place,
    },
    OtherTab,
    CloseTab,
}

/// A payment by phone, so many milliseconds after (or before) the session's end.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Late {
    pub(crate) after_end_ms: i64,
    pub(crate) code: Code,
}

/// What a shopper does at the gateway's page, or in the app that it opens.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Visit {
    pub(crate) pays: Pays,
    pub(crate) think_ms: u64,
    pub(crate) way: Way,
    pub(crate) onward: Onward,
}

/// When the wallet takes the money.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Pays {
    Never,
    /// Before the shopper is back.
    First,
    /// So long after the shopper is back: the page of H5 comes back after five seconds, paid or
    /// not (gateways.md A11.2).
    Later {
        ms: u64,
    },
}

/// What becomes of the request that a gateway's page sends the browser on with: its return, or
/// its word of who pays.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Onward {
    Once,
    /// It never arrives: the shopper opens the page anew.
    Lost,
    Twice,
    /// Twice at the same moment.
    AtOnce,
    Late {
        ms: u64,
    },
    /// Once more, so much later: the back button, or a stranger who has seen the address.
    Again {
        ms: u64,
    },
}

/// What a shopper does at a bridge's payment sheet.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Sheet {
    pub(crate) decision: Decision,
    pub(crate) think_ms: u64,
    pub(crate) word: Word,
}

/// What the app does, and what it says of it (gateways.md A11.1, B11).
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Decision {
    Ok,
    Cancel,
    Fail,
    OkUnpaid,
    CancelPaid,
    Processing,
    Unknown,
    UnknownPaid,
}

/// What becomes of the app's word.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Word {
    Heard,
    Late {
        ms: u64,
    },
    /// The bridge never calls back.
    Lost,
    /// The app has dropped the page behind its sheet and loads it anew.
    Reloaded,
}

/// How the shopper comes back from there.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the gateway's return address.
    Returned,
    /// By the back button, to a page that is loaded again.
    Back,
    /// By the back button, to the page as it was left.
    Restored,
    Never,
}

impl Wallet {
    pub(crate) const fn method(self) -> PaymentMethod {
        match self {
            Self::Alipay => PaymentMethod::Alipay,
            Self::WechatPay => PaymentMethod::WechatPay,
        }
    }
}

impl Plan {
    /// The plan of shopper `index`.
    pub(crate) fn new(seed: u64, index: u32) -> Self {
        let mut dice = Dice::new(&[seed, PLANS, u64::from(index)]);
        let tour = Tour::of(seed, index);
        let both = vec![Wallet::Alipay, Wallet::WechatPay];
        let methods = dice
            .pick(&[
                (45, both),
                (45, vec![Wallet::WechatPay, Wallet::Alipay]),
                (10, vec![tour.wallet]),
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
        let weather = Weather { calls, streams };
        let plan = Self {
            index,
            amount_fen,
            methods,
            expires_in_s,
            tour,
            weather,
            shares_nothing,
            turns,
            late,
            visits,
            sheets,
            jitter,
        };
        if tour::is_first(index) { plan.single_minded() } else { plan }
    }

    /// The same shopper on a good network, with nothing in mind but to pay by the first way.
    fn single_minded(mut self) -> Self {
        let Tour { wallet, .. } = self.tour;
        self.weather = Weather { calls: 0, streams: 0 };
        // However busy the machine is: nobody else has to hurry because of them.
        self.expires_in_s = 1_800;
        self.turns = self.turns.iter().cycle().take(TURNS * 12).cloned().collect();
        self.late.clear();
        for turn in &mut self.turns {
            turn.disturbance = None;
            turn.selecting = Choice::Confirm { wallet, clicks: 1, all_tabs: false };
            turn.awaiting = Choice::Pay(Code::Newest);
            // An order that got no answer is "being checked" until its shopper starts it again.
            turn.confirming = Choice::Switch;
            turn.busy = Choice::Wait;
            turn.ended = Choice::Retry;
        }
        for visit in &mut self.visits {
            (visit.pays, visit.way, visit.onward) = (Pays::First, Way::Returned, Onward::Once);
        }
        for sheet in &mut self.sheets {
            (sheet.decision, sheet.word) = (Decision::Ok, Word::Heard);
        }
        self
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        self.hash(digest);
    }
}

impl Turn {
    /// A greedy shopper, who knows which turn it is, goes from wallet to wallet and pays whatever
    /// can be paid.
    fn new(dice: &mut Dice, greedy: Option<usize>) -> Self {
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
            // A turn to pick, a turn to turn away: the next pick is the other wallet.
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

    /// While something is being started, closed or loaded.
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

impl Disturbance {
    fn new(dice: &mut Dice) -> Self {
        let ms = dice.range(500, 25_000);
        let places = Place::ALL.map(|place| (1, place));
        let elsewhere = dice.pick(&places).unwrap_or(Place::Phone);
        let choices = [
            (30, Self::Hide { ms, pays: dice.chance(400) }),
            (20, Self::Offline { ms }),
            (8, Self::Sleep { ms: ms * 3, clock_stands: dice.chance(500) }),
            (16, Self::Reload),
            (12, Self::NewTab { duplicated: dice.chance(500) }),
            (8, Self::Elsewhere { place: elsewhere }),
            (8, Self::OtherTab),
            (2, Self::CloseTab),
        ];
        dice.pick(&choices).unwrap_or(Self::Reload)
    }
}

impl Late {
    fn new(dice: &mut Dice) -> Self {
        let spans = [
            (30, (0, 1_500)),
            (20, (1_500, 4_000)),
            (30, (4_000, 60_000)),
            (20, (60_000, 150_000)),
        ];
        let (low, high) = dice.pick(&spans).unwrap_or((0, 0));
        // A second and a half before the end up to more than two minutes after it.
        let after_end_ms = i64::try_from(dice.range(low, high)).unwrap_or(0) - 1_500;
        let codes =
            [(40, Code::Newest), (30, Code::Oldest), (20, Code::All), (10, Code::TwoPhones)];
        Self { after_end_ms, code: dice.pick(&codes).unwrap_or(Code::Newest) }
    }
}

impl Visit {
    fn new(dice: &mut Dice) -> Self {
        let ways = [(60, Way::Returned), (15, Way::Back), (10, Way::Restored), (15, Way::Never)];
        let later_ms = dice.pick(&[(70, (300, 15_000)), (30, (15_000, 150_000))]);
        let (low, high) = later_ms.unwrap_or((300, 15_000));
        let pays =
            [(45, Pays::First), (25, Pays::Later { ms: dice.range(low, high) }), (30, Pays::Never)];
        Self {
            pays: dice.pick(&pays).unwrap_or(Pays::Never),
            think_ms: dice.range(300, 20_000),
            way: dice.pick(&ways).unwrap_or(Way::Back),
            onward: Onward::new(dice),
        }
    }
}

impl Onward {
    fn new(dice: &mut Dice) -> Self {
        let choices = [
            (60, Self::Once),
            (12, Self::Lost),
            (8, Self::Twice),
            (6, Self::AtOnce),
            (6, Self::Late { ms: dice.range(1_000, 40_000) }),
            (8, Self::Again { ms: dice.range(1_000, 150_000) }),
        ];
        dice.pick(&choices).unwrap_or(Self::Once)
    }

    /// Its name in the report.
    pub(crate) const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Once => return None,
            Self::Lost => "return lost",
            Self::Twice => "return repeated",
            Self::AtOnce => "return at once twice",
            Self::Late { .. } => "return late",
            Self::Again { .. } => "return replayed later",
        })
    }
}

impl Sheet {
    fn new(dice: &mut Dice) -> Self {
        let decisions = [
            (45, Decision::Ok),
            (12, Decision::Cancel),
            (6, Decision::Fail),
            (8, Decision::OkUnpaid),
            (8, Decision::CancelPaid),
            (6, Decision::Processing),
            (6, Decision::Unknown),
            (6, Decision::UnknownPaid),
        ];
        let words = [
            (60, Word::Heard),
            (10, Word::Late { ms: dice.range(1_000, 60_000) }),
            (15, Word::Lost),
            (15, Word::Reloaded),
        ];
        Self {
            decision: dice.pick(&decisions).unwrap_or(Decision::Cancel),
            think_ms: dice.range(300, 20_000),
            word: dice.pick(&words).unwrap_or(Word::Heard),
        }
    }
}

impl Decision {
    /// Its name at the sandbox.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Cancel => "cancel",
            Self::Fail => "fail",
            Self::OkUnpaid => "ok_unpaid",
            Self::CancelPaid => "cancel_paid",
            Self::Processing => "processing",
            Self::Unknown => "unknown",
            Self::UnknownPaid => "unknown_paid",
        }
    }

    /// Whether money moves, if the app takes the call at all.
    pub(crate) const fn pays(self) -> bool {
        matches!(self, Self::Ok | Self::CancelPaid | Self::Processing | Self::UnknownPaid)
    }

    /// Whether the app's word is not what happened.
    pub(crate) const fn lies(self) -> bool {
        matches!(self, Self::OkUnpaid | Self::CancelPaid | Self::UnknownPaid)
    }
}

/// What the dice of plans are named by.
const PLANS: u64 = 1;
const TURNS: usize = 24;
const VISITS: usize = 6;
