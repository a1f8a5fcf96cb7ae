//! Two ports, workers, and a master, stepped by hand.

use std::collections::HashMap;

use datapath::{Clock, Config, Doors, Drop, Link, PuntEnd, Punts, Queries, QueryEnd, Wiring, Worker};
use flow::mem::Pages;
use flow::publish::Publisher;
use flow::toeplitz::MICROSOFT_KEY;
use flow::{QueueId, Tick, WorkerId};
use ipvs::Direction;
use ipvs::book::{DestStats, Table};
use ipvs::drain::Drains;
use ipvs::service::{DestSlot, LaddrSlot, Scheduler, ServiceKey, ServiceSettings, ServiceSlot, Weight};
use ipvs::{Homes, Snapshot, Steering};
use netstack::adjacency::AdjacencyWriter;
use netstack::device::DeviceId;
use pktio::nic::{Nic, NicQueue, Scaling};
use pktio::pool::{Pool, SimBuffer};
use pktio::{ChecksumState, PortId, Rss};
use wire::eth::Mac;
use wire::{Addr, Addr4, Ports, Proto, Tuple};

use crate::frames::parsed;
use crate::topology::{LAN, PORTS, VIP4, VIP6, WAN, neighbours, net};

pub(crate) const LADDRS: [[u8; 4]; 2] = [[10, 0, 0, 1], [10, 0, 0, 2]];
pub(crate) const SECRET: [u64; 2] = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344];
pub(crate) const IDLE: u32 = 20;

/// What the ports can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rss,
    RssWithoutUdpPorts,
    RssOfItsOwnKey,
    /// The key changed behind our back.
    RssChanged,
    OneQueue,
    FewQueues,
    /// As many receive queues as workers, but only one transmit queue.
    OneTxQueue,
}

pub(crate) const KINDS: [Kind; 7] = [
    Kind::Rss,
    Kind::RssWithoutUdpPorts,
    Kind::RssOfItsOwnKey,
    Kind::RssChanged,
    Kind::OneQueue,
    Kind::FewQueues,
    Kind::OneTxQueue,
];

impl Kind {
    fn rx_queues(self, workers: u16) -> u16 {
        match self {
            Kind::OneQueue => 1,
            Kind::FewQueues => workers.div_ceil(2),
            _ => workers,
        }
    }

    fn tx_queues(self, workers: u16) -> u16 {
        if self == Kind::OneTxQueue { 1 } else { self.rx_queues(workers) }
    }

    fn nic<'p>(self, pool: &'p Pool, homes: &Homes) -> Nic<'p> {
        let queues = self.rx_queues(homes.workers());
        let mut asked = homes.rss();
        let own = std::array::from_fn(|at| u8::try_from(at).expect("forty").wrapping_mul(37));
        let scaling = match self {
            Kind::Rss | Kind::OneTxQueue => Scaling::AsAsked,
            Kind::RssWithoutUdpPorts => Scaling::AddressesOnlyForUdp,
            Kind::RssOfItsOwnKey | Kind::RssChanged => Scaling::OwnKey(own),
            Kind::OneQueue => Scaling::SingleQueue,
            Kind::FewQueues => {
                asked.table.iter_mut().for_each(|queue| queue.0 %= queues);
                Scaling::AsAsked
            }
        };
        Nic::new(pool, queues, 4096, scaling.grant(asked))
    }

    /// What we believe it does.
    fn told(self, nic: &Nic<'_>, homes: &Homes) -> Option<Rss> {
        if self == Kind::RssChanged { Some(homes.rss()) } else { nic.rss().cloned() }
    }
}

/// How a cluster is built.
pub(crate) struct Build {
    pub(crate) kind: Kind,
    pub(crate) workers: u16,
    /// Depth of the rings between workers.
    pub(crate) ring: usize,
    pub(crate) capacity: u32,
    pub(crate) scheduler: Scheduler,
    pub(crate) key: fn(u16) -> [u8; 40],
}

