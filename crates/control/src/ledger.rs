//! Statistics that outlive slots: what a slot's present tenant counted, and how fast (docs/spec/datapath.md §19).
//!
//! Workers only count up. So the master remembers where a tenant's counts began, and where they were when a user zeroed them.
//! Rates are the mean between two samples, the newest and one at most [`WINDOW`] older.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use ipvs::service::{DestSlot, LaddrSlot, ServiceSlot};

use crate::books::{Books, Totals, Whose};
use crate::model::Model;

/// Longest window of a rate.
const WINDOW: Duration = Duration::from_secs(5);
/// Samples are at least so far apart.
const STEP: Duration = Duration::from_secs(1);

/// Per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Connections.
    pub conns: u32,
    /// Packets, by direction: in, out.
    pub packets: [u32; 2],
    /// Bytes, by direction.
    pub bytes: [u32; 2],
}

/// One figure for each worker.
type ByWorker = Box<[Totals]>;

/// What was counted at one time. What is not there was 0.
#[derive(Debug, Default)]
struct Sample {
    at: Duration,
    dests: HashMap<DestSlot, ByWorker>,
    services: HashMap<ServiceSlot, ByWorker>,
}

/// The master's memory of counters.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Where the counts of a slot's present tenant began; 0 for a first tenant.
    moved_in: HashMap<DestSlot, ByWorker>,
    /// Where they were when they were zeroed.
    zeroed: HashMap<DestSlot, ByWorker>,
    /// As `moved_in`, for the misses of local addresses.
    missed: HashMap<LaddrSlot, Box<[u64]>>,
    /// What the dests counted that a service had and whose slots were vacated.
    departed: HashMap<ServiceSlot, ByWorker>,
    /// Newest last.
    samples: VecDeque<Sample>,
}

fn counted(books: &Books, dest: DestSlot) -> ByWorker {
    books.of(Whose::All).map(|worker| books.counted(worker, dest)).collect()
}

fn at(from: Option<&ByWorker>, worker: usize) -> Totals {
    from.and_then(|by_worker| by_worker.get(worker)).copied().unwrap_or_default()
}

impl Ledger {
    /// A dest's counts, as users see them.
    #[must_use]
    pub fn dest(&self, books: &Books, whose: Whose, dest: DestSlot) -> Totals {
        let began = self.zeroed.get(&dest).or_else(|| self.moved_in.get(&dest));
        let each = books.of(whose).map(|worker| books.counted(worker, dest).since(at(began, worker)));
        each.fold(Totals::default(), Totals::plus)
    }

    /// Times that no port was found on a local address.
    #[must_use]
    pub fn laddr_missed(&self, books: &Books, whose: Whose, laddr: LaddrSlot) -> u64 {
        let began = |worker| self.missed.get(&laddr).and_then(|by| by.get(worker)).copied().unwrap_or(0);
        books.of(whose).map(|worker| books.laddr_missed(worker, laddr).wrapping_sub(began(worker))).sum()
    }

    /// A local address' slot is given away.
    pub(crate) fn vacate_laddr(&mut self, books: &Books, laddr: LaddrSlot) {
        let missed = books.of(Whose::All).map(|worker| books.laddr_missed(worker, laddr));
        self.missed.insert(laddr, missed.collect());
    }

    /// Zeroes a dest's counts, as users see them.
    pub(crate) fn zero(&mut self, books: &Books, dest: DestSlot) {
        self.zeroed.insert(dest, counted(books, dest));
    }

    /// What the present tenant has counted, whatever users see.
    fn earned(&self, books: &Books, dest: DestSlot) -> ByWorker {
        let began = self.moved_in.get(&dest);
        books.of(Whose::All).map(|worker| books.counted(worker, dest).since(at(began, worker))).collect()
    }

    /// A dest's slot is given away: nothing counts in it any more.
    pub(crate) fn vacate_dest(&mut self, books: &Books, dest: DestSlot, service: ServiceSlot) {
        let earned = self.earned(books, dest);
        add(self.departed.entry(service).or_default(), &earned);
        self.moved_in.insert(dest, counted(books, dest));
        self.zeroed.remove(&dest);
        for sample in &mut self.samples {
            sample.dests.remove(&dest);
        }
    }

    /// A service's slot is given away.
    pub(crate) fn vacate_service(&mut self, service: ServiceSlot) {
        self.departed.remove(&service);
        for sample in &mut self.samples {
            sample.services.remove(&service);
        }
    }

    /// Takes a sample, if it is time. `now` is any clock that does not go back.
    pub(crate) fn sample(&mut self, model: &Model, books: &Books, now: Duration) {
        if self.samples.back().is_some_and(|last| now.saturating_sub(last.at) < STEP) {
            return;
        }
        let mut sample = Sample { at: now, services: self.departed.clone(), ..Sample::default() };
        for dest in model.snapshot().dests() {
            let earned = self.earned(books, dest.slot);
            add(sample.services.entry(dest.service).or_default(), &earned);
            sample.dests.insert(dest.slot, earned);
        }
        self.samples.push_back(sample);
        while self.samples.len() > 2 && now.saturating_sub(self.samples[0].at) > WINDOW {
            self.samples.pop_front();
        }
    }

    /// How fast a dest counts.
    #[must_use]
    pub fn dest_rates(&self, books: &Books, whose: Whose, dest: DestSlot) -> Rates {
        self.rates(books, whose, |sample| sample.dests.get(&dest))
    }

    /// How fast a service counts, with the dests that have left.
    #[must_use]
    pub fn service_rates(&self, books: &Books, whose: Whose, service: ServiceSlot) -> Rates {
        self.rates(books, whose, |sample| sample.services.get(&service))
    }

    fn rates<'a>(
        &'a self,
        books: &Books,
        whose: Whose,
        of: impl Fn(&'a Sample) -> Option<&'a ByWorker>,
    ) -> Rates {
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else {
            return Rates::default();
        };
        let sum = |sample| {
            let figures = of(sample);
            books.of(whose).fold(Totals::default(), |sum, worker| sum.plus(at(figures, worker)))
        };
        per_second(sum(last).since(sum(first)), last.at.saturating_sub(first.at))
    }
}

fn add(to: &mut ByWorker, more: &[Totals]) {
    if to.len() < more.len() {
        *to = vec![Totals::default(); more.len()].into();
    }
    for (sum, more) in to.iter_mut().zip(more) {
        *sum = sum.plus(*more);
    }
}

fn per_second(total: Totals, window: Duration) -> Rates {
    let millis = window.as_millis().max(1);
    let rate = |count: u64| u32::try_from(u128::from(count) * 1000 / millis).unwrap_or(u32::MAX);
    let Totals { conns, packets, bytes } = total;
    Rates { conns: rate(conns), packets: packets.map(rate), bytes: bytes.map(rate) }
}
