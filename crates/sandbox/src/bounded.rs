//! A map that forgets its oldest entries: what browsers leave behind must not fill the memory.

use std::collections::{HashMap, VecDeque};

use crate::random;

/// At most `MOST` entries by name.
#[derive(Debug)]
pub(crate) struct Bounded<V, const MOST: usize = 20_000> {
    entries: HashMap<String, V>,
    /// The names, the oldest first; some may be gone from the map already.
    order: VecDeque<String>,
}

impl<V, const MOST: usize> Default for Bounded<V, MOST> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<V, const MOST: usize> Bounded<V, MOST> {
    /// Keeps `value`; one too many makes the oldest go.
    pub(crate) fn insert(&mut self, name: String, value: V) {
        if self.entries.insert(name.clone(), value).is_none() {
            self.order.push_back(name);
        }
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }

    /// Keeps `value` under a new secret name and answers that.
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
