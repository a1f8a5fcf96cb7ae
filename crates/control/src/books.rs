//! What workers count, as the master reads it. Nobody waits for anybody: a sum is of figures read one after another.

use std::sync::Arc;

use datapath::Counters;
use ipvs::book::{DestStats, LaddrStats, Table, Tenant, connections_of};
use ipvs::service::{DestSlot, LaddrSlot};

/// The readers' ends, by worker.
#[derive(Clone, Default)]
pub struct Books {
    /// Traffic by dest.
    pub dests: Vec<Table<DestStats>>,
    /// Use by local address.
    pub laddrs: Vec<Table<LaddrStats>>,
    /// All else.
    pub counters: Vec<Arc<Counters>>,
}

/// Whose figures (docs/spec/ipc.md §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The sum over all workers.
    All,
    /// Those of one worker, from 0.
    Worker(usize),
}

/// What only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Connections scheduled.
    pub conns: u64,
    /// Packets, by direction: in, out.
    pub packets: [u64; 2],
    /// Bytes, by direction.
    pub bytes: [u64; 2],
}

impl Totals {
    fn each(self, other: Self, op: impl Fn(u64, u64) -> u64) -> Self {
        let pair = |a: [u64; 2], b: [u64; 2]| [op(a[0], b[0]), op(a[1], b[1])];
        Self {
            conns: op(self.conns, other.conns),
            packets: pair(self.packets, other.packets),
            bytes: pair(self.bytes, other.bytes),
        }
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.each(other, u64::wrapping_add)
    }

    /// What came on top of `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        self.each(earlier, u64::wrapping_sub)
    }
}

/// Connections alive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alive {
    /// Established.
    pub active: u64,
    /// All others.
    pub inactive: u64,
}

impl Books {
    /// How many workers there are.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.dests.len()
    }

    /// The workers that are meant.
    pub fn of(&self, whose: Whose) -> impl Iterator<Item = usize> {
        match whose {
            Whose::All => 0..self.workers(),
            Whose::Worker(worker) => worker..(worker + 1).min(self.workers()),
        }
    }

    /// What one worker counted in a dest's slot, earlier tenants included.
    #[must_use]
    pub fn counted(&self, worker: usize, dest: DestSlot) -> Totals {
        let stats = &self.dests[worker][dest.index()];
        Totals {
            conns: stats.opened.read(),
            packets: stats.packets.each_ref().map(flow::Counter::read),
            bytes: stats.bytes.each_ref().map(flow::Counter::read),
        }
    }

    /// A dest's connections.
    #[must_use]
    pub fn alive(&self, whose: Whose, dest: DestSlot) -> Alive {
        self.of(whose).fold(Alive::default(), |sum, worker| {
            let stats = &self.dests[worker][dest.index()];
            let (all, active) = (stats.connections(), stats.active.read());
            Alive {
                active: sum.active + active.min(all),
                inactive: sum.inactive + all.saturating_sub(active),
            }
        })
    }

    /// Connections of a local address.
    #[must_use]
    pub fn laddr_connections(&self, whose: Whose, laddr: LaddrSlot) -> u64 {
        self.of(whose).map(|worker| self.laddrs[worker][laddr.index()].connections()).sum()
    }

    /// Times that one worker found no port in a local address' slot, earlier tenants included.
    #[must_use]
    pub fn laddr_missed(&self, worker: usize, laddr: LaddrSlot) -> u64 {
        self.laddrs[worker][laddr.index()].missed.read()
    }

    /// Connections of a dest on all workers; 0 is a promise when all of them know that it has left.
    #[must_use]
    pub fn drained_dest(&self, dest: DestSlot) -> u64 {
        connections_of(&self.dests, dest.index())
    }

    /// As [`Self::drained_dest`], for a local address.
    #[must_use]
    pub fn drained_laddr(&self, laddr: LaddrSlot) -> u64 {
        connections_of(&self.laddrs, laddr.index())
    }
}
