//! Performs actions on the world.

use checkout::{BridgeOutcome, Deadline, Event, State};

use payments::{Refusal, Signal, Step};

use crate::action::{Action, CallFault, Click, count};
use crate::browser::Away;
use crate::gateway::Standing;
use crate::tab::{Line, Tab};
use crate::task::{Ask, At, From, Pending, Problem, Reply, Task};
use crate::wire::number;
use crate::world::World;
use crate::{Bounds, Rules};

impl World {
    /// Performs an action; returns `false` if it turns out to be impossible.
    pub fn act(&mut self, bounds: &Bounds, action: Action) -> bool {
        let before: Vec<u32> = self.db.sessions.iter().map(|session| session.revision).collect();
        let can_happen = self.try_act(bounds, action);
        for (tab, line) in self.tabs.iter().zip(&mut self.lines) {
            let session = usize::from(tab.session);
            let now = self.db.sessions.get(session).map(|session| session.revision);
            if let (Line::Open { is_current }, true) = (line, before.get(session) != now.as_ref()) {
                *is_current = false;
            }
        }
        if self.left.faults == 0 {
            self.open_streams(bounds);
        }
        self.put_in_order();
        can_happen
    }

    /// Opens every requested stream. Called if no fault is left that could delay one.
    fn open_streams(&mut self, bounds: &Bounds) {
        for no in 0..count(self.tabs.len()) {
            if self.line(no) == Line::Asked {
                self.try_act(bounds, Action::StreamOpens(no));
            }
        }
    }

