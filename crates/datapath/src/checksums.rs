//! What has to be seen to before a packet from a port without a verdict may be changed by difference
//! (docs/spec/netstack.md §4.9). Off the path: behind a port that verifies checksums nothing comes here.

use pktio::{Buffer, ChecksumState};
use wire::{Addr, Proto, complete};

use crate::drops::Drop;
use crate::outcome::Fate;

/// A sum that the sender left to its device is completed; one that may be wrong stays as wrong as it is; one that is known to
/// be wrong ends the packet. The IPv4 header's own is verified here.
#[cold]
#[inline(never)]
pub(crate) fn settle<A: Addr>(packet: &mut impl Buffer) -> Result<(), Fate> {
    let received = packet.received();
    // A tag without a VLAN id is a priority, and says nothing of where the packet belongs.
    if received.vlan.is_some_and(|tag| tag.0 & 0xfff != 0) {
        return Err(Drop::NoVlan.into());
    }
    let state = received.checksum;
    if state == ChecksumState::Good {
        return Ok(());
    }
    if state == ChecksumState::Bad || !A::header_holds(packet.headers()) {
        return Err(Drop::BadChecksum.into());
    }
    let Some(flow) = &A::parse(packet.headers(), packet.frame_len())? else { return Ok(()) };
    let found = complete::field(packet.headers(), flow);
    let none = flow.proto == Proto::Udp && found.is_absent();
    let partial = state == ChecksumState::Partial || found == complete::partial(flow);
    if partial && !none {
        let checksum = complete::full(packet.frame(), flow);
        *complete::field_mut(packet.headers_mut(), flow) = checksum;
        packet.set_checksum_good();
    }
    Ok(())
}
