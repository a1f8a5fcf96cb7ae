//! The director's devices, addresses and routes, for the topology of these tests.

use netstack::address::Address;
use netstack::device::{Device, DeviceId};
use netstack::net::Net;
use netstack::route::{Route, RouteFlags};
use pktio::PortId;
use wire::eth::Mac;
use wire::{Addr, Addr4, Addr6};

use crate::topology::{LAN, PORTS, VIP4, VIP6, WAN};

const LAN4: Addr4 = Addr4([10, 9, 0, 1]);
const LAN6: Addr6 = Addr6(*b"\x20\x01\x0d\xb8\0\x09\0\0\0\0\0\0\0\0\0\x01");
/// Networks that only the second router knows.
const DESTS4: Addr4 = Addr4([10, 1, 0, 0]);
const ASIDE4: Addr4 = Addr4([10, 77, 0, 0]);

fn id(port: PortId) -> DeviceId {
    DeviceId(port.0)
}

/// Both ports; the VIPs on the first; all behind its router but the dests, which are behind the second's.
pub(crate) fn build(macs: [Mac; PORTS], routers4: [Addr4; PORTS], routers6: [Addr6; PORTS]) -> Net {
    let mut net = Net::empty(3);
    for (port, mac) in [WAN, LAN].into_iter().zip(macs) {
        let name = format!("dpdk{}", port.0).parse().expect("a name");
        net.add_device(Device { id: id(port), name, mac, mtu: 1500, port, vlan: None }).expect("room");
    }
    for (port, addr, plen) in
        [(WAN, VIP4.ip(), 24), (WAN, VIP6.ip(), 64), (LAN, LAN4.ip(), 24), (LAN, LAN6.ip(), 64)]
    {
        net.add_address(Address::new(id(port), addr, plen)).expect("new");
    }
    let route4 = |dst, plen, port: PortId| {
        Route::new(dst, plen, id(port), RouteFlags::FORWARD).via(routers4[usize::from(port.0)])
    };
    net.add_route(route4(Addr4::default(), 0, WAN)).expect("new");
    net.add_route(route4(DESTS4, 16, LAN)).expect("new");
    let route6 = |dst, plen, port: PortId| {
        Route::new(dst, plen, id(port), RouteFlags::FORWARD).via(routers6[usize::from(port.0)])
    };
    net.add_route(route6(Addr6::default(), 0, WAN)).expect("new");
    let dests6 = Addr6(*b"\x20\x01\x0d\xb8\0\x01\0\0\0\0\0\0\0\0\0\0");
    net.add_route(route6(dests6, 48, LAN)).expect("new");
    net
}

/// The way to the dests leads by another router from now on; or, without one, some way changes that nobody takes.
pub(crate) fn reroute(net: &mut Net, to: Option<Addr4>) {
    match to {
        Some(router) => {
            let old = Route::new(DESTS4, 16, id(LAN), RouteFlags::FORWARD);
            net.remove_route(&old).expect("was there");
            net.add_route(old.via(router)).expect("new");
        }
        None => {
            let aside = Route::new(ASIDE4, 16, id(LAN), RouteFlags::FORWARD);
            if net.remove_route(&aside).is_err() {
                net.add_route(aside).expect("new");
            }
        }
    }
}
