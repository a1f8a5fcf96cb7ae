//! The network that all tests here run in: clients behind a router on the WAN port, dests on the LAN port's own net and
//! behind a second router.

use std::sync::Arc;

use netstack::adjacency::{Adjacencies, AdjacencyWriter};
use netstack::device::DeviceId;
use pktio::PortId;
use wire::eth::Mac;
use wire::{Addr, Addr4, Addr6};

pub(crate) const WAN: PortId = PortId(0);
pub(crate) const LAN: PortId = PortId(1);
pub(crate) const PORTS: usize = 2;

/// The ports' own addresses.
pub(crate) const MACS: [Mac; PORTS] = [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 1, 1]];
/// The routers towards clients and towards dests.
pub(crate) const CLIENT_ROUTER: Mac = [2; 6];
pub(crate) const DEST_ROUTER: Mac = [6; 6];

pub(crate) const VIP4: Addr4 = Addr4([192, 0, 2, 1]);
pub(crate) const VIP6: Addr6 = Addr6(*b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01");
const ROUTERS4: [Addr4; PORTS] = [Addr4([192, 0, 2, 254]), Addr4([10, 9, 0, 254])];
const ROUTERS6: [Addr6; PORTS] = [
    Addr6(*b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\xfe"),
    Addr6(*b"\x20\x01\x0d\xb8\0\x09\0\0\0\0\0\0\0\0\0\xfe"),
];

/// Devices, addresses and routes of the director.
pub(crate) fn net() -> netstack::net::Net {
    crate::net_api::build(MACS, ROUTERS4, ROUTERS6)
}

/// Both routers are known.
pub(crate) fn neighbours() -> (Arc<Adjacencies>, AdjacencyWriter) {
    let (adjacencies, mut writer) = Adjacencies::new(1);
    for (port, mac) in (0..).zip([CLIENT_ROUTER, DEST_ROUTER]) {
        for router in [ROUTERS4[port].ip(), ROUTERS6[port].ip()] {
            let id = writer.claim(DeviceId(u16::try_from(port).expect("few")), router).expect("room");
            writer.set(id, mac);
        }
    }
    (adjacencies, writer)
}
