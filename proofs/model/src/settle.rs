//! Proves that a state settles: one fair schedule without faults, run to its end.
//!
//! A checker's own "eventually" is unsound on graphs with cycles, and polls are cycles. So from
//! every explored state, the faults are switched off and all work under way is executed, in turn,
//! until only the time can change; then the time passes, to the end. No notification arrives: a
//! session that settles without one settles with one, too.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use checkout::{Deadline, State};
use contract::SessionStatus;

use crate::Bounds;
use crate::action::{Action, Click, count};
use crate::gateway::Standing;
use crate::tab::Line;
use crate::task::{At, From};
use crate::world::{Left, Phase, World};

/// Steps after which a run that still changes counts as endless.
const STEPS: usize = 2_000;

/// The states that are known to settle.
#[derive(Debug)]
pub struct Settled([Mutex<HashSet<u64>>; SHARDS]);

const SHARDS: usize = 64;

impl Default for Settled {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Settled {
    fn shard(&self, digest: u64) -> Option<std::sync::MutexGuard<'_, HashSet<u64>>> {
        let index = usize::try_from(digest % 64).ok()?;
        self.0.get(index).map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn contains(&self, digest: u64) -> bool {
        self.shard(digest).is_some_and(|shard| shard.contains(&digest))
    }

    fn insert(&self, digest: u64) {
        if let Some(mut shard) = self.shard(digest) {
            shard.insert(digest);
        }
    }
}

/// Runs the fault-free schedule from `world`.
///
/// # Errors
/// [`Unsettled`] has the fault of the final state, and every step that led to it.
pub(crate) fn settle(
    bounds: &Bounds,
    known: &Settled,
    world: &World,
) -> Result<(), Box<Unsettled>> {
    let mut run =
        Run { bounds, world: World { left: Left::default(), ..world.clone() }, steps: Vec::new() };
    let mut trail = Vec::new();
    while run.steps.len() < STEPS {
        let digest = digest(&run.world);
        if known.contains(digest) {
            break;
        }
        trail.push(digest);
        if let Some(action) = run.world.immediate(bounds) {
            run.act(action);
            continue;
        }
        let before = run.world.clone();
        run.round();
        if run.world != before {
            continue;
        }
        match run.world.phase.next() {
            Some(next) => run.act(Action::TimePasses(next)),
            None => match run.world.unsettled() {
                Some(reason) => return Err(run.failed(reason)),
                None => break,
            },
        }
    }
    if run.steps.len() >= STEPS {
        return Err(run.failed("it never comes to rest"));
    }
    for digest in trail {
        known.insert(digest);
    }
    Ok(())
}

/// The reason for which a state does not settle, and the run that shows it.
#[derive(Clone, Debug)]
pub struct Unsettled {
    /// The fault of the final state.
    pub reason: &'static str,
    /// The actions of the run.
    pub steps: Vec<Action>,
    /// The final state.
    pub world: World,
}

struct Run<'a> {
    bounds: &'a Bounds,
    world: World,
    steps: Vec<Action>,
}

impl Run<'_> {
    fn act(&mut self, action: Action) {
        self.steps.push(action);
        self.world.act(self.bounds, action);
    }

    fn failed(self, reason: &'static str) -> Box<Unsettled> {
        Box::new(Unsettled { reason, steps: self.steps, world: self.world })
    }

    /// Executes once all work that is not immediate: the worker's tasks, the deadlines, the
    /// returns.
    fn round(&mut self) {
        for no in 0..count(self.world.db.payments.len()) {
            if self.world.is_due(no) && self.world.can_attend(self.bounds, no) {
                self.act_and_wait(Action::Attend(no, None));
            }
            if self.world.can_give_back(no) {
                self.act_and_wait(Action::GiveBack(no, None));
            }
            // The bill of the next morning has the refund.
            if self.world.phase == Phase::TooLate && self.world.is_refund_unrecorded(no) {
                self.act_and_wait(Action::RefundNotified(no));
            }
        }
        for session in 0..count(self.world.db.sessions.len()) {
            if self.world.is_idle_and_late(self.bounds, session) {
                self.act_and_wait(Action::ExpireIdle(session));
            }
        }
        for no in 0..count(self.world.tabs.len()) {
            for deadline in Deadline::ALL {
                if self.world.can_pass(no, deadline, false) {
                    self.act_and_wait(Action::Passes(no, deadline));
                }
            }
            if self.world.tab(no).is_some_and(|tab| tab.away.is_some()) {
                self.act_and_wait(Action::ComeBack(no, true));
            }
            match self.world.tab(no).map(|tab| (tab.state(), tab.checkout.is_visible())) {
                Some((_, false)) => self.act_and_wait(Action::Click(no, Click::Show)),
                // The only screen that needs an action of the shopper.
                Some((State::Unavailable { .. }, _)) => {
                    self.act_and_wait(Action::Click(no, Click::Retry));
                }
                _ => {}
            }
        }
    }

    fn act_and_wait(&mut self, action: Action) {
        self.act(action);
        while let Some(action) = self.world.immediate(self.bounds) {
            if self.steps.len() >= STEPS {
                return;
            }
            self.act(action);
        }
    }
}

