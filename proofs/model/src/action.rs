//! The actions that are possible next.

use checkout::{BridgeOutcome, Deadline, State};
use contract::PaymentMethod;
use payments::TradeState;

use crate::Bounds;
use crate::browser::Away;
use crate::gateway::{Request, Share};
use crate::tab::{Asked, Line};
use crate::task::{Ask, At, From, Job, Problem, Task};
use crate::world::{Phase, World};

/// One possible action. Tabs, payments and tasks are given by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The shopper acts in a widget.
    Click(u8, Click),
    /// The shopper's wallet scans a code, or pays what it scanned.
    Wallet(u8),
    /// The gateway's notification of a present or earlier state of an order arrives, for the first
    /// time or again.
    Notify(u8, TradeState),
    /// The gateway closes an order whose time is up.
    GatewayCloses(u8),
    /// Staff refund a payment in the wallet's console.
    Console(u8, Share),
    /// The notification of that refund arrives, or the bill that lists it.
    RefundNotified(u8),
    /// The backend starts to serve a request; its gateway call may fail.
    Serve(Task, Option<CallFault>),
    /// The backend executes the next step of a task.
    Step(Task, Option<CallFault>),
    /// A delayed answer arrives.
    Deliver(Task),
    /// A request or its answer is lost.
    Lose(Task),
    /// A request arrives twice.
    Repeat(Task),
    /// A request is answered with an error before anything was done.
    Refuse(Task, Problem),
    /// The worker does the due work of a payment.
    Attend(u8, Option<CallFault>),
    /// The worker tries a due refund.
    GiveBack(u8, Option<CallFault>),
    /// The worker expires a session that nobody is paying.
    ExpireIdle(u8),
    /// The merchant's server opens another session of the order.
    OpenSession,
    /// The backend's process is killed, and starts again.
    Crash,
    /// The merchant's server ends the session now.
    EndEarly,
    /// A gateway call that timed out in the backend reaches its gateway late.
    LateCall(u8, Request),
    /// A stream opens.
    StreamOpens(u8),
    /// A stream brings the session.
    StreamSends(u8),
    /// A stream breaks.
    StreamBreaks(u8),
    /// The page notices that its stream has ended.
    StreamEnds(u8),
    /// A deadline of the widget passes.
    Passes(u8, Deadline),
    /// A page is reloaded.
    Reload(u8),
    /// The wallet identifies the payer, and redirects this tab's browser to the backend.
    Authorize(u8),
    /// The shopper returns to a page that was left: it is reloaded, or restored unchanged.
    ComeBack(u8, bool),
    /// The page answers a question of the widget, with yes or no.
    PageAnswers(u8, bool),
    /// The widget gets the key for the next intent, under the lock that the tabs share.
    TakesKey(u8),
    /// A listener destroys the widget instead of answering; the answer arrives afterwards.
    Destroys(u8),
    /// A bridge calls back, whatever the payment's status is.
    BridgeSays(u8, BridgeOutcome),
    /// Time passes.
    TimePasses(Phase),
}

/// A shopper's action in the widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the events of checkout")]
pub enum Click {
    Pay(PaymentMethod),
    Switch,
    Cancel,
    ClaimPaid,
    Refresh,
    Continue,
    Retry,
    Hide,
    Show,
}

/// The fault of a gateway call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// The message is lost.
    Lost,
    /// The call is executed, and its answer is lost.
    Unheard,
    /// The call times out, and is executed later.
    Late,
    /// The gateway refuses the order for a reason of its own.
    Refused,
    /// The call succeeds, but the answer to the tab is delayed, so that a later one may arrive
    /// first.
    Overtaken,
}

impl CallFault {
    /// Returns "no fault", and every fault if the budget allows one.
    fn all(world: &World) -> &'static [Option<Self>] {
        const ALL: [Option<CallFault>; 6] = [
            None,
            Some(CallFault::Lost),
            Some(CallFault::Unheard),
            Some(CallFault::Late),
            Some(CallFault::Refused),
            Some(CallFault::Overtaken),
        ];
        if world.left.faults > 0 { &ALL } else { &[None] }
    }
}

impl World {
    /// Adds every action that is possible next.
    pub fn possible(&self, bounds: &Bounds, found: &mut Vec<Action>) {
        for no in 0..count(self.tabs.len()) {
            self.possible_in_tab(no, found);
        }
        for no in 0..count(self.db.payments.len()) {
            self.possible_for_payment(bounds, no, found);
        }
        for task in &self.tasks {
            self.possible_for_task(bounds, *task, found);
        }
        for (no, request) in &self.late {
            found.push(Action::LateCall(*no, *request));
        }
        for session in 0..count(self.db.sessions.len()) {
            if self.is_idle_and_late(bounds, session) {
                found.push(Action::ExpireIdle(session));
            }
        }
        if self.left.opens > 0 && self.phase == Phase::Open {
            found.push(Action::OpenSession);
        }
        let is_running = self.tasks.iter().any(|task| matches!(task.at, At::Running(_)));
        let has_stream = self.lines.iter().any(|line| matches!(line, Line::Open { .. }));
        if self.left.crashes > 0 && (is_running || has_stream) {
            found.push(Action::Crash);
        }
        if self.left.ends > 0 && self.phase == Phase::Open {
            found.push(Action::EndEarly);
        }
        if let Some(next) = self.phase.next() {
            found.push(Action::TimePasses(next));
        }
    }

