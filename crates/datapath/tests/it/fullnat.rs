//! One worker: the FullNAT rewrite in both directions and families, and what it refuses.

use std::collections::{HashMap, HashSet};

use datapath::Drop;
use flow::Tick;
use pktio::PortId;
use pktio::pool::Pool;
use proptest::prelude::*;
use wire::build::Segment;
use wire::tcp::Flags;
use wire::{Addr, Addr4, Ports, Tuple};

use crate::frames::{client4, client6, parsed, tcp, udp};
use crate::rig::{Build, Cluster, IDLE};
use crate::topology::{CLIENT_ROUTER, DEST_ROUTER, LAN, MACS, VIP4, WAN};

/// A request through the director: what the dest gets.
fn request<A: Addr>(cluster: &mut Cluster<'_>, frame: &[u8]) -> Vec<u8> {
    let (port, out) = cluster.one(WAN, frame).expect("sent on");
    assert_eq!(port, LAN);
    assert_eq!(out[..12], [DEST_ROUTER, MACS[1]].concat());
    parsed::<A>(&out);
    out
}

/// A reply through the director: what the client gets.
fn reply<A: Addr>(cluster: &mut Cluster<'_>, frame: &[u8]) -> Vec<u8> {
    let (port, out) = cluster.one(LAN, frame).expect("sent back");
    assert_eq!(port, WAN);
    assert_eq!(out[..12], [CLIENT_ROUTER, MACS[0]].concat());
    parsed::<A>(&out);
    out
}

fn there_and_back<A: Addr>(tuple: Tuple<A>) {
    let pool = Pool::new(64);
    let mut cluster = Build::alone(100).up(&pool);
    for payload in [&b""[..], b"x", b"hello world, an odd length"] {
        let at_dest = request::<A>(&mut cluster, &udp(WAN, &tuple, payload));
        let there = parsed::<A>(&at_dest).tuple;
        assert_eq!(there.ports.destination().get(), 8080);
        assert_ne!((there.src, there.dst), (tuple.src, tuple.dst));
        assert!(at_dest.ends_with(payload));
        let at_client = reply::<A>(&mut cluster, &udp(LAN, &there.reversed(), payload));
        assert_eq!(parsed::<A>(&at_client).tuple, tuple.reversed());
        assert!(at_client.ends_with(payload));
    }
    assert_eq!((cluster.live(), pool.free()), (1, 64));
    cluster.sums();
}

#[test]
fn udp_there_and_back() {
    there_and_back(client4(1));
    there_and_back(client6(1));
}

#[test]
fn udp_without_checksum_stays_without() {
    let pool = Pool::new(64);
    let mut frame = udp(WAN, &client4(1), b"abc");
    frame[40..42].fill(0);
    let (_, out) = Build::alone(10).up(&pool).one(WAN, &frame).expect("sent on");
    assert_eq!(out[40..42], [0, 0]);
}

