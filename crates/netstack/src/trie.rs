//! A map from prefixes to values whose copies share what did not change.
//!
//! Six bits a step, and steps that decide nothing are left out, so a lookup follows as many pointers as there are forks on the
//! way: a handful in 100 000 routes. A change copies the nodes on its way and nothing else; a clone copies one pointer.

use std::sync::Arc;

use crate::prefix::mask;

const STRIDE: u8 = 6;

/// A prefix: its bits (see [`crate::prefix::bits`]), those behind its length 0, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    bits: u128,
    plen: u8,
}

impl Prefix {
    /// The first `plen` of `bits`.
    #[must_use]
    pub fn new(bits: u128, plen: u8) -> Self {
        Self { bits: bits & mask(plen), plen: plen.min(128) }
    }

    /// The depth of the node that holds it.
    fn depth(self) -> u8 {
        self.plen / STRIDE * STRIDE
    }
}

/// A map from prefixes to `T`.
#[derive(Clone, Debug)]
pub struct Trie<T> {
    root: Arc<Node<T>>,
    len: usize,
}

/// All prefixes that start with the first `depth` bits of `bits`. Those with less than six bits more are its entries: one per
/// node of the binary tree of height six, `1 << len | bits` in a word (from 1 on: longer ones behind shorter ones).
#[derive(Clone, Debug)]
struct Node<T> {
    bits: u128,
    depth: u8,
    entries: Packed<T>,
    children: Packed<Arc<Node<T>>>,
}

/// Up to 64 values by a number below 64.
#[derive(Clone, Debug)]
struct Packed<V> {
    present: u64,
    values: Vec<V>,
}

impl<V> Packed<V> {
    const EMPTY: Self = Self { present: 0, values: Vec::new() };

    #[inline(always)]
    fn index(&self, at: u8) -> Result<usize, usize> {
        let bit = 1u64 << at;
        let before = (self.present & (bit - 1)).count_ones() as usize;
        if self.present & bit != 0 { Ok(before) } else { Err(before) }
    }

    #[inline(always)]
    fn get(&self, at: u8) -> Option<&V> {
        self.values.get(self.index(at).ok()?)
    }

    fn get_mut(&mut self, at: u8) -> Option<&mut V> {
        let index = self.index(at).ok()?;
        self.values.get_mut(index)
    }

    fn set(&mut self, at: u8, value: V) -> Option<V> {
        match self.index(at) {
            Ok(index) => Some(std::mem::replace(&mut self.values[index], value)),
            Err(index) => {
                self.present |= 1 << at;
                // Most hold one or two, and there may be as many as routes.
                self.values.reserve_exact(1);
                self.values.insert(index, value);
                None
            }
        }
    }

    fn take(&mut self, at: u8) -> Option<V> {
        let index = self.index(at).ok()?;
        self.present &= !(1 << at);
        Some(self.values.remove(index))
    }
}

/// A number of bits, at most 128.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "at most 128")]
fn small(bits: u32) -> u8 {
    bits as u8
}

/// The six bits at `depth`.
#[inline(always)]
fn step(bits: u128, depth: u8) -> u8 {
    (bits << depth >> 122) as u8
}

/// The entry of a prefix in its node.
fn entry(prefix: Prefix) -> u8 {
    let len = prefix.plen - prefix.depth();
    1 << len | step(prefix.bits, prefix.depth()) >> (STRIDE - len)
}

/// The entries that match six bits: of each length one.
const MATCHING: [u64; 64] = {
    let (mut all, mut bits) = ([0; 64], 0);
    while bits < 64 {
        let mut len = 0;
        while len < STRIDE {
            all[bits] |= 1 << (1 << len | bits >> (STRIDE - len));
            len += 1;
        }
        bits += 1;
    }
    all
};

impl<T> Node<T> {
    fn new(bits: u128, depth: u8) -> Self {
        Self { bits: bits & mask(depth), depth, entries: Packed::EMPTY, children: Packed::EMPTY }
    }

    #[inline(always)]
    fn covers(&self, bits: u128) -> bool {
        (self.bits ^ bits) & mask(self.depth) == 0
    }

    /// The longest entry that matches.
    #[inline(always)]
    fn best(&self, bits: u128) -> Option<(u8, &T)> {
        let matching = self.entries.present & MATCHING[usize::from(step(bits, self.depth))];
        let at = small(matching.checked_ilog2()?);
        let plen = self.depth + small(at.ilog2());
        Some((plen, self.entries.get(at)?))
    }
}