impl Build {
    pub(crate) fn of(kind: Kind, workers: u16) -> Self {
        let key = |_| MICROSOFT_KEY;
        Self { kind, workers, ring: 256, capacity: 4000, scheduler: Scheduler::Wrr, key }
    }

    /// One worker, which is all that most tests need.
    pub(crate) fn alone(capacity: u32) -> Self {
        Self { capacity, scheduler: Scheduler::Rr, ..Self::of(Kind::OneQueue, 1) }
    }

    pub(crate) fn up(self, pool: &Pool) -> Cluster<'_> {
        Cluster::new(pool, &self)
    }
}

pub(crate) struct Cluster<'p> {
    pub(crate) nics: [Nic<'p>; PORTS],
    kind: Kind,
    pub(crate) workers: Vec<Worker<SimBuffer<'p>>>,
    pub(crate) punts: Vec<PuntEnd<SimBuffer<'p>>>,
    pub(crate) queries: Vec<QueryEnd>,
    pub(crate) neighbours: AdjacencyWriter,
    pub(crate) publisher: Publisher<Snapshot>,
    pub(crate) services: Vec<ServiceSlot>,
    pub(crate) dests: Vec<DestSlot>,
    pub(crate) laddrs: Vec<LaddrSlot>,
    pub(crate) drains: Drains<DestSlot>,
    pub(crate) now: Tick,
}

/// A TCP and a UDP service with three dests each, for both families.
fn configuration(scheduler: Scheduler) -> (Snapshot, Vec<ServiceSlot>, Vec<DestSlot>, Vec<LaddrSlot>) {
    let mut snapshot = Snapshot::empty(1);
    snapshot.net = net();
    snapshot.ttl_step = 1;
    let (mut services, mut dests, mut laddrs) = (Vec::new(), Vec::new(), Vec::new());
    let settings = ServiceSettings { conn_timeout: Some(IDLE), ..ServiceSettings::new(scheduler) };
    for proto in [Proto::Tcp, Proto::Udp] {
        let key = ServiceKey { vip: VIP4.ip(), port: 80, proto };
        let service = snapshot.add_service(key, settings).expect("room");
        laddrs.extend(LADDRS.map(|laddr| snapshot.add_laddr(service, laddr.into()).expect("room")));
        for n in 1..=3 {
            dests.push(snapshot.add_dest(service, [10, 1, 0, n].into(), 8080, Weight(1)).expect("room"));
        }
        let service6 = snapshot.add_service(ServiceKey { vip: VIP6.ip(), ..key }, settings).expect("room");
        snapshot.add_laddr(service6, [0x2001, 0xdb8, 0, 0, 0, 0, 9, 1].into()).expect("room");
        for n in 101..=103 {
            let addr = [0x2001, 0xdb8, 1, 0, 0, 0, 9, n];
            snapshot.add_dest(service6, addr.into(), 8080, Weight(1)).expect("room");
        }
        services.extend([service, service6]);
    }
    (snapshot, services, dests, laddrs)
}