/// A handshake and some data, as both ends see it.
fn conversation<A: Addr>(tuple: Tuple<A>) {
    let pool = Pool::new(64);
    let mut cluster = Build::alone(100).up(&pool);
    let (client_isn, dest_isn) = (0xffff_fff0u32, 5000u32);
    let l4 = 14 + A::HEADER_LEN;
    let field = |frame: &[u8], at: usize| u32::from_be_bytes(frame[l4 + at..][..4].try_into().expect("four"));
    let timestamp = [1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0];
    let mss = [2, 4, 0x05, 0xb4];

    let options = [&mss[..], &timestamp].concat();
    let syn = Segment { seq: client_isn, ack: 0, flags: Flags::SYN, options: &options };
    let at_dest = request::<A>(&mut cluster, &tcp(WAN, &tuple, syn, b""));
    let back = parsed::<A>(&at_dest).tuple.reversed();
    let shifted_isn = field(&at_dest, 4);
    assert_eq!(at_dest[l4 + 20..], [&mss[..], &[1; 12]].concat(), "no timestamp reaches the dest");

    let flags = Flags::SYN | Flags::ACK;
    let syn_ack = Segment { seq: dest_isn, ack: shifted_isn.wrapping_add(1), flags, options: &mss };
    let at_client = reply::<A>(&mut cluster, &tcp(LAN, &back, syn_ack, b""));
    assert_eq!(parsed::<A>(&at_client).tuple, tuple.reversed());
    assert_eq!((field(&at_client, 4), field(&at_client, 8)), (dest_isn, client_isn.wrapping_add(1)));
    let lowered = u16::from_be_bytes([at_client[l4 + 22], at_client[l4 + 23]]);
    assert_eq!(usize::from(lowered), 1460 - A::TOA_LEN);

    let seq = client_isn.wrapping_add(1);
    for payload in [&b""[..], b"GET /"] {
        let ack = Segment { seq, ack: dest_isn + 1, flags: Flags::ACK, options: &[] };
        let at_dest = request::<A>(&mut cluster, &tcp(WAN, &tuple, ack, payload));
        assert_eq!((field(&at_dest, 4), field(&at_dest, 8)), (shifted_isn.wrapping_add(1), dest_isn + 1));
        let toa = &at_dest[l4 + 20..][..A::TOA_LEN];
        let port = tuple.ports.source().to_bytes();
        let len = u8::try_from(A::TOA_LEN).expect("short");
        assert_eq!(toa, [&[254, len], &port[..], tuple.src.octets()].concat());
        assert!(at_dest.ends_with(payload));
    }

    let mut options = [1, 1, 5, 10, 0, 0, 0, 0, 0, 0, 0, 0];
    options[4..8].copy_from_slice(&shifted_isn.wrapping_add(9).to_be_bytes());
    let data =
        Segment { seq: dest_isn + 1, ack: shifted_isn.wrapping_add(6), flags: Flags::ACK, options: &options };
    let at_client = reply::<A>(&mut cluster, &tcp(LAN, &back, data, b"200 OK"));
    assert_eq!(field(&at_client, 8), client_isn.wrapping_add(6));
    assert_eq!(field(&at_client, 24), client_isn.wrapping_add(9), "SACK edges are translated");

    let more = Segment { seq: seq.wrapping_add(5), ack: dest_isn + 7, flags: Flags::ACK, options: &[] };
    let at_dest = request::<A>(&mut cluster, &tcp(WAN, &tuple, more, b"more"));
    assert_eq!(at_dest.len(), l4 + 20 + 4, "no TOA once the client has data");

    // A stray segment opens nothing.
    let stray = Tuple { ports: Ports::new(9, 80), ..tuple };
    assert_eq!(cluster.one(WAN, &tcp(WAN, &stray, more, b"")), None);
    assert_eq!(cluster.dropped(Drop::NotOpening), 1);
    assert_eq!((cluster.live(), pool.free()), (1, 64));
}

#[test]
fn tcp_conversation() {
    conversation(client4(7));
    conversation(client6(7));
}

