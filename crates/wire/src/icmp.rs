//! ICMP for IPv4 (RFC 792): messages checked once, and the packet that an error quotes. [`answer`] makes messages.

pub mod answer;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::U16;
use crate::addr::Addr4;
use crate::checksum::{Checksum, Sum};
use crate::ip::Ipv4;
use crate::ip::v4::OFFSET;
use crate::parse::Malformed;
use crate::tuple::{Ports, Proto, Tuple};

/// IP's number for ICMP.
pub const PROTO: u8 = 1;

/// Message types.
pub mod kind {
    /// Echo reply.
    pub const ECHO_REPLY: u8 = 0;
    /// Destination unreachable.
    pub const UNREACHABLE: u8 = 3;
    /// Source quench (obsolete, but still told on).
    pub const SOURCE_QUENCH: u8 = 4;
    /// Redirect.
    pub const REDIRECT: u8 = 5;
    /// Echo request.
    pub const ECHO_REQUEST: u8 = 8;
    /// Time exceeded.
    pub const TIME_EXCEEDED: u8 = 11;
    /// Parameter problem.
    pub const PARAMETER_PROBLEM: u8 = 12;
}

/// Codes of [`kind::UNREACHABLE`].
pub mod unreachable {
    /// No way to the host.
    pub const HOST: u8 = 1;
    /// Nobody listens on the port.
    pub const PORT: u8 = 3;
    /// Too long for the next link, and not to be fragmented.
    pub const FRAGMENTATION_NEEDED: u8 = 4;
}

/// The part that all messages have, and the four bytes that each uses in its own way.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Icmp {
    /// See [`kind`].
    pub kind: u8,
    /// What it means depends on the kind.
    pub code: u8,
    /// Over the whole message.
    pub checksum: Checksum,
    /// Identifier and sequence number of an echo; unused and MTU of an error.
    pub rest: [U16; 2],
}

/// Length of the header.
pub const HEADER_LEN: usize = size_of::<Icmp>();

/// What a message is about, of those that are told apart here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// Asks for an echo.
    EchoRequest {
        /// Of the asking process.
        id: u16,
        /// Of the request.
        seq: u16,
    },
    /// Is one.
    EchoReply {
        /// As in the request.
        id: u16,
        /// As in the request.
        seq: u16,
    },
    /// A packet is too long for a link and must not be fragmented.
    FragmentationNeeded {
        /// What the link can carry; 0 if its router does not say.
        mtu: u16,
    },
    /// A packet did not reach its destination for another reason.
    Unreachable {
        /// See [`mod@unreachable`].
        code: u8,
    },
    /// A packet ran out of hops (code 0), or its fragments of time (1).
    TimeExceeded {
        /// Which.
        code: u8,
    },
    /// Slow down.
    SourceQuench,
    /// Anything else.
    Other,
}

/// A message whose header is known to be there. Its checksum is another question.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    header: &'a Icmp,
    message: &'a [u8],
}

impl<'a> View<'a> {
    /// `message` is the whole payload of an IPv4 packet.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let (header, _) = Icmp::ref_from_prefix(message).map_err(|_| Malformed::Truncated)?;
        Ok(Self { header, message })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &'a Icmp {
        self.header
    }

    /// What it is about.
    #[must_use]
    pub fn message(&self) -> Message {
        let Icmp { kind, code, rest: [first, second], .. } = *self.header;
        let (id, seq) = (first.get(), second.get());
        match (kind, code) {
            (kind::ECHO_REQUEST, 0) => Message::EchoRequest { id, seq },
            (kind::ECHO_REPLY, 0) => Message::EchoReply { id, seq },
            (kind::UNREACHABLE, unreachable::FRAGMENTATION_NEEDED) => {
                Message::FragmentationNeeded { mtu: seq }
            }
            (kind::UNREACHABLE, code) => Message::Unreachable { code },
            (kind::TIME_EXCEEDED, code) => Message::TimeExceeded { code },
            (kind::SOURCE_QUENCH, _) => Message::SourceQuench,
            _ => Message::Other,
        }
    }

    /// Whether it reports what became of another packet.
    #[must_use]
    pub fn is_error(&self) -> bool {
        matches!(
            self.header.kind,
            kind::UNREACHABLE
                | kind::SOURCE_QUENCH
                | kind::REDIRECT
                | kind::TIME_EXCEEDED
                | kind::PARAMETER_PROBLEM
        )
    }

    /// What follows the header: an echo's data, or the packet that an error quotes.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        &self.message[HEADER_LEN..]
    }

    /// Whether the checksum over all of it is right.
    #[must_use]
    pub fn checksum_holds(&self) -> bool {
        Sum::ZERO.plus_bytes(self.message).fold() == 0xffff
    }

    /// The packet that this error quotes.
    pub fn quoted(&self) -> Result<Quoted<'a>, Malformed> {
        Quoted::parse(self.body())
    }
}

