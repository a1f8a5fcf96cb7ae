//! The slow path: what workers punt. docs/spec/netstack.md §5.2, §5.3, §5.5.
//!
//! ARP, echo requests to our own addresses, packets that wait for a neighbour, ICMP errors. The punt thread runs it; it has no
//! clock and no thread of its own. Each packet that comes in leaves by `out`, waits, or has exactly one [`StackDrop`].

mod arp;
mod counts;
mod icmp;

pub use counts::{Deed, Deeds, Drops, StackDrop};

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use flow::Tick;
use flow::publish::Generation;
use pktio::{Allocator, Buffer, PortId, Request};
use wire::eth::{self, Ethernet, Mac, MacPair};
use wire::icmp::answer;
use wire::{Addr4, L3, U16};
use zerocopy::FromBytes;

use crate::adjacency::AdjacencyWriter;
use crate::device::{Device, DeviceId};
use crate::neighbour::{Neighbours, Row, Settings, Verdict};
use crate::net::Net;
use crate::policer::Policer;
use arp::Announcement;

/// Why a packet is punted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Punt {
    /// It is ARP, as it was received: its VLAN tag is still in the frame, or was taken off by the port.
    Arp,
    /// It is an IP packet to an address of ours that no service claims, as it was received.
    Local,
    /// It is ready but for its Ethernet header, whose place is there: the next hop is not resolved. Its checksums are complete.
    Unresolved {
        /// The device it leaves by.
        device: DeviceId,
        /// The neighbour it goes to.
        next_hop: IpAddr,
    },
    /// It is an untagged IPv4 packet with the header that it was received with, and cannot be sent on: tell its sender.
    Error(answer::Error),
}

/// What someone should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Another station claims an address of ours.
    Conflict {
        /// Where it was heard.
        device: DeviceId,
        /// The address.
        addr: Addr4,
        /// The other station.
        mac: Mac,
    },
}

/// Events that wait to be taken; more are only counted.
const EVENTS: usize = 64;

/// The slow path of all devices.
pub struct Stack<P: Allocator> {
    allocator: P,
    neighbours: Neighbours<P::Buffer>,
    policers: Policers,
    announcements: Vec<Announcement>,
    events: VecDeque<Event>,
    counts: Arc<Counts>,
    now: Tick,
    /// Of packets of our own making.
    ip_id: u16,
}

/// What was done and dropped so far.
#[derive(Debug, Default)]
pub struct Counts {
    /// What was dropped.
    pub drops: Drops,
    /// What was done.
    pub deeds: Deeds,
}

/// One per kind of traffic.
struct Policers {
    arp: Policer,
    ask: Policer,
    echo: Policer,
    error: Policer,
}

impl Policers {
    fn new(seed: u64, per_second: u32) -> Self {
        let kind = |n: u64| Policer::new(seed ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15), per_second);
        Self { arp: kind(1), ask: kind(2), echo: kind(3), error: kind(4) }
    }

    fn set_rate(&mut self, per_second: u32) {
        let Self { arp, ask, echo, error } = self;
        [arp, ask, echo, error].into_iter().for_each(|policer| policer.set_rate(per_second));
    }
}

/// Where packets go: the port they leave by. The tag they bear is in their request.
pub trait Out<B>: FnMut(PortId, B) {}
impl<B, F: FnMut(PortId, B)> Out<B> for F {}

impl<P: Allocator> Stack<P> {
    /// Nothing known yet. `now` is of the same clock that workers confirm neighbours by.
    #[must_use]
    pub fn new(allocator: P, writer: AdjacencyWriter, settings: Settings, seed: u64, now: Tick) -> Self {
        Self {
            allocator,
            neighbours: Neighbours::new(writer, settings, seed, now),
            policers: Policers::new(seed, settings.per_second),
            announcements: Vec::new(),
            events: VecDeque::new(),
            counts: Arc::default(),
            now,
            ip_id: seed.to_le_bytes().first_chunk().map_or(0, |id| u16::from_le_bytes(*id)),
        }
    }

