//! The one who changes adjacencies: the punt thread.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, Release};
use std::sync::atomic::fence;

use flow::Tick;
use flow::publish::Generation;
use wire::eth::Mac;

use super::{Adjacencies, Hop, HopId, IDS, STALE, USABLE, Words, words};
use crate::device::DeviceId;

/// The right to change adjacencies. There is one.
#[derive(Debug)]
pub struct AdjacencyWriter {
    shared: Arc<Adjacencies>,
    free: VecDeque<HopId>,
    /// Ids without a key, and the routing generation from which on nobody holds them.
    retired: VecDeque<(HopId, Generation)>,
}

impl AdjacencyWriter {
    pub(super) fn new(shared: Arc<Adjacencies>) -> Self {
        let free = (1..=u16::MAX).map(HopId).collect();
        Self { shared, free, retired: VecDeque::new() }
    }

    /// What the workers read.
    #[must_use]
    pub fn shared(&self) -> &Arc<Adjacencies> {
        &self.shared
    }

    /// The id of a next hop: the one that it has, else a new one, not resolved. `None`: all are taken, or the device's id is none.
    pub fn claim(&mut self, device: DeviceId, next_hop: IpAddr) -> Option<HopId> {
        if device > DeviceId::MAX {
            return None;
        }
        if let Some(id) = self.shared.find(device, next_hop) {
            return Some(id);
        }
        let id = *self.free.front()?;
        let words = words(device, next_hop);
        self.write_key(id, words);
        self.shared.confirmed[id.index()].store(0, Relaxed);
        self.shared.used[id.index()].store(false, Relaxed);
        self.store(id, Hop::new(device, Mac::default(), 0));
        self.shared.index.insert(self.shared.hash.hash(&words), id)?;
        self.free.pop_front();
        Some(id)
    }

    /// Packets to `id` go to `mac` from now on.
    pub fn set(&mut self, id: HopId, mac: Mac) {
        self.change(id, |device| Hop::new(device, mac, USABLE));
    }

    /// Packets to `id` go to `mac`, but whoever sends one shall say so ([`Adjacencies::used`]).
    pub fn set_stale(&mut self, id: HopId, mac: Mac) {
        self.shared.used[id.index()].store(false, Relaxed);
        self.change(id, |device| Hop::new(device, mac, USABLE | STALE));
    }

    /// No packet can be sent to `id` any more. It keeps its key.
    pub fn clear(&mut self, id: HopId) {
        self.change(id, |device| Hop::new(device, Mac::default(), 0));
    }

    /// Takes its key from `id`. Another one gets it when all workers have reached `after`, a routing generation that is published
    /// after this call ([`Self::reclaim`]).
    pub fn retire(&mut self, id: HopId, after: Generation) {
        let Some((device, next_hop)) = self.key(id) else { return };
        self.shared.index.remove(self.shared.hash.hash(&words(device, next_hop)), id);
        self.clear(id);
        self.write_key(id, Words::default());
        self.retired.push_back((id, after));
    }

    /// All workers have reached the routing generation `adopted`: what was retired before it is free. Returns how many are.
    pub fn reclaim(&mut self, adopted: Generation) -> usize {
        while let Some((id, _)) = self.retired.front().filter(|(_, after)| *after <= adopted) {
            self.free.push_back(*id);
            self.retired.pop_front();
        }
        self.free.len()
    }

    /// Ids that have no key, and those that wait for workers to forget theirs.
    #[must_use]
    pub fn room(&self) -> (usize, usize) {
        (self.free.len(), self.retired.len())
    }

    /// Device and address of `id`.
    #[must_use]
    pub fn key(&self, id: HopId) -> Option<(DeviceId, IpAddr)> {
        let [low, meta, high] = self.shared.keys[id.index()].load()?;
        let addr = match meta >> 16 {
            4 => Ipv4Addr::from_bits(u32::try_from(low).ok()?).into(),
            6 => {
                let octets: [u8; 16] = zerocopy::transmute!([high, low]);
                octets.into()
            }
            _ => return None,
        };
        Some((DeviceId(u16::try_from(meta & 0xffff).ok()?), addr))
    }

    /// When a worker last confirmed `id`, to the tick; `Tick(0)`: never.
    #[must_use]
    pub fn confirmed(&self, id: HopId) -> Tick {
        Tick(self.shared.confirmed[id.index()].load(Relaxed))
    }

    /// Whether a worker has used `id` since [`Self::set_stale`].
    #[must_use]
    pub fn was_used(&self, id: HopId) -> bool {
        self.shared.used[id.index()].load(Relaxed)
    }

    fn change(&mut self, id: HopId, hop: impl FnOnce(DeviceId) -> Hop) {
        if let Some((device, _)) = self.key(id) {
            self.store(id, hop(device));
        }
    }

    fn store(&self, id: HopId, hop: Hop) {
        self.shared.hops[id.index()].store(hop.0, Release);
    }

    fn write_key(&self, id: HopId, words: Words) {
        let key = &self.shared.keys[id.index()];
        let changes = key.changes.load(Relaxed);
        key.changes.store(changes + 1, Relaxed);
        fence(Release);
        key.words.iter().zip(words).for_each(|(cell, word)| cell.store(word, Relaxed));
        key.changes.store(changes + 2, Release);
    }
}

const _: () = assert!(IDS == 1 << 16, "every id is below IDS");
