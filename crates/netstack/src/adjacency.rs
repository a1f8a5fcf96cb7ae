//! Next hops and their MAC addresses, shared by all workers and changed in place by one writer.
//!
//! Neighbours are not in the snapshot (ARCHITECTURE.md, Control): they come and go by themselves. A connection holds a [`HopId`]
//! and finds the MAC address by one load. An id keeps its key (device and address) from [`AdjacencyWriter::claim`] on; after
//! [`AdjacencyWriter::retire`] it gets another one only when all workers have moved to a later routing generation, so that no
//! connection still holds it.
//!
//! Three arrays by id: the hop, one word; the key, three words behind a count of changes (a seqlock in atomics: a reader that meets
//! a change sees the count move); the time of the last sign of life, written by workers. And an open-addressed index, at most
//! half full. No lock, no `unsafe`.

mod index;
mod writer;

pub use writer::AdjacencyWriter;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, fence};

use flow::{HashKey, Tick};
use wire::eth::{Mac, MacWord};
use zerocopy::FromZeros;

use crate::chance;
use crate::device::DeviceId;
use index::Index;

/// Names an adjacency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, FromZeros)]
#[repr(transparent)]
pub struct HopId(u16);

impl HopId {
    /// Not resolved to an adjacency. Its hop is never usable.
    pub const NONE: Self = Self(0);

    /// Whether it is [`Self::NONE`].
    #[inline(always)]
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// As an index; below 65 536.
    #[inline(always)]
    #[must_use]
    pub fn index(self) -> usize {
        self.0.into()
    }
}

/// A next hop as it is at this moment: MAC address (48 bits), device (12), state (4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop(u64);

const USABLE: u64 = 1 << 63;
const STALE: u64 = 1 << 62;

impl Hop {
    fn new(device: DeviceId, mac: Mac, state: u64) -> Self {
        let [a, b, c, d, e, f] = mac;
        let mac = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]);
        Self(mac | u64::from(device.0 & DeviceId::MAX.0) << 48 | state)
    }

    /// Whether packets can be sent there.
    #[inline(always)]
    #[must_use]
    pub fn is_usable(self) -> bool {
        self.0 & USABLE != 0
    }

    /// Whether nothing was heard of it for a while. Who sends there says so by [`Adjacencies::used`].
    #[inline(always)]
    #[must_use]
    pub fn is_stale(self) -> bool {
        self.0 & STALE != 0
    }

    /// Its MAC address; of use only if [`Self::is_usable`].
    #[inline(always)]
    #[must_use]
    pub fn mac(self) -> Mac {
        let [a, b, c, d, e, f, ..] = self.0.to_le_bytes();
        [a, b, c, d, e, f]
    }

    /// The same as a number.
    #[inline(always)]
    #[must_use]
    pub fn mac_word(self) -> MacWord {
        MacWord::of(self.0)
    }

    /// The device that it is on.
    #[inline(always)]
    #[must_use]
    pub fn device(self) -> DeviceId {
        DeviceId((self.0 >> 48) as u16 & DeviceId::MAX.0)
    }
}

/// Ids, [`HopId::NONE`] included.
const IDS: usize = 1 << 16;

/// All next hops. Workers read.
pub struct Adjacencies {
    hops: Box<[AtomicU64; IDS]>,
    keys: Box<[Key; IDS]>,
    confirmed: Box<[AtomicU32; IDS]>,
    used: Box<[AtomicBool; IDS]>,
    index: Index,
    hash: HashKey,
}

/// Device and address of an id. `changes` is odd while they change.
#[derive(Debug, Default)]
struct Key {
    changes: AtomicU64,
    words: [AtomicU64; 3],
}

/// A key as a value: the address, and family and device; never all 0.
type Words = [u64; 3];

fn words(device: DeviceId, next_hop: IpAddr) -> Words {
    let ([high, low], family): ([u64; 2], u64) = match next_hop {
        IpAddr::V4(v4) => ([0, v4.to_bits().into()], 4),
        IpAddr::V6(v6) => (zerocopy::transmute!(v6.octets()), 6),
    };
    [low, u64::from(device.0) | family << 16, high]
}

impl Key {
    /// The key; `None` while it changes.
    fn load(&self) -> Option<Words> {
        let before = self.changes.load(Acquire);
        let words = [0, 1, 2].map(|i| self.words[i].load(Relaxed));
        fence(Acquire);
        (before % 2 == 0 && self.changes.load(Relaxed) == before).then_some(words)
    }
}

fn array<T: Default>() -> Box<[T; IDS]> {
    let all: Vec<T> = std::iter::repeat_with(T::default).take(IDS).collect();
    all.into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("it has {IDS} elements"))
}

impl Adjacencies {
    /// None yet. `seed` keys the index. The writer is the only one there will be.
    #[must_use]
    pub fn new(seed: u64) -> (Arc<Self>, AdjacencyWriter) {
        let all = Arc::new(Self {
            hops: array(),
            keys: array(),
            confirmed: array(),
            used: array(),
            index: Index::new(),
            hash: chance::hash_key(seed),
        });
        (Arc::clone(&all), AdjacencyWriter::new(all))
    }

    /// What `id` stands for now.
    #[inline(always)]
    #[must_use]
    pub fn hop(&self, id: HopId) -> Hop {
        Hop(self.hops[id.index()].load(Relaxed))
    }

    /// The id of a next hop, resolved or not. `None`: it has none; whoever needs it punts the packet.
    #[must_use]
    pub fn find(&self, device: DeviceId, next_hop: IpAddr) -> Option<HopId> {
        let words = words(device, next_hop);
        let is_it = |id: HopId| self.keys[id.index()].load() == Some(words);
        self.index.find(self.hash.hash(&words), is_it)
    }

    /// A packet came back from there: it is alive. For workers; costs one load when that is known.
    #[inline]
    pub fn confirm(&self, id: HopId, now: Tick) {
        let seen = &self.confirmed[id.index()];
        if seen.load(Relaxed) != now.0 {
            seen.store(now.0, Relaxed);
        }
    }

    /// A packet goes to a hop that [`Hop::is_stale`]: it is worth asking whether it is still there. For workers.
    #[inline]
    pub fn used(&self, id: HopId) {
        let used = &self.used[id.index()];
        if !used.load(Relaxed) {
            used.store(true, Relaxed);
        }
    }
}

impl std::fmt::Debug for Adjacencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Adjacencies").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
