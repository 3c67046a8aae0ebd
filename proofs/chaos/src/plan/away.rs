//! A shopper's decisions outside of the page: on a gateway's page, in an app, in a bridge's sheet.

use crate::dice::Dice;

/// One visit of the gateway's page, or of the app that it opens.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Visit {
    pub(crate) pays: Pays,
    pub(crate) think_ms: u64,
    pub(crate) way: Way,
    pub(crate) onward: Onward,
}

/// The moment at which the wallet takes the money.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Pays {
    Never,
    /// Before the shopper returns.
    First,
    /// Some time after the shopper returns: the H5 page redirects after five seconds, paid or not
    /// (gateways.md A11.2).
    Later {
        ms: u64,
    },
}

/// The fault of the request by which a gateway's page redirects to the backend: a return, or an
/// authorization.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Onward {
    Once,
    /// The request is lost: the shopper opens the page again.
    Lost,
    Twice,
    /// Sent twice at the same moment.
    AtOnce,
    Late {
        ms: u64,
    },
    /// Sent again later: by the back button, or by an attacker who has seen the address.
    Again {
        ms: u64,
    },
}

/// One payment sheet of a bridge.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Sheet {
    pub(crate) decision: Decision,
    pub(crate) think_ms: u64,
    pub(crate) callback: Callback,
}

/// The app's action, and the result that it reports (gateways.md A11.1, B11).
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

/// The fault of the bridge's callback.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Callback {
    InTime,
    Late {
        ms: u64,
    },
    /// The bridge never calls back.
    Lost,
    /// The app has unloaded the page behind its sheet and reloads it.
    Reloaded,
}

/// The shopper's way of returning to the page.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the gateway's return address.
    Returned,
    /// By the back button, to a page that is loaded again.
    Back,
    /// By the back button, to the page as it was left, from the browser's cache.
    Restored,
    Never,
}

impl Visit {
    pub(super) fn new(dice: &mut Dice) -> Self {
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
    pub(super) fn new(dice: &mut Dice) -> Self {
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

    /// Returns its name in the report.
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
    pub(super) fn new(dice: &mut Dice) -> Self {
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
        let callbacks = [
            (60, Callback::InTime),
            (10, Callback::Late { ms: dice.range(1_000, 60_000) }),
            (15, Callback::Lost),
            (15, Callback::Reloaded),
        ];
        Self {
            decision: dice.pick(&decisions).unwrap_or(Decision::Cancel),
            think_ms: dice.range(300, 20_000),
            callback: dice.pick(&callbacks).unwrap_or(Callback::InTime),
        }
    }
}

impl Decision {
    /// Returns its name in the sandbox's API.
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

    /// True if money moves, provided that the app accepts the call.
    pub(crate) const fn pays(self) -> bool {
        matches!(self, Self::Ok | Self::CancelPaid | Self::Processing | Self::UnknownPaid)
    }

    /// True if the reported result is wrong.
    pub(crate) const fn lies(self) -> bool {
        matches!(self, Self::OkUnpaid | Self::CancelPaid | Self::UnknownPaid)
    }
}