impl World {
    /// Returns the next action of work under way that needs no deadline.
    fn immediate(&self, bounds: &Bounds) -> Option<Action> {
        let of_tasks = self.tasks.iter().find_map(|task| match task.at {
            At::Answered(_) => Some(Action::Deliver(*task)),
            At::Running(_) => Some(Action::Step(*task, None)),
            At::Asked(ask) => {
                let must_wait = self.must_wait(bounds, task.session, ask);
                (!must_wait).then_some(Action::Serve(*task, None))
            }
        });
        let of_gateways = || self.late.first().map(|(no, request)| Action::LateCall(*no, *request));
        of_tasks.or_else(of_gateways).or_else(|| self.urgent_in_tabs())
    }

    fn urgent_in_tabs(&self) -> Option<Action> {
        let answered = (0..count(self.tabs.len())).find_map(|no| self.next_answer(no));
        answered.or_else(|| (0..count(self.tabs.len())).find_map(|no| self.urgent_in_stream(no)))
    }

    fn urgent_in_stream(&self, no: u8) -> Option<Action> {
        match self.line(no) {
            Line::Asked => Some(Action::StreamOpens(no)),
            Line::Dead => Some(Action::StreamEnds(no)),
            Line::Open { is_current: false } => Some(Action::StreamSends(no)),
            Line::Open { .. } | Line::Closed => self
                .can_pass(no, Deadline::Request, false)
                .then_some(Action::Passes(no, Deadline::Request)),
        }
    }

    /// Returns the fault of a final state, if it has one.
    fn unsettled(&self) -> Option<&'static str> {
        let is_kept = |no: usize| self.db.payments.get(no).is_some_and(crate::db::Payment::is_kept);
        let captured = self.orders.iter().enumerate();
        let mut captured = captured.filter(|(_, order)| order.standing == Standing::Captured);
        if captured.any(|(no, _)| !is_kept(no)) {
            return Some("a wallet has paid, and the payment is neither kept nor refunded");
        }
        if self.db.payments.iter().any(|payment| payment.is_active()) {
            return Some("a payment is still active");
        }
        for (no, session) in self.db.sessions.iter().enumerate() {
            let own = self.db.payments.iter().filter(|payment| usize::from(payment.session) == no);
            let kept = own.filter(|payment| payment.is_kept()).count();
            match session.status {
                SessionStatus::Complete if kept == 1 => {}
                SessionStatus::Expired | SessionStatus::Canceled if kept == 0 => {}
                _ => return Some("a session has not ended as its payments did"),
            }
        }
        if (0..count(self.orders.len())).any(|no| self.is_refund_unrecorded(no)) {
            return Some("a refund that staff made is not recorded");
        }
        if self.db.payments.iter().any(crate::db::Payment::is_refund_due) {
            return Some("a refund is still due");
        }
        if self.tasks.iter().any(|task| task.from != From::Nobody) {
            return Some("something is still under way");
        }
        self.tabs.iter().find_map(|tab| match (tab.state(), self.db.status(tab.session)) {
            (State::Succeeded, SessionStatus::Complete)
            | (State::Expired, SessionStatus::Expired)
            | (State::Canceled { session_over: true }, SessionStatus::Canceled) => None,
            (State::Succeeded, _) => Some("a screen shows paid in an unpaid session"),
            (_, SessionStatus::Complete) => Some("a screen does not show that the session is paid"),
            _ => Some("a screen does not show how the session has ended"),
        })
    }
}

fn digest(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}
