//! Frames for tests, and what is insisted on when one comes out.

use pktio::PortId;
use wire::build::{self, Segment};
use wire::tcp::Flags;
use wire::{Addr, Addr4, Addr6, Flow, HEADERS, Ports, Proto, Tuple};

use crate::topology::{MACS, VIP4, VIP6};

fn whole(port: PortId, write: impl FnOnce(&mut [u8]) -> usize) -> Vec<u8> {
    let mut room = vec![0; 1600];
    let len = write(&mut room);
    room.truncate(len);
    room[..6].copy_from_slice(&MACS[usize::from(port.0)]);
    room
}

/// A datagram that arrives by `port`.
pub(crate) fn udp<A: Addr>(port: PortId, tuple: &Tuple<A>, payload: &[u8]) -> Vec<u8> {
    whole(port, |room| build::udp(room, tuple, payload))
}

/// A segment that arrives by `port`.
pub(crate) fn tcp<A: Addr>(port: PortId, tuple: &Tuple<A>, segment: Segment<'_>, payload: &[u8]) -> Vec<u8> {
    whole(port, |room| build::tcp(room, tuple, &segment, payload))
}

/// A packet of either protocol that arrives by `port`.
pub(crate) fn frame(port: PortId, proto: Proto, tuple: &Tuple<Addr4>, flags: Flags) -> Vec<u8> {
    match proto {
        Proto::Tcp => tcp(port, tuple, Segment { flags, ..Segment::default() }, b"abc"),
        _ => udp(port, tuple, b"abc"),
    }
}

/// Parses, and insists on right checksums.
pub(crate) fn parsed<A: Addr>(frame: &[u8]) -> Flow<A> {
    let mut headers = [0; HEADERS];
    let len = frame.len().min(HEADERS);
    headers[..len].copy_from_slice(&frame[..len]);
    let flow = A::parse(&headers, frame.len()).expect("well formed").expect("TCP or UDP");
    assert!(build::checksums_hold(frame, &flow), "checksum of {flow:?}");
    flow
}

/// The `n`-th client.
pub(crate) fn client4(n: u16) -> Tuple<Addr4> {
    let [high, low] = n.to_be_bytes();
    Tuple { src: Addr4([172, 16, high, low]), dst: VIP4, ports: Ports::new(1000 + n, 80) }
}

/// The `n`-th client.
pub(crate) fn client6(n: u16) -> Tuple<Addr6> {
    let mut src = VIP6;
    src.0[4..6].copy_from_slice(&[0x77, 0x77]);
    src.0[8..10].copy_from_slice(&n.to_be_bytes());
    Tuple { src, dst: VIP6, ports: Ports::new(1000 + n, 80) }
}
