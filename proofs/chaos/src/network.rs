//! Faults between a page and the backend: a pure function of seed, shopper, kind of call and
//! ordinal.

use checkout::Call;

use crate::dice::Dice;
use crate::plan::FaultRates;

/// The fault of one exchange.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum CallFault {
    None,
    /// The request is lost and not served; the caller gets an error.
    LostBefore {
        ms: u64,
    },
    /// The request is served, and the answer is lost.
    LostAfter,
    /// The request is not served; the caller gets neither an answer nor an error.
    SilentBefore,
    /// The request is served; the caller gets neither an answer nor an error.
    SilentAfter,
    Late {
        ms: u64,
    },
    /// The answer's body ends in the middle, as a lost connection or as a short text.
    Cut {
        silently: bool,
    },
    TooMany {
        retry_after_s: u64,
    },
    ErrorBefore,
    ErrorAfter,
    /// A captive portal answers 200 with its page.
    Portal,
    /// A proxy answers 502 with its page.
    BadGateway,
    /// A proxy sends the request twice.
    Twice,
}

/// The fault of one event stream.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum StreamFault {
    None,
    LostOpening,
    SilentOpening,
    Refused,
    Portal,
    /// Cut after this number of chunks.
    Cut {
        chunks: u64,
    },
    /// After this number of chunks nothing arrives any more, without an error.
    Deaf {
        chunks: u64,
    },
    /// Every chunk is late by this time.
    Late {
        ms: u64,
    },
}

impl CallFault {
    pub(crate) fn drawn(
        seed: u64,
        shopper: u32,
        fault_rates: FaultRates,
        kind: Kind,
        ordinal: u64,
    ) -> Self {
        let mut dice = Dice::new(&[seed, CALLS, u64::from(shopper), kind as u64, ordinal]);
        if ordinal >= MAX_FAULTS || !dice.chance(fault_rates.calls) {
            return Self::None;
        }
        let faults = [
            (12, Self::LostBefore { ms: dice.range(0, 3_000) }),
            (14, Self::LostAfter),
            (5, Self::SilentBefore),
            (6, Self::SilentAfter),
            (16, Self::Late { ms: dice.range(200, 9_000) }),
            (10, Self::Cut { silently: dice.chance(500) }),
            (8, Self::TooMany { retry_after_s: dice.range(1, 8) }),
            (6, Self::ErrorBefore),
            (8, Self::ErrorAfter),
            (5, Self::Portal),
            (4, Self::BadGateway),
            (12, Self::Twice),
        ];
        dice.pick(&faults).unwrap_or(Self::None)
    }

    /// Returns its name in the report.
    pub(crate) const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::None => return None,
            Self::LostBefore { .. } => "call lost before it was served",
            Self::LostAfter => "answer lost",
            Self::SilentBefore => "call vanished",
            Self::SilentAfter => "answer vanished",
            Self::Late { .. } => "answer late",
            Self::Cut { .. } => "answer cut",
            Self::TooMany { .. } => "429 with Retry-After",
            Self::ErrorBefore => "500 instead of serving",
            Self::ErrorAfter => "500 after serving",
            Self::Portal => "captive portal",
            Self::BadGateway => "502 with a page",
            Self::Twice => "call sent twice",
        })
    }
}

impl StreamFault {
    pub(crate) fn drawn(seed: u64, shopper: u32, fault_rates: FaultRates, ordinal: u64) -> Self {
        let mut dice = Dice::new(&[seed, STREAMS, u64::from(shopper), ordinal]);
        if ordinal >= MAX_FAULTS || !dice.chance(fault_rates.streams) {
            return Self::None;
        }
        let faults = [
            (10, Self::LostOpening),
            (10, Self::SilentOpening),
            (10, Self::Refused),
            (5, Self::Portal),
            (30, Self::Cut { chunks: dice.range(0, 3) }),
            (15, Self::Deaf { chunks: dice.range(0, 2) }),
            (20, Self::Late { ms: dice.range(200, 6_000) }),
        ];
        dice.pick(&faults).unwrap_or(Self::None)
    }

    /// Returns its name in the report.
    pub(crate) const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::None => return None,
            Self::LostOpening => "stream lost at its opening",
            Self::SilentOpening => "stream hangs at its opening",
            Self::Refused => "stream refused",
            Self::Portal => "stream answered by a portal",
            Self::Cut { .. } => "stream cut",
            Self::Deaf { .. } => "stream deaf",
            Self::Late { .. } => "stream late",
        })
    }
}

/// A kind of call; each has its own ordinals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Kind {
    Read,
    Start,
    Refresh,
    Check,
    Cancel,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] =
        [Self::Read, Self::Start, Self::Refresh, Self::Check, Self::Cancel];

    pub(crate) const fn of(call: &Call) -> Self {
        match call {
            Call::Read => Self::Read,
            Call::Start(..) => Self::Start,
            Call::Refresh(_) => Self::Refresh,
            Call::Check(_) => Self::Check,
            Call::Cancel(_) => Self::Cancel,
        }
    }
}

/// Seed of these random numbers.
const CALLS: u64 = 2;
const STREAMS: u64 = 3;
/// Limit of the faults of each kind of call, and of streams, per shopper. Faults must stop, or the
/// final state would depend on chance.
pub(crate) const MAX_FAULTS: u64 = 24;
