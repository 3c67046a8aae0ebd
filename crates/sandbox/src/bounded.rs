//! A map that drops its oldest entries, so that browsers cannot fill the memory.

use std::collections::{HashMap, VecDeque};

use crate::random;

/// At most `MAX` entries by name; the oldest are dropped first.
#[derive(Debug)]
pub(crate) struct Bounded<V, const MAX: usize = 20_000> {
    entries: HashMap<String, V>,
    /// The names, the oldest first; some may be gone from the map already.
    order: VecDeque<String>,
}

impl<V, const MAX: usize> Default for Bounded<V, MAX> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<V, const MAX: usize> Bounded<V, MAX> {
    /// Stores `value`; removes the oldest entry if there are more than `MAX`.
    pub(crate) fn insert(&mut self, name: String, value: V) {
        if self.entries.insert(name.clone(), value).is_none() {
            self.order.push_back(name);
        }
        while self.order.len() > MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }

    /// Stores `value` under a new secret name, and returns the name.
    pub(crate) fn insert_new(&mut self, value: V) -> String {
        let name = random::alphanumerics(32);
        self.insert(name.clone(), value);
        name
    }

    pub(crate) fn get(&self, name: &str) -> Option<&V> {
        self.entries.get(name)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.entries.get_mut(name)
    }
}