/// One golden packet for each reason that a frame by itself can cause.
#[test]
fn every_refused_frame_is_counted_under_its_reason() {
    let good = || udp(WAN, &client4(1), b"abc");
    let changed = |at: usize, to: &[u8]| {
        let mut frame = good();
        frame[at..at + to.len()].copy_from_slice(to);
        frame
    };
    let to = |dst: Addr4| udp(WAN, &Tuple { dst, ..client4(1) }, b"abc");
    let syn_ack = Segment { flags: Flags::SYN | Flags::ACK, ..Segment::default() };
    for (reason, frame) in [
        (Drop::Truncated, good()[..40].to_vec()),
        (Drop::BadHeader, changed(14, &[0x65])),
        (Drop::Fragment, changed(20, &[0x20, 0])),
        (Drop::OtherHost, changed(0, &[2, 9, 9, 9, 9, 9])),
        (Drop::NotUnicast, changed(0, &[0xff; 6])),
        (Drop::NotUnicast, changed(0, &[1, 0, 0x5e, 0, 0, 1])),
        (Drop::NoVlan, changed(12, &[0x81, 0, 0, 5, 8, 0])),
        (Drop::NoProtocol, changed(12, &[0x88, 0xcc])),
        (Drop::NotLocal, to(Addr4([8, 8, 8, 8]))),
        (Drop::NotOpening, tcp(WAN, &client4(1), syn_ack, b"")),
        (Drop::TtlExpired, changed(22, &[1])),
    ] {
        let pool = Pool::new(8);
        let mut cluster = Build::alone(10).up(&pool);
        assert_eq!(cluster.one(WAN, &frame), None, "{reason:?}");
        assert_eq!(cluster.dropped(reason), 1, "{reason:?}");
        assert_eq!(cluster.sums()[4], 1, "{reason:?} alone");
        assert_eq!(pool.free(), 8, "{reason:?}");
    }
}

#[test]
fn a_service_that_cannot_serve_says_why() {
    let pool = Pool::new(64);
    let mut cluster = Build::alone(100).up(&pool);
    let (service, dests) = (cluster.services[2], cluster.dests.clone());
    let before = cluster.publisher.newest().clone();
    cluster.change(|next| {
        let laddrs = next.service(service).expect("there").laddrs.to_vec();
        laddrs.into_iter().for_each(|laddr| next.retire_laddr(laddr).expect("there"));
    });
    assert_eq!(cluster.one(WAN, &udp(WAN, &client4(1), b"")), None);
    assert_eq!(cluster.dropped(Drop::NoLaddr), 1);
    cluster.change(|next| {
        *next = before;
        dests[3..].iter().for_each(|&dest| next.retire_dest(dest).expect("there"));
    });
    assert_eq!(cluster.one(WAN, &udp(WAN, &client4(1), b"")), None);
    assert_eq!(cluster.dropped(Drop::NoDest), 1);
}

/// Known clients: where each was sent, and when it was last heard.
type Model = HashMap<u16, (Tuple<Addr4>, Tick)>;

/// Frames for these clients: requests, or replies where they were answered before.
fn mixed(packets: &[(u16, bool)], model: &Model) -> Vec<(PortId, Vec<u8>)> {
    let frame = |&(n, reply): &(u16, bool)| match model.get(&n) {
        Some((place, _)) if reply => (LAN, udp(LAN, &place.reversed(), b"r")),
        _ => (WAN, udp(WAN, &client4(n), b"q")),
    };
    packets.iter().map(frame).collect()
}