    /// A punted packet.
    pub fn receive(
        &mut self,
        mut buffer: P::Buffer,
        why: Punt,
        net: &Net,
        now: Tick,
        out: &mut impl Out<P::Buffer>,
    ) {
        self.advance(now);
        let done = match why {
            Punt::Arp => entrance(&mut buffer, net).and_then(|device| self.arp(buffer, &device, net, out)),
            Punt::Local => {
                entrance(&mut buffer, net).and_then(|device| self.local(buffer, &device, net, out))
            }
            Punt::Unresolved { device, next_hop } => self.send(buffer, device, next_hop, net, out),
            Punt::Error(error) => self.error(&buffer, error, net, out),
        };
        if let Err(reason) = done {
            self.counts.drops.add(reason, 1);
        }
        self.ask(net, out);
    }

    /// Lets happen what is due. To be called each tick, or so.
    pub fn tick(&mut self, net: &Net, now: Tick, out: &mut impl Out<P::Buffer>) {
        self.advance(now);
        self.neighbours.tick();
        self.announce_due(net, out);
        self.ask(net, out);
    }

    fn advance(&mut self, now: Tick) {
        self.now = now;
        self.neighbours.advance(now);
    }

    /// Asks for the neighbours that are looked for, and lets go of what has waited in vain.
    fn ask(&mut self, net: &Net, out: &mut impl Out<P::Buffer>) {
        for (device, next_hop) in self.neighbours.take_asks() {
            if let IpAddr::V4(next_hop) = next_hop {
                self.request(device, next_hop.into(), net, out);
            }
        }
        let expired = self.neighbours.take_expired();
        self.counts.drops.add(StackDrop::Unresolved, expired.len() as u64);
    }

    /// A packet that is ready but for its Ethernet header: sent, or parked until its neighbour is known.
    fn send(
        &mut self,
        buffer: P::Buffer,
        device: DeviceId,
        next_hop: IpAddr,
        net: &Net,
        out: &mut impl Out<P::Buffer>,
    ) -> Result<(), StackDrop> {
        if buffer.frame_len() <= L3 {
            return Err(StackDrop::Malformed);
        }
        net.egress(device).ok_or(StackDrop::NoDevice)?;
        if let Some(group) = group_mac(next_hop) {
            return emit(buffer, device, group, net, out);
        }
        if next_hop.is_ipv6() && !self.neighbours.is_usable(device, next_hop) {
            return Err(StackDrop::NoDiscovery);
        }
        match self.neighbours.send(device, next_hop, buffer) {
            Verdict::Send(mac, buffer) => emit(buffer, device, mac, net, out),
            Verdict::Parked => {
                self.counts.deeds.add(Deed::Parked, 1);
                Ok(())
            }
            Verdict::QueueFull(_) => Err(StackDrop::QueueFull),
            Verdict::TableFull(_) => Err(StackDrop::TableFull),
        }
    }

    /// Sends what has waited for a neighbour, in order.
    fn release(
        &mut self,
        waited: VecDeque<P::Buffer>,
        device: DeviceId,
        mac: Mac,
        net: &Net,
        out: &mut impl Out<P::Buffer>,
    ) {
        for buffer in waited {
            match emit(buffer, device, mac, net, out) {
                Ok(()) => self.counts.deeds.add(Deed::Released, 1),
                Err(reason) => self.counts.drops.add(reason, 1),
            }
        }
    }

    fn next_id(&mut self) -> u16 {
        self.ip_id = self.ip_id.wrapping_add(1);
        self.ip_id
    }
}

/// Commands.
impl<P: Allocator> Stack<P> {
    /// New bounds and times; times hold for what is armed from now on.
    pub fn set_settings(&mut self, settings: Settings) {
        self.neighbours.set_settings(settings);
        self.policers.set_rate(settings.per_second);
    }

    /// Gives a neighbour's MAC address, whatever it says itself [fix D19]. `None`: there is no room.
    pub fn set_neighbour(
        &mut self,
        device: DeviceId,
        next_hop: IpAddr,
        mac: Mac,
        net: &Net,
        out: &mut impl Out<P::Buffer>,
    ) -> Option<()> {
        let waited = self.neighbours.set_static(device, next_hop, mac)?;
        self.release(waited, device, mac, net, out);
        Some(())
    }

