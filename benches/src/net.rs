//! Devices, addresses and routes of the director that is measured.

use std::net::IpAddr;

use netstack::address::Address;
use netstack::device::{Device, DeviceId};
use netstack::net::Net;
use netstack::route::{Route, RouteFlags};
use pktio::PortId;
use wire::eth::Mac;
use wire::{Addr, Addr4, Addr6};

use crate::scene::{VIP4, VIP6};

const ROUTERS4: [Addr4; 2] = [Addr4([192, 0, 2, 254]), Addr4([198, 18, 0, 254])];
const ROUTERS6: [Addr6; 2] = [
    Addr6(*b"\x20\x01\x0d\xb8\xff\xff\0\0\0\0\0\0\0\0\0\xfe"),
    Addr6(*b"\x20\x01\x0d\xb8\0\x09\0\0\0\0\0\0\0\0\0\xfe"),
];

/// Both ports have `mac`; the VIPs are on the first, behind whose router all clients are; all dests are behind the second's.
pub(crate) fn build(mac: Mac) -> Net {
    let mut net = Net::empty(3);
    for n in 0..2 {
        let (id, port) = (DeviceId(n), PortId(n));
        let name = format!("dpdk{n}").parse().expect("a name");
        net.add_device(Device { id, name, mac, mtu: 1500, port, vlan: None }).expect("room");
    }
    let lan4 = Addr4([198, 18, 0, 1]);
    let lan6 = Addr6(*b"\x20\x01\x0d\xb8\0\x09\0\0\0\0\0\0\0\0\0\x01");
    for (n, addr, plen) in [(0, VIP4.ip(), 24), (0, VIP6.ip(), 64), (1, lan4.ip(), 24), (1, lan6.ip(), 64)] {
        net.add_address(Address::new(DeviceId(n), addr, plen)).expect("new");
    }
    let way4 = |dst, plen, n: u16| {
        Route::new(dst, plen, DeviceId(n), RouteFlags::FORWARD).via(ROUTERS4[usize::from(n)])
    };
    net.add_route(way4(Addr4::default(), 0, 0)).expect("new");
    net.add_route(way4(Addr4([198, 19, 0, 0]), 16, 1)).expect("new");
    let way6 = |dst, plen, n: u16| {
        Route::new(dst, plen, DeviceId(n), RouteFlags::FORWARD).via(ROUTERS6[usize::from(n)])
    };
    net.add_route(way6(Addr6::default(), 0, 0)).expect("new");
    let dests6 = Addr6(*b"\x20\x01\x0d\xb8\0\x02\0\0\0\0\0\0\0\0\0\0");
    net.add_route(way6(dests6, 48, 1)).expect("new");
    net
}

/// The routers, and the devices that they are on.
pub(crate) fn routers() -> impl Iterator<Item = (u16, IpAddr)> {
    (0..2).flat_map(|n: u16| [ROUTERS4[usize::from(n)].ip(), ROUTERS6[usize::from(n)].ip()].map(|ip| (n, ip)))
}
