use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use wire::Addr6;

use super::*;
use crate::address::{AddressError, AddressFlags};
use crate::device::DeviceError;
use crate::route::{Origin, RouteError};

const ETH: [DeviceId; 2] = [DeviceId(0), DeviceId(1)];

fn device(id: u16, vlan: Option<u16>) -> Device {
    Device {
        id: DeviceId(id),
        name: format!("dpdk{id}").parse().expect("a name"),
        mac: [2, 0, 0, 0, 0, id.to_le_bytes()[0]],
        mtu: 1500,
        port: PortId(if vlan.is_some() { 0 } else { id }),
        vlan: vlan.map(VlanTag),
    }
}

fn net() -> Net {
    let mut net = Net::empty(1);
    net.add_device(device(0, None)).expect("new");
    net.add_device(device(1, None)).expect("new");
    net
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn on(device: DeviceId, text: &str) -> Address {
    let (addr, plen) = text.split_once('/').expect("a prefix length");
    Address::new(device, ip(addr), plen.parse().expect("a number"))
}

fn with(addresses: &[&str]) -> Net {
    let mut net = net();
    addresses.iter().for_each(|a| net.add_address(on(ETH[0], a)).expect("new"));
    net
}

fn shown(net: &Net) -> Vec<String> {
    let row = |r: &Route<Addr4>| {
        let (via, src) = (r.gateway.unwrap_or_default(), r.src.unwrap_or_default());
        format!(
            "{:?}/{} via {via:?} src {src:?} dev {} mtu {} {:?}",
            r.dst,
            r.plen,
            r.device.0,
            r.mtu,
            r.scope()
        )
    };
    net.routes4().iter().map(row).collect()
}

#[test]
fn an_address_makes_its_two_routes() {
    assert_eq!(
        shown(&with(&["10.0.0.5/16"])),
        [
            "10.0.0.5/32 via 0.0.0.0 src 0.0.0.0 dev 0 mtu 1500 Host",
            "10.0.0.0/16 via 0.0.0.0 src 10.0.0.5 dev 0 mtu 1500 Link",
        ]
    );
    assert_eq!(shown(&with(&["10.0.0.5/32"])).len(), 1, "and a lone one only itself");
}

#[test]
fn a_shared_network_route_stays_while_an_address_needs_it() {
    // [fix D23]
    let mut net = with(&["10.0.0.5/16", "10.0.0.6/16", "10.0.0.7/16", "10.0.0.7/24"]);
    let src = |net: &Net| net.routes4().lookup(Addr4([10, 0, 9, 9])).and_then(|route| route.src);
    net.remove_address(ETH[0], ip("10.0.0.6"), 16).expect("is there");
    assert_eq!(src(&net), Some(Addr4([10, 0, 0, 5])));
    net.remove_address(ETH[0], ip("10.0.0.5"), 16).expect("is there");
    assert_eq!(src(&net), Some(Addr4([10, 0, 0, 7])), "points to the next one");
    assert!(!net.is_local(Addr4([10, 0, 0, 5])));
    net.remove_address(ETH[0], ip("10.0.0.7"), 16).expect("is there");
    assert_eq!(src(&net), None, "10.0.0.7/24 needs another network");
    assert!(net.is_local(Addr4([10, 0, 0, 7])), "and the same host route");
    net.remove_address(ETH[0], ip("10.0.0.7"), 24).expect("is there");
    assert!(net.routes4().is_empty());
}

#[test]
fn a_route_of_a_commands_making_outlives_the_address() {
    let mut net = net();
    let route = Route::new(Addr4([10, 0, 0, 0]), 16, ETH[0], RouteFlags::FORWARD);
    net.add_route(route.clone()).expect("new");
    net.add_address(on(ETH[0], "10.0.0.5/16")).expect("new");
    net.remove_address(ETH[0], ip("10.0.0.5"), 16).expect("is there");
    assert_eq!(net.routes4().iter().map(|r| r.origin).collect::<Vec<_>>(), [Origin::Command]);
    assert_eq!(net.remove_route(&route).map(|r| r.mtu), Ok(1500));
}

#[test]
fn addresses_are_refused_in_the_specifications_order() {
    let mut net = with(&["10.0.0.5/16"]);
    let before = net.generation();
    for (address, error) in [
        (on(DeviceId(9), "0.0.0.0/33"), AddressError::Unspecified),
        (on(DeviceId(9), "10.0.0.5/33"), AddressError::PrefixTooLong),
        (on(DeviceId(9), "::1/129"), AddressError::PrefixTooLong),
        (on(DeviceId(9), "10.0.0.5/16"), AddressError::NoDevice),
        (on(ETH[0], "10.0.0.5/16"), AddressError::Exists),
    ] {
        assert_eq!(net.add_address(address), Err(error), "{address:?}");
    }
    assert_eq!(net.remove_address(ETH[0], ip("10.0.0.5"), 24), Err(AddressError::NotFound));
    assert_eq!(net.set_address(on(ETH[1], "10.0.0.5/16")), Err(AddressError::NotFound));
    assert_eq!(
        net.add_route(Route::new(Addr4([10, 0, 0, 0]), 16, ETH[0], RouteFlags::FORWARD)),
        Err(RouteError::Exists)
    );
    assert_eq!(net.flush_routes::<Addr4>(DeviceId(9)), Err(RouteError::NoDevice));
    assert_eq!((net.generation(), net.address_count()), (before, 1), "nothing half applied");
    net.add_address(on(ETH[1], "10.0.0.5/16")).expect("another device may");
    net.add_address(on(ETH[0], "10.0.0.5/24")).expect("another prefix length may");
}

#[test]
fn addresses_are_listed_by_bucket_and_newest_first() {
    let tutorial = [
        "192.168.88.28/24",
        "2001::28/64",
        "192.168.88.1/32",
        "2001::1/128",
        "2001::2/128",
        "192.168.88.240/32",
        "192.168.88.241/32",
        "192.168.88.242/32",
    ];
    let mut net = with(&tutorial);
    let addrs = |net: &Net| net.addresses().map(|a| a.addr.to_string()).collect::<Vec<_>>();
    assert_eq!(
        addrs(&net),
        [
            "2001::28",
            "192.168.88.242",
            "2001::1",
            "192.168.88.1",
            "2001::2",
            "192.168.88.240",
            "192.168.88.28",
            "192.168.88.241",
        ]
    );
    let of_device: Vec<_> = net.addresses_of(ETH[0]).map(|a| (a.addr, a.plen)).collect();
    let newest_first: Vec<_> =
        tutorial.iter().rev().map(|a| on(ETH[0], a)).map(|a| (a.addr, a.plen)).collect();
    assert_eq!(of_device, newest_first);
    net.add_address(on(ETH[1], "192.168.88.28/24")).expect("new");
    let devices: Vec<_> =
        net.addresses().filter(|a| a.addr == ip("192.168.88.28")).map(|a| a.device).collect();
    assert_eq!(devices, [ETH[1], ETH[0]], "the newer first");
}

#[test]
fn a_flush_honours_the_family_and_spares_link_locals() {
    // [fix D25]
    let mut net = with(&["10.0.0.5/16", "10.1.0.5/16", "2001::1/64"]);
    net.add_address(on(ETH[0], "fe80::1/64").with(AddressFlags::LINKLOCAL)).expect("new");
    assert_eq!(net.flush_addresses(ETH[0], Families::V4).map(|gone| gone.len()), Ok(2));
    assert!(
        net.routes4().is_empty()
            && net.is_local(Addr6::from(std::net::Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 1)))
    );
    assert_eq!(net.flush_addresses(ETH[0], Families::All).map(|gone| gone.len()), Ok(1));
    assert_eq!(net.addresses().map(|a| a.addr).collect::<Vec<_>>(), [ip("fe80::1")]);
}

