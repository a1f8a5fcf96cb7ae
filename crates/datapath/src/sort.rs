//! Both ends of a burst's way: which lane a frame takes, and where the packets go that do not simply go on.

use ipvs::Connections;
use netstack::net::Net;
use netstack::stack::Punt;
use pktio::{Buffer, Burst};
use wire::eth::{self, MacWord};
use wire::parse::{L3, ethertype, view};
use wire::{Addr4, Addr6, HEADERS, ip};

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
        MacWord::destination(headers).differs(self.mac) & self.mask == 0
    }
}

/// Puts a frame into its lane.
#[inline(always)]
pub(crate) fn dispatch<B: Buffer>(
    index: usize,
    packet: &mut B,
    ours: Ours,
    (lane4, connections4): (&mut Lane<Addr4>, &Connections<Addr4>),
    (lane6, connections6): (&mut Lane<Addr6>, &Connections<Addr6>),
) -> Result<(), Fate> {
    let headers = packet.headers();
    if !ours.is(headers) {
        return not_to_us(headers);
    }
    match ethertype(headers) {
        eth::IPV4 => lane4.push(index, packet, connections4),
        eth::IPV6 => lane6.push(index, packet, connections6),
        other => not_ip(other),
    }
}

/// A frame to a group, to everyone, or to someone else.
#[cold]
fn not_to_us(headers: &[u8; HEADERS]) -> Result<(), Fate> {
    let group = headers[0] & 1 != 0;
    Err(match ethertype(headers) {
        _ if !group => Drop::OtherHost.into(),
        eth::ARP => Fate::Arp,
        eth::IPV4 | eth::IPV6 => Drop::NotUnicast.into(),
        _ => Drop::NoProtocol.into(),
    })
}

#[cold]
fn not_ip(ethertype: u16) -> Result<(), Fate> {
    Err(match ethertype {
        eth::ARP => Fate::Arp,
        eth::VLAN | eth::QINQ => Drop::NoVlan.into(),
        _ => Drop::NoProtocol.into(),
    })
}

/// Where packets go that do not simply go on.
pub(crate) struct Sort<'a, B> {
    pub(crate) doors: &'a mut Doors<B>,
    pub(crate) punts: &'a mut Punts<B>,
    pub(crate) sending: &'a mut Sending<B>,
    pub(crate) counters: &'a Counters,
}

impl<B: Buffer> Sort<'_, B> {
    /// Empties the burst: each packet goes where its fate says. Leaves no fates behind.
    #[inline(never)]
    pub(crate) fn run(mut self, burst: &mut Burst<B>, outcome: &mut Outcome, net: &Net) {
        for (index, packet) in burst.drain(..).enumerate() {
            match outcome.verdict(index) {
                Ok(port) => self.sending.stage(packet, port, self.counters),
                Err(fate) => self.part(packet, fate, outcome, net),
            }
        }
        outcome.clear();
        self.doors.hand_over(&self.counters.handed_over, self.counters);
        self.punts.give_up(self.counters);
    }

    fn part(&mut self, packet: B, fate: Fate, outcome: &Outcome, net: &Net) {
        match fate {
            Fate::Drop(Drop::Truncated) => self.counters.count_cut(packet.received().port),
            Fate::Drop(reason) => self.counters.count_drop(reason),
            Fate::HandOver(worker) => {
                self.doors.stage(worker, packet, &self.counters.handed_over, self.counters);
            }
            Fate::Arp => self.punts.stage(packet, Punt::Arp),
            Fate::ToStack if is_local(packet.headers(), net) => self.punts.stage(packet, Punt::Local),
            Fate::ToStack => self.counters.count_drop(Drop::NotLocal),
            Fate::Unresolved(place) => match outcome.punt(place) {
                Some(why) => self.punts.stage(packet, why),
                None => self.counters.count_drop(Drop::NoRoute),
            },
        }
    }
}

/// Whether an IP packet is for an address of ours.
fn is_local(headers: &[u8; HEADERS], net: &Net) -> bool {
    match ethertype(headers) {
        eth::IPV4 => net.is_local(view::<ip::Ipv4>(headers, L3).dst),
        _ => net.is_local(view::<ip::Ipv6>(headers, L3).dst),
    }
}