/// Books what came out.
fn learn(model: &mut Model, packets: &[(u16, bool)], out: &[Vec<u8>], now: Tick) {
    let mut seen = HashSet::new();
    for frame in out {
        let tuple = parsed::<Addr4>(frame).tuple;
        if tuple.src == VIP4 {
            let n = tuple.ports.destination().get() - 1000;
            assert_eq!(tuple, client4(n).reversed());
        } else if let Some((n, _)) = model.iter().find(|(_, (place, _))| *place == tuple) {
            seen.insert(*n);
        } else {
            // New: belongs to some client of this step that had no place.
            let unplaced = |n: &u16| !model.contains_key(n) && !seen.contains(n);
            let n = packets.iter().map(|(n, _)| *n).find(unplaced).expect("new");
            seen.insert(n);
            model.insert(n, (tuple, now));
        }
    }
    for (n, _) in packets {
        model.get_mut(n).expect("has a place").1 = now;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Any mix of packets and pauses, against a map: a flow keeps its place until it idles out, no two flows share one, and
    /// in the end nothing is left.
    #[test]
    fn behaves_as_a_map(
        steps in prop::collection::vec((prop::collection::vec((0u16..300, any::<bool>()), 0..90), 0u32..60), 1..40)
    ) {
        let pool = Pool::new(256);
        let mut cluster = Build::alone(400).up(&pool);
        let mut model = Model::new();
        for (packets, pause) in steps {
            for (port, frame) in mixed(&packets, &model) {
                cluster.deliver(port, &frame, pktio::ChecksumState::Good);
            }
            let out = cluster.settle().concat();
            prop_assert_eq!(out.len(), packets.len());
            learn(&mut model, &packets, &out, cluster.now);
            let places: HashSet<_> = model.values().map(|(place, _)| *place).collect();
            prop_assert_eq!(places.len(), model.len());
            prop_assert_eq!(cluster.live(), model.len());
            cluster.now = cluster.now.after(pause);
            cluster.settle();
            // The wheel may look late at a connection, by one horizon at most; never early.
            for wait in [0, flow::wheel::HORIZON] {
                cluster.now = cluster.now.after(wait);
                cluster.settle();
                let now = cluster.now;
                model.retain(|_, (_, heard)| now.since(*heard) < IDLE * Tick::PER_SECOND);
                prop_assert!(cluster.live() >= model.len());
                if cluster.live() == model.len() { break }
            }
            prop_assert_eq!(cluster.live(), model.len());
        }
        cluster.assert_all_ends();
        cluster.sums();
        prop_assert_eq!(pool.free(), 256);
    }

    #[test]
    fn arbitrary_frames_never_panic(
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..40), kind in 0usize..4
    ) {
        let pool = Pool::new(64);
        let mut cluster = Build::alone(10).up(&pool);
        let frames: Vec<_> = frames.into_iter().map(|mut bytes| {
            let mut frame = match kind {
                0 => udp(WAN, &client4(1), &bytes),
                1 => tcp(WAN, &client4(2), Segment { flags: Flags::SYN, ..Segment::default() }, &bytes),
                2 => udp(WAN, &client6(1), &bytes),
                _ => std::mem::take(&mut bytes),
            };
            // Damage one byte somewhere in the headers.
            if let (Some(&at), Some(&value)) = (bytes.first(), bytes.last()) {
                let at = usize::from(at) % frame.len().min(60);
                frame[at] = value;
            }
            frame
        }).collect();
        cluster.run(WAN, &frames);
        cluster.sums();
    }
}

#[test]
fn a_flood_of_syns_does_not_hurt_the_established() {
    let pool = Pool::new(4096);
    let mut cluster = Build::alone(1000).up(&pool);
    let mut places = Vec::new();
    for n in 0..100 {
        let syn = Segment { seq: 1, flags: Flags::SYN, ..Segment::default() };
        let at_dest = request::<Addr4>(&mut cluster, &tcp(WAN, &client4(n), syn, b""));
        let place = parsed::<Addr4>(&at_dest).tuple;
        let both = Flags::SYN | Flags::ACK;
        let ack = u32::from_be_bytes(at_dest[38..42].try_into().expect("four")).wrapping_add(1);
        let answer = Segment { seq: 9, ack, flags: both, options: &[] };
        reply::<Addr4>(&mut cluster, &tcp(LAN, &place.reversed(), answer, b""));
        let ack = Segment { seq: 2, ack: 10, flags: Flags::ACK, options: &[] };
        request::<Addr4>(&mut cluster, &tcp(WAN, &client4(n), ack, b""));
        places.push(place);
    }
    let syn = || Segment { flags: Flags::SYN, ..Segment::default() };
    let flood: Vec<_> = (200..20_200u16).map(|n| tcp(WAN, &client4(n), syn(), b"")).collect();
    let out: usize = flood.chunks(2000).map(|part| cluster.run(WAN, part).len()).sum();
    assert!(out > 19_900, "nearly every SYN still gets a connection: {out}");
    for (n, place) in (0..).zip(places) {
        let data = Segment { seq: 2, ack: 50, flags: Flags::ACK, options: &[] };
        let at_dest = request::<Addr4>(&mut cluster, &tcp(WAN, &client4(n), data, b"x"));
        assert_eq!(parsed::<Addr4>(&at_dest).tuple, place);
    }
    cluster.sums();
}