#[test]
fn a_source_is_the_newest_of_the_network_or_else_the_oldest() {
    let mut net = with(&["10.0.0.5/16", "10.1.0.5/16", "10.1.0.6/16"]);
    net.add_address(on(ETH[0], "10.1.0.7/16").with(AddressFlags::SECONDARY)).expect("new");
    net.add_address(Address { scope: AddressScope::LINK, ..on(ETH[0], "10.1.0.8/16") }).expect("new");
    let source = |dst, scope| net.source_for(ETH[0], Addr4(dst), scope).map(|a| a.0);
    assert_eq!(source([10, 1, 9, 9], AddressScope::GLOBAL), Some([10, 1, 0, 6]));
    assert_eq!(source([10, 1, 9, 9], AddressScope::LINK), Some([10, 1, 0, 8]));
    assert_eq!(source([192, 0, 2, 1], AddressScope::GLOBAL), Some([10, 0, 0, 5]));
    assert_eq!(net.source_for(ETH[1], Addr4([10, 1, 9, 9]), AddressScope::HOST), None);
}

#[test]
fn ways_lead_out_and_never_to_ourselves() {
    let mut net = with(&["10.0.0.5/16"]);
    let way = |net: &Net, dst| net.way(Addr4(dst)).map(|way| (way.device, way.next_hop.0, way.mtu));
    assert_eq!(way(&net, [10, 0, 0, 9]), Some((ETH[0], [10, 0, 0, 9], 1500)));
    assert_eq!((way(&net, [10, 0, 0, 5]), way(&net, [192, 0, 2, 1])), (None, None));
    let default = Route::new(Addr4([0; 4]), 0, ETH[1], RouteFlags::FORWARD).via(Addr4([10, 9, 0, 1]));
    net.add_route(Route { mtu: 1400, ..default }).expect("new");
    assert_eq!(way(&net, [192, 0, 2, 1]), Some((ETH[1], [10, 9, 0, 1], 1400)));
    let kni = Route::new(Addr4([10, 0, 0, 77]), 32, ETH[0], RouteFlags::KNI.with(RouteFlags::FORWARD));
    net.add_route(kni).expect("new");
    assert_eq!(way(&net, [10, 0, 0, 77]), Some((ETH[0], [10, 0, 0, 77], 1500)), "what dpip made goes out");
    assert_eq!(net.inbound(Addr4([10, 0, 0, 77])), Inbound::Kernel);
    assert_eq!(net.inbound(Addr4([10, 0, 0, 5])), Inbound::Local);
    assert!(matches!(net.inbound(Addr4([10, 0, 0, 6])), Inbound::Forward(_)));
    assert_eq!(net.inbound(Addr6([1; 16])), Inbound::Unroutable);
}

