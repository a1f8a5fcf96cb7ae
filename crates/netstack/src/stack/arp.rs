//! ARP: answers, questions, what is learned, and announcements. docs/spec/netstack.md §5.2, [fix D18].

use flow::Tick;
use pktio::{Allocator, Buffer, Request};
use wire::arp::{FRAME_LEN, Operation, Party, Repr, View};
use wire::eth::{self, Ethernet};
use wire::{Addr, Addr4, L3};
use zerocopy::FromBytes;

use super::{Deed, Event, Out, Stack, StackDrop};
use crate::address::AddressScope;
use crate::device::{Device, DeviceId};
use crate::neighbour::Creates;
use crate::net::Net;

/// Times that an address is announced, a second apart.
const ANNOUNCEMENTS: u8 = 3;

/// An address that is being announced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Announcement {
    device: DeviceId,
    addr: Addr4,
    left: u8,
    due: Tick,
}

impl<P: Allocator> Stack<P> {
    pub(super) fn arp(
        &mut self,
        buffer: P::Buffer,
        device: &Device,
        net: &Net,
        out: &mut impl Out<P::Buffer>,
    ) -> Result<(), StackDrop> {
        let said = read(buffer.frame(), device)?;
        let is_ours = |addr: Addr4| net.has_address(device.id, addr.ip());
        let is_to_us = is_ours(said.target.addr);
        if is_ours(said.sender.addr) {
            let Party { mac, addr } = said.sender;
            self.happened(Event::Conflict { device: device.id, addr, mac });
            return Err(StackDrop::Conflict);
        }
        let sender = said.sender.addr.ip();
        // What answers us was bounded when we asked.
        if !self.neighbours.awaits(device.id, sender) && !self.policers.arp.admit(sender, self.now) {
            return Err(StackDrop::Policed);
        }
        // What others say among themselves refreshes what is known; what they say to us is worth knowing (RFC 826).
        let creates = if is_to_us && is_neighbour(said.sender.addr, device, net) {
            Creates::Entry
        } else {
            Creates::Nothing
        };
        self.learn(said.sender, device.id, creates, net, out);
        match said.operation {
            Operation::Request if is_to_us => {
                self.counts.deeds.add(Deed::ArpReply, 1);
                write(buffer, said.answer(device.mac), device, out)
            }
            _ if is_to_us => Ok(()),
            _ => Err(StackDrop::NotForUs),
        }
    }

    fn learn(
        &mut self,
        who: Party,
        device: DeviceId,
        creates: Creates,
        net: &Net,
        out: &mut impl Out<P::Buffer>,
    ) {
        if who.addr == Addr4::default() {
            return; // a probe
        }
        self.counts.deeds.add(Deed::ArpLearned, 1);
        let waited = self.neighbours.learn(device, who.addr.ip(), who.mac, creates);
        self.release(waited, device, who.mac, net, out);
    }

    /// Asks who has `wanted`.
    pub(super) fn request(
        &mut self,
        device: DeviceId,
        wanted: Addr4,
        net: &Net,
        out: &mut impl Out<P::Buffer>,
    ) {
        let Some(device) = net.device(device) else { return };
        let source = |scope| net.source_for(device.id, wanted, scope);
        let source = source(AddressScope::GLOBAL).or_else(|| source(AddressScope::LINK)).unwrap_or_default();
        if !self.policers.ask.admit(wanted.ip(), self.now) {
            return self.counts.drops.add(StackDrop::Policed, 1);
        }
        let request = Repr::request(Party { mac: device.mac, addr: source }, wanted);
        self.originate(request, device, Deed::ArpRequest, out);
    }

    fn originate(&mut self, said: Repr, device: &Device, deed: Deed, out: &mut impl Out<P::Buffer>) {
        let buffer = self.allocator.allocate().ok_or(StackDrop::NoBuffer);
        match buffer.and_then(|buffer| write(buffer, said, device, out)) {
            Ok(()) => self.counts.deeds.add(deed, 1),
            Err(reason) => self.counts.drops.add(reason, 1),
        }
    }

    /// Tells everyone on the link, from the next tick on and three times, that `addr` is ours: it was added, or came over from
    /// another director.
    pub fn announce(&mut self, device: DeviceId, addr: Addr4) {
        self.announcements.retain(|other| (other.device, other.addr) != (device, addr));
        self.announcements.push(Announcement { device, addr, left: ANNOUNCEMENTS, due: self.now });
    }

    pub(super) fn announce_due(&mut self, net: &Net, out: &mut impl Out<P::Buffer>) {
        let mut announcements = std::mem::take(&mut self.announcements);
        for announcement in &mut announcements {
            // Due now or up to a wrap ago.
            if self.now.since(announcement.due) >= 1 << 31 {
                continue;
            }
            announcement.left -= 1;
            announcement.due = self.now.after(Tick::PER_SECOND);
            let device = net.device(announcement.device);
            match device.filter(|device| net.has_address(device.id, announcement.addr.ip())) {
                Some(device) => {
                    let who = Party { mac: device.mac, addr: announcement.addr };
                    self.originate(Repr::announcement(who), device, Deed::Announcement, out);
                }
                None => announcement.left = 0,
            }
        }
        announcements.retain(|announcement| announcement.left > 0);
        self.announcements = announcements;
    }
}

/// What a frame says to `device`, if it can be believed.
fn read(frame: &[u8], device: &Device) -> Result<Repr, StackDrop> {
    let (header, packet) = Ethernet::ref_from_prefix(frame).map_err(|_| StackDrop::Malformed)?;
    if header.macs.dst != device.mac && !eth::is_group(header.macs.dst) {
        return Err(StackDrop::OtherHost);
    }
    let said = View::parse(packet).map_err(|_| StackDrop::Malformed)?.repr();
    let Party { mac, addr } = said.sender;
    if mac == device.mac {
        return Err(StackDrop::OwnFrame);
    }
    let is_nobody = eth::is_group(mac) || mac == [0; 6] || matches!(addr.0, [127 | 224..=255, ..]);
    if is_nobody {
        return Err(StackDrop::Malformed);
    }
    match said.operation {
        Operation::Request | Operation::Reply => Ok(said),
        Operation::Other(_) => Err(StackDrop::ArpOperation),
    }
}

/// Whether packets to `addr` would go to itself, by this device.
fn is_neighbour(addr: Addr4, device: &Device, net: &Net) -> bool {
    net.way(addr).is_some_and(|way| way.device == device.id && way.next_hop == addr)
}

/// Makes `buffer` the frame that says it, and sends it.
fn write<B: Buffer>(
    mut buffer: B,
    said: Repr,
    device: &Device,
    out: &mut impl Out<B>,
) -> Result<(), StackDrop> {
    let len = buffer.frame_len();
    buffer.trim_back(len.saturating_sub(FRAME_LEN));
    if len < FRAME_LEN {
        buffer.grow_back(FRAME_LEN - len).ok_or(StackDrop::NoBuffer)?;
    }
    let frame = buffer.frame_mut().first_chunk_mut().ok_or(StackDrop::NoBuffer)?;
    said.emit_frame(frame);
    buffer.request(Request { vlan: device.vlan, checksum: false });
    out(device.port, buffer);
    Ok(())
}

const _: () = assert!(L3 + wire::arp::LEN <= FRAME_LEN, "a frame holds a packet");
