//! 802.1Q: the tag that says to which VLAN a frame belongs.
//!
//! The path knows untagged frames only: whoever receives takes the tag off (the port, else [`untag`]), whoever sends puts it
//! on (the port, else [`tag`]). One level: 802.1ad frames ([`crate::eth::QINQ`]) are left as they are.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::U16;
use crate::eth::{self, MacPair};

/// A VLAN tag: priority, drop eligibility and id, as on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VlanTag(pub u16);

impl VlanTag {
    /// Which VLAN; 0 stands for none (the tag carries a priority only).
    #[must_use]
    pub fn id(self) -> u16 {
        self.0 & 0xfff
    }

    /// The priority, 0 to 7.
    #[must_use]
    pub fn priority(self) -> u16 {
        self.0 >> 13
    }
}

/// Bytes that a tag adds to a frame.
pub const TAG_LEN: usize = 4;

/// Ethernet header with a tag.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Tagged {
    macs: MacPair,
    /// Says that a tag follows.
    protocol: U16,
    tag: U16,
    ethertype: U16,
}

/// The tag of a frame, and the EtherType behind it. `None`: it has none, or is too short to have one.
#[must_use]
pub fn peek(frame: &[u8]) -> Option<(VlanTag, u16)> {
    let (header, _) = Tagged::ref_from_prefix(frame).ok()?;
    (header.protocol.get() == eth::VLAN).then(|| (VlanTag(header.tag.get()), header.ethertype.get()))
}

/// Moves the addresses of a tagged frame over its tag, and returns that: the frame now starts [`TAG_LEN`] bytes further on, and
/// the caller cuts them off. `None` (and no change) if there is no tag.
pub fn untag(frame: &mut [u8]) -> Option<VlanTag> {
    let (tag, _) = peek(frame)?;
    frame.copy_within(..size_of::<MacPair>(), TAG_LEN);
    Some(tag)
}

/// Puts `tag` on a frame that was made longer by [`TAG_LEN`] bytes at its start. `None` (and no change) if it is too short to be
/// one.
pub fn tag(frame: &mut [u8], tag: VlanTag) -> Option<()> {
    frame.get(..size_of::<Tagged>())?;
    frame.copy_within(TAG_LEN..TAG_LEN + size_of::<MacPair>(), 0);
    let (header, _) = Tagged::mut_from_prefix(frame).ok()?;
    (header.protocol, header.tag) = (U16::new(eth::VLAN), U16::new(tag.0));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VLAN 102, priority 5, an ARP packet behind.
    const FRAME: &[u8] = b"\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x81\x00\xa0\x66\x08\x06ARP";

    #[test]
    fn off_and_on_again() {
        let mut frame = FRAME.to_vec();
        assert_eq!(peek(&frame), Some((VlanTag(0xa066), eth::ARP)));
        let tag = untag(&mut frame).expect("tagged");
        assert_eq!((tag.id(), tag.priority()), (102, 5));
        assert_eq!(&frame[TAG_LEN..], b"\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x08\x06ARP");
        frame[..TAG_LEN].fill(0x5a);
        super::tag(&mut frame, tag).expect("long enough");
        assert_eq!(frame, FRAME);
    }

    #[test]
    fn every_prefix() {
        for len in 0..FRAME.len() {
            let mut frame = FRAME[..len].to_vec();
            assert_eq!(untag(&mut frame).is_some(), len >= 18, "{len} bytes");
            assert_eq!(super::tag(&mut frame, VlanTag(1)).is_some(), len >= 18, "{len} bytes");
        }
    }

    #[test]
    fn other_frames_stay() {
        for protocol in [eth::QINQ, eth::IPV4, 0x9100] {
            let mut frame = FRAME.to_vec();
            frame[12..14].copy_from_slice(&protocol.to_be_bytes());
            let before = frame.clone();
            assert_eq!(untag(&mut frame), None);
            assert_eq!(frame, before);
        }
    }
}
