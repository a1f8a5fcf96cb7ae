//! What it costs that a packet is another worker's: the ring, and the whole path.

use std::hint::black_box;

use datapath::{Config, Doors, Link, PuntEnd, Punts, Queries, QueryEnd, Wiring, Worker};
use flow::WorkerId;
use flow::mem::Pages;
use flow::publish::Publisher;
use flow::ring::ring;
use flow::toeplitz::MICROSOFT_KEY;
use ipvs::{Homes, Snapshot, Steering};
use netstack::adjacency::AdjacencyWriter;
use pktio::sim::{Generator, Pool, SimBuffer, SimRx};
use wire::Addr4;

use crate::clock::{Trials, cycles, pin_to, repeat};
use crate::path::disorder;
use crate::report::Part;
use crate::scene::{PORT, PORTS, SECRET, Side, VIP4, configuration, links, neighbours, now};
use crate::source::{Kind, Source, Template, client4};

pub(crate) fn all(flows: &[u32]) -> Vec<Part> {
    let mut parts = vec![ring_alone(), ring_between()];
    for &flows in flows {
        let (one, two) = (shop(1, flows), shop(2, flows));
        // Half of the packets cross.
        let extra = Trials { least: 2.0 * (two.least - one.least), median: 2.0 * (two.median - one.median) };
        parts.push(Part::new(format!("path with source, {flows} flows: one worker"), one, "cycles"));
        parts.push(Part::new(
            "… two workers on one core behind one queue: half of the packets cross",
            two,
            "cycles",
        ));
        parts.push(Part::new("… so a crossing costs, of both workers together", extra, "cycles"));
    }
    parts
}

/// Put and taken by one thread, in bursts of 32.
fn ring_alone() -> Part {
    let (mut put, mut take) = ring(1024);
    let (mut burst, mut out) = (Vec::with_capacity(32), Vec::with_capacity(32));
    let trials = repeat(301, || {
        for n in 0..128u64 {
            burst.extend(n..n + 32);
            put.put(&mut burst);
            take.take(&mut out, 32);
            black_box(&out);
            out.clear();
        }
        128 * 32
    });
    Part::new("ring, an item put and taken by one thread", trials, "cycles")
}

/// From one core to another, as fast as it goes.
fn ring_between() -> Part {
    const ITEMS: u64 = 4_000_000;
    let mut results: Vec<f64> = (0..9)
        .map(|_| {
            let (mut put, mut take) = ring(1024);
            std::thread::scope(|scope| {
                scope.spawn(move || {
                    pin_to(0);
                    let (mut next, mut burst) = (0u64, Vec::with_capacity(32));
                    while next < ITEMS {
                        burst.extend(next..next + 32);
                        next += 32;
                        while !burst.is_empty() {
                            put.put(&mut burst);
                        }
                    }
                });
                let (mut seen, mut out) = (0, Vec::with_capacity(32));
                let begin = cycles();
                while seen < ITEMS {
                    seen += take.take(&mut out, 32) as u64;
                    black_box(&out);
                    out.clear();
                }
                (cycles() - begin) as f64 / ITEMS as f64
            })
        })
        .collect();
    results.sort_by(f64::total_cmp);
    Part::new("ring, from one core to another", Trials { least: results[0], median: results[4] }, "cycles")
}

/// What a worker's slow path and listings have of it.
type SlowEnds<'p> = (PuntEnd<SimBuffer<'p>>, QueryEnd);

/// Workers that share one core and one receive queue per port.
struct Shop<'p> {
    workers: Vec<Worker<SimBuffer<'p>>>,
    pool: &'p Pool,
    _ends: (Publisher<Snapshot>, AdjacencyWriter, Vec<SlowEnds<'p>>),
}

/// Cycles per packet, source included.
fn shop(workers: u16, flows: u32) -> Trials {
    let pool = &Pool::new(4096);
    let mut shop = Shop::new(pool, workers, flows);
    let clients: Vec<_> = (0..flows).map(|n| client4(n, VIP4, PORT)).collect();
    let template = Template::new::<Addr4>(Kind::Udp);
    shop.pump(SimRx::new(pool, Source::new(template, clients.clone()).once()), u64::MAX);
    let rx = SimRx::new(pool, Source::new(template, disorder(clients)));
    let (_, rx) = shop.pump(rx, (2 * u64::from(flows)).max(1 << 18));
    let mut slot = Some(rx);
    let trials = repeat(301, || {
        let (done, rx) = shop.pump(slot.take().expect("comes back"), 1 << 14);
        slot = Some(rx);
        done
    });
    let sum = |counter: fn(&datapath::Counters) -> u64| -> u64 {
        shop.workers.iter().map(|worker| counter(worker.counters())).sum()
    };
    let (received, sent) = (sum(|c| c.received.read()), sum(|c| c.sent.read()));
    assert!(received - sent < 1024, "only what is on its way is missing");
    trials
}

impl<'p> Shop<'p> {
    fn new(pool: &'p Pool, workers: u16, flows: u32) -> Self {
        let homes = Homes::draw(workers, [MICROSOFT_KEY]).expect("this key steers");
        let (publisher, subscribers) = Publisher::new(configuration().0, workers.into());
        let (adjacencies, writer) = neighbours();
        let mut ends = Vec::new();
        let doors = Doors::between(workers, 1024).into_iter().zip(Doors::between(workers, 1024));
        let build = |((me, snapshot), (doors, relay))| {
            let config = Config {
                connections4: flows + 1000,
                connections6: 1,
                pages: Pages::OnTouch,
                secret: SECRET,
                steering: Steering::new(homes.clone(), WorkerId(me), &[None, None]),
                adjacencies: adjacencies.clone(),
                start: now().tick,
            };
            let ((punts, punt_end), (queries, query_end)) = (Punts::new(64), Queries::new());
            ends.push((punt_end, query_end));
            let wiring = Wiring { doors, relay, senders: vec![None; PORTS].into(), punts, queries };
            Worker::new(config, snapshot, wiring)
        };
        let workers = (0..).zip(subscribers).zip(doors).map(build).collect();
        Self { workers, pool, _ends: (publisher, writer, ends) }
    }

    #[inline(never)]
    fn pump<G: Generator>(&mut self, rx: SimRx<'p, G>, packets: u64) -> (u64, SimRx<'p, G>) {
        let mut first_links = links(self.pool, Side::Clients, Some(rx), |packet| {
            black_box(packet);
        });
        let mut other_links = links::<G, _>(self.pool, Side::Clients, None, |packet| {
            black_box(packet);
        });
        let (mut done, mut idle) = (0, 0);
        while done < packets && idle < 4 {
            let (first, others) = self.workers.split_first_mut().expect("one at least");
            let received = first.turn(&mut first_links, now()) as u64;
            others.iter_mut().for_each(|worker| {
                worker.turn(&mut other_links, now());
            });
            done += received;
            idle = if received == 0 { idle + 1 } else { 0 };
        }
        let rx = first_links.into_iter().find_map(|Link { rx, .. }| rx);
        (done, rx.expect("was put in"))
    }
}
