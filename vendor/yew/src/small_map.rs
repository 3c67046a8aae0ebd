//! Maps and sets of a few entries, kept in a list. (OpenCashier's patch, see PATCH.md.)
//!
//! They stand in for the standard library's where Yew keeps a handful of entries: each of those
//! brings its table, hasher and rebalancing into the Wasm once per type. Names and signatures are
//! the standard library's, as far as they are used.

use std::borrow::Borrow;

/// A map that looks its keys up one after the other.
#[derive(Debug, Clone)]
pub(crate) struct SmallMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Eq, V> SmallMap<K, V> {
    fn position<Q: Eq + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.0.iter().position(|(have, _)| have.borrow() == key)
    }

    pub(crate) fn get<Q: Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.iter().find(|(have, _)| have.borrow() == key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut<Q: Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.iter_mut().find(|(have, _)| (*have).borrow() == key).map(|(_, value)| value)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.get_mut(&key) {
            Some(have) => Some(std::mem::replace(have, value)),
            None => {
                self.0.push((key, value));
                None
            }
        }
    }

    pub(crate) fn remove<Q: Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let index = self.position(key)?;
        Some(self.0.swap_remove(index).1)
    }

    /// The value under `key`, an empty one where there was none.
    pub(crate) fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let index = match self.position(&key) {
            Some(index) => index,
            None => {
                self.0.push((key, V::default()));
                self.0.len() - 1
            }
        };
        &mut self.0[index].1
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

/// A set that looks its entries up one after the other.
#[derive(Debug, Clone)]
pub(crate) struct SmallSet<T>(Vec<T>);

impl<T> Default for SmallSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Eq> SmallSet<T> {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// Whether `value` is new.
    pub(crate) fn insert(&mut self, value: T) -> bool {
        let is_new = !self.0.contains(&value);
        if is_new {
            self.0.push(value);
        }
        is_new
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    /// Puts `value` in the place of the one that equals it.
    pub(crate) fn replace(&mut self, value: T) -> Option<T> {
        match self.0.iter_mut().find(|have| **have == value) {
            Some(have) => Some(std::mem::replace(have, value)),
            None => {
                self.0.push(value);
                None
            }
        }
    }

    pub(crate) fn take<Q: Eq + ?Sized>(&mut self, value: &Q) -> Option<T>
    where
        T: Borrow<Q>,
    {
        let index = self.0.iter().position(|have| have.borrow() == value)?;
        Some(self.0.swap_remove(index))
    }

    pub(crate) fn drain(&mut self) -> std::vec::Drain<'_, T> {
        self.0.drain(..)
    }
}