#[test]
fn devices_are_found_by_port_and_vlan() {
    let mut net = net();
    net.add_device(device(5, Some(102))).expect("new");
    let at =
        |net: &Net, port, tag: Option<u16>| net.device_at(PortId(port), tag.map(VlanTag)).map(|d| d.id.0);
    assert_eq!(
        (at(&net, 0, Some(102)), at(&net, 0, Some(0xa066))),
        (Some(5), Some(5)),
        "priority bits do not count"
    );
    assert_eq!((at(&net, 0, None), at(&net, 0, Some(0)), at(&net, 1, None)), (Some(0), Some(0), Some(1)));
    assert_eq!((at(&net, 0, Some(7)), at(&net, 1, Some(102))), (None, None));
    assert_eq!(net.add_device(device(5, Some(9))), Err(DeviceError::Exists));
    assert_eq!(net.add_device(Device { id: DeviceId(7), ..device(6, Some(102)) }), Err(DeviceError::Exists));
    assert_eq!(net.add_device(device(6, Some(0))), Err(DeviceError::BadVlan));
    assert_eq!(net.add_device(Device { id: DeviceId(4096), ..device(6, None) }), Err(DeviceError::BadId));
    net.add_address(on(DeviceId(5), "10.0.0.5/16")).expect("new");
    net.remove_device(DeviceId(5)).expect("is there");
    assert!(net.routes4().is_empty() && net.address_count() == 0 && net.egress(DeviceId(5)).is_none());
    assert_eq!(at(&net, 0, Some(102)), None);
}