    fn try_act(&mut self, bounds: &Bounds, action: Action) -> bool {
        match action {
            Action::Click(no, click) => self.click(bounds, no, click),
            Action::Wallet(no) => {
                if let Some(order) = self.orders.get_mut(usize::from(no)) {
                    order.standing = order.next_by_wallet().unwrap_or(order.standing);
                }
            }
            Action::Notify(no, state) => self.notified(&bounds.rules, no, state),
            Action::GatewayCloses(no) => {
                if let Some(order) = self.orders.get_mut(usize::from(no)) {
                    order.standing = Standing::Closed;
                }
            }
            Action::Console(no, share) => {
                self.left.consoles -= 1;
                if let Some(order) = self.orders.get_mut(usize::from(no)) {
                    order.refund_in_console(share);
                }
            }
            Action::RefundNotified(no) => self.refunded_elsewhere(&bounds.rules, no),
            Action::Serve(task, fault) => {
                if let At::Asked(ask) = task.at {
                    self.remove(task);
                    let at = self.serve(&bounds.rules, task.session, ask);
                    return self.continue_task(bounds, task, at, fault);
                }
            }
            Action::Step(task, fault) => {
                if let At::Running(job) = task.at {
                    self.remove(task);
                    let at = self.step(&bounds.rules, job);
                    // The payment is inserted and its order not submitted: a crash here has its own
                    // outcome.
                    if job.pending == Pending::Do(Step::Insert)
                        && fault.is_none()
                        && self.left.crashes > 0
                    {
                        self.put(bounds, Task { at, ..task });
                        return true;
                    }
                    return self.continue_task(bounds, task, at, fault);
                }
            }
            Action::Deliver(task) => {
                self.remove(task);
                if let (From::Tab(no), At::Answered(reply)) = (task.from, task.at) {
                    self.answer(bounds, no, reply);
                }
            }
            Action::Lose(task) => {
                // The fault of a delayed answer was counted when it was delayed.
                self.left.faults -= u8::from(matches!(task.at, At::Asked(_)));
                self.remove(task);
            }
            Action::Repeat(task) => {
                self.left.faults -= 1;
                self.tasks.push(Task { from: From::Nobody, ..task });
                self.forget_pointless(bounds.strays);
            }
            Action::Refuse(task, problem) => {
                self.left.faults -= 1;
                self.remove(task);
                self.put(bounds, Task { at: At::Answered(Reply::Failed(problem)), ..task });
            }
            Action::Attend(no, fault) => {
                let at = self.attend(&bounds.rules, no);
                return at.is_some_and(|at| {
                    self.continue_task(bounds, self.worker_task(no, at), at, fault)
                });
            }
            Action::GiveBack(no, fault) => {
                let at = self.give_back(&bounds.rules, no);
                return at.is_some_and(|at| {
                    self.continue_task(bounds, self.worker_task(no, at), at, fault)
                });
            }
            Action::ExpireIdle(session) => {
                self.db.expire_idle(&bounds.rules, session, self.is_time_up(session));
            }
            Action::OpenSession => {
                self.left.opens -= 1;
                self.tasks.push(OPEN_TASK);
            }
            Action::Crash => self.crash(),
            Action::EndEarly => {
                self.left.ends -= 1;
                if let Some(session) = self.db.sessions.first_mut() {
                    session.is_ended_early = true;
                    session.revision += 1;
                }
            }
            Action::LateCall(no, request) => {
                self.late.retain(|late| *late != (no, request));
                if let Some(order) = self.orders.get_mut(usize::from(no)) {
                    order.carry_out(request);
                }
            }
            Action::StreamOpens(no) => {
                self.handle(bounds, no, Event::StreamAlive);
                self.send_session(bounds, no);
            }
            Action::StreamSends(no) => self.send_session(bounds, no),
            Action::StreamBreaks(no) => {
                self.left.faults -= 1;
                self.set_line(no, Line::Dead);
            }
            Action::StreamEnds(no) => {
                self.set_line(no, Line::Closed);
                self.handle(bounds, no, Event::StreamEnded { fault: None });
            }
            Action::Passes(no, deadline) => self.pass(bounds, no, deadline),
            Action::Reload(no) => {
                self.left.reloads -= 1;
                self.load(bounds, no);
            }
            Action::Authorize(no) => {
                if let Some(Away::AtOauth(payment)) = self.tab(no).and_then(|tab| tab.away) {
                    self.change_tab(no, |tab| tab.away = Some(Away::Elsewhere));
                    let at = At::Asked(Ask::Authorized(payment));
                    let session = self.db.session_of(payment);
                    self.tasks.push(Task { from: From::Wallet, session, at });
                }
            }
            Action::ComeBack(no, true) => self.load(bounds, no),
            Action::ComeBack(no, false) => {
                self.change_tab(no, |tab| tab.away = None);
                self.handle(bounds, no, Event::PageShown);
            }
            Action::PageAnswers(no, is_allowed) => {
                self.left.refusals -= u8::from(!is_allowed);
                self.page_answers(bounds, no, is_allowed);
            }
            Action::TakesKey(no) => self.take_key(bounds, no),
            Action::Destroys(no) => {
                self.left.refusals -= 1;
                self.destroy(bounds, no);
            }
            Action::BridgeSays(no, word) => {
                self.change_tab(no, |tab| tab.has_sheet = false);
                if word == BridgeOutcome::MaybePaid && !bounds.rules.distrusts_bridge {
                    self.take_for_paid(&bounds.rules, no);
                }
                self.handle(bounds, no, Event::BridgeReturned(word));
            }
            Action::TimePasses(phase) => self.phase = phase,
        }
        true
    }

    /// Continues a task; returns `false` if `fault` does not apply to it.
    fn continue_task(
        &mut self,
        bounds: &Bounds,
        task: Task,
        mut at: At,
        fault: Option<CallFault>,
    ) -> bool {
        self.left.faults -= u8::from(fault.is_some());
        let is_held_up = fault == Some(CallFault::Overtaken);
        let has_happened = self.run_on(&bounds.rules, &mut at, fault.filter(|_| !is_held_up));
        if is_held_up {
            let can_be = matches!((task.from, at), (From::Tab(_), At::Answered(_)));
            self.tasks.push(Task { at, ..task });
            return can_be;
        }
        self.put(bounds, Task { at, ..task });
        has_happened
    }

