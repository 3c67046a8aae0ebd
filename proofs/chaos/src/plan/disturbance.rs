//! Interruptions of a shopper, and payments around the end of the session.

use super::code::Code;
use crate::dice::Dice;
use crate::route::Browser;

/// An interruption.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Disturbance {
    /// The page is hidden for a while, as if the wallet app were in front.
    Hide {
        ms: u64,
        pays: bool,
    },
    Offline {
        ms: u64,
    },
    /// The device sleeps; its monotonic clock may stop meanwhile.
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
        browser: Browser,
    },
    OtherTab,
    CloseTab,
}

/// A payment by phone, some milliseconds after (or before) the session's end.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Late {
    pub(crate) after_end_ms: i64,
    pub(crate) code: Code,
}

impl Disturbance {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let ms = dice.range(500, 25_000);
        let browsers = Browser::ALL.map(|browser| (1, browser));
        let elsewhere = dice.pick(&browsers).unwrap_or(Browser::Phone);
        let choices = [
            (30, Self::Hide { ms, pays: dice.chance(400) }),
            (20, Self::Offline { ms }),
            (8, Self::Sleep { ms: ms * 3, clock_stands: dice.chance(500) }),
            (16, Self::Reload),
            (12, Self::NewTab { duplicated: dice.chance(500) }),
            (8, Self::Elsewhere { browser: elsewhere }),
            (8, Self::OtherTab),
            (2, Self::CloseTab),
        ];
        dice.pick(&choices).unwrap_or(Self::Reload)
    }
}

impl Late {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let spans = [
            (30, (0, 1_500)),
            (20, (1_500, 4_000)),
            (30, (4_000, 60_000)),
            (20, (60_000, 150_000)),
        ];
        let (low, high) = dice.pick(&spans).unwrap_or((0, 0));
        // From a second and a half before the end to more than two minutes after it.
        let after_end_ms = i64::try_from(dice.range(low, high)).unwrap_or(0) - 1_500;
        let codes =
            [(40, Code::Newest), (30, Code::Oldest), (20, Code::All), (10, Code::TwoPhones)];
        Self { after_end_ms, code: dice.pick(&codes).unwrap_or(Code::Newest) }
    }
}
