//! Conversations on virtual time.

mod arp;
mod garbage;
mod icmp;

use std::net::IpAddr;
use std::sync::Arc;

use pktio::pool::{Pool, SimBuffer};
use pktio::{Allocator, Buffer, PortId, VlanTag};
use wire::arp::{FRAME_LEN, Operation, Party, Repr, View};
use wire::eth::Mac;
use wire::{Addr, Addr4, L3};

use super::*;
use crate::address::Address;
use crate::adjacency::{Adjacencies, Hop};
use crate::device::Device;
use crate::route::{Route, RouteFlags};

const ETH: DeviceId = DeviceId(0);
const VLAN: DeviceId = DeviceId(1);
const OURS: Mac = [2, 0, 0, 0, 0, 1];
const US: Addr4 = Addr4([10, 0, 0, 1]);
const PEER: Addr4 = Addr4([10, 0, 0, 9]);
const PEERS: Mac = [2, 9, 9, 9, 9, 9];
const BUFFERS: usize = 600;

/// A stack with 10.0.0.1/16 on port 0, 10.9.0.1/16 on its VLAN 102, a gateway, and what it has sent.
struct World {
    pool: &'static Pool,
    stack: Stack<&'static Pool>,
    adjacencies: Arc<Adjacencies>,
    net: Net,
    now: Tick,
    sent: Vec<(PortId, Option<VlanTag>, Vec<u8>)>,
}

impl World {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let pool: &'static Pool = Box::leak(Box::new(Pool::new(BUFFERS)));
        let (adjacencies, writer) = Adjacencies::new(5);
        let now = Tick(8_000);
        let stack = Stack::new(pool, writer, settings, 7, now);
        Self { pool, stack, adjacencies, net: net(), now, sent: Vec::new() }
    }

    fn receive(&mut self, frame: &[u8], why: Punt) {
        let mut buffer = self.pool.copy(frame).expect("memory");
        buffer.set_port(PortId(0));
        self.stack.receive(buffer, why, &self.net, self.now, &mut collect(&mut self.sent));
    }

    /// Lets time pass, tick by tick.
    fn advance(&mut self, ticks: u32) -> &mut Self {
        for _ in 0..ticks {
            self.now = self.now.after(1);
            self.stack.tick(&self.net, self.now, &mut collect(&mut self.sent));
        }
        self
    }

    fn seconds(&mut self, seconds: u32) -> &mut Self {
        self.advance(seconds * Tick::PER_SECOND)
    }

    fn arp(&mut self, said: Repr, to: Mac) {
        self.receive(&arp_frame(said, to), Punt::Arp);
    }

    /// `PEER` answers our request.
    fn peer_replies(&mut self) {
        self.arp(reply(PEER, PEERS), OURS);
    }

    /// A packet for `next_hop`, told by its last byte.
    fn packet(&mut self, next_hop: Addr4, mark: u8) {
        let mut frame = [0; 34];
        (frame[L3], frame[33]) = (0x45, mark);
        let next_hop = IpAddr::from(next_hop.0);
        self.receive(&frame, Punt::Unresolved { device: ETH, next_hop });
    }

    /// What was sent since the last time.
    fn sent(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.sent).into_iter().map(|(_, _, frame)| frame).collect()
    }

    /// The ARP packets sent since the last time.
    fn said(&mut self) -> Vec<Repr> {
        let arp = |frame: &Vec<u8>| {
            (frame[12..14] == [8, 6]).then(|| View::parse(&frame[L3..]).expect("ARP").repr())
        };
        self.sent().iter().filter_map(arp).collect()
    }

    fn drops(&self, reason: StackDrop) -> u64 {
        self.stack.counts().drops.of(reason)
    }

    fn deeds(&self, deed: Deed) -> u64 {
        self.stack.counts().deeds.of(deed)
    }

    /// What a worker finds of `PEER`.
    fn hop(&self) -> Option<Hop> {
        self.adjacencies.find(ETH, PEER.ip()).map(|id| self.adjacencies.hop(id))
    }

    fn is_resolved(&self) -> bool {
        self.hop().is_some_and(Hop::is_usable)
    }
}

fn collect<'s>(
    sent: &'s mut Vec<(PortId, Option<VlanTag>, Vec<u8>)>,
) -> impl FnMut(PortId, SimBuffer<'static>) + 's {
    |port, buffer| sent.push((port, buffer.requested().vlan, buffer.frame().to_vec()))
}

/// The punt thread takes it along.
const _: fn() = || {
    fn may_move<T: Send>() {}
    may_move::<Stack<&'static Pool>>();
};

fn net() -> Net {
    let mut net = Net::empty(1);
    let name = |name: &str| name.parse().expect("a name");
    let eth = Device { id: ETH, name: name("dpdk0"), mac: OURS, mtu: 1500, port: PortId(0), vlan: None };
    let vlan = Device { id: VLAN, name: name("dpdk0.102"), vlan: Some(VlanTag(102)), ..eth };
    net.add_device(eth).expect("new");
    net.add_device(vlan).expect("new");
    net.add_address(Address::new(ETH, IpAddr::from(US.0), 16)).expect("new");
    net.add_address(Address::new(VLAN, IpAddr::from([10, 9, 0, 1]), 16)).expect("new");
    let default = Route::new(Addr4([0; 4]), 0, ETH, RouteFlags::FORWARD).via(PEER);
    net.add_route(default).expect("new");
    net
}

fn arp_frame(said: Repr, to: Mac) -> [u8; FRAME_LEN] {
    let mut frame = [0; FRAME_LEN];
    said.emit_frame(&mut frame);
    frame[..6].copy_from_slice(&to);
    frame
}

fn reply(addr: Addr4, mac: Mac) -> Repr {
    let (sender, target) = (Party { mac, addr }, Party { mac: OURS, addr: US });
    Repr { operation: Operation::Reply, sender, target }
}

fn who_has(wanted: Addr4) -> Repr {
    Repr::request(Party { mac: OURS, addr: US }, wanted)
}
