//! The model: where it begins, what can happen, what must hold.

use stateright::{Model, Property};

use crate::action::{Action, count};
use crate::db::Db;
use crate::place::Place;
use crate::properties;
use crate::rules::Rules;
use crate::settle::Settled;
use crate::task::{At, From, Reply, Task};
use crate::world::{Left, Phase, World};

/// How far a run goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The rules that are explored.
    pub rules: Rules,
    /// Pages of the same session.
    pub tabs: u8,
    /// Where the first of them runs.
    pub place: Place,
    /// Where the others run.
    pub elsewhere: Place,
    /// Requests on their way that nobody waits for.
    pub strays: usize,
    /// A session's calls wait for each other. They need not: several backends share no locks.
    pub locks: bool,
    /// Tabs share their intent to pay; otherwise their storage is forbidden, or has no locks.
    pub shares_intent: bool,
    /// What may happen so many times.
    pub left: Left,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            rules: Rules::default(),
            tabs: 1,
            place: Place::Desktop,
            elsewhere: Place::Desktop,
            strays: 1,
            locks: true,
            shares_intent: true,
            left: Left {
                faults: 1,
                crashes: 1,
                reloads: 1,
                clicks: 2,
                ends: 0,
                hides: 0,
                refusals: 0,
            },
        }
    }
}

/// One session of a shop, with everything that can happen to it.
#[derive(Debug, Default)]
pub struct Shop {
    /// How far it is explored.
    pub bounds: Bounds,
    /// What is known to settle.
    pub settled: Settled,
}

impl Shop {
    /// A shop to be explored within `bounds`.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, settled: Settled::default() }
    }
}

impl Model for Shop {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let mut world = World {
            phase: Phase::Open,
            is_ended_early: false,
            tabs: Vec::new(),
            lines: Vec::new(),
            shared: None,
            tasks: Vec::new(),
            db: Db::default(),
            orders: Vec::new(),
            late: Vec::new(),
            keys: 0,
            left: self.bounds.left,
        };
        for no in 0..self.bounds.tabs {
            let place = if no == 0 { self.bounds.place } else { self.bounds.elsewhere };
            world.open(&self.bounds, no, place);
        }
        world.put_in_order();
        vec![world]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        world.possible(&self.bounds, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        (next.act(&self.bounds, action) && next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl World {
    /// Brings worlds that differ only in an order or in a numbering to the same value.
    pub(crate) fn put_in_order(&mut self) {
        if self.tasks.len() > 1 {
            self.tasks.sort_by_cached_key(digest);
        }
        if self.late.len() > 1 {
            self.late.sort_by_cached_key(digest);
        }
        self.renumber_revisions();
        if let [first, second] = self.tabs.as_slice()
            && (first.digest(), self.line(0)) > (second.digest(), self.line(1))
        {
            self.swap_tabs();
        }
    }

    /// Only the order of revisions means something.
    fn renumber_revisions(&mut self) {
        let of_tabs = self.tabs.iter().filter_map(|tab| tab.checkout.session());
        let of_tasks = self.tasks.iter().filter_map(Task::document);
        let mut known: Vec<u32> = of_tabs
            .map(|session| session.revision)
            .chain(of_tasks.map(|document| document.revision))
            .chain([self.db.revision])
            .collect();
        known.sort_unstable();
        known.dedup();
        let rank = |revision: u32| {
            let rank = known.binary_search(&revision).unwrap_or_else(|next| next);
            u32::try_from(rank).unwrap_or(u32::MAX)
        };
        if known.iter().all(|revision| rank(*revision) == *revision) {
            return;
        }
        for tab in &mut self.tabs {
            let Some(revision) = tab.checkout.session().map(|session| session.revision) else {
                continue;
            };
            if rank(revision) != revision {
                let tab = std::sync::Arc::make_mut(tab);
                if let Some(revision) = tab.checkout.revision_mut() {
                    *revision = rank(*revision);
                }
                tab.seal();
            }
        }
        for task in &mut self.tasks {
            if let At::Answered(Reply::Session(document)) = &mut task.at {
                document.revision = rank(document.revision);
            }
        }
        self.db.revision = rank(self.db.revision);
    }

    /// Nothing tells two tabs apart but what has happened in them.
    fn swap_tabs(&mut self) {
        self.tabs.reverse();
        self.lines.reverse();
        for Task { from, .. } in &mut self.tasks {
            if let From::Tab(no) = from {
                *no = count(self.tabs.len()).saturating_sub(1).saturating_sub(*no);
            }
        }
        self.tasks.sort_by_cached_key(digest);
    }
}

fn digest<T: std::hash::Hash>(value: &T) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