impl<'p> Cluster<'p> {
    fn new(pool: &'p Pool, build: &Build) -> Self {
        let Build { kind, workers, ring, capacity, scheduler, key } = *build;
        let draw = |me| Homes::draw(workers, [key(me)]).expect("the key steers");
        let first = draw(0);
        let homes = |me| if key(me) == key(0) { first.clone() } else { draw(me) };
        let nics = [WAN, LAN].map(|port| kind.nic(pool, &first).numbered(port));
        let told = nics.each_ref().map(|nic| kind.told(nic, &first));
        let (adjacencies, neighbours) = neighbours();
        let (snapshot, services, dests, laddrs) = configuration(scheduler);
        let (publisher, subscribers) = Publisher::new(snapshot, workers.into());
        let (mut punt_ends, mut query_ends, mut all) = (Vec::new(), Vec::new(), Vec::new());
        let doors = Doors::between(workers, ring).into_iter().zip(Doors::between(workers, ring));
        for ((me, subscriber), (doors, relay)) in (0..).zip(subscribers).zip(doors) {
            let ((punts, punt_end), (queries, query_end)) = (Punts::new(1024), Queries::new());
            punt_ends.push(punt_end);
            query_ends.push(query_end);
            let sender = WorkerId(me % kind.tx_queues(workers));
            let senders = vec![Some(sender).filter(|sender| sender.0 != me); PORTS].into();
            let config = Config {
                connections4: capacity,
                connections6: capacity,
                pages: Pages::OnTouch,
                secret: SECRET,
                steering: Steering::new(homes(me), WorkerId(me), &told),
                adjacencies: adjacencies.clone(),
                start: Tick(0),
            };
            all.push(Worker::new(config, subscriber, Wiring { doors, relay, senders, punts, queries }));
        }
        Self {
            nics,
            kind,
            workers: all,
            punts: punt_ends,
            queries: query_ends,
            neighbours,
            publisher,
            services,
            dests,
            laddrs,
            drains: Drains::default(),
            now: Tick(0),
        }
    }

    /// A frame comes in by the wire.
    pub(crate) fn deliver(&self, port: PortId, frame: &[u8], checksum: ChecksumState) {
        self.nics[usize::from(port.0)].deliver(frame, checksum);
    }

    /// One turn of one worker.
    pub(crate) fn step(&mut self, worker: usize) -> usize {
        let count = u16::try_from(self.workers.len()).expect("few");
        let queue = QueueId(u16::try_from(worker).expect("few"));
        let (rx, tx) = (self.kind.rx_queues(count), self.kind.tx_queues(count));
        let mut links = self.nics.each_ref().map(|nic| {
            let own = |queues| (queue.0 < queues).then(|| nic.queue(queue));
            Link::<NicQueue<'_, 'p>, NicQueue<'_, 'p>> { rx: own(rx), tx: own(tx) }
        });
        self.workers[worker].turn(&mut links, Clock { tick: self.now, isn: 12345 })
    }

    /// How many frames went out since the last time.
    pub(crate) fn sent(&self) -> usize {
        self.nics.iter().map(|nic| nic.sent().len()).sum()
    }

    /// Turns until nobody has anything to do; returns what went out by each port.
    pub(crate) fn settle(&mut self) -> [Vec<Vec<u8>>; PORTS] {
        let mut quiet = 0;
        while quiet < 2 {
            let mut had = 0;
            for worker in 0..self.workers.len() {
                had += self.step(worker) + usize::from(self.workers[worker].has_due(self.now));
            }
            quiet = if had == 0 { quiet + 1 } else { 0 };
        }
        self.nics.each_ref().map(Nic::sent)
    }

    /// Frames in by `port`; what comes out, whatever port.
    pub(crate) fn run(&mut self, port: PortId, frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
        frames.iter().for_each(|frame| self.deliver(port, frame, ChecksumState::Good));
        self.settle().concat()
    }

