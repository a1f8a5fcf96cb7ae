//! An independent parser, `etherparse`, reads what we write and judges what we judge.

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use proptest::prelude::*;
use wire::build::{self, Segment};
use wire::icmp::{self, answer};
use wire::ip::{v4, v6};
use wire::tcp::Flags;
use wire::{Addr, Addr4, Addr6, HEADERS, L3, Ports, Proto, Tuple, arp, eth, vlan};

/// Tuple, protocol and payload as the other reads them; it has checked both checksums.
fn theirs(frame: &[u8]) -> (Vec<u8>, u16, u16, Proto, Vec<u8>) {
    let packet = SlicedPacket::from_ethernet(frame).expect("a good frame");
    let net = packet.net.expect("IP");
    let addresses = match &net {
        NetSlice::Ipv4(ip) => {
            let header = ip.header();
            assert_eq!(header.to_header().calc_header_checksum(), header.header_checksum());
            [header.source(), header.destination()].concat()
        }
        NetSlice::Ipv6(ip) => [ip.header().source(), ip.header().destination()].concat(),
        NetSlice::Arp(_) => panic!("no IP"),
    };
    match packet.transport.expect("TCP or UDP") {
        TransportSlice::Tcp(tcp) => {
            let header = tcp.to_header();
            let checksum = match &net {
                NetSlice::Ipv4(ip) => header.calc_checksum_ipv4(&ip.header().to_header(), tcp.payload()),
                NetSlice::Ipv6(ip) => header.calc_checksum_ipv6(&ip.header().to_header(), tcp.payload()),
                NetSlice::Arp(_) => unreachable!(),
            };
            assert_eq!(checksum.expect("short"), header.checksum);
            let (src, dst) = (header.source_port, header.destination_port);
            (addresses, src, dst, Proto::Tcp, tcp.payload().to_vec())
        }
        TransportSlice::Udp(udp) => {
            let header = udp.to_header();
            let checksum = match &net {
                NetSlice::Ipv4(ip) => header.calc_checksum_ipv4(&ip.header().to_header(), udp.payload()),
                NetSlice::Ipv6(ip) => header.calc_checksum_ipv6(&ip.header().to_header(), udp.payload()),
                NetSlice::Arp(_) => unreachable!(),
            };
            assert_eq!(checksum.expect("short"), header.checksum);
            let (src, dst) = (header.source_port, header.destination_port);
            (addresses, src, dst, Proto::Udp, udp.payload().to_vec())
        }
        other => panic!("{other:?}"),
    }
}

fn ours<A: Addr>(frame: &[u8]) -> (Vec<u8>, u16, u16, Proto) {
    let mut headers = [0; HEADERS];
    let len = frame.len().min(HEADERS);
    headers[..len].copy_from_slice(&frame[..len]);
    let flow = A::parse(&headers, frame.len()).expect("well formed").expect("TCP or UDP");
    assert!(build::checksums_hold(frame, &flow));
    let Tuple { src, dst, ports } = flow.tuple;
    let addresses = [src.octets(), dst.octets()].concat();
    (addresses, ports.source().get(), ports.destination().get(), flow.proto)
}

fn both_read_the_same<A: Addr>(tuple: &Tuple<A>, flags: u8, options: &[u8], payload: &[u8]) {
    let mut room = [0; 2048];
    let segment = Segment { flags: Flags(flags), options, ..Segment::default() };
    for proto in [Proto::Udp, Proto::Tcp] {
        let len = match proto {
            Proto::Udp => build::udp(&mut room, tuple, payload),
            _ => build::tcp(&mut room, tuple, &segment, payload),
        };
        let (addresses, src, dst, their_proto, their_payload) = theirs(&room[..len]);
        assert_eq!(ours::<A>(&room[..len]), (addresses, src, dst, their_proto));
        assert_eq!((their_proto, &their_payload[..]), (proto, payload));
    }
}