#[test]
fn only_ways_move_the_generation() {
    let mut net = with(&["10.0.0.5/16"]);
    let before = net.clone();
    let shorter = Address { valid_lft: 60, scope: AddressScope::LINK, ..on(ETH[0], "10.0.0.5/16") };
    net.set_address(shorter).expect("is there");
    let flags = net.address(ETH[0], ip("10.0.0.5"), 16).expect("is there").flags;
    assert!(!flags.has(AddressFlags::PERMANENT));
    assert_eq!(net.generation(), before.generation());
    net.add_address(on(ETH[0], "10.0.0.6/16")).expect("new");
    assert_eq!(net.generation().0, before.generation().0 + 1);
    assert!(!before.is_local(Addr4([10, 0, 0, 6])) && net.is_local(Addr4([10, 0, 0, 6])));
}

#[derive(Clone, Debug)]
enum Op {
    Add(Address),
    Remove(Address),
    Flush(DeviceId),
}

fn any_op() -> impl Strategy<Value = Op> {
    let addr = (0u8..2, 0u8..3, prop_oneof![Just(8u8), Just(24), Just(30), Just(32)], 0u16..2);
    let address = addr
        .prop_map(|(net, host, plen, device)| Address::new(DeviceId(device), [10, 0, net, 1 + host], plen));
    prop_oneof![
        4 => address.clone().prop_map(Op::Add),
        3 => address.prop_map(Op::Remove),
        1 => (0u16..2).prop_map(|device| Op::Flush(DeviceId(device))),
    ]
}

proptest! {
    /// Whatever was added and removed before: the routes are those that the addresses left need, and the sources are theirs.
    #[test]
    fn routes_follow_from_addresses(ops in vec(any_op(), 0..60)) {
        let (mut net, mut model) = (net(), Vec::<Address>::new());
        let is_same = |a: &Address, b: &Address| (a.device, a.addr, a.plen) == (b.device, b.addr, b.plen);
        for op in ops {
            let before = net.generation();
            let changes = match op {
                Op::Add(address) => {
                    let is_new = !model.iter().any(|other| is_same(other, &address));
                    prop_assert_eq!(net.add_address(address).is_ok(), is_new);
                    model.extend(is_new.then_some(address));
                    usize::from(is_new)
                }
                Op::Remove(address) => {
                    let there = model.len();
                    model.retain(|other| !is_same(other, &address));
                    prop_assert_eq!(net.remove_address(address.device, address.addr, address.plen).is_ok(), model.len() < there);
                    there - model.len()
                }
                Op::Flush(device) => {
                    let there = model.len();
                    model.retain(|other| other.device != device);
                    net.flush_addresses(device, Families::V4).expect("the device exists");
                    there - model.len()
                }
            };
            prop_assert_eq!(net.generation() != before, changes > 0);
            let hosts = model.iter().map(|a| (a.device, a.addr, 32, Scope::Host));
            let nets = model.iter().filter(|a| a.plen < 32).map(|a| {
                let addr = Addr4::of(a.addr).expect("IPv4");
                (a.device, crate::prefix::network(addr, a.plen).ip(), a.plen, Scope::Link)
            });
            let needed: HashSet<_> = hosts.chain(nets).collect();
            let made: Vec<_> = net.routes4().iter().map(|r| (r.device, r.dst.ip(), r.plen, r.scope())).collect();
            prop_assert_eq!(made.len(), needed.len());
            prop_assert_eq!(made.into_iter().collect::<HashSet<_>>(), needed);
            for route in net.routes4().iter().filter(|route| route.scope() == Scope::Link) {
                let src = route.src.expect("of an address").ip();
                prop_assert!(model.iter().any(|a| a.device == route.device && a.addr == src && a.plen == route.plen));
            }
            let newest_first = |device| model.iter().rev().filter(move |a| a.device == device).map(|a| (a.addr, a.plen));
            for device in ETH {
                prop_assert!(net.addresses_of(device).map(|a| (a.addr, a.plen)).eq(newest_first(device)));
            }
            prop_assert_eq!(net.address_count(), model.len());
        }
    }
}
