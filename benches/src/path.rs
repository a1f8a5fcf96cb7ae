//! The whole path over ports in memory: cycles per packet, source excluded, beside the floor of the same run.

use std::cell::RefCell;

use ipvs::connections::Memory;
use pktio::sim::{Pool, SimRx};
use wire::{Addr, Addr4, Addr6};

use crate::clock::repeat;
use crate::floor;
use crate::report::Row;
use crate::scene::{PORT, Rig, Side, VIP4, VIP6, bare};
use crate::source::{Kind, Random, Source, Template, client4, client6, reply, shuffle};

/// What is measured.
pub(crate) const ROWS: &[&str] =
    &["fnat-udp4-in", "fnat-udp4-out", "fnat-tcp4-in", "fnat-tcp4-out", "fnat-udp6-in", "miss-syn4"];

/// Something to do with the packets of a row.
trait Visit {
    type Output;
    fn visit<'p, const N: usize>(
        self,
        rig: &mut Rig<'p>,
        side: Side,
        rx: SimRx<'p, Source<N>>,
    ) -> Self::Output;
}

/// Brings up the connections of `row` and hands over its packets.
fn with_row<V: Visit>(row: &str, flows: u32, visit: V) -> V::Output {
    // Nobody empties the ring to the slow path: more than it holds, so that it is full and packets are left.
    let pool = &Pool::new(2048);
    let room = flows.max(1000) + flows / 100;
    match row {
        "fnat-udp6-in" => {
            let mut rig = Rig::new(pool, 1, room);
            let clients: Vec<_> = (0..flows).map(|n| client6(n, VIP6, PORT)).collect();
            run::<Addr6, 36, V>(&mut rig, row, clients, visit)
        }
        "miss-syn4" => {
            let mut rig = Rig::new(pool, room, 1);
            let others = (0..flows).map(|n| client4(n, VIP4, PORT)).collect();
            let source = Source::new(Template::new::<Addr4>(Kind::Udp), others);
            rig.exhaust(Side::Clients, source.once(), |_| {});
            let clients = disorder((0..flows).map(|n| client4(n, VIP4, 81)).collect());
            let source = Source::new(Template::new::<Addr4>(Kind::Syn), clients);
            visit.visit(&mut rig, Side::Clients, SimRx::new(pool, source))
        }
        _ => {
            let mut rig = Rig::new(pool, room, 1);
            let clients: Vec<_> = (0..flows).map(|n| client4(n, VIP4, PORT)).collect();
            run::<Addr4, 12, V>(&mut rig, row, clients, visit)
        }
    }
}

fn run<'p, A: Addr, const N: usize, V: Visit>(
    rig: &mut Rig<'p>,
    row: &str,
    clients: Vec<[u8; N]>,
    visit: V,
) -> V::Output {
    let tcp = row.contains("tcp");
    let replies = establish::<A, N>(rig, tcp, &clients);
    let (side, flows) = if row.ends_with("in") { (Side::Clients, clients) } else { (Side::Dests, replies) };
    let kind = if tcp { Kind::Data } else { Kind::Udp };
    let source = Source::new(Template::new::<A>(kind), disorder(flows));
    visit.visit(rig, side, SimRx::new(rig.pool, source))
}

/// Makes a connection for each client, and returns the replies of their dests.
pub(crate) fn establish<A: Addr, const N: usize>(
    rig: &mut Rig<'_>,
    tcp: bool,
    clients: &[[u8; N]],
) -> Vec<[u8; N]> {
    let source = |kind, flows: &[[u8; N]]| Source::new(Template::new::<A>(kind), flows.to_vec()).once();
    let replies = RefCell::new(Vec::with_capacity(clients.len()));
    let first = if tcp { Kind::Syn } else { Kind::Udp };
    rig.exhaust(Side::Clients, source(first, clients), |frame| replies.borrow_mut().push(reply(frame)));
    let replies = replies.into_inner();
    assert_eq!(replies.len(), clients.len(), "every flow got a connection");
    // Everything has been sent once in each direction: no way is still to be looked for.
    rig.exhaust(Side::Dests, source(if tcp { Kind::SynAck } else { Kind::Udp }, &replies), |_| {});
    if tcp {
        rig.exhaust(Side::Clients, source(Kind::Ack, clients), |_| {});
    }
    replies
}

