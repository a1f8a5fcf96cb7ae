//! Packets that leave by another worker's transmit queue.

use datapath::Drop;
use pktio::pool::Pool;
use wire::Proto;
use wire::tcp::Flags;

use crate::frames::frame;
use crate::rig::{Build, Kind, client};
use crate::topology::WAN;

/// Every worker opens connections of its own; all of them leave by the first worker's queue, in order.
#[test]
fn one_transmit_queue_serves_all_workers() {
    let pool = Pool::new(1024);
    let mut cluster = Build::of(Kind::OneTxQueue, 3).up(&pool);
    let requests = |round: u8| -> Vec<_> {
        let mut frames: Vec<_> = (0..60).map(|n| frame(WAN, Proto::Udp, &client(n), Flags::NONE)).collect();
        frames.iter_mut().for_each(|frame| frame[15] = round); // the TOS byte tells rounds apart
        frames
    };
    let numbered: Vec<_> = (0..4).flat_map(requests).collect();
    let numbered: Vec<_> = numbered
        .into_iter()
        .map(|mut f| {
            reseal(&mut f);
            f
        })
        .collect();
    let out = cluster.run(WAN, &numbered);
    assert_eq!(out.len(), 240);
    let opened: Vec<u32> = cluster.workers.iter().map(|w| w.connections4.live()).collect();
    assert!(opened.iter().all(|&live| live > 5), "{opened:?}");
    let sent: Vec<u64> = cluster.workers.iter().map(|w| w.counters().sent.read()).collect();
    assert_eq!(sent, [240, 0, 0]);
    let mut last = std::collections::HashMap::new();
    for frame in &out {
        let before = last.insert(crate::rig::tuple_of(frame), frame[15]);
        assert!(before.is_none_or(|round| round < frame[15]), "a flow's packets keep their order");
    }
    cluster.sums();
}

/// Sets the IPv4 header checksum right again.
fn reseal(frame: &mut [u8]) {
    frame[24..26].fill(0);
    let sum = wire::checksum::Checksum::new(wire::checksum::Sum::ZERO.plus_bytes(&frame[14..34]));
    frame[24..26].copy_from_slice(&sum.word().to_ne_bytes());
}

/// The worker that sends for another does not get on: what the ring cannot take is dropped, and counted.
#[test]
fn a_full_way_to_the_sender_is_a_drop_of_its_own() {
    let pool = Pool::new(1024);
    let mut cluster = Build { ring: 8, ..Build::of(Kind::OneTxQueue, 2) }.up(&pool);
    let frames: Vec<_> = (0..300).map(|n| frame(WAN, Proto::Udp, &client(n), Flags::NONE)).collect();
    frames.iter().for_each(|frame| cluster.deliver(WAN, frame, pktio::ChecksumState::Good));
    while cluster.step(1) > 0 {}
    let [received, sent, handed, _, dropped] = cluster.sums();
    let relayed = cluster.workers[1].counters().relayed.read();
    assert_eq!((sent, handed, relayed), (0, 0, 8));
    assert_eq!(received, relayed + dropped);
    assert_eq!(cluster.dropped(Drop::RingFull), dropped);
}
