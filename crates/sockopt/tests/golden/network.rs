//! Addresses, routes, neighbours, devices, lcores.

use sockopt::LcoreId;
use sockopt::addr::{IfAddr, IfAddrFlags, IfAddrOp, IfAddrParam, IfAddrRow, IfAddrShow, IfAddrs, PoolStats};
use sockopt::body::to_vec;
use sockopt::link::{
    BondAction, BondChange, BondMember, BondSet, BondStatus, GroupQuery, PortBasic, PortExt, PortFlags,
    PortList, PortName, PortQuery, PortSet, PortSwitches,
};
use sockopt::neigh::{Neighbour, NeighbourFlags, NeighbourState, Neighbours};
use sockopt::route::{Prefix, Route, RouteFlags, Routes};
use sockopt::{Body, Device, Malformed};

use crate::golden;

fn dpdk0() -> Device {
    "dpdk0".parse().unwrap()
}

fn laddr() -> IfAddr {
    let addr = Some("10.0.0.100".parse().unwrap());
    IfAddr { addr, plen: 32, flags: IfAddrFlags::SAPOOL, device: dpdk0(), ..IfAddr::default() }
}

#[test]
fn an_address_is_added() {
    golden(
        "ifaddr_add_sapool",
        &IfAddrParam { op: IfAddrOp::Add, show: IfAddrShow::empty(), entry: laddr() },
    );
}

#[test]
fn addresses_are_listed() {
    let entry = IfAddr { device: dpdk0(), ..IfAddr::default() };
    golden("ifaddr_show_stats", &IfAddrParam { op: IfAddrOp::Get, show: IfAddrShow::STATS, entry });
    let entry = IfAddr { flags: IfAddrFlags::SAPOOL | IfAddrFlags::PERMANENT, ..laddr() };
    let row = IfAddrRow { entry, pool: PoolStats { used: 3, free: 64_509, miss: 0 } };
    golden("reply_ifaddr_show", &IfAddrs { show: IfAddrShow::STATS, rows: vec![row] });
}

#[test]
fn a_default_route_is_added() {
    let gateway = Some("10.0.0.1".parse().unwrap());
    golden(
        "route4_add_default",
        &Route { gateway, flags: RouteFlags::FORWARD, device: dpdk0(), ..Route::default() },
    );
}

#[test]
fn a_route_without_a_family_is_an_ipv4_one_and_stays_without() {
    let all = Route { family_open: true, ..Route::default() };
    assert_eq!(to_vec(&all), [0; 112]);
    assert_eq!(Route::decode(&[0; 112]), Ok(all));
    assert_eq!(to_vec(&Route::default())[0], 2);
}

#[test]
fn a_prefix_longer_than_its_family_is_refused_by_name() {
    let mut bytes =
        to_vec(&Route { dst: Prefix { addr: "10.0.0.0".parse().unwrap(), len: 32 }, ..Route::default() });
    bytes[32] = 33;
    let wrong = Malformed::Value { field: "dst.plen", value: 33, expected: "a prefix length (0…32)" };
    assert_eq!(wrong.to_string(), "dst.plen: 33 is not a prefix length (0…32)");
    assert_eq!(Route::decode(&bytes), Err(wrong));
}

#[test]
fn routes_have_the_exact_length_and_upstreams_surplus_is_ignored() {
    let routes = Routes(vec![Route { device: dpdk0(), ..Route::default() }]);
    let mut bytes = to_vec(&routes);
    assert_eq!(bytes.len(), 4 + 112);
    bytes.extend([0x55; 112]);
    assert_eq!(Routes::decode(&bytes), Ok(routes));
}

#[test]
fn a_neighbour_is_added_and_listed() {
    let addr = Some("10.0.0.2".parse().unwrap());
    let neighbour = Neighbour { addr, mac: [2, 0, 0, 0, 0, 2], device: dpdk0(), ..Neighbour::default() };
    golden("neigh_add", &neighbour);
    let (state, flags) = (NeighbourState::Reachable, NeighbourFlags::HASHED);
    golden("reply_neigh_show", &Neighbours(vec![Neighbour { state, flags, lcore: LcoreId(1), ..neighbour }]));
}

#[test]
fn devices_are_asked_for_and_listed() {
    golden("netif_get_port_basic", &PortQuery("dpdk0".parse().unwrap()));
    assert_eq!(PortQuery::decode(b"dpdk0"), Ok(PortQuery("dpdk0".parse().unwrap())));
    let long = Malformed::Long { what: "device name", most: 32, have: 52 };
    assert_eq!(PortQuery::decode(&[b'x'; 52]), Err(long));
    assert_eq!(to_vec(&GroupQuery(dpdk0())).len(), 16);
    golden("netif_get_lcore_stats", &LcoreId(1));
    let switches = PortSwitches::LINK_UP;
    golden("netif_set_port", &PortSet { name: "dpdk0".parse().unwrap(), switches, ..PortSet::default() });
    let rows = vec![PortName { id: 0, name: dpdk0() }];
    golden("reply_port_list", &PortList { physical: (0, 1), bonds: PortList::NO_BOND, rows });
    let basic = PortBasic {
        name: "dpdk0".parse().unwrap(),
        mac: "02:00:00:00:00:01".parse().unwrap(),
        link_status: "UP".parse().unwrap(),
        link_duplex: "full-duplex".parse().unwrap(),
        link_autoneg: "auto-nego".parse().unwrap(),
        link_speed: 10_000,
        rx_queues: 4,
        tx_queues: 4,
        mtu: 1500,
        flags: PortFlags::ALLMULTICAST | PortFlags::RX_IP_CSUM,
        ..PortBasic::default()
    };
    golden("reply_port_basic", &basic);
}

#[test]
fn the_texts_of_a_port_end_with_a_nul_that_only_the_total_counts() {
    let ext =
        PortExt { id: 1, queues: "q\n".into(), groups: "g".into(), group_count: 1, ..PortExt::default() };
    let bytes = to_vec(&ext);
    assert_eq!((bytes.len(), &bytes[184..]), (184 + 5, &b"q\n\0g\0"[..]));
    assert_eq!((bytes[145], bytes[153], bytes[161], bytes[176]), (2, 3, 1, 5));
    assert_eq!(PortExt::decode(&bytes), Ok(ext));
}

#[test]
fn a_bond_takes_a_member_and_tells_of_it() {
    let member = BondChange::Member("dpdk2".parse().unwrap());
    let set = BondSet { name: "bond0".parse().unwrap(), action: BondAction::Add, change: member };
    golden("netif_set_bond_slave", &set);
    let members =
        vec![BondMember { name: "dpdk2".parse().unwrap(), active: true, ..BondMember::default() }; 2];
    let mut status = BondStatus { mode: 4, active: 2, members, ..BondStatus::default() };
    let mut bytes = to_vec(&status);
    assert_eq!((bytes.len(), bytes[4], bytes[12 + 72 + 64]), (2392, 2, 1));
    assert_eq!(BondStatus::decode(&bytes), Ok(status.clone()));
    bytes[4] = 33;
    assert!(BondStatus::decode(&bytes).is_err());
    status.members = vec![BondMember::default(); 40];
    assert_eq!(BondStatus::decode(&to_vec(&status)).unwrap().members.len(), 32);
}
