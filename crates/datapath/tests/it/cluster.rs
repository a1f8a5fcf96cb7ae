//! Several workers, stepped by hand: whose a packet is, that it gets there, and that nothing is lost on the way.

use datapath::Drop;
use flow::Tick;
use flow::toeplitz::MICROSOFT_KEY;
use ipvs::Connections;
use pktio::ChecksumState;
use pktio::pool::Pool;
use wire::tcp::Flags;
use wire::{Addr4, Proto};

use crate::frames::{frame, parsed};
use crate::random::{Places, exchange};
use crate::rig::*;
use crate::topology::{DEST_ROUTER, WAN};

/// A worker that does not get on: its ring fills, the rest is dropped for that reason, and the books balance.
#[test]
fn a_full_ring_drops_and_says_so() {
    let pool = Pool::new(512);
    let mut cluster = Build { ring: 8, ..Build::of(Kind::OneQueue, 3) }.up(&pool);
    for n in 0..256 {
        cluster.deliver(WAN, &frame(WAN, Proto::Udp, &client(n), Flags::NONE), ChecksumState::Good);
    }
    while cluster.step(0) > 0 {}
    let [received, sent, handed, taken, dropped] = cluster.sums();
    // Two rings of eight to fill, and those that this worker keeps.
    assert_eq!((received, handed, taken), (256, 16, 0));
    assert_eq!(dropped, cluster.dropped(Drop::RingFull));
    assert_eq!(sent + handed + dropped, 256);
    assert!(sent > 50 && dropped > 100, "{sent} sent, {dropped} dropped");
    cluster.settle();
    assert_eq!(cluster.sums()[3], 16);
    assert_eq!(pool.free(), 512);
}

/// Workers that disagree (here: by different keys) pass no packet round and round.
#[test]
fn a_packet_crosses_once_at_most() {
    let pool = Pool::new(512);
    let key = |me: u16| {
        let mut key = MICROSOFT_KEY;
        key.rotate_left(me.into());
        key
    };
    let mut cluster = Build { key, ..Build::of(Kind::OneQueue, 3) }.up(&pool);
    for n in 0..200 {
        cluster.deliver(WAN, &frame(WAN, Proto::Udp, &client(n), Flags::NONE), ChecksumState::Good);
    }
    for _ in 0..100 {
        (0..3).for_each(|worker| assert!(cluster.step(worker) <= 64));
    }
    let [received, sent, handed, taken, _] = cluster.sums();
    assert_eq!((received, sent), (200, 200));
    assert!(handed == taken && handed < 200, "{handed} crossings");
}

/// A checksum left to the device comes out right, a wrong one stays wrong, and one known to be wrong goes nowhere.
#[test]
fn checksums_that_nobody_verified() {
    let pool = Pool::new(64);
    let mut cluster = Build::of(Kind::OneQueue, 3).up(&pool);
    let at = |proto| if proto == Proto::Tcp { 50 } else { 40 };
    for n in 0..32 {
        let right = frame(WAN, proto(n), &client(n), Flags::SYN);
        cluster.deliver(WAN, &right, ChecksumState::Good);
        let golden = cluster.settle().concat().pop().expect("sent on");
        parsed::<Addr4>(&golden);
        let field = at(proto(n))..at(proto(n)) + 2;
        let partial = wire::complete::partial(&parsed::<Addr4>(&right)).word().to_ne_bytes();
        for (state, bytes, same) in [
            (ChecksumState::Partial, partial, true),
            (ChecksumState::Unknown, partial, true),
            (ChecksumState::Partial, [0x12, 0x34], true),
            (ChecksumState::Unknown, [right[field.start], right[field.end - 1]], true),
            (ChecksumState::Unknown, [0x12, 0x34], false),
        ] {
            let mut frame = right.clone();
            frame[field.clone()].copy_from_slice(&bytes);
            cluster.deliver(WAN, &frame, state);
            let out = cluster.settle().concat().pop().expect("sent on");
            assert_eq!(out == golden, same, "{state:?} with {bytes:x?}");
        }
        let before = cluster.dropped(Drop::BadChecksum);
        cluster.deliver(WAN, &right, ChecksumState::Bad);
        assert!(cluster.settle().concat().is_empty());
        assert_eq!(cluster.dropped(Drop::BadChecksum), before + 1);
    }
}

/// After exactly 2^16 changes of routing a connection's 16 bits look fresh. They are not believed.
#[test]
fn a_way_is_never_stale_however_often_ways_change() {
    let pool = Pool::new(64);
    let mut cluster = Build::of(Kind::OneQueue, 1).up(&pool);
    let request = frame(WAN, Proto::Udp, &client(1), Flags::NONE);
    let keep = |cluster: &mut Cluster<'_>| cluster.one(WAN, &request).expect("sent on").1;
    assert_eq!(keep(&mut cluster)[..6], DEST_ROUTER);
    let other = cluster.second_dest_router([8; 6]);
    let mut changes = 0;
    while changes < 1 << 16 {
        if changes % 600 == 0 {
            cluster.now = cluster.now.after(1);
        }
        changes += 1;
        // The first change moves the way to the dests; all others move a way that nobody takes.
        cluster.change(|next| {
            crate::net_api::reroute(&mut next.net, if changes == 1 { Some(other) } else { None })
        });
        cluster.step(0);
        let newest = cluster.publisher.newest_generation();
        assert_eq!(cluster.publisher.adopted(), newest, "change {changes} is in force at once");
    }
    assert_eq!(keep(&mut cluster)[..6], [8; 6]);
}

/// A worker dies without a word; the next one finds its connections in the memfd, in both directions.
#[test]
fn connections_outlive_their_worker() {
    let pool = Pool::new(256);
    let mut cluster = Build::of(Kind::OneQueue, 1).up(&pool);
    let (fd, connections) = Connections::create("test", 4000, SECRET, Tick(0)).expect("memfd");
    cluster.workers[0].take_over(connections);
    let all: Vec<_> = (0..200).map(|n| (n, false)).collect();
    let mut places = Places::default();
    exchange(&mut cluster, &mut places, &all);
    drop(cluster);

    let mut cluster = Build::of(Kind::OneQueue, 1).up(&pool);
    let (found, lost) = Connections::attach(&fd, 4000, SECRET, Tick(3)).expect("ours");
    assert_eq!((found.live(), lost), (200, 0));
    cluster.workers[0].take_over(found);
    cluster.now = Tick(3);
    exchange(&mut cluster, &mut places, &all);
    exchange(&mut cluster, &mut places, &(0..200).map(|n| (n, true)).collect::<Vec<_>>());
    assert_eq!(cluster.workers[0].connections4.live(), 200);
    cluster.assert_all_ends();
}