/// An order so long that no branch predictor learns it.
pub(crate) fn disorder<const N: usize>(mut flows: Vec<[u8; N]>) -> Vec<[u8; N]> {
    let mut random = Random(1);
    if flows.len() < 1 << 20 {
        return (0..1 << 20).map(|_| flows[random.below(flows.len())]).collect();
    }
    shuffle(&mut flows, &mut random);
    flows
}

struct Measure<'a> {
    row: &'a str,
    flows: u32,
    trials: usize,
    instructions: Option<f64>,
}

impl Visit for Measure<'_> {
    type Output = (Row, f64);
    fn visit<'p, const N: usize>(
        self,
        rig: &mut Rig<'p>,
        side: Side,
        rx: SimRx<'p, Source<N>>,
    ) -> (Row, f64) {
        // Short trials, many of them: on a shared machine some run undisturbed.
        let packets = 1 << 14;
        let (_, rx) = rig.pump(side, rx, (2 * u64::from(self.flows)).clamp(1 << 18, 1 << 22));
        let before = rig.worker.counters().sent.read();
        let mut slot = Some(rx);
        let total = repeat(self.trials, || {
            let (done, rx) = rig.pump(side, slot.take().expect("comes back"), packets);
            slot = Some(rx);
            done
        });
        let sent = rig.worker.counters().sent.read() - before;
        let lost = self.row != "miss-syn4" && sent < packets * self.trials as u64;
        assert!(!lost, "{}: {sent} sent", self.row);
        let mut rx = slot.expect("comes back");
        let source = repeat(self.trials, || bare(rig.pool, &mut rx, packets));
        let Memory { records, table, timers } =
            if N == 12 { rig.worker.connections4.memory() } else { rig.worker.connections6.memory() };
        let live = rig.worker.connections4.live() + rig.worker.connections6.live();
        let floor = floor::cycles(table, records, self.flows, self.trials);
        let row = Row {
            name: self.row.to_owned(),
            flows: self.flows.into(),
            cycles_per_packet: total.least - source.least,
            median: total.median - source.median,
            floor_cycles: floor.least,
            instructions_per_packet: self.instructions,
            pages: pages(rig, N == 12),
            burst: pktio::BURST,
        };
        (row, (records + table + timers) as f64 / f64::from(live))
    }
}

/// What table and records lie on, as the kernel tells.
fn pages(rig: &Rig<'_>, v4: bool) -> String {
    let pages = if v4 { rig.worker.connections4.pages() } else { rig.worker.connections6.pages() };
    pages.map_or_else(|error| error.to_string(), |pages| pages.to_string())
}

/// One row of the table, and the bytes that a connection takes.
pub(crate) fn measure(row: &str, flows: u32, trials: usize, instructions: Option<f64>) -> (Row, f64) {
    with_row(row, flows, Measure { row, flows, trials, instructions })
}

struct Run {
    packets: u64,
    bare: bool,
}

impl Visit for Run {
    type Output = ();
    fn visit<'p, const N: usize>(self, rig: &mut Rig<'p>, side: Side, mut rx: SimRx<'p, Source<N>>) {
        if self.bare {
            bare(rig.pool, &mut rx, self.packets);
        } else {
            rig.pump(side, rx, self.packets);
        }
    }
}

/// Does nothing but send packets, for a program that counts instructions. `bare:` before the row leaves out the worker.
pub(crate) fn child(row: &str, flows: u32, packets: u64) {
    let (row, bare) = row.strip_prefix("bare:").map_or((row, false), |row| (row, true));
    with_row(row, flows, Run { packets, bare });
}