#[test]
fn a_removed_dest_keeps_its_connections_and_gets_no_new_ones() {
    let pool = Pool::new(64);
    let mut cluster = Build::alone(100).up(&pool);
    let requests = |from, to| (from..to).map(|n| udp(WAN, &client4(n), b"")).collect::<Vec<_>>();
    let before = cluster.run(WAN, &requests(0, 6));
    let gone = cluster.publisher.newest().dest(cluster.dests[3]).expect("is there").clone();
    cluster.change(|next| next.retire_dest(gone.slot).expect("is there"));
    let generation = cluster.publisher.newest_generation();
    assert!(cluster.publisher.adopted() < generation);
    let again = cluster.run(WAN, &requests(0, 6));
    assert_eq!(before, again);
    assert_eq!(cluster.publisher.adopted(), generation);
    let dests =
        |frames: &[Vec<u8>]| frames.iter().map(|f| parsed::<Addr4>(f).tuple.dst.ip()).collect::<Vec<_>>();
    assert!(dests(&before).contains(&gone.addr));
    assert!(!dests(&cluster.run(WAN, &requests(10, 16))).contains(&gone.addr));
}

#[test]
fn ports_run_out_only_when_all_are_taken() {
    let pool = Pool::new(4096);
    let mut cluster = Build::alone(200_000).up(&pool);
    let dests = cluster.dests.clone();
    cluster.change(|next| dests[4..].iter().for_each(|&dest| next.retire_dest(dest).expect("there")));
    let mut places = HashSet::new();
    let (mut sent, mut out) = (0, 0);
    for third in 0..10u8 {
        for part in 0..8u16 {
            let tuple = |n| Tuple {
                src: Addr4([172, 20, third, 1]),
                dst: VIP4,
                ports: Ports::new(1024 + part * 2000 + n, 80),
            };
            let frames: Vec<_> = (0..2000).map(|n| udp(WAN, &tuple(n), b"")).collect();
            let got = cluster.run(WAN, &frames);
            (sent, out) = (sent + frames.len(), out + got.len());
            places.extend(got.iter().map(|frame| parsed::<Addr4>(frame).tuple));
        }
    }
    assert_eq!(places.len(), out);
    let ports = 2 * (65536 - usize::from(flow::ports::LOWEST));
    assert!(out > ports * 99 / 100, "{out} of {ports} ports in use");
    assert_eq!(cluster.dropped(Drop::NoPort), (sent - out) as u64);
    let missed: u64 =
        cluster.laddrs.iter().map(|l| cluster.workers[0].laddrs()[l.index()].missed.read()).sum();
    assert_eq!(missed, (sent - out) as u64);
}

#[test]
fn each_service_counts_its_own_connections_by_laddr() {
    let pool = Pool::new(256);
    let mut cluster = Build::alone(100).up(&pool);
    use ipvs::book::Tenant;
    cluster.run(WAN, &(0..10).map(|n| udp(WAN, &client4(n), b"")).collect::<Vec<_>>());
    let syn = || Segment { flags: Flags::SYN, ..Segment::default() };
    cluster.run(WAN, &(0..6).map(|n| tcp(WAN, &client4(n), syn(), b"")).collect::<Vec<_>>());
    let counts: Vec<u64> =
        cluster.laddrs.iter().map(|l| cluster.workers[0].laddrs()[l.index()].connections()).collect();
    assert_eq!(counts, [3, 3, 5, 5], "TCP's two, then UDP's two");
    cluster.assert_all_ends();
    assert_eq!(cluster.workers[0].counters().expired.read(), 16);
}
