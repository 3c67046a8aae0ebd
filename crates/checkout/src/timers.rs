//! The machine's deadlines, as data: the driver needs one real timer.

use crate::Millis;

/// The purpose of a deadline.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The request in flight has taken too long.
    Request,
    /// Ask again: a retry, or a poll while there is no stream.
    Again,
    /// Try to open the stream again.
    Reopen,
    /// The stream has been silent for too long.
    Silence,
    /// The code or address stops working.
    CodeEnd,
    /// The session's time is up.
    SessionEnd,
    /// Announce the time that is left.
    Reminder,
    /// The wallet's app should have covered the page by now.
    AppOpens,
    /// Nothing was asked for a while on a screen before the payment.
    Idle,
}

const COUNT: usize = 9;

/// One optional deadline for each [`Timer`].
#[derive(Clone, Debug, Default, Hash)]
pub(crate) struct Timers([Option<Millis>; COUNT]);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Millis) {
        if let Some(slot) = self.0.get_mut(timer as usize) {
            *slot = Some(at);
        }
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        if let Some(slot) = self.0.get_mut(timer as usize) {
            *slot = None;
        }
    }

    pub(crate) fn is_set(&self, timer: Timer) -> bool {
        self.0.get(timer as usize).is_some_and(Option::is_some)
    }

    /// Removes the deadline if it has passed; true if it had.
    pub(crate) fn take_passed(&mut self, timer: Timer, now: Millis) -> bool {
        match self.0.get_mut(timer as usize) {
            Some(slot) if slot.is_some_and(|at| at <= now) => {
                *slot = None;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn stop_all(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn next(&self) -> Option<Millis> {
        self.0.iter().flatten().min().copied()
    }
}