impl<T> Default for Trie<T> {
    fn default() -> Self {
        Self { root: Arc::new(Node::new(0, 0)), len: 0 }
    }
}

impl<T> Trie<T> {
    /// Number of prefixes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The longest prefix of `bits`: its length, and its value.
    #[inline]
    #[must_use]
    pub fn lookup(&self, bits: u128) -> Option<(u8, &T)> {
        let (mut node, mut best) = (&self.root, self.root.best(bits));
        while let Some(child) = node.children.get(step(bits, node.depth)) {
            if !child.covers(bits) {
                break;
            }
            best = child.best(bits).or(best);
            node = child;
        }
        best
    }

    /// The value of exactly this prefix.
    #[must_use]
    pub fn get(&self, prefix: Prefix) -> Option<&T> {
        let mut node = &self.root;
        while node.depth < prefix.depth() {
            node = node.children.get(step(prefix.bits, node.depth))?;
        }
        let is_it = node.depth == prefix.depth() && node.covers(prefix.bits);
        if is_it { node.entries.get(entry(prefix)) } else { None }
    }

    /// All values whose prefixes start with `prefix`, by ascending bits within each length's node; all of one length are in order.
    pub fn under(&self, prefix: Prefix) -> impl Iterator<Item = &T> {
        let mut top = Some(&self.root);
        while let Some(node) = top.filter(|node| node.depth < prefix.depth()) {
            top = node.children.get(step(prefix.bits, node.depth));
        }
        let top = top.filter(|node| (node.bits ^ prefix.bits) & mask(prefix.plen.min(node.depth)) == 0);
        Under { prefix, todo: top.map(|node| &**node).into_iter().collect(), entries: Default::default() }
    }

    /// All values.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.under(Prefix::new(0, 0))
    }
}

struct Under<'t, T> {
    prefix: Prefix,
    todo: Vec<&'t Node<T>>,
    entries: std::vec::IntoIter<&'t T>,
}

impl<'t, T> Iterator for Under<'t, T> {
    type Item = &'t T;

    fn next(&mut self) -> Option<&'t T> {
        loop {
            if let Some(value) = self.entries.next() {
                return Some(value);
            }
            let node = self.todo.pop()?;
            let inside = |at: &u8| self.prefix.depth() < node.depth || entry_is_under(*at, self.prefix);
            let entries = (1..64).filter(inside).filter_map(|at| node.entries.get(at));
            self.entries = entries.collect::<Vec<_>>().into_iter();
            let within =
                |child: &&Arc<Node<T>>| (child.bits ^ self.prefix.bits) & mask(self.prefix.plen) == 0;
            self.todo.extend(node.children.values.iter().rev().filter(within).map(|child| &**child));
        }
    }
}

/// Whether entry `at` of the node that holds `prefix` starts with it.
fn entry_is_under(at: u8, prefix: Prefix) -> bool {
    let top = entry(prefix);
    let (len, top_len) = (at.ilog2(), top.ilog2());
    len >= top_len && at >> (len - top_len) == top
}

impl<T: Clone> Trie<T> {
    /// Sets the value of `prefix`; returns the old one.
    pub fn insert(&mut self, prefix: Prefix, value: T) -> Option<T> {
        let old = Self::holder(&mut self.root, prefix).entries.set(entry(prefix), value);
        self.len += usize::from(old.is_none());
        old
    }

    /// The node for `prefix`, made if missing.
    fn holder(mut at: &mut Arc<Node<T>>, prefix: Prefix) -> &mut Node<T> {
        loop {
            let alike = small((at.bits ^ prefix.bits).leading_zeros());
            let fork = alike.min(prefix.plen) / STRIDE * STRIDE;
            if fork < at.depth {
                let mut above = Node::new(prefix.bits, fork);
                above.children.set(step(at.bits, fork), Arc::clone(at));
                *at = Arc::new(above);
            }
            let node = Arc::make_mut(at);
            if node.depth == prefix.depth() {
                return node;
            }
            let step = step(prefix.bits, node.depth);
            if node.children.get(step).is_none() {
                node.children.set(step, Arc::new(Node::new(prefix.bits, prefix.depth())));
            }
            at = node.children.get_mut(step).unwrap_or_else(|| unreachable!("it was set above"));
        }
    }

