//! The model: its initial state, its actions, its properties.

use std::collections::BTreeMap;

use stateright::{Model, Property};

use crate::action::{Action, count};
use crate::browser::Browser;
use crate::db::Db;
use crate::properties;
use crate::rules::Rules;
use crate::settle::Settled;
use crate::task::{At, From, Reply, Task};
use crate::world::{Left, Phase, World};

/// The bounds of an exploration.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The rules to explore.
    pub rules: Rules,
    /// Pages of the first session.
    pub tabs: u8,
    /// Pages of each further session of the order.
    pub more_tabs: u8,
    /// The environment of the first page.
    pub browser: Browser,
    /// The environment of the other pages.
    pub other_browser: Browser,
    /// Limit of requests under way that nobody waits for.
    pub strays: usize,
    /// True if a session's calls wait for each other. Several backends on one database share no
    /// locks.
    pub locks: bool,
    /// True if tabs share their intent to pay; false if their storage is forbidden or has no locks.
    pub shares_intent: bool,
    /// The budgets.
    pub left: Left,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            rules: Rules::default(),
            tabs: 1,
            more_tabs: 1,
            browser: Browser::Desktop,
            other_browser: Browser::Desktop,
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
                opens: 0,
                consoles: 0,
            },
        }
    }
}

/// An order with everything that can happen to it.
#[derive(Debug, Default)]
pub struct Shop {
    /// The bounds of the exploration.
    pub bounds: Bounds,
    /// The states that are known to settle.
    pub settled: Settled,
}

impl Shop {
    /// Returns a shop to explore within `bounds`.
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
            tabs: Vec::new(),
            lines: Vec::new(),
            shared: BTreeMap::new(),
            tasks: Vec::new(),
            db: Db::default(),
            orders: Vec::new(),
            late: Vec::new(),
            keys: 0,
            left: self.bounds.left,
        };
        for no in 0..self.bounds.tabs {
            let browser = if no == 0 { self.bounds.browser } else { self.bounds.other_browser };
            world.open(&self.bounds, no, 0, browser);
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
        properties::all(self.bounds.left)
    }
}

impl World {
    /// Normalizes the world: worlds that differ only in an order or a numbering become equal.
    pub(crate) fn put_in_order(&mut self) {
        if self.tasks.len() > 1 {
            self.tasks.sort_by_cached_key(digest);
        }
        if self.late.len() > 1 {
            self.late.sort_by_cached_key(digest);
        }
        for session in 0..count(self.db.sessions.len()) {
            self.renumber_revisions(session);
        }
        self.sort_tabs();
    }

    /// Renumbers revisions, of which only the order matters.
    fn renumber_revisions(&mut self, session: u8) {
        let current = self.db.sessions.get(usize::from(session)).map(|session| session.revision);
        let of_tabs = self.tabs.iter().filter(|tab| tab.session == session);
        let of_tabs = of_tabs.filter_map(|tab| tab.checkout.session());
        let of_tasks = self.tasks.iter().filter(|task| task.session == session);
        let of_tasks = of_tasks.filter_map(Task::document);
        let mut known: Vec<u32> = of_tabs
            .map(|session| session.revision)
            .chain(of_tasks.map(|document| document.revision))
            .chain(current)
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
        for tab in self.tabs.iter_mut().filter(|tab| tab.session == session) {
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
        for task in self.tasks.iter_mut().filter(|task| task.session == session) {
            if let At::Answered(Reply::Session(document)) = &mut task.at {
                document.revision = rank(document.revision);
            }
        }
        if let Some(session) = self.db.sessions.get_mut(usize::from(session)) {
            session.revision = rank(session.revision);
        }
    }

    /// Sorts the tabs, which differ only by their content.
    fn sort_tabs(&mut self) {
        let mut order: Vec<usize> = (0..self.tabs.len()).collect();
        let key = |no: &usize| (self.tabs.get(*no).map(|tab| tab.digest()), self.lines.get(*no));
        if order.is_sorted_by_key(key) {
            return;
        }
        order.sort_by_key(key);
        self.tabs = order.iter().filter_map(|no| self.tabs.get(*no).cloned()).collect();
        self.lines = order.iter().filter_map(|no| self.lines.get(*no).copied()).collect();
        for Task { from, .. } in &mut self.tasks {
            if let From::Tab(no) = from {
                let moved = order.iter().position(|old| *old == usize::from(*no));
                *no = moved.map_or(*no, count);
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
