//! Figures beside the path: connections made and expired, ports, configuration.

use std::hint::black_box;
use std::time::Instant;

use datapath::Clock;
use flow::toeplitz::MICROSOFT_KEY;
use flow::{PortSpace, Tick, Toeplitz, WorkerId};
use ipvs::service::Weight;
use pktio::sim::{Pool, SimRx};
use wire::Addr4;

use crate::clock::{Trials, cycles, hertz, repeat};
use crate::report::Part;
use crate::scene::{PORT, Rig, Side, VIP4, configuration, links, now};
use crate::source::{Kind, Random, Source, Template, client4, shuffle};

/// SYNs of new clients, nothing else: cycles per connection, source included.
pub(crate) fn create() -> Trials {
    let (n, batch) = (1_000_000u32, 1 << 12);
    let pool = &Pool::new(256);
    let mut rig = Rig::new(pool, n, 1);
    let mut clients: Vec<_> = (0..n).map(|n| client4(n, VIP4, PORT)).collect();
    shuffle(&mut clients, &mut Random(3));
    let source = Source::new(Template::new::<Addr4>(Kind::Syn), clients);
    // First touch of the memory costs page faults.
    let (_, rx) = rig.pump(Side::Clients, SimRx::new(pool, source), 100_000);
    let mut slot = Some(rx);
    repeat((900_000 - 4096) / 4096, || {
        let (done, rx) = rig.pump(Side::Clients, slot.take().expect("comes back"), batch);
        slot = Some(rx);
        done
    })
}

/// A steady state: every eighth of a second so many connections are made, and as many idle out after 30 s in SYN_RECV. Cycles per
/// connection, and how many are alive.
pub(crate) fn churn() -> (Trials, u32) {
    const PER_TICK: u32 = 1_000_000 / (30 * Tick::PER_SECOND);
    let pool = &Pool::new(256);
    let mut rig = Rig::new(pool, 1_100_000, 1);
    let (mut next, mut start) = (0u32, now().tick);
    let template = Template::new::<Addr4>(Kind::Syn);
    let mut tick = || {
        start = start.after(1);
        let clients = (0..PER_TICK).map(|n| client4(next.wrapping_add(n), VIP4, PORT)).collect();
        next = next.wrapping_add(PER_TICK) % 40_000_000;
        let rx = SimRx::new(pool, Source::new(template, clients).once());
        let mut links = links(pool, Side::Clients, Some(rx), |_| {});
        let begin = cycles();
        while rig.worker.turn(&mut links, Clock { tick: start, isn: next }) > 0 || rig.worker.has_due(start) {
        }
        (cycles() - begin) as f64 / f64::from(PER_TICK)
    };
    for _ in 0..300 {
        tick();
    }
    let mut results: Vec<f64> = (0..300).map(|_| tick()).collect();
    results.sort_by(f64::total_cmp);
    let trials = Trials { least: results[0], median: results[results.len() / 2] };
    (trials, rig.worker.connections4.live())
}

/// Picking a port, with and without the owner function in the way.
pub(crate) fn ports() -> Vec<Part> {
    let nic = Toeplitz::new(&MICROSOFT_KEY);
    let table: Vec<_> = (0..128).map(|entry| WorkerId(entry % 4)).collect();
    let reply = *b"\x0a\xc8\0\x01\xc6\x33\x64\x01\x1f\x90";
    let spaces = [
        ("any", PortSpace::all()),
        ("of one of 4 workers", PortSpace::behind(&nic, 10, &table, WorkerId(1))),
    ];
    let measure = |(name, space): (&str, PortSpace)| {
        let mut n = 0u32;
        let trials = repeat(101, || {
            for _ in 0..4096 {
                n = n.wrapping_add(1);
                black_box(space.port(nic.part(0, black_box(&reply)), n));
            }
            4096
        });
        Part::new(format!("port candidate ({name}), reply's hash included"), trials, "cycles")
    };
    spaces.map(measure).into()
}

/// Dests added to a service that has 40 000: the change, the publication, the adoption.
pub(crate) fn publish() -> Vec<Part> {
    let pool = &Pool::new(64);
    let mut rig = Rig::new(pool, 1000, 1);
    let (mut snapshot, service) = configuration();
    let add = |snapshot: &mut ipvs::Snapshot, n: u32| {
        let [_, high, middle, low] = n.to_be_bytes();
        let addr = [10, 128 + high, middle, low].into();
        snapshot.add_dest(service, addr, 80, Weight(1)).expect("room");
    };
    (0..40_000).for_each(|n| add(&mut snapshot, n));
    rig.publisher.publish(snapshot);
    let none = |_: &mut [u8]| None;
    let mut links = links(pool, Side::Clients, Some(SimRx::new(pool, none)), |_| {});
    rig.worker.turn(&mut links, now());
    let (mut n, mut adopt) = (40_000, Vec::new());
    let trials = repeat(301, || {
        let mut next = rig.publisher.newest().clone();
        n += 1;
        add(&mut next, n);
        rig.publisher.publish(next);
        let begin = cycles();
        rig.worker.turn(&mut links, now());
        adopt.push((cycles() - begin) as f64);
        1
    });
    adopt.sort_by(f64::total_cmp);
    let us = |cycles: f64| cycles / hertz() * 1e6;
    let change = Trials { least: us(trials.least), median: us(trials.median) };
    let worker = Trials { least: adopt[0], median: adopt[adopt.len() / 2] };
    let begin = Instant::now();
    let mut rig = Rig::new(pool, 1000, 1);
    for n in 0..40_000 {
        let mut next = rig.publisher.newest().clone();
        add(&mut next, n);
        rig.publisher.publish(next);
        rig.worker.turn(&mut links, now());
    }
    let seconds = begin.elapsed().as_secs_f64();
    vec![
        Part::new("one dest more in a service of 40 000: change, publish, adopt", change, "µs"),
        Part::new("… of it the worker's turn", worker, "cycles"),
        Part::new("40 000 dests, each published by itself", Trials { least: seconds, median: seconds }, "s"),
    ]
}