    /// One frame in by `port`, and where it came out.
    pub(crate) fn one(&mut self, port: PortId, frame: &[u8]) -> Option<(PortId, Vec<u8>)> {
        self.deliver(port, frame, ChecksumState::Good);
        let [wan, lan] = self.settle();
        let mut out = wan.into_iter().map(|f| (WAN, f)).chain(lan.into_iter().map(|f| (LAN, f)));
        let first = out.next();
        assert_eq!(out.next(), None, "one goes in, two come out");
        first
    }

    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Snapshot)) {
        let mut next = self.publisher.newest().clone();
        change(&mut next);
        self.publisher.publish(next);
    }

    /// Another router towards the dests is known, at `mac`.
    pub(crate) fn second_dest_router(&mut self, mac: Mac) -> Addr4 {
        let router = Addr4([10, 9, 0, 253]);
        let id = self.neighbours.claim(DeviceId(LAN.0), router.ip()).expect("room");
        self.neighbours.set(id, mac);
        router
    }

    pub(crate) fn live(&self) -> usize {
        self.workers.iter().map(|w| (w.connections4.live() + w.connections6.live()) as usize).sum()
    }

    pub(crate) fn tables(&self) -> Vec<Table<DestStats>> {
        self.workers.iter().map(|worker| worker.dests().clone()).collect()
    }

    /// Sums over workers: received, sent, handed over, taken in, dropped. Each worker's books must balance.
    pub(crate) fn sums(&self) -> [u64; 5] {
        let mut sums = [0; 5];
        for worker in &self.workers {
            let c = worker.counters();
            let [received, sent] = [&c.received, &c.sent].map(flow::Counter::read);
            let [handed, taken] = [&c.handed_over, &c.taken_in].map(flow::Counter::read);
            let [punted, injected] = [&c.punted, &c.injected].map(flow::Counter::read);
            let [relayed, to_send] = [&c.relayed, &c.to_send].map(flow::Counter::read);
            let dropped = c.all_dropped();
            let (in_sum, out_sum) =
                (received + taken + injected + to_send, sent + handed + punted + relayed + dropped);
            assert_eq!(in_sum, out_sum, "one worker's books");
            [received, sent, handed, taken, dropped].iter().zip(&mut sums).for_each(|(n, sum)| *sum += n);
        }
        sums
    }

    pub(crate) fn dropped(&self, reason: Drop) -> u64 {
        self.workers.iter().map(|worker| worker.counters().dropped(reason)).sum()
    }

    /// Where packets of `request` come out.
    pub(crate) fn place(&self, proto: Proto, request: &Tuple<Addr4>) -> Option<Tuple<Addr4>> {
        let mut live = self.workers.iter().flat_map(|worker| worker.connections4.iter());
        let conn = live.find(|conn| conn.carries(Direction::In, request, proto))?;
        Some(conn.leaving(Direction::In))
    }

    /// Every live connection: its two tuples, protocol and owner. No tuple may be met twice.
    pub(crate) fn connections(&self) -> HashMap<(Proto, Tuple<Addr4>), usize> {
        let mut owners = HashMap::new();
        for (at, worker) in self.workers.iter().enumerate() {
            for conn in worker.connections4.iter() {
                for direction in [Direction::In, Direction::Out] {
                    let key = (conn.proto(), *conn.arriving(direction));
                    assert_eq!(owners.insert(key, at), None, "{key:?} has two owners or two connections");
                }
            }
        }
        owners
    }

    /// After all timeouts: no connection is left, and all that were opened are closed, with every dest and local address.
    pub(crate) fn assert_all_ends(&mut self) {
        for _ in 0..100 {
            self.now = self.now.after(8 * Tick::PER_SECOND);
            self.settle();
        }
        assert_eq!(self.live(), 0);
        for worker in &self.workers {
            use ipvs::book::Tenant;
            assert!((0..32).all(|slot| worker.dests()[slot].connections() == 0));
            assert!((0..32).all(|slot| worker.dests()[slot].active.read() == 0));
            assert!((0..32).all(|slot| worker.laddrs()[slot].connections() == 0));
        }
    }
}

/// The tuple of a frame that came out, with right checksums.
pub(crate) fn tuple_of(frame: &[u8]) -> (Proto, Tuple<Addr4>) {
    let flow = parsed::<Addr4>(frame);
    (flow.proto, flow.tuple)
}

/// The `n`-th client of a cluster; few addresses, so that hashing by addresses only is seen to be uneven.
pub(crate) fn client(n: u16) -> Tuple<Addr4> {
    let src = Addr4([172, 16, 0, u8::try_from(n % 5).expect("below 5")]);
    Tuple { src, dst: VIP4, ports: Ports::new(1000 + n, 80) }
}

pub(crate) fn proto(n: u16) -> Proto {
    if n % 2 == 0 { Proto::Tcp } else { Proto::Udp }
}
