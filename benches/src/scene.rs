//! The director that everything is measured in: one port to clients and one to dests, a service per protocol and family, 16 dests and
//! 16 local addresses each.

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use datapath::{Clock, Config, Link, PuntEnd, QueryEnd, Wiring, Worker};
use flow::Tick;
use flow::publish::Publisher;
use ipvs::Snapshot;
use ipvs::service::{Scheduler, ServiceKey, ServiceSettings, ServiceSlot, Weight};
use netstack::adjacency::{Adjacencies, AdjacencyWriter};
use netstack::device::DeviceId;
use pktio::sim::{Generator, Pool, SimBuffer, SimRx, SimTx};
use pktio::{RxQueue, TxQueue};
use wire::eth::Mac;
use wire::{Addr, Addr4, Addr6, Proto};

use crate::clock::{cycles, hertz};

pub(crate) const VIP4: Addr4 = Addr4([192, 0, 2, 1]);
pub(crate) const VIP6: Addr6 = Addr6(*b"\x20\x01\x0d\xb8\xff\xff\0\0\0\0\0\0\0\0\0\x01");
pub(crate) const PORT: u16 = 80;
pub(crate) const SECRET: [u64; 2] = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344];
pub(crate) const PORTS: usize = 2;
/// Both ports have the address that the builder of frames sends to.
const MAC: Mac = [2, 0, 0, 0, 0, 1];
const DESTS: u8 = 16;
const LADDRS: u8 = 16;

/// The configuration, and the service for UDP over IPv4.
pub(crate) fn configuration() -> (Snapshot, ServiceSlot) {
    let mut snapshot = Snapshot::empty(7);
    snapshot.net = crate::net::build(MAC);
    type Numbered = fn(u8) -> IpAddr;
    let families: [(IpAddr, Numbered, Numbered); 2] = [
        (VIP4.ip(), |n| [198, 51, 100, n].into(), |n| [198, 19, 0, n].into()),
        (
            VIP6.ip(),
            |n| [0x2001, 0xdb8, 1, 0, 0, 0, 0, u16::from(n)].into(),
            |n| [0x2001, 0xdb8, 2, 0, 0, 0, 0, u16::from(n)].into(),
        ),
    ];
    let settings = ServiceSettings { conn_timeout: Some(900), ..ServiceSettings::new(Scheduler::Rr) };
    let mut first = None;
    for (vip, laddr, dest) in families {
        for proto in [Proto::Udp, Proto::Tcp] {
            let key = ServiceKey { vip, port: PORT, proto };
            let service = snapshot.add_service(key, settings).expect("room");
            first.get_or_insert(service);
            for n in 1..=LADDRS {
                snapshot.add_laddr(service, laddr(n)).expect("room");
            }
            for n in 1..=DESTS {
                snapshot.add_dest(service, dest(n), 8080, Weight(1)).expect("room");
            }
        }
    }
    (snapshot, first.expect("there are services"))
}

/// The routers on both sides, known.
pub(crate) fn neighbours() -> (Arc<Adjacencies>, AdjacencyWriter) {
    let (adjacencies, mut writer) = Adjacencies::new(1);
    for (device, router) in crate::net::routers() {
        let id = writer.claim(DeviceId(device), router).expect("room");
        writer.set(id, [2, 0, 0, 0, 1, 1]);
    }
    (adjacencies, writer)
}

/// Real time from the cycle counter.
#[expect(clippy::cast_possible_truncation, reason = "clocks come round")]
pub(crate) fn now() -> Clock {
    let cycles = cycles();
    Clock {
        tick: Tick((cycles as f64 * f64::from(Tick::PER_SECOND) / hertz()) as u32),
        isn: (cycles >> 7) as u32,
    }
}

/// A worker with its configuration and its time.
pub(crate) struct Rig<'p> {
    pub(crate) worker: Worker<SimBuffer<'p>>,
    pub(crate) publisher: Publisher<Snapshot>,
    pub(crate) pool: &'p Pool,
    _ends: (PuntEnd<SimBuffer<'p>>, QueryEnd, AdjacencyWriter),
}

/// The side that packets come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Clients,
    Dests,
}

impl<'p> Rig<'p> {
    pub(crate) fn new(pool: &'p Pool, connections4: u32, connections6: u32) -> Self {
        let (publisher, mut subscribers) = Publisher::new(configuration().0, 1);
        let (adjacencies, writer) = neighbours();
        let config = Config {
            start: now().tick,
            connections4,
            connections6,
            ..Config::alone(1, SECRET, PORTS, adjacencies)
        };
        let (wiring, punts, queries) = Wiring::alone(PORTS);
        let worker = Worker::new(config, subscribers.remove(0), wiring);
        Self { worker, publisher, pool, _ends: (punts, queries, writer) }
    }

    /// Turns around so many packets that come from one side.
    #[inline(never)]
    pub(crate) fn pump<G: Generator>(
        &mut self,
        side: Side,
        rx: SimRx<'p, G>,
        packets: u64,
    ) -> (u64, SimRx<'p, G>) {
        let mut links = links(self.pool, side, Some(rx), |packet| {
            black_box(packet);
        });
        let mut done = 0;
        while done < packets {
            match self.worker.turn(&mut links, now()) {
                0 => break,
                received => done += received as u64,
            }
        }
        let rx = links.into_iter().find_map(|link| link.rx);
        (done, rx.expect("was put in"))
    }

    /// Sends all frames of a source, and shows what comes out.
    pub(crate) fn exhaust<G: Generator>(&mut self, side: Side, generator: G, sent: impl Fn(&[u8])) {
        let rx = Some(SimRx::new(self.pool, generator));
        let mut links = links(self.pool, side, rx, |packet: &SimBuffer<'p>| {
            use pktio::Buffer;
            sent(packet.frame());
        });
        while self.worker.turn(&mut links, now()) > 0 {}
    }
}

/// A port as the worker of a benchmark has it.
pub(crate) type PortOf<'p, G, F> = Link<SimRx<'p, G>, SimTx<'p, F>>;

/// Both ports as the worker has them; `rx` goes to the port of `side`, and both send to `observer`.
pub(crate) fn links<'p, G: Generator, F: Fn(&SimBuffer<'p>)>(
    pool: &'p Pool,
    side: Side,
    mut rx: Option<SimRx<'p, G>>,
    observer: F,
) -> [PortOf<'p, G, impl FnMut(&SimBuffer<'p>)>; PORTS] {
    let observer = std::rc::Rc::new(observer);
    [Side::Clients, Side::Dests].map(|port| {
        let observer = observer.clone();
        let tx = SimTx::new(pool, move |packet: &SimBuffer<'p>| observer(packet));
        Link { rx: if port == side { rx.take() } else { None }, tx: Some(tx) }
    })
}

/// Receives and sends without a worker between: what the source costs.
#[inline(never)]
pub(crate) fn bare<'p, G: Generator>(pool: &'p Pool, rx: &mut SimRx<'p, G>, packets: u64) -> u64 {
    let mut tx = SimTx::new(pool, |packet: &SimBuffer<'p>| {
        black_box(packet);
    });
    let mut burst = pktio::burst();
    let mut done = 0;
    while done < packets {
        rx.receive(&mut burst);
        done += burst.len() as u64;
        tx.send(&mut burst);
    }
    done
}
