//! Runs the checker, and reports the result.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use stateright::{Checker as _, Expectation, HasDiscoveries, Model as _};

use crate::action::Action;
use crate::properties::SETTLES;
use crate::settle::{Settled, Unsettled, settle};
use crate::shop::{Bounds, Shop};
use crate::world::World;

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The number of different states.
    pub unique_states: usize,
    /// The number of reached states, repetitions included.
    pub transitions: usize,
    /// The greatest distance of a state from the start, in steps.
    pub depth: usize,
    /// The duration.
    pub time: Duration,
    /// The properties that must always hold and hold.
    pub kept: Vec<&'static str>,
    /// The properties that must always hold and fail, each with a trace.
    pub broken: Vec<Trace>,
    /// The situations that must be reached and were, with the number of steps.
    pub seen: Vec<(&'static str, usize)>,
    /// The situations that must be reached and were not.
    pub unseen: Vec<&'static str>,
}

/// The path to a state in which a property fails.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The property that fails.
    pub property: &'static str,
    /// The actions, each with the state before it.
    pub steps: Vec<(World, Action)>,
    /// The state at the end.
    pub world: World,
    /// The failed fault-free run, if the property is that every state settles.
    pub end: Option<Box<Unsettled>>,
}

/// Explores every state within the bounds.
#[must_use]
pub fn explore(bounds: Bounds, threads: usize) -> Report {
    run(bounds, threads, HasDiscoveries::All)
}

/// Explores until one of these properties is found broken, or every state has been seen.
#[must_use]
pub fn refute(bounds: Bounds, threads: usize, properties: &[&'static str]) -> Report {
    let wanted: BTreeSet<_> = properties.iter().copied().collect();
    run(bounds, threads, HasDiscoveries::AnyOf(wanted))
}

fn run(bounds: Bounds, threads: usize, until: HasDiscoveries) -> Report {
    let start = Instant::now();
    let checker = Shop::new(bounds).checker().threads(threads).finish_when(until);
    let checker = checker.spawn_bfs().join();
    let mut report = Report {
        unique_states: checker.unique_state_count(),
        transitions: checker.state_count(),
        depth: checker.max_depth(),
        time: start.elapsed(),
        kept: Vec::new(),
        broken: Vec::new(),
        seen: Vec::new(),
        unseen: Vec::new(),
    };
    let mut found = checker.discoveries();
    for property in checker.model().properties() {
        let name = property.name;
        match (property.expectation, found.remove(name)) {
            (Expectation::Sometimes, Some(path)) => {
                report.seen.push((name, path.into_actions().len()));
            }
            (Expectation::Sometimes, None) => report.unseen.push(name),
            (_, None) => report.kept.push(name),
            (_, Some(path)) => {
                let world = path.last_state().clone();
                let end = (name == SETTLES)
                    .then(|| settle(&bounds, &Settled::default(), &world).err())
                    .flatten();
                let steps = path.into_vec().into_iter();
                let steps = steps.filter_map(|(world, action)| Some((world, action?))).collect();
                report.broken.push(Trace { property: name, steps, world, end });
            }
        }
    }
    report
}

impl std::fmt::Display for Report {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { unique_states, transitions, depth, time, .. } = self;
        let (s, ms) = (time.as_secs(), time.subsec_millis());
        writeln!(
            formatter,
            "unique states {unique_states}, transitions {transitions}, depth {depth}, {s}.{ms:03} s"
        )?;
        for property in &self.kept {
            writeln!(formatter, "holds: {property}")?;
        }
        for (property, steps) in &self.seen {
            writeln!(formatter, "seen after {steps} steps: {property}")?;
        }
        for property in &self.unseen {
            writeln!(formatter, "NOT SEEN: {property}")?;
        }
        self.broken.iter().try_for_each(|trace| trace.fmt(formatter))
    }
}

impl std::fmt::Display for Trace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "BROKEN: {}", self.property)?;
        for (no, (world, action)) in self.steps.iter().enumerate() {
            writeln!(formatter, "      {}", world.summary())?;
            writeln!(formatter, "{:4}. {action:?}", no + 1)?;
        }
        writeln!(formatter, "      {}", self.world.summary())?;
        if let Some(end) = &self.end {
            writeln!(formatter, "then, without faults:")?;
            for action in end.steps.iter().take(LONGEST) {
                writeln!(formatter, "      {action:?}")?;
            }
            writeln!(formatter, "in the end {}:\n      {}", end.reason, end.world.summary())?;
        }
        Ok(())
    }
}

/// Limit of the printed steps of a fault-free run; one that never ends has many more.
const LONGEST: usize = 80;
