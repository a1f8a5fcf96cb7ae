//! A whole rewrite by difference, against the full sums of the packet that comes out.

use proptest::prelude::*;
use wire::build::{self, Segment};
use wire::checksum::Sum;
use wire::ip::v4;
use wire::tcp::Flags;
use wire::{Addr, Addr4, Addr6, HEADERS, L3, Ports, Proto, Tuple, complete};

/// Builds a frame of `from`, makes it one of `to`, and checks it.
fn rewritten<A: Addr>(from: Tuple<A>, to: Tuple<A>, proto: Proto, hops: u8, payload: &[u8]) {
    let mut room = [0; 512];
    let segment = Segment { flags: Flags::ACK, ..Segment::default() };
    let len = match proto {
        Proto::Udp => build::udp(&mut room, &from, payload),
        _ => build::tcp(&mut room, &from, &segment, payload),
    };
    let mut headers = *room.first_chunk::<HEADERS>().expect("a window");
    let flow = A::parse(&headers, len).expect("well formed").expect("balanced");

    let octets = |tuple: &Tuple<A>| [tuple.src.octets(), tuple.dst.octets()].concat();
    let addresses = Sum::ZERO.plus_bytes(&octets(&to)).minus(Sum::ZERO.plus_bytes(&octets(&from)).fold());
    let addresses = Sum::of(addresses.fold());
    A::readdress(&mut headers, &to, addresses, hops).expect("hops are left");
    let change = addresses.replacing(from.ports.to_bytes(), to.ports.to_bytes());
    headers[flow.l4()..][..4].copy_from_slice(&to.ports.to_bytes());
    let field = complete::field_mut(&mut headers, &flow);
    match proto {
        Proto::Udp => field.apply_udp(change),
        _ => field.apply(change),
    }

    room[..HEADERS].copy_from_slice(&headers);
    let flow = A::parse(&headers, len).expect("well formed").expect("balanced");
    assert_eq!((flow.tuple, flow.proto), (to, proto));
    assert!(build::checksums_hold(&room[..len], &flow), "{from:?} to {to:?}");
    assert!(proto != Proto::Udp || !complete::field(&headers, &flow).is_absent());
}

proptest! {
    #[test]
    fn by_difference_is_right_in_full(
        (a, b) in any::<([[u8; 4]; 2], [[u8; 4]; 2])>(),
        (c, d) in any::<([[u8; 16]; 2], [[u8; 16]; 2])>(),
        (p, q) in any::<((u16, u16), (u16, u16))>(),
        (udp, hops) in (any::<bool>(), 0u8..64),
        payload in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let (p, q) = (Ports::new(p.0, p.1), Ports::new(q.0, q.1));
        let proto = if udp { Proto::Udp } else { Proto::Tcp };
        let v4 = |addrs: [[u8; 4]; 2], ports| Tuple { src: Addr4(addrs[0]), dst: Addr4(addrs[1]), ports };
        let v6 = |addrs: [[u8; 16]; 2], ports| Tuple { src: Addr6(addrs[0]), dst: Addr6(addrs[1]), ports };
        rewritten(v4(a, p), v4(b, q), proto, hops, &payload);
        rewritten(v6(c, p), v6(d, q), proto, hops, &payload);
    }

    #[test]
    fn a_longer_packet_says_so(len in 0usize..60, grown in 0u16..100) {
        let mut room = [0; 512];
        let tuple = Tuple { src: Addr4([10, 0, 0, 1]), dst: Addr4([10, 0, 0, 2]), ports: Ports::new(1, 2) };
        let end = build::udp(&mut room, &tuple, &[7; 60][..len]);
        let mut headers = *room.first_chunk::<HEADERS>().expect("a window");
        Addr4::lengthen(&mut headers, grown);
        room[..HEADERS].copy_from_slice(&headers);
        let view = v4::View::parse(&room[L3..]).expect("whole");
        prop_assert!(view.checksum_holds());
        prop_assert_eq!(view.packet().len(), end - L3 + usize::from(grown));
    }
}

#[test]
fn the_last_hop_is_not_taken() {
    let mut room = [0; HEADERS];
    let (src, dst) = (Addr4([10, 0, 0, 1]), Addr4([10, 0, 0, 2]));
    let tuple = Tuple { src, dst, ports: Ports::new(1, 2) };
    build::udp(&mut room, &tuple, b"");
    for ttl in [0, 1] {
        room[L3 + 8] = ttl;
        let before = room;
        assert!(Addr4::readdress(&mut room, &tuple.reversed(), Sum::ZERO, 1).is_err());
        assert_eq!(room, before);
    }
}
