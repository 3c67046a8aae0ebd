//! Exploring every behaviour of the machine: machines that are compared and driven without
//! durations. Behind the feature `explore`; the widget that ships has none of it.

use std::hash::{Hash, Hasher};

use crate::machine::Checkout;
use crate::timers::Timer;
use crate::{Effects, Event, Millis, Origin, QuestionId, RequestId, State};

/// A deadline that can pass on its own. Deadlines that only inform the shopper are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Deadline {
    /// The request in flight has taken too long.
    Request,
    /// Ask again: a retry or a poll.
    Again,
    /// Open the stream again.
    Reopen,
    /// The stream has been silent for too long.
    Silence,
    /// The code or address stops working.
    CodeEnd,
    /// The session's time is up.
    SessionEnd,
}

impl Deadline {
    /// All of them, in a fixed order.
    pub const ALL: [Self; 6] =
        [Self::Request, Self::Again, Self::Reopen, Self::Silence, Self::CodeEnd, Self::SessionEnd];

    const fn timer(self) -> Timer {
        match self {
            Self::Request => Timer::Request,
            Self::Again => Timer::Again,
            Self::Reopen => Timer::Reopen,
            Self::Silence => Timer::Silence,
            Self::CodeEnd => Timer::CodeEnd,
            Self::SessionEnd => Timer::SessionEnd,
        }
    }
}

impl Checkout {
    /// True if the deadline is set.
    #[must_use]
    pub fn is_set(&self, deadline: Deadline) -> bool {
        self.timers.is_set(deadline.timer())
    }

    /// Fires `deadline` at `now`, and no other.
    pub fn pass(&mut self, deadline: Deadline, now: Millis) -> Effects {
        for other in Deadline::ALL {
            if self.is_set(other) {
                let at = if other == deadline { now } else { now.plus(1) };
                self.timers.set(other.timer(), at);
            }
        }
        self.stop_reminders();
        self.handle(now, Event::Tick)
    }

    /// The request whose answer is awaited.
    #[must_use]
    pub fn awaited(&self) -> Option<RequestId> {
        self.network.awaited()
    }

    /// True if the page or the browser owes it an answer.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    /// Brings machines that differ only in durations, and in how often things were tried, to
    /// the same values: its clock starts again at zero, a set deadline is only known to be set
    /// (see [`Checkout::pass`]), and the awaited request is number one.
    ///
    /// Counters that only choose a duration are forgotten, and so are the notices, the origin of a
    /// start and the known payment, which only inform the shopper. The tries of the first read are
    /// kept, because the last of them ends in another state.
    pub fn forget_durations(&mut self) {
        self.clock.shift(self.now, self.session.as_ref().map(|session| session.expires_at));
        self.now = Millis(0);
        for deadline in Deadline::ALL {
            if self.is_set(deadline) {
                self.timers.set(deadline.timer(), Millis(0));
            }
        }
        self.stop_reminders();
        self.network.forget_durations(matches!(self.state, State::Loading));
        self.last_question = u32::from(self.question.is_some());
        if let Some(question) = &mut self.question {
            question.id = QuestionId(1);
        }
        self.is_ready = true;
        self.known_payment = None;
        self.guided_at = None;
        if let State::Starting(starting) = &mut self.state {
            // It only decides what is drawn.
            starting.origin = Origin::Selector;
        } else if let Some(notice) = self.state.notice_mut() {
            *notice = None;
        }
    }

    /// Stops the deadlines that only inform the shopper.
    fn stop_reminders(&mut self) {
        self.timers.stop(Timer::Reminder);
        self.timers.stop(Timer::AppOpens);
        // A selector reads the session as well when its page is shown, which is explored.
        self.timers.stop(Timer::Idle);
    }

    /// The revision of the session that it knows, to be put to a smaller number in the same
    /// order as every other.
    pub fn revision_mut(&mut self) -> Option<&mut u32> {
        self.session.as_mut().map(|session| &mut session.revision)
    }
}

/// Hashes all state that decides the machine's behaviour: not its options, which do not change, and
/// not the session's texts and amount, which it never reads.
impl Hash for Checkout {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.state.hash(hasher);
        if let Some(session) = &self.session {
            let shown = session.payment.as_ref();
            (session.status, session.revision, session.refund, session.expires_at).hash(hasher);
            shown.map(|payment| (&payment.id, payment.payment_method)).hash(hasher);
            let asked = |next: &contract::NextAction| next.kind;
            shown
                .map(|payment| (payment.status, payment.next_action.as_ref().map(asked)))
                .hash(hasher);
        }
        (self.session.is_some(), self.clock, self.now, &self.timers).hash(hasher);
        (&self.network, &self.intent).hash(hasher);
        (&self.question, self.last_question, &self.config.selected).hash(hasher);
        (self.is_visible, self.is_ready, self.is_destroyed).hash(hasher);
        (&self.left_payment, &self.acknowledged).hash(hasher);
    }
}
