//! Seeded faults: the fault of each call is drawn from a seed, or set for the next calls.
//!
//! A draw is a pure function of the seed, the kind of call, its order, and how many calls of that
//! kind the order has had: other orders and their timing change nothing, so a seed repeats its run.

mod spoil;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(crate) use spoil::{hang_up, signature, spoiled, truncated};

/// Kinds of calls by a merchant, and of notifications by a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// `native`, `h5`, `jsapi`; `precreate`, `create`.
    Order,
    /// `page.pay` and `wap.pay`, which a browser calls.
    Page,
    Query,
    /// Alipay's `cancel`, too.
    Close,
    Refund,
    RefundQuery,
    /// A payment's notification with all its tries.
    Notify,
    /// A refund's notification with all its tries.
    RefundNotify,
}

/// Faults. A call has at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// The connection is closed before the call is executed.
    DropBefore,
    /// The call is executed, and the connection is closed without an answer.
    DropAfter,
    /// WeChat Pay: 500 `SYSTEM_ERROR`; Alipay: `20000` or `ACQ.SYSTEM_ERROR`. Not executed.
    ErrorBefore,
    /// The same answer, but the call is executed.
    ErrorAfter,
    /// The call is executed and answered `late_ms` later.
    Late,
    /// The call is executed and answered 200 with an HTML page.
    Html,
    /// The call is executed; the answer's signature is wrong.
    BadSignature,
    /// The call is executed; the answer is truncated.
    Truncated,
    /// WeChat Pay: 429 `FREQUENCY_LIMITED`; Alipay: `40005`. Not executed.
    Limited,
    /// Refunds: the merchant's balance is too low.
    NotEnough,
    /// Refunds: WeChat Pay ends it `ABNORMAL`; Alipay executes it later.
    Abnormal,
    /// Refunds: WeChat Pay ends it `CLOSED`; Alipay drops it silently.
    Closed,
    /// Notifications: never sent, never tried again.
    Lost,
    /// Notifications: sent once more after they were acknowledged, with the same id.
    Repeated,
    /// Notifications: each try is sent twice at the same moment.
    Concurrent,
    /// Notifications: sent `notify_delay_ms` later.
    Delayed,
    /// Notifications: held until another one of the order was sent, at most `notify_hold_ms`.
    Reordered,
}

/// The settings of `POST /sandbox/chaos`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) key: Key,
    /// The number of calls in a thousand that have the fault; at most a thousand per kind in all.
    pub(crate) per_mille: BTreeMap<Kind, BTreeMap<Fault, u16>>,
    /// This number of next calls, of any order, have the fault.
    pub(crate) next: BTreeMap<Kind, BTreeMap<Fault, u32>>,
    pub(crate) late_ms: u64,
    pub(crate) notify_delay_ms: u64,
    pub(crate) notify_hold_ms: u64,
}

/// The name of an order on which its draws depend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Key {
    /// Its `out_trade_no`.
    #[default]
    Number,
    /// Its description or subject: for shops whose order numbers are random.
    Description,
}

/// The settings and what has been drawn.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Chaos {
    #[serde(flatten)]
    settings: Settings,
    /// The number of faults injected.
    injected: BTreeMap<Kind, BTreeMap<Fault, u64>>,
    #[serde(skip)]
    ordinals: HashMap<(Kind, String), u64>,
    #[serde(skip)]
    descriptions: HashMap<String, String>,
    #[serde(skip)]
    refunds: HashMap<String, String>,
}

impl Settings {
    /// # Errors
    /// The problem: a fault that a kind of call cannot have, or a number out of range.
    pub(crate) fn check(&self) -> Result<(), String> {
        let rates = self.per_mille.iter().flat_map(|(kind, faults)| pairs(*kind, faults));
        let counts = self.next.iter().flat_map(|(kind, faults)| pairs(*kind, faults));
        if let Some((kind, fault)) = rates.chain(counts).find(|(kind, fault)| !fault.fits(*kind)) {
            return Err(format!("{kind:?} cannot have the fault {fault:?}"));
        }
        let sum = |faults: &BTreeMap<Fault, u16>| -> u32 {
            faults.values().map(|rate| u32::from(*rate)).sum()
        };
        if let Some((kind, _)) = self.per_mille.iter().find(|(_, faults)| sum(faults) > 1000) {
            return Err(format!("the faults of {kind:?} are more than 1000 of a thousand"));
        }
        let delays = [self.late_ms, self.notify_delay_ms, self.notify_hold_ms];
        if delays.into_iter().any(|delay| delay > MAX_DELAY_MS) {
            return Err(format!("late_ms and the notify_ times must be at most {MAX_DELAY_MS}"));
        }
        Ok(())
    }

