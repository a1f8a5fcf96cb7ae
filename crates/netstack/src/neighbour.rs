//! The neighbours that are known or looked for, their timers, and the packets that wait for them. docs/spec/netstack.md §5.2.
//!
//! Knows no frame and no route: it says whom to ask for, and whoever reads answers says what they were. What it learns it writes
//! to the adjacencies, where workers find it. An entry that is deleted leaves its adjacency without MAC address but with its key,
//! as connections may hold its id; the next one of the same key gets it again. [`crate::Stack::retire_dormant`] frees them.

mod state;
mod timers;

pub use state::State;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;

use flow::Tick;
use flow::publish::Generation;
use foldhash::fast::FixedState;
use wire::eth::Mac;

use crate::adjacency::{AdjacencyWriter, HopId};
use crate::device::DeviceId;
use state::Event;
use timers::{Clock, Moment};

/// Bounds and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Packets that wait for one neighbour: one more than this fits (`unres_queue_length`).
    pub queue: usize,
    /// Packets that wait in all.
    pub parked: usize,
    /// Neighbours that were not given by command.
    pub neighbours: usize,
    /// Seconds that a neighbour counts as there (`timeout`); holds for what is armed from then on.
    pub timeout: u32,
    /// Packets a second of each kind that the stack answers or asks.
    pub per_second: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { queue: 128, parked: 8_192, neighbours: 16_384, timeout: 60, per_second: 2_000 }
    }
}

/// Whether a neighbour was found or given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Found.
    Dynamic,
    /// Given by command: never changes by itself [fix D19].
    Static,
}

#[derive(Debug)]
struct Neighbour<B> {
    device: DeviceId,
    next_hop: IpAddr,
    kind: Kind,
    mac: Mac,
    state: State,
    /// When its timer was armed, and when it is up; of no effect for a static one.
    armed: Moment,
    due: Moment,
    parked: VecDeque<B>,
}

/// A neighbour, as listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The device it is on.
    pub device: DeviceId,
    /// Its address.
    pub next_hop: IpAddr,
    /// Its MAC address, if known.
    pub mac: Option<Mac>,
    /// How much is known.
    pub state: State,
    /// Packets that wait for it.
    pub parked: usize,
    /// Found or given.
    pub kind: Kind,
}

/// What becomes of a packet.
#[derive(Debug)]
pub(crate) enum Verdict<B> {
    /// Send it there.
    Send(Mac, B),
    /// It waits.
    Parked,
    /// Too many wait.
    QueueFull(B),
    /// There are too many neighbours.
    TableFull(B),
}

/// All of them. `B` is a packet.
#[derive(Debug)]
pub(crate) struct Neighbours<B> {
    writer: AdjacencyWriter,
    settings: Settings,
    all: HashMap<HopId, Neighbour<B>, FixedState>,
    statics: usize,
    clock: Clock,
    timers: BTreeSet<(Moment, HopId)>,
    /// Those in [`State::Probe`]: a worker may say that it uses them.
    probing: BTreeSet<HopId>,
    /// Adjacencies whose neighbour is deleted.
    dormant: BTreeSet<HopId>,
    parked: usize,
    /// Whom to ask for.
    asks: Vec<(DeviceId, IpAddr)>,
    /// Packets that waited in vain.
    expired: Vec<B>,
}

impl<B> Neighbours<B> {
    pub(crate) fn new(writer: AdjacencyWriter, settings: Settings, seed: u64, now: Tick) -> Self {
        Self {
            writer,
            settings,
            all: HashMap::with_hasher(FixedState::with_seed(seed)),
            statics: 0,
            clock: Clock::new(now, seed),
            timers: BTreeSet::new(),
            probing: BTreeSet::new(),
            dormant: BTreeSet::new(),
            parked: 0,
            asks: Vec::new(),
            expired: Vec::new(),
        }
    }

    pub(crate) fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// It is `now`.
    pub(crate) fn advance(&mut self, now: Tick) -> Moment {
        self.clock.advance(now)
    }

    /// Whom to ask for since the last time.
    pub(crate) fn take_asks(&mut self) -> Vec<(DeviceId, IpAddr)> {
        std::mem::take(&mut self.asks)
    }

    /// Packets that waited in vain since the last time.
    pub(crate) fn take_expired(&mut self) -> Vec<B> {
        std::mem::take(&mut self.expired)
    }

    /// Packets that wait.
    pub(crate) fn parked(&self) -> usize {
        self.parked
    }

    /// The entry of a neighbour, made if there is room.
    fn entry(&mut self, device: DeviceId, next_hop: IpAddr) -> Option<HopId> {
        if let Some(id) = self.known(device, next_hop) {
            return Some(id);
        }
        if self.all.len() - self.statics >= self.settings.neighbours {
            return None;
        }
        self.create(device, next_hop)
    }

    fn create(&mut self, device: DeviceId, next_hop: IpAddr) -> Option<HopId> {
        let id = self.writer.claim(device, next_hop)?;
        self.dormant.remove(&id);
        let (kind, mac, state, parked) = (Kind::Dynamic, Mac::default(), State::None, VecDeque::new());
        let now = self.clock.now();
        self.all.insert(id, Neighbour { device, next_hop, kind, mac, state, armed: now, due: now, parked });
        self.arm(id, now);
        Some(id)
    }

    fn known(&self, device: DeviceId, next_hop: IpAddr) -> Option<HopId> {
        self.writer.shared().find(device, next_hop).filter(|id| self.all.contains_key(id))
    }