    /// Broken variant: the backend takes the page's report for a capture.
    fn take_for_paid(&mut self, rules: &Rules, no: u8) {
        let Some(State::Awaiting(awaiting)) = self.tab(no).map(Tab::state) else { return };
        let payment = number(&awaiting.payment_id);
        let is_time_up = self.is_time_up(self.db.session_of(payment));
        self.db.apply(rules, payment, Signal::Captured, is_time_up);
    }

    fn click(&mut self, bounds: &Bounds, no: u8, click: Click) {
        match click {
            Click::Retry | Click::Show => {}
            Click::Hide => self.left.hides -= 1,
            _ => self.left.clicks -= 1,
        }
        let event = match click {
            Click::Pay(method) => {
                self.handle(bounds, no, Event::Selected(method));
                Event::PayRequested
            }
            Click::Switch => Event::SwitchRequested,
            Click::Cancel => Event::CancelRequested,
            Click::ClaimPaid => Event::PaidClaimed,
            Click::Refresh => Event::RefreshRequested,
            Click::Continue => Event::ContinueRequested,
            Click::Retry => Event::RetryRequested,
            Click::Hide => Event::PageHidden,
            Click::Show => Event::PageShown,
        };
        self.handle(bounds, no, event);
    }

    fn pass(&mut self, bounds: &Bounds, no: u8, deadline: Deadline) {
        let is_request = deadline == Deadline::Request;
        if is_request && self.is_answer_coming(no) {
            self.left.faults -= 1;
        }
        if deadline == Deadline::Silence {
            self.set_line(no, Line::Closed);
        }
        self.drive(bounds, no, |checkout, now| checkout.pass(deadline, now));
        self.stop_asking(&bounds.rules, no, is_request);
    }

    fn crash(&mut self) {
        self.left.crashes -= 1;
        for task in self.tasks.iter_mut().filter(|task| task.from == From::Merchant) {
            *task = OPEN_TASK;
        }
        self.tasks.retain(|task| !matches!(task.at, At::Running(_)));
        for line in &mut self.lines {
            if matches!(line, Line::Open { .. }) {
                *line = Line::Dead;
            }
        }
    }

    fn remove(&mut self, task: Task) {
        if let Some(index) = self.tasks.iter().position(|other| *other == task) {
            self.tasks.remove(index);
        }
    }

    /// Delivers an answer at once; keeps any other task.
    fn put(&mut self, bounds: &Bounds, task: Task) {
        match (task.from, task.at) {
            (From::Tab(no), At::Answered(reply)) => self.answer(bounds, no, reply),
            (From::Nobody | From::Wallet | From::Worker, At::Answered(_)) => {}
            (From::Merchant, At::Answered(reply)) => self.answer_merchant(bounds, reply),
            (_, At::Asked(_) | At::Running(_)) => {
                self.tasks.push(task);
                self.forget_pointless(bounds.strays);
            }
        }
    }

    /// Handles an answer to the merchant's server. A new session gets its pages; after any other
    /// answer the request is repeated, unless the order is paid.
    fn answer_merchant(&mut self, bounds: &Bounds, reply: Reply) {
        match reply {
            Reply::Opened(session) => {
                for _ in 0..bounds.more_tabs {
                    self.open(bounds, count(self.tabs.len()), session, bounds.other_browser);
                }
            }
            Reply::Failed(Problem::Refused(Refusal::OrderPaid)) => {}
            // The other session has ended, or could not be ended yet.
            Reply::Session(_) | Reply::Failed(_) => self.tasks.push(OPEN_TASK),
        }
    }

    /// Returns a task of the worker.
    fn worker_task(&self, no: u8, at: At) -> Task {
        Task { from: From::Worker, session: self.db.session_of(no), at }
    }
}

/// The request of the merchant's server for another session of the order.
const OPEN_TASK: Task = Task { from: From::Merchant, session: 0, at: At::Asked(Ask::Open) };