proptest! {
    #[test]
    fn flows_of_both_families(
        (src4, dst4) in any::<([u8; 4], [u8; 4])>(),
        (src6, dst6) in any::<([u8; 16], [u8; 16])>(),
        (sport, dport) in any::<(u16, u16)>(),
        (flags, words) in (any::<u8>(), 0usize..11),
        payload in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let (ports, options) = (Ports::new(sport, dport), &[1; 40][..words * 4]);
        both_read_the_same(&Tuple { src: Addr4(src4), dst: Addr4(dst4), ports }, flags, options, &payload);
        both_read_the_same(&Tuple { src: Addr6(src6), dst: Addr6(dst6), ports }, flags, options, &payload);
    }

    /// We are stricter nowhere and laxer nowhere: what one takes for a whole IPv4 packet, the other does.
    #[test]
    fn ipv4_packets_are_judged_alike(mut bytes in prop::collection::vec(any::<u8>(), 0..80), ihl in any::<u8>(), len in 0u16..90) {
        if bytes.len() > 4 {
            bytes[0] = 0x40 | ihl & 0xf;
            bytes[2..4].copy_from_slice(&len.to_be_bytes());
            bytes.get_mut(9).into_iter().for_each(|proto| *proto = 253); // no extension header that it would follow
        }
        let mine = v4::View::parse(&bytes).ok();
        let other = etherparse::Ipv4Slice::from_slice(&bytes).ok();
        prop_assert_eq!(mine.is_some(), other.is_some());
        if let (Some(mine), Some(other)) = (mine, other) {
            let header = other.header();
            prop_assert_eq!(mine.options(), header.options());
            prop_assert_eq!(mine.payload(), other.payload().payload);
            let holds = header.to_header().calc_header_checksum() == header.header_checksum();
            // Of a sum that may be written as 0000 or ffff, it knows one form.
            prop_assert!(mine.checksum_holds() == holds || [0, 0xffff].contains(&header.header_checksum()));
        }
    }

    #[test]
    fn ipv6_headers_are_read_alike(
        (class, label, next_header, hop_limit) in (any::<u8>(), 0u32..1 << 20, any::<u8>(), any::<u8>()),
        (src, dst) in any::<([u8; 16], [u8; 16])>(),
    ) {
        let mut header = [0; v6::HEADER_LEN];
        let (src, dst) = (Addr6(src), Addr6(dst));
        v6::Repr { class, label, next_header, hop_limit, src, dst, payload_len: 99 }.emit(&mut header);
        let (read, _) = etherparse::Ipv6Header::from_slice(&header).expect("a header");
        prop_assert_eq!((read.traffic_class, read.flow_label.value()), (class, label));
        prop_assert_eq!((read.next_header.0, read.hop_limit, read.payload_length), (next_header, hop_limit, 99));
        prop_assert_eq!((read.source, read.destination), (src.0, dst.0));
    }

    #[test]
    fn icmp_messages_are_read_alike(kind in any::<u8>(), code in 0u8..6, rest in any::<[u8; 4]>(), data in any::<[u8; 9]>()) {
        let bytes = [&[kind, code, 0, 0], &rest[..], &data].concat();
        let mine = icmp::View::parse(&bytes).expect("whole").message();
        let other = etherparse::Icmpv4Slice::from_slice(&bytes);
        let Ok(other) = other else { return Ok(()) }; // it insists on the length of timestamps
        use etherparse::{Icmpv4Type as Type, icmpv4::DestUnreachableHeader::FragmentationNeeded};
        match (mine, other.icmp_type()) {
            (icmp::Message::EchoRequest { id, seq }, Type::EchoRequest(echo))
            | (icmp::Message::EchoReply { id, seq }, Type::EchoReply(echo)) => prop_assert_eq!((id, seq), (echo.id, echo.seq)),
            (icmp::Message::FragmentationNeeded { mtu }, Type::DestinationUnreachable(FragmentationNeeded { next_hop_mtu })) => {
                prop_assert_eq!(mtu, next_hop_mtu);
            }
            (icmp::Message::Unreachable { code }, Type::DestinationUnreachable(header)) => prop_assert_eq!(code, header.code_u8()),
            (icmp::Message::TimeExceeded { code }, Type::TimeExceeded(other)) => prop_assert_eq!(code, other.code_u8()),
            (mine, other) => prop_assert!(
                !matches!(mine, icmp::Message::EchoRequest { .. } | icmp::Message::EchoReply { .. })
                    && !matches!(other, Type::EchoRequest(_) | Type::EchoReply(_)),
                "{:?} and {:?}", mine, other
            ),
        }
    }
}

#[test]
fn an_error_is_a_good_packet() {
    let mut room = [0; 2048];
    let (src, dst) = (Addr4([10, 0, 0, 9]), Addr4([192, 0, 2, 1]));
    let len = build::udp(&mut room, &Tuple { src, dst, ports: Ports::new(1, 2) }, &[7; 900]);
    let about = v4::View::parse(&room[L3..len]).expect("whole");
    let mut out = [0; 600];
    let what = answer::Error::FragmentationNeeded { mtu: 500 };
    let len = answer::error(&mut out, what, &about, dst, 1, 1500).expect("room");
    let packet = SlicedPacket::from_ip(&out[..len]).expect("a good packet");
    let Some(TransportSlice::Icmpv4(icmp)) = packet.transport else { panic!("no ICMP") };
    let header = icmp.header();
    assert_eq!(header.icmp_type.calc_checksum(icmp.payload()), header.checksum);
    assert_eq!(icmp.payload(), &room[L3..][..len - 28]);
}

#[test]
fn a_tagged_arp_frame() {
    let who = arp::Party { mac: [2, 0, 0, 0, 0, 1], addr: Addr4([10, 0, 0, 1]) };
    let mut frame = [0; arp::FRAME_LEN];
    arp::Repr::request(who, Addr4([10, 0, 0, 2])).emit_frame(&mut frame);
    let mut tagged = [&[0; 4][..], &frame].concat();
    vlan::tag(&mut tagged, vlan::VlanTag(0x6066)).expect("long enough");
    let packet = SlicedPacket::from_ethernet(&tagged).expect("a good frame");
    let ids: Vec<_> = packet.vlan_ids().iter().map(|id| id.value()).collect();
    assert_eq!(ids, [0x66]);
    let Some(NetSlice::Arp(read)) = packet.net else { panic!("no ARP") };
    assert_eq!((read.operation().0, read.sender_hw_addr()), (1, &who.mac[..]));
    assert_eq!(
        (read.sender_protocol_addr(), read.target_protocol_addr()),
        (&[10, 0, 0, 1][..], &[10, 0, 0, 2][..])
    );
    assert_eq!(
        packet
            .link
            .expect("Ethernet")
            .to_header()
            .expect("Ethernet")
            .ethernet2()
            .expect("Ethernet")
            .destination,
        eth::BROADCAST
    );
}