    /// Whether there is an entry by which a packet can be sent.
    pub(crate) fn is_usable(&self, device: DeviceId, next_hop: IpAddr) -> bool {
        let id = self.known(device, next_hop);
        id.and_then(|id| self.all.get(&id)).is_some_and(|neighbour| neighbour.state.is_usable())
    }

    /// Whether `next_hop` was asked for and has not answered yet.
    pub(crate) fn awaits(&self, device: DeviceId, next_hop: IpAddr) -> bool {
        let id = self.known(device, next_hop);
        let state = id.and_then(|id| self.all.get(&id)).map(|neighbour| neighbour.state);
        matches!(state, Some(State::Send | State::Delay))
    }

    /// A packet for `next_hop`.
    pub(crate) fn send(&mut self, device: DeviceId, next_hop: IpAddr, packet: B) -> Verdict<B> {
        let Some(id) = self.entry(device, next_hop) else { return Verdict::TableFull(packet) };
        let Some(neighbour) = self.all.get_mut(&id) else { return Verdict::TableFull(packet) };
        let (state, mac) = (neighbour.state, neighbour.mac);
        if state.is_usable() {
            if state == State::Probe {
                self.ask(id);
            }
            return Verdict::Send(mac, packet);
        }
        let is_full = neighbour.parked.len() > self.settings.queue || self.parked >= self.settings.parked;
        let verdict = if is_full {
            Verdict::QueueFull(packet)
        } else {
            self.parked += 1;
            neighbour.parked.push_back(packet);
            Verdict::Parked
        };
        if state == State::None {
            self.ask(id);
        }
        verdict
    }

    fn ask(&mut self, id: HopId) {
        let Some(neighbour) = self.all.get(&id) else { return };
        self.asks.push((neighbour.device, neighbour.next_hop));
        self.happen(id, Event::Requested, self.clock.now());
    }

    /// `next_hop` says that it has `mac`. `creates`: it is worth an entry. Returns the packets that waited for that.
    pub(crate) fn learn(
        &mut self,
        device: DeviceId,
        next_hop: IpAddr,
        mac: Mac,
        creates: Creates,
    ) -> VecDeque<B> {
        let id = match creates {
            Creates::Entry => self.entry(device, next_hop),
            Creates::Nothing => self.known(device, next_hop),
        };
        let Some(id) = id else { return VecDeque::new() };
        let Some(neighbour) = self.all.get_mut(&id) else { return VecDeque::new() };
        if neighbour.kind == Kind::Static {
            return VecDeque::new();
        }
        neighbour.mac = mac;
        let waited = std::mem::take(&mut neighbour.parked);
        self.parked -= waited.len();
        self.happen(id, Event::Replied, self.clock.now());
        waited
    }

    /// `next_hop` has `mac`, whatever it says itself. Returns the packets that waited for that; `None`: there is no room.
    pub(crate) fn set_static(&mut self, device: DeviceId, next_hop: IpAddr, mac: Mac) -> Option<VecDeque<B>> {
        let id = match self.known(device, next_hop) {
            Some(id) => id,
            None => self.create(device, next_hop)?,
        };
        let neighbour = self.all.get_mut(&id)?;
        self.statics += usize::from(neighbour.kind == Kind::Dynamic);
        (neighbour.kind, neighbour.mac, neighbour.state) = (Kind::Static, mac, State::Reachable);
        let waited = std::mem::take(&mut neighbour.parked);
        self.parked -= waited.len();
        self.timers.remove(&(neighbour.due, id));
        self.probing.remove(&id);
        self.writer.set(id, mac);
        Some(waited)
    }

    /// Forgets a neighbour; whether there was one.
    pub(crate) fn remove(&mut self, device: DeviceId, next_hop: IpAddr) -> Option<()> {
        let id = self.known(device, next_hop)?;
        self.delete(id);
        Some(())
    }

    fn delete(&mut self, id: HopId) {
        let Some(neighbour) = self.all.remove(&id) else { return };
        self.statics -= usize::from(neighbour.kind == Kind::Static);
        self.parked -= neighbour.parked.len();
        self.expired.extend(neighbour.parked);
        self.timers.remove(&(neighbour.due, id));
        self.probing.remove(&id);
        self.writer.clear(id);
        self.dormant.insert(id);
    }

    /// Frees the adjacencies of neighbours that are no more: when all workers have reached the routing generation `after`, which is
    /// published after this call. Returns how many.
    pub(crate) fn retire_dormant(&mut self, after: Generation) -> usize {
        let dormant = std::mem::take(&mut self.dormant);
        dormant.iter().for_each(|id| self.writer.retire(*id, after));
        dormant.len()
    }

    /// See [`AdjacencyWriter::reclaim`].
    pub(crate) fn reclaim(&mut self, adopted: Generation) -> usize {
        self.writer.reclaim(adopted)
    }

    /// Adjacencies of neighbours that are no more.
    pub(crate) fn dormant(&self) -> usize {
        self.dormant.len()
    }

    /// All neighbours, by device and address.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let row = |n: &Neighbour<B>| Row {
            device: n.device,
            next_hop: n.next_hop,
            mac: n.state.is_usable().then_some(n.mac),
            state: n.state,
            parked: n.parked.len(),
            kind: n.kind,
        };
        let mut rows: Vec<_> = self.all.values().map(row).collect();
        rows.sort_by_key(|row| (row.device, row.next_hop));
        rows
    }
}

/// Whether what is learned is worth an entry where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Creates {
    /// It is.
    Entry,
    /// It is not.
    Nothing,
}