    /// Forgets a neighbour, found or given. `None`: there is none.
    pub fn remove_neighbour(&mut self, device: DeviceId, next_hop: IpAddr) -> Option<()> {
        self.neighbours.remove(device, next_hop)
    }

    /// All neighbours, by device and address.
    #[must_use]
    pub fn neighbours(&self) -> Vec<Row> {
        self.neighbours.rows()
    }

    /// Packets that wait for neighbours.
    #[must_use]
    pub fn parked(&self) -> usize {
        self.neighbours.parked()
    }

    /// What was done and dropped; to be read from any thread.
    #[must_use]
    pub fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    /// So many packets that left by `out` found no worker to send them.
    pub fn not_sent(&self, packets: usize) {
        self.counts.drops.add(StackDrop::NoSender, packets as u64);
    }

    /// What happened since the last time.
    pub fn take_events(&mut self) -> impl Iterator<Item = Event> + use<'_, P> {
        self.events.drain(..)
    }

    /// Adjacencies of neighbours that are no more. They keep their keys until [`Self::retire_dormant`].
    #[must_use]
    pub fn dormant(&self) -> usize {
        self.neighbours.dormant()
    }

    /// Takes their keys from dormant adjacencies; they are free when all workers have reached the routing generation `after`, which
    /// is published after this call ([`Self::reclaim`]). Worth it when thousands are dormant. Returns how many they are.
    pub fn retire_dormant(&mut self, after: Generation) -> usize {
        self.neighbours.retire_dormant(after)
    }

    /// All workers have reached the routing generation `adopted`. Returns how many adjacencies are free.
    pub fn reclaim(&mut self, adopted: Generation) -> usize {
        self.neighbours.reclaim(adopted)
    }

    fn happened(&mut self, event: Event) {
        if self.events.len() < EVENTS {
            self.events.push_back(event);
        }
    }
}

/// The device that a packet came in by. Takes its tag off.
fn entrance<B: Buffer>(buffer: &mut B, net: &Net) -> Result<Device, StackDrop> {
    let received = buffer.received();
    let vlan = received.vlan.or_else(|| pktio::untag(buffer));
    net.device_at(received.port, vlan).copied().ok_or(StackDrop::NoDevice)
}

/// The MAC address of a next hop that is a group, or everyone.
fn group_mac(next_hop: IpAddr) -> Option<Mac> {
    match next_hop {
        IpAddr::V4(v4) if v4.is_broadcast() => Some(eth::BROADCAST),
        IpAddr::V4(v4) if v4.is_multicast() => {
            let [_, b, c, d] = v4.octets();
            Some([0x01, 0x00, 0x5e, b & 0x7f, c, d])
        }
        IpAddr::V6(v6) if v6.is_multicast() => {
            let [.., a, b, c, d] = v6.octets();
            Some([0x33, 0x33, a, b, c, d])
        }
        _ => None,
    }
}

/// Writes the Ethernet header of an IP packet, and sends it.
fn emit<B: Buffer>(
    mut buffer: B,
    device: DeviceId,
    dst: Mac,
    net: &Net,
    out: &mut impl Out<B>,
) -> Result<(), StackDrop> {
    let egress = *net.egress(device).ok_or(StackDrop::NoDevice)?;
    let frame = buffer.frame_mut();
    let version = frame.get(L3).ok_or(StackDrop::Malformed)? >> 4;
    let ethertype = U16::new(if version == 6 { eth::IPV6 } else { eth::IPV4 });
    let (header, _) = Ethernet::mut_from_prefix(frame).map_err(|_| StackDrop::Malformed)?;
    *header = Ethernet { macs: MacPair { dst, src: egress.mac.mac() }, ethertype };
    buffer.request(Request { vlan: egress.vlan, checksum: false });
    out(egress.port, buffer);
    Ok(())
}

#[cfg(test)]
mod tests;
