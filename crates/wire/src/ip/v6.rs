//! IPv6 packets off the fast path: checked as a whole, and headers of our own making.

use zerocopy::FromBytes;

use crate::U16;
use crate::addr::Addr6;
use crate::ip::Ipv6;
use crate::parse::Malformed;

/// Length of the fixed header.
pub const HEADER_LEN: usize = size_of::<Ipv6>();

/// A packet whose header and length are known to lie inside the frame.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    header: &'a Ipv6,
    payload: &'a [u8],
}

impl<'a> View<'a> {
    /// `bytes` starts at the header; what lies behind the packet (Ethernet's padding) is left out.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (header, rest) = Ipv6::ref_from_prefix(bytes).map_err(|_| Malformed::Truncated)?;
        if header.version_class_label[0] >> 4 != 6 {
            return Err(Malformed::Header);
        }
        let payload = rest.get(..header.payload_len.get().into()).ok_or(Malformed::Truncated)?;
        Ok(Self { header, payload })
    }

    /// The fixed header.
    #[must_use]
    pub fn header(&self) -> &'a Ipv6 {
        self.header
    }

    /// What follows the fixed header: extension headers first, if there are any.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// A fixed header, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// Traffic class.
    pub class: u8,
    /// Flow label, 20 bits; more are cut off.
    pub label: u32,
    /// What follows.
    pub next_header: u8,
    /// Hop limit.
    pub hop_limit: u8,
    /// Source.
    pub src: Addr6,
    /// Destination.
    pub dst: Addr6,
    /// Bytes behind the header.
    pub payload_len: u16,
}

impl Repr {
    /// What the header of `view` says.
    #[must_use]
    pub fn of(view: &View<'_>) -> Self {
        let Ipv6 { version_class_label, next_header, hop_limit, src, dst, payload_len } = *view.header;
        let word = u32::from_be_bytes(version_class_label);
        let [_, class, ..] = (word << 4 >> 8).to_be_bytes();
        let label = word & 0xf_ffff;
        Self { class, label, next_header, hop_limit, src, dst, payload_len: payload_len.get() }
    }

    /// Writes the header.
    pub fn emit(self, out: &mut [u8; HEADER_LEN]) {
        let Self { class, label, next_header, hop_limit, src, dst, payload_len } = self;
        let word = 6 << 28 | u32::from(class) << 20 | label & 0xf_ffff;
        let (version_class_label, payload_len) = (word.to_be_bytes(), U16::new(payload_len));
        let header = Ipv6 { version_class_label, payload_len, next_header, hop_limit, src, dst };
        *out = zerocopy::transmute!(header);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_lie_where_rfc_8200_puts_them() {
        let (src, dst) = (Addr6([1; 16]), Addr6([2; 16]));
        let repr =
            Repr { class: 0xab, label: 0xc_def0, next_header: 58, hop_limit: 255, src, dst, payload_len: 3 };
        let mut packet = [0; HEADER_LEN + 3];
        repr.emit(packet.first_chunk_mut().expect("room"));
        assert_eq!(packet[..8], *b"\x6a\xbc\xde\xf0\0\x03\x3a\xff");
        assert_eq!((&packet[8..24], &packet[24..40]), (&[1; 16][..], &[2; 16][..]));
        for len in 0..packet.len() {
            assert_eq!(View::parse(&packet[..len]).err(), Some(Malformed::Truncated), "{len} bytes");
        }
        packet[0] = 0x4a;
        assert_eq!(View::parse(&packet).err(), Some(Malformed::Header));
    }

    proptest! {
        #[test]
        fn parse_undoes_emit(
            (class, label, next_header, hop_limit) in (any::<u8>(), 0u32..1 << 20, any::<u8>(), any::<u8>()),
            (src, dst) in any::<([u8; 16], [u8; 16])>(),
            payload_len in 0u16..1400,
        ) {
            let (src, dst) = (Addr6(src), Addr6(dst));
            let repr = Repr { class, label, next_header, hop_limit, src, dst, payload_len };
            let mut packet = [0; 1500];
            repr.emit(packet.first_chunk_mut().expect("room"));
            let view = View::parse(&packet).expect("whole");
            prop_assert_eq!(Repr::of(&view), repr);
            prop_assert_eq!(view.payload().len(), usize::from(payload_len));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            if let Ok(view) = View::parse(&bytes) {
                prop_assert!(HEADER_LEN + view.payload().len() <= bytes.len());
                let _ = Repr::of(&view);
            }
        }
    }
}