    /// The fault at a point from 0 to 999, over which the rates lie in the order of [`Fault`].
    fn fault_at(&self, kind: Kind, mut point: u64) -> Option<Fault> {
        for (fault, rate) in self.per_mille.get(&kind)? {
            match point.checked_sub(u64::from(*rate)) {
                Some(rest) => point = rest,
                None => return Some(*fault),
            }
        }
        None
    }
}

impl Chaos {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    pub(crate) fn is_on(&self) -> bool {
        !self.settings.per_mille.is_empty() || !self.settings.next.is_empty()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the fault of this call of the order, if it has one; counts the call.
    pub(crate) fn decide(&mut self, kind: Kind, out_trade_no: &str) -> Option<Fault> {
        self.decide_and_flip(kind, out_trade_no).map(|(fault, _)| fault)
    }

    /// Does the same, with a random bit for faults that have two forms.
    pub(crate) fn decide_and_flip(
        &mut self,
        kind: Kind,
        out_trade_no: &str,
    ) -> Option<(Fault, bool)> {
        let key = match self.settings.key {
            Key::Number => out_trade_no,
            Key::Description => {
                self.descriptions.get(out_trade_no).map_or(out_trade_no, String::as_str)
            }
        }
        .to_owned();
        let ordinal = self.ordinals.entry((kind, key.clone())).or_default();
        let number = drawn(self.settings.seed, kind, &key, *ordinal);
        *ordinal = ordinal.saturating_add(1);
        let fault = self.take_next(kind).or_else(|| self.settings.fault_at(kind, number % 1000))?;
        let count = self.injected.entry(kind).or_default().entry(fault).or_default();
        *count = count.saturating_add(1);
        Some((fault, (number / 1000).is_multiple_of(2)))
    }

    /// Stores an order's description, whether or not the gateway accepts the order.
    pub(crate) fn describe(&mut self, out_trade_no: &str, description: &str) {
        self.descriptions.insert(out_trade_no.to_owned(), description.to_owned());
    }

    /// Stores the order of a refund.
    pub(crate) fn name_refund(&mut self, number: &str, out_trade_no: &str) {
        self.refunds.insert(number.to_owned(), out_trade_no.to_owned());
    }

    /// The order of a refund, or the refund itself if it is unknown.
    pub(crate) fn order_of_refund(&self, number: &str) -> String {
        self.refunds.get(number).map_or(number, String::as_str).to_owned()
    }

    fn take_next(&mut self, kind: Kind) -> Option<Fault> {
        let counts = self.settings.next.get_mut(&kind)?;
        let (fault, count) = counts.iter_mut().find(|(_, count)| **count > 0)?;
        *count = count.saturating_sub(1);
        Some(*fault)
    }
}

impl Fault {
    fn fits(self, kind: Kind) -> bool {
        let told = matches!(kind, Kind::Notify | Kind::RefundNotify);
        match self {
            Self::DropBefore
            | Self::DropAfter
            | Self::ErrorBefore
            | Self::ErrorAfter
            | Self::Late
            | Self::Html
            | Self::Truncated
            | Self::Limited => !told,
            Self::BadSignature => kind != Kind::Page,
            Self::NotEnough | Self::Abnormal | Self::Closed => kind == Kind::Refund,
            Self::Lost | Self::Repeated | Self::Concurrent | Self::Delayed | Self::Reordered => {
                told
            }
        }
    }
}

fn pairs<T>(kind: Kind, faults: &BTreeMap<Fault, T>) -> impl Iterator<Item = (Kind, Fault)> {
    faults.keys().map(move |fault| (kind, *fault))
}

/// The draw: a hash of all its inputs.
fn drawn(seed: u64, kind: Kind, key: &str, ordinal: u64) -> u64 {
    let digest = Sha256::digest(format!("{seed}\n{kind:?}\n{ordinal}\n{key}"));
    digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
}

const MAX_DELAY_MS: u64 = 60_000;

#[cfg(test)]
mod tests;
