//! IPv4 packets to ourselves, of which echo requests are answered, and errors about packets of others.
//! docs/spec/netstack.md §5.3, §5.5.

use pktio::{Allocator, Buffer, ChecksumState};
use wire::eth::{self, Ethernet};
use wire::icmp::{self, Message, answer};
use wire::ip::v4;
use wire::{Addr, Addr4, L3};
use zerocopy::FromBytes;

use super::{Deed, Out, Stack, StackDrop};
use crate::address::AddressScope;
use crate::device::Device;
use crate::net::Net;

impl<P: Allocator> Stack<P> {
    pub(super) fn local(
        &mut self,
        mut buffer: P::Buffer,
        device: &Device,
        net: &Net,
        out: &mut impl Out<P::Buffer>,
    ) -> Result<(), StackDrop> {
        let (asker, len) = echo_request(&buffer, device, net)?;
        if !self.policers.echo.admit(asker.ip(), self.now) {
            return Err(StackDrop::Policed);
        }
        buffer.trim_back(buffer.frame_len() - L3 - len);
        let id = self.next_id();
        answer::echo(&mut buffer.frame_mut()[L3..], id).ok_or(StackDrop::Malformed)?;
        self.route(buffer, asker, len, net, out)?;
        self.counts.deeds.add(Deed::EchoReply, 1);
        Ok(())
    }

    /// Sends a packet of our own making, `len` bytes of IPv4 behind the place for the Ethernet header.
    fn route(
        &mut self,
        buffer: P::Buffer,
        dst: Addr4,
        len: usize,
        net: &Net,
        out: &mut impl Out<P::Buffer>,
    ) -> Result<(), StackDrop> {
        let way = net.way(dst).ok_or(StackDrop::NoRoute)?;
        if len > way.mtu.into() {
            return Err(StackDrop::TooLong);
        }
        self.send(buffer, way.device, way.next_hop.ip(), net, out)
    }

    /// Tells the sender of a packet what became of it.
    pub(super) fn error(
        &mut self,
        about: &P::Buffer,
        error: answer::Error,
        net: &Net,
        out: &mut impl Out<P::Buffer>,
    ) -> Result<(), StackDrop> {
        let (header, packet) = Ethernet::ref_from_prefix(about.frame()).map_err(|_| StackDrop::Malformed)?;
        let packet = v4::View::parse(packet).map_err(|_| StackDrop::Malformed)?;
        if eth::is_group(header.macs.dst) || !answer::is_reportable(&packet) {
            return Err(StackDrop::NotReportable);
        }
        let (sender, dst) = (packet.header().src, packet.header().dst);
        if !self.policers.error.admit(sender.ip(), self.now) {
            return Err(StackDrop::Policed);
        }
        let way = net.way(sender).ok_or(StackDrop::NoRoute)?;
        let source = net.source_for(way.device, sender, AddressScope::GLOBAL);
        let source = if net.is_local(dst) { Some(dst) } else { source }.ok_or(StackDrop::NoSource)?;
        let mtu = net.device(way.device).ok_or(StackDrop::NoDevice)?.mtu.min(way.mtu);
        let id = self.next_id();
        let mut text = [0; answer::MAX_ERROR];
        let len =
            answer::error(&mut text, error, &packet, source, id, mtu).map_err(|_| StackDrop::TooLong)?;
        let mut buffer = self.allocator.allocate().ok_or(StackDrop::NoBuffer)?;
        let frame = buffer.grow_back(L3 + len).ok_or(StackDrop::NoBuffer)?;
        frame[..L3].fill(0);
        frame[L3..].copy_from_slice(&text[..len]);
        self.route(buffer, sender, len, net, out)?;
        self.counts.deeds.add(Deed::IcmpError, 1);
        Ok(())
    }
}

/// Who asks for an echo by this packet, and how long it is; else why it is dropped.
fn echo_request<B: Buffer>(buffer: &B, device: &Device, net: &Net) -> Result<(Addr4, usize), StackDrop> {
    if buffer.received().checksum == ChecksumState::Bad {
        return Err(StackDrop::BadChecksum);
    }
    let (header, packet) = Ethernet::ref_from_prefix(buffer.frame()).map_err(|_| StackDrop::Malformed)?;
    if header.ethertype.get() != eth::IPV4 {
        return Err(StackDrop::NoHandler);
    }
    if header.macs.dst != device.mac && !eth::is_group(header.macs.dst) {
        return Err(StackDrop::OtherHost);
    }
    let packet = v4::View::parse(packet).map_err(|_| StackDrop::Malformed)?;
    let (src, dst) = (packet.header().src, packet.header().dst);
    if !packet.checksum_holds() {
        return Err(StackDrop::BadChecksum);
    }
    if !net.is_local(dst) {
        return Err(StackDrop::NotForUs);
    }
    if packet.header().is_fragment() {
        return Err(StackDrop::Fragment);
    }
    if packet.header().proto != icmp::PROTO {
        return Err(StackDrop::NoHandler);
    }
    let message = icmp::View::parse(packet.payload()).map_err(|_| StackDrop::Malformed)?;
    // No port verifies this one, whatever it says of the packet.
    if !message.checksum_holds() {
        return Err(StackDrop::BadChecksum);
    }
    if matches!(src.0, [0 | 127 | 224..=255, ..]) {
        return Err(StackDrop::Malformed);
    }
    match message.message() {
        Message::EchoRequest { .. } => Ok((src, packet.packet().len())),
        _ => Err(StackDrop::NoHandler),
    }
}