    /// True if the worker would expire the session.
    #[must_use]
    pub fn is_idle_and_late(&self, bounds: &Bounds, session: u8) -> bool {
        let has_active = self.db.active(session).is_some();
        let status = self.db.status(session);
        (bounds.rules.expire)(status, has_active, self.is_time_up(session)).is_some()
    }

    /// True if the worker can do a payment's due work: the session's lock is free, and no task of
    /// the worker has this payment.
    #[must_use]
    pub fn can_attend(&self, bounds: &Bounds, no: u8) -> bool {
        let is_at_it = self.tasks.iter().any(|task| {
            task.from == From::Worker
                && matches!(task.at, At::Running(Job { no: other, .. }) if other == Some(no))
        });
        !is_at_it && !self.is_locked(bounds, self.db.session_of(no))
    }

    fn possible_for_payment(&self, bounds: &Bounds, no: u8, found: &mut Vec<Action>) {
        let Some(order) = self.orders.get(usize::from(no)) else { return };
        if self.phase < Phase::TooLate && order.next_by_wallet().is_some() {
            found.push(Action::Wallet(no));
        }
        found.extend(order.notifications().iter().map(|state| Action::Notify(no, *state)));
        if self.phase == Phase::TooLate && order.closes_by_itself() {
            found.push(Action::GatewayCloses(no));
        }
        if self.left.consoles > 0 && order.is_in_console() {
            found.extend([Share::Part, Share::Whole].map(|share| Action::Console(no, share)));
        }
        if self.is_refund_unrecorded(no) {
            found.push(Action::RefundNotified(no));
        }
        if self.is_due(no) && self.can_attend(bounds, no) {
            found.extend(CallFault::all(self).iter().map(|fault| Action::Attend(no, *fault)));
        }
        if self.can_give_back(no) {
            found.extend(CallFault::all(self).iter().map(|fault| Action::GiveBack(no, *fault)));
        }
    }

    /// True if the worker can try a refund.
    #[must_use]
    pub fn can_give_back(&self, no: u8) -> bool {
        let is_at_it = self.tasks.iter().any(|task| {
            matches!(task.at, At::Running(Job { is_refund: true, no: other, .. }) if other == Some(no))
        });
        !is_at_it && self.db.payment(no).is_some_and(crate::db::Payment::is_refund_due)
    }

    fn possible_for_task(&self, bounds: &Bounds, task: Task, found: &mut Vec<Action>) {
        let may_fail = self.left.faults > 0;
        let is_awaited = matches!(task.from, From::Tab(_) | From::Wallet);
        match task.at {
            At::Asked(ask) => {
                let must_wait = self.must_wait(bounds, task.session, ask);
                if !must_wait && ask.is_reading() {
                    found.push(Action::Serve(task, None));
                    if may_fail {
                        found.push(Action::Serve(task, Some(CallFault::Overtaken)));
                    }
                } else if !must_wait {
                    found.extend(
                        CallFault::all(self).iter().map(|fault| Action::Serve(task, *fault)),
                    );
                }
                if !may_fail {
                    return;
                }
                if must_wait && is_awaited {
                    found.push(Action::Refuse(task, Problem::InProgress));
                }
                if is_awaited {
                    found.push(Action::Lose(task));
                }
                // A browser that returns from a wallet is redirected to the page after any answer.
                if matches!(task.from, From::Tab(_)) {
                    found.push(Action::Refuse(task, Problem::Failed));
                }
                if is_awaited && !ask.is_reading() {
                    found.push(Action::Repeat(task));
                }
            }
            At::Running(_) => {
                found.extend(CallFault::all(self).iter().map(|fault| Action::Step(task, *fault)));
            }
            At::Answered(_) => {
                found.push(Action::Deliver(task));
                found.push(Action::Lose(task));
            }
        }
    }

    /// True if a request waits for its session's lock.
    #[must_use]
    pub fn must_wait(&self, bounds: &Bounds, session: u8, ask: Ask) -> bool {
        // Replacing a session needs the lock of the session that is open now.
        let session = match ask {
            Ask::Open => self.db.open_session().unwrap_or(session),
            _ => session,
        };
        self.needs_lock(&bounds.rules, session, ask) && self.is_locked(bounds, session)
    }

