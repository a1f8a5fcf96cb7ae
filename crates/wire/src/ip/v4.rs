//! IPv4 packets off the fast path: checked as a whole, and headers of our own making.

use zerocopy::{FromBytes, IntoBytes};

use crate::U16;
use crate::addr::Addr4;
use crate::checksum::{Checksum, Sum};
use crate::ip::Ipv4;
use crate::parse::Malformed;

/// Length of a header without options.
pub const HEADER_LEN: usize = size_of::<Ipv4>();
/// In the fragment field: not to be fragmented.
pub const DONT_FRAGMENT: u16 = 0x4000;
/// In the fragment field: more fragments follow.
pub const MORE_FRAGMENTS: u16 = 0x2000;
/// In the fragment field: where this fragment belongs, in units of eight bytes.
pub const OFFSET: u16 = 0x1fff;
/// The TTL of packets of our own making.
pub const TTL: u8 = 64;

/// A packet whose header, options and length are known to lie inside the frame. The checksum is another question
/// ([`Self::checksum_holds`]): often the port has answered it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    header: &'a Ipv4,
    packet: &'a [u8],
}

impl<'a> View<'a> {
    /// `bytes` starts at the header; what lies behind the packet (Ethernet's padding) is left out. The checks of
    /// docs/spec/netstack.md §5.3, but for the checksum.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (header, _) = Ipv4::ref_from_prefix(bytes).map_err(|_| Malformed::Truncated)?;
        let (header_len, total_len) = (header.header_len(), usize::from(header.total_len.get()));
        if header.version_ihl >> 4 != 4 || header_len < HEADER_LEN || total_len < header_len {
            return Err(Malformed::Header);
        }
        let packet = bytes.get(..total_len).ok_or(Malformed::Truncated)?;
        Ok(Self { header, packet })
    }

    /// The fixed header.
    #[must_use]
    pub fn header(&self) -> &'a Ipv4 {
        self.header
    }

    /// The options, padding included.
    #[must_use]
    pub fn options(&self) -> &'a [u8] {
        &self.packet[HEADER_LEN..self.header.header_len()]
    }

    /// What it carries.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        &self.packet[self.header.header_len()..]
    }

    /// All of it, from its header on.
    #[must_use]
    pub fn packet(&self) -> &'a [u8] {
        self.packet
    }

    /// Whether the header's checksum is right.
    #[must_use]
    pub fn checksum_holds(&self) -> bool {
        Sum::ZERO.plus_bytes(&self.packet[..self.header.header_len()]).fold() == 0xffff
    }

    /// Whether it is a fragment that does not start its datagram, and so has no transport header.
    #[must_use]
    pub fn is_later_fragment(&self) -> bool {
        self.header.fragment.get() & OFFSET != 0
    }
}

/// A header without options, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// Type of service.
    pub tos: u8,
    /// Identification.
    pub id: u16,
    /// [`DONT_FRAGMENT`], [`MORE_FRAGMENTS`] and [`OFFSET`].
    pub fragment: u16,
    /// Time to live.
    pub ttl: u8,
    /// Protocol of the payload.
    pub proto: u8,
    /// Source.
    pub src: Addr4,
    /// Destination.
    pub dst: Addr4,
    /// Bytes behind the header, at most [`Repr::MAX_PAYLOAD`].
    pub payload_len: u16,
}

impl Repr {
    /// The longest payload that a length field can tell.
    #[expect(clippy::cast_possible_truncation, reason = "20")]
    pub const MAX_PAYLOAD: u16 = u16::MAX - HEADER_LEN as u16;

    /// What the header of `view` says, less its options.
    #[must_use]
    pub fn of(view: &View<'_>) -> Self {
        let Ipv4 { tos, id, fragment, ttl, proto, src, dst, .. } = *view.header;
        let payload_len = view.header.total_len.get() - u16::from(view.header.version_ihl & 0xf) * 4;
        Self { tos, id: id.get(), fragment: fragment.get(), ttl, proto, src, dst, payload_len }
    }