    /// Removes `prefix`; returns its value.
    pub fn remove(&mut self, prefix: Prefix) -> Option<T> {
        self.get(prefix)?;
        let old = Self::remove_below(&mut self.root, prefix);
        self.len -= usize::from(old.is_some());
        old
    }

    /// Removes `prefix`, which is there, and what nodes are of no more use.
    fn remove_below(at: &mut Arc<Node<T>>, prefix: Prefix) -> Option<T> {
        let node = Arc::make_mut(at);
        if node.depth == prefix.depth() {
            return node.entries.take(entry(prefix));
        }
        let step = step(prefix.bits, node.depth);
        let child = node.children.get_mut(step)?;
        let old = Self::remove_below(child, prefix);
        match (&child.entries.values[..], &child.children.values[..]) {
            ([], []) => {
                node.children.take(step);
            }
            ([], [only]) => *child = Arc::clone(only),
            _ => {}
        }
        old
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Few bits that differ, at places that meet all kinds of nodes.
    fn any_prefix() -> impl Strategy<Value = Prefix> {
        let bits = (0u32..16, 0u32..4, 0u32..8);
        let bits =
            bits.prop_map(|(a, b, c)| u128::from(a) << 124 | u128::from(b) << 110 | u128::from(c) << 94);
        let plen = prop_oneof![0u8..=40, Just(32), Just(128)];
        (bits, plen).prop_map(|(bits, plen)| Prefix::new(bits, plen))
    }

    /// Nodes, all of which must hold something or fork.
    fn nodes<T>(node: &Node<T>) -> usize {
        let below: usize = node.children.values.iter().map(|child| nodes(child)).sum();
        let is_of_use = !node.entries.values.is_empty() || node.children.values.len() > 1 || node.depth == 0;
        assert!(is_of_use, "a node at {} that decides nothing", node.depth);
        below + 1
    }

    proptest! {
        #[test]
        fn the_trie_is_a_map(ops in vec((any::<bool>(), any_prefix()), 0..120), asked in vec(any_prefix(), 20)) {
            let (mut trie, mut model) = (Trie::default(), BTreeMap::new());
            for (n, (insert, prefix)) in ops.into_iter().enumerate() {
                let key = (prefix.bits, prefix.plen);
                if insert {
                    prop_assert_eq!(trie.insert(prefix, n), model.insert(key, n));
                } else {
                    let before = trie.clone();
                    prop_assert_eq!(trie.remove(prefix), model.remove(&key));
                    prop_assert_eq!(before.len(), model.len() + usize::from(before.len() > trie.len()));
                }
                prop_assert_eq!(trie.len(), model.len());
                nodes(&trie.root);
            }
            for asked in asked {
                prop_assert_eq!(trie.get(asked), model.get(&(asked.bits, asked.plen)));
                let covers = |(bits, plen): &(u128, u8)| (bits ^ asked.bits) & mask(*plen) == 0;
                let longest = model.iter().filter(|(key, _)| covers(key)).max_by_key(|((_, plen), _)| *plen);
                prop_assert_eq!(trie.lookup(asked.bits), longest.map(|((_, plen), n)| (*plen, n)));
                let is_under = |(bits, plen): &(u128, u8)| *plen >= asked.plen && (bits ^ asked.bits) & mask(asked.plen) == 0;
                let under = model.iter().filter(|(key, _)| is_under(key)).map(|(_, n)| *n);
                let (mut ours, mut theirs) = (trie.under(asked).copied().collect::<Vec<_>>(), under.collect::<Vec<_>>());
                ours.sort_unstable();
                theirs.sort_unstable();
                prop_assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn values_of_one_length_come_in_order() {
        let mut trie = Trie::default();
        (0..1000u128).rev().for_each(|n| _ = trie.insert(Prefix::new((n * 77) << 96, 32), n));
        assert!(trie.iter().copied().eq(0..1000));
    }

    #[test]
    fn a_copy_does_not_see_changes_and_shares_the_rest() {
        let mut old = Trie::default();
        (0..4096u128).for_each(|n| _ = old.insert(Prefix::new(n << 116, 24), n));
        let mut new = old.clone();
        new.insert(Prefix::new(0, 24), 9999);
        assert_eq!((old.get(Prefix::new(0, 24)), new.get(Prefix::new(0, 24))), (Some(&0), Some(&9999)));
        let shared = old.root.children.values.iter().zip(&new.root.children.values);
        assert_eq!(shared.filter(|(a, b)| Arc::ptr_eq(a, b)).count(), old.root.children.values.len() - 1);
    }
}