    fn possible_in_tab(&self, no: u8, found: &mut Vec<Action>) {
        let Some(tab) = self.tab(no) else { return };
        if let Some(away) = tab.away {
            if matches!(away, Away::AtOauth(_)) {
                found.push(Action::Authorize(no));
            }
            let is_there = away != Away::Destroyed;
            let ways = [true, false].into_iter().filter(|is_anew| *is_anew || is_there);
            found.extend(ways.map(|is_anew| Action::ComeBack(no, is_anew)));
            return;
        }
        if tab.has_sheet {
            let words = [BridgeOutcome::MaybePaid, BridgeOutcome::Left, BridgeOutcome::Refused];
            found.extend(words.map(|word| Action::BridgeSays(no, word)));
        }
        match tab.asked {
            None => {}
            Some(Asked::Key(_)) => found.push(Action::TakesKey(no)),
            Some(Asked::Page) => found.push(Action::PageAnswers(no, true)),
        }
        if tab.asked == Some(Asked::Page) && self.left.refusals > 0 {
            found.push(Action::PageAnswers(no, false));
        }
        if tab.asked.is_some() && self.left.refusals > 0 {
            found.push(Action::Destroys(no));
        }
        for click in self.clicks(no) {
            found.push(Action::Click(no, click));
        }
        if self.left.reloads > 0 {
            found.push(Action::Reload(no));
        }
        match self.line(no) {
            Line::Closed => {}
            Line::Asked => found.push(Action::StreamOpens(no)),
            Line::Open { is_current: false } => found.push(Action::StreamSends(no)),
            Line::Open { .. } => {}
            Line::Dead => found.push(Action::StreamEnds(no)),
        }
        if matches!(self.line(no), Line::Asked | Line::Open { .. }) && self.left.faults > 0 {
            found.push(Action::StreamBreaks(no));
        }
        for deadline in Deadline::ALL {
            if self.can_pass(no, deadline, self.left.faults > 0) {
                found.push(Action::Passes(no, deadline));
            }
        }
    }

    /// Returns the answer to a widget's question, if the page allows everything.
    #[must_use]
    pub fn next_answer(&self, no: u8) -> Option<Action> {
        match self.tab(no).filter(|tab| tab.away.is_none())?.asked? {
            Asked::Page => Some(Action::PageAnswers(no, true)),
            Asked::Key(_) => Some(Action::TakesKey(no)),
        }
    }

    /// True if a deadline of a widget can pass now.
    #[must_use]
    pub fn can_pass(&self, no: u8, deadline: Deadline, may_be_slow: bool) -> bool {
        let Some(tab) = self.tab(no) else { return false };
        if tab.has_stopped || !tab.checkout.is_set(deadline) {
            return false;
        }
        match deadline {
            // A request times out although its answer is on its way only at the cost of a fault.
            Deadline::Request => may_be_slow || !self.is_answer_coming(no),
            Deadline::Silence => self.line(no) == Line::Dead,
            Deadline::SessionEnd => self.is_time_up(tab.session),
            Deadline::CodeEnd => self.phase > Phase::Open,
            Deadline::Again | Deadline::Reopen => true,
        }
    }

    fn clicks(&self, no: u8) -> Vec<Click> {
        let Some(tab) = self.tab(no) else { return Vec::new() };
        let mut clicks = match tab.state() {
            State::Selecting(_) => {
                // The selector is disabled while a press waits for its answers.
                let is_busy = tab.checkout.is_pay_requested();
                let methods = tab.checkout.methods().into_iter().filter(|_| !is_busy);
                let mut clicks: Vec<_> = methods.map(Click::Pay).collect();
                if self.db.active(tab.session).is_some() {
                    clicks.push(Click::Cancel);
                }
                clicks
            }
            State::Awaiting(awaiting) => {
                let mut clicks =
                    vec![Click::Switch, Click::Cancel, Click::ClaimPaid, Click::Refresh];
                if !matches!(awaiting.action, checkout::Action::QrCode { .. }) {
                    clicks.push(Click::Continue);
                }
                clicks
            }
            State::Guiding(guiding) => vec![Click::Pay(guiding.method), Click::Switch],
            State::Confirming(_) => vec![Click::Switch, Click::Cancel, Click::ClaimPaid],
            State::Starting(_) => vec![Click::Switch],
            _ => Vec::new(),
        };
        if self.left.clicks == 0 {
            clicks.clear();
        }
        if matches!(
            tab.state(),
            State::Failed { .. }
                | State::Canceled { session_over: false }
                | State::Unavailable { .. }
        ) {
            clicks.push(Click::Retry);
        }
        if !tab.checkout.is_visible() {
            clicks = vec![Click::Show];
        } else if self.left.hides > 0 {
            clicks.push(Click::Hide);
        }
        clicks
    }
}

/// Converts a length to the type of the numbers of tabs, payments and sessions.
#[must_use]
pub(crate) fn count(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}
