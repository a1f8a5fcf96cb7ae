use super::*;
use wire::checksum::{Checksum, Sum};
use wire::icmp::{self, answer};
use wire::ip::v4;

/// An echo request from `PEER`, padded to Ethernet's least.
fn ping(src: Addr4, dst: Addr4, data: &[u8]) -> Vec<u8> {
    let mut message = [&[8, 0, 0, 0, 0x12, 0x34, 0, 1], data].concat();
    let checksum = Checksum::new(Sum::ZERO.plus_bytes(&message)).word().to_ne_bytes();
    message[2..4].copy_from_slice(&checksum);
    ip(src, dst, icmp::PROTO, &message)
}

fn ip(src: Addr4, dst: Addr4, proto: u8, payload: &[u8]) -> Vec<u8> {
    let payload_len = u16::try_from(payload.len()).expect("short");
    let mut header = [0; v4::HEADER_LEN];
    v4::Repr { tos: 0x28, id: 9, fragment: 0, ttl: 3, proto, src, dst, payload_len }.emit(&mut header);
    let mut frame = [&OURS[..], &PEERS, &[8, 0], &header, payload].concat();
    frame.resize(frame.len().max(60), 0);
    frame
}

fn known_peer() -> World {
    let mut world = World::new();
    world.packet(PEER, 0);
    world.peer_replies();
    world.sent();
    world
}

#[test]
fn a_ping_is_answered() {
    let mut world = known_peer();
    world.receive(&ping(PEER, US, b"odd"), Punt::Local);
    let sent = world.sent();
    let view = v4::View::parse(&sent[0][L3..]).expect("IPv4");
    assert_eq!((&sent[0][..6], &sent[0][6..12], sent[0].len()), (&PEERS[..], &OURS[..], L3 + 20 + 8 + 3));
    let header = view.header();
    assert_eq!((header.src, header.dst, header.tos, header.ttl), (US, PEER, 0x28, 64));
    let message = icmp::View::parse(view.payload()).expect("ICMP");
    assert!(view.checksum_holds() && message.checksum_holds());
    assert_eq!(message.message(), icmp::Message::EchoReply { id: 0x1234, seq: 1 });
    assert_eq!(message.body(), b"odd");
    assert_eq!(world.deeds(Deed::EchoReply), 1);
}

#[test]
fn a_ping_from_afar_is_answered_by_the_gateway() {
    let mut world = known_peer();
    let far = Addr4([192, 0, 2, 7]);
    world.receive(&ping(far, Addr4([10, 9, 0, 1]), b""), Punt::Local);
    let sent = world.sent();
    let view = v4::View::parse(&sent[0][L3..]).expect("IPv4");
    assert_eq!((&sent[0][..6], view.header().dst), (&PEERS[..], far), "an address of any device is ours");
}

#[test]
fn a_reply_waits_for_its_neighbour() {
    let mut world = World::new();
    world.receive(&ping(PEER, US, b"x"), Punt::Local);
    assert_eq!(world.said(), [who_has(PEER)]);
    world.peer_replies();
    assert_eq!(world.sent()[0][L3 + 20], 0, "the echo reply");
}

#[test]
fn what_is_no_good_ping_has_its_reason() {
    let damaged = |at: usize| {
        let mut frame = ping(PEER, US, b"data");
        frame[at] ^= 0x40;
        frame
    };
    let mut fragment = ping(PEER, US, b"data");
    fragment[20] = 0x20;
    let sum = Checksum::new(Sum::ZERO.plus_bytes(&fragment[L3..24]).plus_bytes(&fragment[26..34]));
    fragment[24..26].copy_from_slice(&sum.word().to_ne_bytes());
    for (frame, reason) in [
        (damaged(44), StackDrop::BadChecksum),
        (damaged(22), StackDrop::BadChecksum),
        (damaged(0), StackDrop::OtherHost),
        (damaged(L3), StackDrop::Malformed),
        (fragment, StackDrop::Fragment),
        (ip(PEER, US, 17, &[0; 8]), StackDrop::NoHandler),
        (ip(PEER, US, icmp::PROTO, &[0; 4]), StackDrop::Malformed),
        (ping(PEER, Addr4([10, 0, 0, 2]), b""), StackDrop::NotForUs),
        (ping(Addr4([224, 0, 0, 1]), US, b""), StackDrop::Malformed),
        (ping(US, US, b""), StackDrop::NoRoute),
        (ping(PEER, US, b"")[..30].to_vec(), StackDrop::Malformed),
    ] {
        let mut world = known_peer();
        world.receive(&frame, Punt::Local);
        assert_eq!((world.drops(reason), world.sent().len()), (1, 0), "{reason:?}");
    }
}

#[test]
fn a_flood_of_pings_is_answered_in_part() {
    let mut world = known_peer();
    (0..100).for_each(|_| world.receive(&ping(PEER, US, b""), Punt::Local));
    assert_eq!(world.sent().len() as u64 + world.drops(StackDrop::Policed), 100);
    assert_eq!(world.deeds(Deed::EchoReply), 31, "a 64th of 2 000");
}

#[test]
fn the_sender_of_a_packet_out_of_hops_hears_of_it() {
    let mut world = known_peer();
    let far = Addr4([192, 0, 2, 7]);
    world.receive(&ip(far, Addr4([10, 0, 3, 3]), 17, &[7; 8]), Punt::Error(answer::Error::TimeExceeded));
    let sent = world.sent();
    let view = v4::View::parse(&sent[0][L3..]).expect("IPv4");
    assert_eq!(
        (view.header().src, view.header().dst),
        (US, far),
        "from an address of the device that leads there"
    );
    let message = icmp::View::parse(view.payload()).expect("ICMP");
    assert!(message.checksum_holds());
    assert_eq!(message.message(), icmp::Message::TimeExceeded { code: 0 });
    let to_group = {
        let mut frame = ip(far, Addr4([10, 0, 3, 3]), 17, &[7; 8]);
        frame[..6].fill(0xff);
        frame
    };
    world.receive(&to_group, Punt::Error(answer::Error::TimeExceeded));
    assert_eq!((world.sent().len(), world.drops(StackDrop::NotReportable)), (0, 1));
}
