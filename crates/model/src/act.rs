//! Carrying out what happens.

use checkout::{BridgeOutcome, Deadline, Event, State};

use payments::{Signal, Step};

use crate::action::{Action, Click, Mishap, count};
use crate::gateway::Standing;
use crate::place::Away;
use crate::tab::{Line, Tab};
use crate::task::{Ask, At, From, Pending, Reply, Task};
use crate::wire::number;
use crate::world::World;
use crate::{Bounds, Rules};

impl World {
    /// Carries an action out; `false` if it cannot happen after all.
    pub fn act(&mut self, bounds: &Bounds, action: Action) -> bool {
        let revision = self.db.revision;
        let can_happen = self.try_act(bounds, action);
        if self.db.revision != revision {
            for line in &mut self.lines {
                if let Line::Open { is_told } = line {
                    *is_told = false;
                }
            }
        }
        if self.left.faults == 0 {
            self.open_streams(bounds);
        }
        self.put_in_order();
        can_happen
    }

    /// A stream stands at once, unless something may still keep it from standing.
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
            Action::Serve(task, mishap) => {
                if let At::Asked(ask) = task.at {
                    self.remove(task);
                    let at = self.serve(&bounds.rules, ask);
                    return self.go_on_with(bounds, task.from, at, mishap);
                }
            }
            Action::Step(task, mishap) => {
                if let At::Running(job) = task.at {
                    self.remove(task);
                    let at = self.step(&bounds.rules, job);
                    // The payment is written, its order not made yet: here a crash tells.
                    if job.pending == Pending::Do(Step::Insert)
                        && mishap.is_none()
                        && self.left.crashes > 0
                    {
                        self.put(bounds, task.from, at);
                        return true;
                    }
                    return self.go_on_with(bounds, task.from, at, mishap);
                }
            }
            Action::Deliver(task) => {
                self.remove(task);
                if let (From::Tab(no), At::Answered(reply)) = (task.from, task.at) {
                    self.answer(bounds, no, reply);
                }
            }
            Action::Lose(task) => {
                // What was held up has cost its fault.
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
                self.put(bounds, task.from, At::Answered(Reply::Failed(problem)));
            }
            Action::Attend(no, mishap) => {
                let at = self.attend(&bounds.rules, no);
                return at.is_some_and(|at| self.go_on_with(bounds, From::Worker, at, mishap));
            }
            Action::GiveBack(no, mishap) => {
                let at = self.give_back(&bounds.rules, no);
                return at.is_some_and(|at| self.go_on_with(bounds, From::Worker, at, mishap));
            }
            Action::ExpireIdle => self.db.expire_idle(&bounds.rules, self.is_time_up()),
            Action::Crash => self.crash(),
            Action::EndEarly => {
                self.left.ends -= 1;
                self.is_ended_early = true;
                self.db.revision += 1;
            }
            Action::LateCall(no, request) => {
                self.late.retain(|late| *late != (no, request));
                if let Some(order) = self.orders.get_mut(usize::from(no)) {
                    order.carry_out(request);
                }
            }
            Action::StreamOpens(no) => {
                self.tell(bounds, no, Event::StreamAlive);
                self.stream_tells(bounds, no);
            }
            Action::StreamTells(no) => self.stream_tells(bounds, no),
            Action::StreamBreaks(no) => {
                self.left.faults -= 1;
                self.set_line(no, Line::Dead);
            }
            Action::StreamEnds(no) => {
                self.set_line(no, Line::Closed);
                self.tell(bounds, no, Event::StreamEnded { fault: None });
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
                    self.tasks.push(Task { from: From::Wallet, at });
                }
            }
            Action::ComeBack(no, true) => self.load(bounds, no),
            Action::ComeBack(no, false) => {
                self.change_tab(no, |tab| tab.away = None);
                self.tell(bounds, no, Event::PageShown);
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
                self.tell(bounds, no, Event::BridgeReturned(word));
            }
            Action::TimePasses(phase) => self.phase = phase,
        }
        true
    }

    /// Goes on with a task; `false` if there is no gateway call for the mishap to befall.
    fn go_on_with(
        &mut self,
        bounds: &Bounds,
        from: From,
        mut at: At,
        mishap: Option<Mishap>,
    ) -> bool {
        self.left.faults -= u8::from(mishap.is_some());
        let is_held_up = mishap == Some(Mishap::Overtaken);
        let has_happened = self.run_on(&bounds.rules, &mut at, mishap.filter(|_| !is_held_up));
        if is_held_up {
            let can_be = matches!((from, at), (From::Tab(_), At::Answered(_)));
            self.tasks.push(Task { from, at });
            return can_be;
        }
        self.put(bounds, from, at);
        has_happened
    }

    /// What the broken backend does that believes the page.
    fn take_for_paid(&mut self, rules: &Rules, no: u8) {
        let Some(State::Awaiting(awaiting)) = self.tab(no).map(Tab::state) else { return };
        let payment = number(&awaiting.payment_id);
        let is_time_up = self.is_time_up();
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
                self.tell(bounds, no, Event::Selected(method));
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
        self.tell(bounds, no, event);
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

    /// What is answered arrives at once, unless it is held up.
    fn put(&mut self, bounds: &Bounds, from: From, at: At) {
        match (from, at) {
            (From::Tab(no), At::Answered(reply)) => self.answer(bounds, no, reply),
            (From::Nobody | From::Wallet | From::Worker, At::Answered(_)) => {}
            (_, At::Asked(_) | At::Running(_)) => {
                self.tasks.push(Task { from, at });
                self.forget_pointless(bounds.strays);
            }
        }
    }
}
