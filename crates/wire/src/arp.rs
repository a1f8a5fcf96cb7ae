//! ARP for IPv4 over Ethernet (RFC 826), docs/spec/netstack.md §5.2.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::addr::Addr4;
use crate::eth::{self, Ethernet, Mac, MacPair};
use crate::parse::Malformed;
use crate::{L3, U16};

/// Length of a packet.
pub const LEN: usize = size_of::<Arp>();
/// Length of a frame that carries one, padded to Ethernet's least.
pub const FRAME_LEN: usize = 60;

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Arp {
    hardware: U16,
    protocol: U16,
    lengths: [u8; 2],
    operation: U16,
    sender: Party,
    target: Party,
}

/// Ethernet, and its addresses and IPv4's by their lengths.
const HARDWARE: u16 = 1;
const LENGTHS: [u8; 2] = [6, 4];

/// Whom a packet speaks of.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct Party {
    /// Hardware address.
    pub mac: Mac,
    /// Protocol address.
    pub addr: Addr4,
}

/// What a packet wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Who has the target's address?
    Request,
    /// The sender has its address.
    Reply,
    /// Neither; nobody here answers.
    Other(u16),
}

impl Operation {
    fn code(self) -> u16 {
        match self {
            Self::Request => 1,
            Self::Reply => 2,
            Self::Other(code) => code,
        }
    }
}

/// A packet known to be whole, and about IPv4 over Ethernet.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(&'a Arp);

impl<'a> View<'a> {
    /// `bytes` starts behind the Ethernet header; padding may follow.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (arp, _) = Arp::ref_from_prefix(bytes).map_err(|_| Malformed::Truncated)?;
        let kind = (arp.hardware.get(), arp.protocol.get(), arp.lengths);
        if kind == (HARDWARE, eth::IPV4, LENGTHS) { Ok(Self(arp)) } else { Err(Malformed::Header) }
    }

    /// What it wants.
    #[must_use]
    pub fn operation(self) -> Operation {
        match self.0.operation.get() {
            1 => Operation::Request,
            2 => Operation::Reply,
            code => Operation::Other(code),
        }
    }

    /// Who sent it.
    #[must_use]
    pub fn sender(self) -> Party {
        self.0.sender
    }

    /// Who is asked for, or answered.
    #[must_use]
    pub fn target(self) -> Party {
        self.0.target
    }

    /// All it says.
    #[must_use]
    pub fn repr(self) -> Repr {
        Repr { operation: self.operation(), sender: self.sender(), target: self.target() }
    }
}

/// What a packet says, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// What it wants.
    pub operation: Operation,
    /// Who sends it.
    pub sender: Party,
    /// Who is asked for, or answered.
    pub target: Party,
}

impl Repr {
    /// Asks who has `wanted`. A sender without address (0.0.0.0) makes it a probe (RFC 5227).
    #[must_use]
    pub fn request(sender: Party, wanted: Addr4) -> Self {
        let target = Party { mac: Mac::default(), addr: wanted };
        Self { operation: Operation::Request, sender, target }
    }

    /// Tells everyone that `who` has its address: a request for the sender's own (RFC 5227, gratuitous ARP).
    #[must_use]
    pub fn announcement(who: Party) -> Self {
        Self::request(who, who.addr)
    }

    /// The answer to this request: `mac` has the address that is asked for.
    #[must_use]
    pub fn answer(self, mac: Mac) -> Self {
        let sender = Party { mac, addr: self.target.addr };
        Self { operation: Operation::Reply, sender, target: self.sender }
    }

    /// Writes the packet.
    pub fn emit(self, out: &mut [u8; LEN]) {
        let Self { operation, sender, target } = self;
        let (hardware, protocol) = (U16::new(HARDWARE), U16::new(eth::IPV4));
        let operation = U16::new(operation.code());
        *out = zerocopy::transmute!(Arp { hardware, protocol, lengths: LENGTHS, operation, sender, target });
    }

    /// Writes a whole frame: requests to everyone, replies to their target.
    pub fn emit_frame(self, out: &mut [u8; FRAME_LEN]) {
        let dst = if self.operation == Operation::Request { eth::BROADCAST } else { self.target.mac };
        let macs = MacPair { dst, src: self.sender.mac };
        out.fill(0);
        let (header, packet) = out.split_at_mut(L3);
        header.copy_from_slice(Ethernet { macs, ethertype: U16::new(eth::ARP) }.as_bytes());
        self.emit(packet.first_chunk_mut().expect("a frame holds a packet"));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 192.168.0.1 asks for 192.168.0.2, as RFC 826 lays it out.
    const REQUEST: [u8; LEN] =
        *b"\0\x01\x08\0\x06\x04\0\x01\x02\0\0\0\0\x01\xc0\xa8\0\x01\0\0\0\0\0\0\xc0\xa8\0\x02";
    const REPLY: [u8; LEN] =
        *b"\0\x01\x08\0\x06\x04\0\x02\x02\0\0\0\0\x02\xc0\xa8\0\x02\x02\0\0\0\0\x01\xc0\xa8\0\x01";

    #[test]
    fn a_request_is_read_and_answered() {
        let request = View::parse(&REQUEST).expect("whole").repr();
        let asker = Party { mac: [2, 0, 0, 0, 0, 1], addr: Addr4([192, 168, 0, 1]) };
        assert_eq!(request, Repr::request(asker, Addr4([192, 168, 0, 2])));
        let mut out = [0x5a; LEN];
        request.answer([2, 0, 0, 0, 0, 2]).emit(&mut out);
        assert_eq!(out, REPLY);
    }

    #[test]
    fn frames_go_to_whom_they_concern() {
        let request = View::parse(&REQUEST).expect("whole").repr();
        let mut frame = [0x5a; FRAME_LEN];
        request.emit_frame(&mut frame);
        assert_eq!(frame[..14], *b"\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x08\x06");
        assert_eq!((&frame[14..42], &frame[42..]), (&REQUEST[..], &[0; 18][..]));
        request.answer([2, 0, 0, 0, 0, 2]).emit_frame(&mut frame);
        assert_eq!(frame[..14], *b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\x06");
    }

    #[test]
    fn an_announcement_asks_for_its_own_address() {
        let who = Party { mac: [2; 6], addr: Addr4([10, 0, 0, 1]) };
        let said = Repr::announcement(who);
        assert_eq!((said.operation, said.target.addr), (Operation::Request, who.addr));
    }

    #[test]
    fn prefixes_and_foreign_kinds_are_refused() {
        for len in 0..LEN {
            assert_eq!(View::parse(&REQUEST[..len]).err(), Some(Malformed::Truncated));
        }
        for at in 0..6 {
            let mut packet = REQUEST;
            packet[at] ^= 1;
            assert_eq!(View::parse(&packet).err(), Some(Malformed::Header), "byte {at}");
        }
    }

    proptest! {
        #[test]
        fn emit_undoes_parse(mut bytes in any::<[u8; LEN]>()) {
            let _ = View::parse(&bytes);
            bytes[..6].copy_from_slice(&REQUEST[..6]);
            let mut out = [0; LEN];
            View::parse(&bytes).expect("whole").repr().emit(&mut out);
            prop_assert_eq!(out, bytes);
        }
    }
}