/// The start of a packet as an error quotes it: as its sender had sent it, or as it was rewritten on its way.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a> {
    header: &'a Ipv4,
    bytes: &'a [u8],
}

impl<'a> Quoted<'a> {
    /// Checks the header; all of the rest may be missing. A fragment without transport header is refused.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (header, _) = Ipv4::ref_from_prefix(bytes).map_err(|_| Malformed::Truncated)?;
        if !(0x45..=0x4f).contains(&header.version_ihl) {
            return Err(Malformed::Header);
        }
        if header.fragment.get() & OFFSET != 0 {
            return Err(Malformed::Fragment);
        }
        bytes.get(..header.header_len()).ok_or(Malformed::Truncated)?;
        Ok(Self { header, bytes })
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &'a Ipv4 {
        self.header
    }

    /// What is left of its payload.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        &self.bytes[self.header.header_len()..]
    }

    /// Protocol and tuple, if it is balanced and enough is left of it.
    #[must_use]
    pub fn flow(&self) -> Option<(Proto, Tuple<Addr4>)> {
        let proto = [Proto::Tcp, Proto::Udp].into_iter().find(|&proto| proto as u8 == self.header.proto)?;
        let ports = Ports::read_from_bytes(self.payload().get(..4)?).ok()?;
        Some((proto, Tuple { src: self.header.src, dst: self.header.dst, ports }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `ping`, id 0x0bb8, sequence 1.
    const ECHO: &[u8] = b"\x08\x00\xec\x46\x0b\xb8\x00\x01";
    /// 10.0.0.1 hears that its datagram of 10.0.0.1:5000 to 10.0.0.2:53 is too long for a link of 1400.
    const TOO_LONG: &[u8] = b"\x03\x04\x00\x00\x00\x00\x05\x78\
        \x45\x00\x05\xdc\x00\x01\x40\x00\x3f\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x13\x88\x00\x35\x05\xc8\x00\x00";

    #[test]
    fn an_echo() {
        let view = View::parse(ECHO).expect("whole");
        assert_eq!(view.message(), Message::EchoRequest { id: 0xbb8, seq: 1 });
        assert!(view.checksum_holds() && !view.is_error() && view.body().is_empty());
        for bit in 0..64 {
            let mut wrong = *ECHO.first_chunk::<8>().expect("eight bytes");
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(!View::parse(&wrong).expect("whole").checksum_holds(), "bit {bit}");
        }
    }

    #[test]
    fn an_error_and_what_it_quotes() {
        let view = View::parse(TOO_LONG).expect("whole");
        assert_eq!(view.message(), Message::FragmentationNeeded { mtu: 1400 });
        assert!(view.is_error());
        let (src, dst) = (Addr4([10, 0, 0, 1]), Addr4([10, 0, 0, 2]));
        let flow = (Proto::Udp, Tuple { src, dst, ports: Ports::new(5000, 53) });
        assert_eq!(view.quoted().expect("a header").flow(), Some(flow));
        assert_eq!(view.quoted().expect("a header").header().ttl, 63);
    }

    #[test]
    fn every_prefix() {
        for len in 0..TOO_LONG.len() {
            let view = View::parse(&TOO_LONG[..len]);
            assert_eq!(view.is_ok(), len >= 8, "{len} bytes");
            let quoted = view.and_then(|view| view.quoted());
            assert_eq!(quoted.is_ok(), len >= 28, "{len} bytes");
            assert_eq!(quoted.is_ok_and(|quoted| quoted.flow().is_some()), len >= 32, "{len} bytes");
        }
    }

    #[test]
    fn later_fragments_have_no_ports() {
        let mut message = [0; 36];
        message.copy_from_slice(TOO_LONG);
        message[14..16].copy_from_slice(&[0x20, 0x01]);
        assert_eq!(View::parse(&message).expect("whole").quoted().err(), Some(Malformed::Fragment));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 0..100),
            version_ihl in 0x45u8..0x50,
        ) {
            if let Some(byte) = bytes.get_mut(8) {
                *byte = version_ihl;
            }
            if let Ok(view) = View::parse(&bytes) {
                let _ = (view.message(), view.checksum_holds(), view.is_error());
                if let Ok(quoted) = view.quoted() {
                    prop_assert!(quoted.payload().len() + 28 <= bytes.len());
                    let _ = quoted.flow();
                }
            }
        }
    }
}
