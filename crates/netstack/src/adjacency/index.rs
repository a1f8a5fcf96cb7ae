//! From the hash of a key to its id: open addressing, linear, read while it is written.
//!
//! A cell is one atomic word of tag and id. What leaves becomes a grave, so that no reader's walk ends too early; graves before an
//! empty cell are emptied, the others are used again.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use flow::Hash;

use super::{HopId, IDS};

const CELLS: usize = 2 * IDS;
/// A walk is no longer; what finds no place in it has none.
const WALK: usize = 1024;

const EMPTY: u32 = 0;
/// A tag without an id.
const GRAVE: u32 = 1 << 16;

pub(super) struct Index(Box<[AtomicU32]>);

fn cell(tag: u16, id: HopId) -> u32 {
    u32::from(tag) << 16 | u32::from(id.0)
}

#[expect(clippy::cast_possible_truncation, reason = "sixteen bits each")]
fn parts(cell: u32) -> (u16, HopId) {
    ((cell >> 16) as u16, HopId(cell as u16))
}

#[expect(clippy::cast_possible_truncation, reason = "part of a hash")]
fn tag(hash: Hash) -> u16 {
    hash.0 as u16
}

fn walk(hash: Hash) -> impl Iterator<Item = usize> {
    let start = (hash.0 >> 32) as usize;
    (start..start + WALK).map(|at| at % CELLS)
}

impl Index {
    pub(super) fn new() -> Self {
        Self(std::iter::repeat_with(AtomicU32::default).take(CELLS).collect())
    }

    /// The id under `hash` that `is_it`.
    pub(super) fn find(&self, hash: Hash, is_it: impl Fn(HopId) -> bool) -> Option<HopId> {
        self.locate(hash, is_it).map(|(_, id)| id)
    }

    fn locate(&self, hash: Hash, is_it: impl Fn(HopId) -> bool) -> Option<(usize, HopId)> {
        for at in walk(hash) {
            let cell = self.0[at].load(Acquire);
            let (its_tag, id) = parts(cell);
            if cell == EMPTY {
                return None;
            }
            if its_tag == tag(hash) && !id.is_none() && is_it(id) {
                return Some((at, id));
            }
        }
        None
    }

    /// Puts `id`, which is not in it, under `hash`. `None`: there is no place. Only for the writer, after it has written the key.
    pub(super) fn insert(&self, hash: Hash, id: HopId) -> Option<()> {
        let at = walk(hash).find(|at| parts(self.0[*at].load(Relaxed)).1.is_none())?;
        self.0[at].store(cell(tag(hash), id), Release);
        Some(())
    }

    /// Takes `id` out. Only for the writer.
    pub(super) fn remove(&self, hash: Hash, id: HopId) {
        let Some((mut at, _)) = self.locate(hash, |found| found == id) else { return };
        let load = |at: usize| self.0[at].load(Relaxed);
        if load((at + 1) % CELLS) != EMPTY {
            self.0[at].store(GRAVE, Relaxed);
            return;
        }
        self.0[at].store(EMPTY, Relaxed);
        for _ in 0..WALK {
            at = (at + CELLS - 1) % CELLS;
            if load(at) != GRAVE {
                return;
            }
            self.0[at].store(EMPTY, Relaxed);
        }
    }
}