    /// Writes the header, its checksum included. A payload that is too long is said to be as long as can be said.
    pub fn emit(self, out: &mut [u8; HEADER_LEN]) {
        let Self { tos, id, fragment, ttl, proto, src, dst, payload_len } = self;
        let mut header = Ipv4 {
            version_ihl: 0x45,
            tos,
            total_len: U16::new(payload_len.saturating_add(u16::MAX - Self::MAX_PAYLOAD)),
            id: U16::new(id),
            fragment: U16::new(fragment),
            ttl,
            proto,
            checksum: Checksum::default(),
            src,
            dst,
        };
        header.checksum = Checksum::new(Sum::ZERO.plus_bytes(header.as_bytes()));
        *out = zerocopy::transmute!(header);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From the worked example of the header checksum that RFC 1071's readers know, with four bytes behind it, 24 in all.
    const PACKET: &[u8] =
        b"\x45\x00\x00\x18\x1c\x46\x40\x00\x40\x06\xb2\x0a\xac\x10\x0a\x63\xac\x10\x0a\x0cdata";

    #[test]
    fn a_good_packet() {
        let padded = [PACKET, &[0; 30]].concat();
        let view = View::parse(&padded).expect("whole");
        assert!(view.checksum_holds() && !view.is_later_fragment());
        assert_eq!((view.packet(), view.options(), view.payload()), (PACKET, &[][..], &b"data"[..]));
        let repr = Repr::of(&view);
        assert_eq!((repr.ttl, repr.proto, repr.fragment, repr.payload_len), (64, 6, DONT_FRAGMENT, 4));
        let mut out = [0; HEADER_LEN];
        repr.emit(&mut out);
        assert_eq!(out, PACKET[..HEADER_LEN]);
    }

    #[test]
    fn every_prefix_and_every_wrong_bit() {
        for len in 0..PACKET.len() {
            assert_eq!(View::parse(&PACKET[..len]).err(), Some(Malformed::Truncated), "{len} bytes");
        }
        for bit in 0..HEADER_LEN * 8 {
            let mut packet = [PACKET, &[0; 65_536]].concat();
            packet[bit / 8] ^= 1 << (bit % 8);
            assert!(!View::parse(&packet).is_ok_and(|view| view.checksum_holds()), "bit {bit}");
        }
    }

    #[test]
    fn lengths_that_contradict_each_other() {
        for (at, byte) in [(0, 0x44), (0, 0x47), (0, 0x65), (3, 19)] {
            let mut packet = PACKET.to_vec();
            packet[at] = byte;
            assert_eq!(View::parse(&packet).err(), Some(Malformed::Header), "byte {at} is {byte}");
        }
        let long = Repr { payload_len: u16::MAX, ..Repr::of(&View::parse(PACKET).expect("whole")) };
        let mut out = [0; HEADER_LEN];
        long.emit(&mut out);
        assert_eq!(out[2..4], [0xff, 0xff]);
    }

    proptest! {
        #[test]
        fn parse_undoes_emit(
            (tos, id, fragment, ttl, proto) in any::<(u8, u16, u16, u8, u8)>(),
            (src, dst) in any::<([u8; 4], [u8; 4])>(),
            payload_len in 0u16..1480,
        ) {
            let (src, dst) = (Addr4(src), Addr4(dst));
            let repr = Repr { tos, id, fragment, ttl, proto, src, dst, payload_len };
            let mut packet = [0; 1500];
            repr.emit(packet.first_chunk_mut().expect("room"));
            let view = View::parse(&packet).expect("whole");
            prop_assert!(view.checksum_holds());
            prop_assert_eq!(Repr::of(&view), repr);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            if let Ok(view) = View::parse(&bytes) {
                let parts = HEADER_LEN + view.options().len() + view.payload().len();
                prop_assert!(parts == view.packet().len() && parts <= bytes.len());
                let _ = (Repr::of(&view), view.checksum_holds(), view.is_later_fragment());
            }
        }
    }
}
