//! Both ends of a burst's way: which lane a frame takes, and where the packets go that do not simply go on.

use ipvs::Connections;
use netstack::net::Net;
use netstack::stack::Punt;
use pktio::{Buffer, Burst};
use wire::eth::{self, MacWord};
use wire::parse::{L3, ethertype, view};
use wire::{Addr, Addr4, Addr6, HEADERS, ip};

use crate::counters::Counters;
use crate::doors::Doors;
use crate::drops::Drop;
use crate::lane::Lane;
use crate::outcome::{Fate, Outcome};
use crate::punts::Punts;
use crate::sending::Sending;

/// To whom frames must be addressed to be taken.
#[derive(Clone, Copy)]
pub(crate) struct Ours {
    mac: MacWord,
    /// The bits of it that are compared: none, or all.
    mask: u64,
}

impl Ours {
    /// Frames for `mac`; any, without one.
    pub(crate) fn new(mac: Option<MacWord>) -> Self {
        let mask = if mac.is_some() { MacWord::MASK } else { 0 };
        Self { mac: mac.unwrap_or_default(), mask }
    }

    /// Any frames.
    pub(crate) const ANY: Self = Self { mac: MacWord::ZERO, mask: 0 };

    #[inline(always)]
    fn is(self, headers: &[u8; HEADERS]) -> bool {
        self.mac.differs_from_destination(headers, self.mask) == 0
    }
}

/// Puts frames into their lanes: part of a burst, whose first has the place `first` in it.
#[inline(never)]
pub(crate) fn dispatch<B: Buffer>(
    frames: &mut [B],
    first: usize,
    ours: Ours,
    (lane4, connections4): (&mut Lane<Addr4>, &Connections<Addr4>),
    (lane6, connections6): (&mut Lane<Addr6>, &Connections<Addr6>),
    outcome: &mut Outcome,
) {
    for (packet, index) in frames.iter_mut().zip(first..) {
        let headers = packet.headers();
        let sorted = if !ours.is(headers) {
            Err(not_to_us(headers))
        } else if ethertype(headers) == eth::IPV4 {
            lane4.push(index, packet, connections4)
        } else if ethertype(headers) == eth::IPV6 {
            lane6.push(index, packet, connections6)
        } else {
            Err(not_ip(headers))
        };
        if let Err(fate) = sorted {
            outcome.refuse(index, fate);
        }
    }
}

/// A frame to a group, to everyone, or to someone else.
#[cold]
fn not_to_us(headers: &[u8; HEADERS]) -> Fate {
    let group = headers[0] & 1 != 0;
    match ethertype(headers) {
        _ if !group => Drop::OtherHost.into(),
        eth::ARP => Fate::Arp,
        eth::IPV4 | eth::IPV6 => Drop::NotUnicast.into(),
        _ => Drop::NoProtocol.into(),
    }
}

#[cold]
fn not_ip(headers: &[u8; HEADERS]) -> Fate {
    match ethertype(headers) {
        eth::ARP => Fate::Arp,
        eth::VLAN | eth::QINQ => Drop::NoVlan.into(),
        _ => Drop::NoProtocol.into(),
    }
}

/// Where packets go that do not simply go on.
pub(crate) struct Sort<'a, B> {
    pub(crate) doors: &'a mut Doors<B>,
    pub(crate) punts: &'a mut Punts<B>,
    pub(crate) sending: &'a mut Sending<B>,
    /// What is dropped, to be given back together: one by one costs more than all else of a packet.
    pub(crate) dropped: &'a mut Burst<B>,
    pub(crate) counters: &'a Counters,
}

impl<B: Buffer> Sort<'_, B> {
    /// Empties the burst: each packet goes where its fate says. Leaves no fates behind.
    #[inline(never)]
    pub(crate) fn run(mut self, burst: &mut Burst<B>, outcome: &mut Outcome, net: &Net) {
        let mut locals = Locals::new(net);
        for (index, packet) in burst.drain(..).enumerate() {
            match outcome.verdict(index) {
                Ok(port) => self.sending.stage(packet, port, self.counters),
                Err(fate) => self.part(packet, fate, outcome, &mut locals),
            }
        }
        outcome.clear();
        self.doors.hand_over(&self.counters.handed_over, self.counters);
        self.punts.give_up(self.counters, self.dropped);
        B::free_all(self.dropped);
    }

    fn part(&mut self, packet: B, fate: Fate, outcome: &Outcome, locals: &mut Locals<'_>) {
        match fate {
            Fate::Drop(reason) => self.drop(packet, reason),
            Fate::HandOver(worker) => {
                self.doors.stage(worker, packet, &self.counters.handed_over, self.counters);
            }
            Fate::Arp => self.punts.stage(packet, Punt::Arp),
            Fate::ToStack if locals.has(packet.headers()) => self.punts.stage(packet, Punt::Local),
            Fate::ToStack => self.drop(packet, Drop::NotLocal),
            Fate::Unresolved(place) => match outcome.punt(place) {
                Some(why) => self.punts.stage(packet, why),
                None => self.drop(packet, Drop::NoRoute),
            },
        }
    }

    fn drop(&mut self, packet: B, reason: Drop) {
        match reason {
            Drop::Truncated => self.counters.count_cut(packet.received().port),
            _ => self.counters.count_drop(reason),
        }
        self.dropped.push(packet);
    }
}

/// Tells what is for an address of ours. Packets to one follow each other, in a flood above all: the last answer is kept.
struct Locals<'a> {
    net: &'a Net,
    last4: Option<(Addr4, bool)>,
    last6: Option<(Addr6, bool)>,
}

impl<'a> Locals<'a> {
    fn new(net: &'a Net) -> Self {
        Self { net, last4: None, last6: None }
    }

    /// Whether an IP packet is for us.
    fn has(&mut self, headers: &[u8; HEADERS]) -> bool {
        match ethertype(headers) {
            eth::IPV4 => again(&mut self.last4, view::<ip::Ipv4>(headers, L3).dst, self.net),
            _ => again(&mut self.last6, view::<ip::Ipv6>(headers, L3).dst, self.net),
        }
    }
}

fn again<A: Addr>(last: &mut Option<(A, bool)>, dst: A, net: &Net) -> bool {
    match *last {
        Some((addr, is_local)) if addr == dst => is_local,
        _ => last.insert((dst, net.is_local(dst))).1,
    }
}
